"""Which pairs are held out, and that nothing is learnt from them."""

from __future__ import annotations

import time

import pytest
import torch

from tsseq2seq.data.text.encoding import encode_pairs
from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.training.record import Record
from tsseq2seq.training.training import Training
from tsseq2seq.translation import fitting as token_fitting
from tsseq2seq.translation.defaults import resolve_token_settings
from tsseq2seq.translation.fitted import FittedTokens
from tsseq2seq.translation.fitting import fit_tokens
from tsseq2seq.translation.objective import TokenObjective

SOURCES = [letter * (1 + place % 3) for place, letter in enumerate("abcdefghijkl")]
TOKENIZER = build_tokenizer("char", SOURCES)


def pairs_of(sources: list[str], targets: list[str]) -> TokenPairs:
    return encode_pairs(sources, targets, TOKENIZER, TOKENIZER)


def fitted(pairs: TokenPairs, seed: int | None = 0, **training) -> tuple[FittedTokens, list[Record]]:
    settings = {"max_steps": 12, "progress": False, "precision": "float32", "batch_size": 4}
    resolved = resolve_token_settings(
        pairs,
        TOKENIZER.vocabulary_size,
        network=Network(hidden_size=5),
        training=Training(**(settings | training)),
        output=Tokens(),
    )
    return fit_tokens(
        pairs,
        TOKENIZER,
        TOKENIZER,
        resolved,
        device=torch.device("cpu"),
        seed=seed,
        started=time.monotonic(),
    )


def weights(found: FittedTokens) -> torch.Tensor:
    return torch.cat([w.detach().flatten() for model in found.members for w in model.parameters()])


@pytest.mark.parametrize("held_out", [1, 3, 5, 11])
def test_held_out_pairs_are_never_drawn(monkeypatch: pytest.MonkeyPatch, held_out: int) -> None:
    objectives, drawn = [], set()

    class Spy(TokenObjective):
        def __init__(self, *arguments, **settings) -> None:
            super().__init__(*arguments, **settings)
            objectives.append(self)
            self.model.register_forward_pre_hook(
                lambda _, arguments: drawn.update(arguments[0].source[:, 0].tolist())
            )

    monkeypatch.setattr(token_fitting, "TokenObjective", Spy)
    fitted(pairs_of(SOURCES, SOURCES), validation_size=held_out)
    (objective,) = objectives
    kept = {objective.held_out.sources[row][0] for row in range(len(objective.held_out))}
    assert len(kept) == held_out
    assert len(drawn) == 12 - held_out
    assert not drawn & kept


def test_they_are_chosen_evenly() -> None:
    _, held_out = token_fitting._split(
        pairs_of(SOURCES, SOURCES), token_fitting._evenly_spaced(len(SOURCES), 3)
    )
    assert [TOKENIZER.decode(held_out.sources[row])[0] for row in range(3)] == ["a", "g", "l"]


def test_another_truth_of_held_out_pairs_gives_the_same_weights() -> None:
    """Early stopping aside, nothing of them enters: the weights are the same to the bit."""
    swapped = ["f", *SOURCES[1:11], "a"]
    found = [
        fitted(pairs_of(SOURCES, targets), validation_size=2, validation_every=12)
        for targets in (["a", *SOURCES[1:11], "f"], swapped)
    ]
    assert torch.equal(weights(found[0][0]), weights(found[1][0]))
    errors = [records[0].history[-1]["validation_error"] for _, records in found]
    assert errors[0] != errors[1]


def test_one_pair_is_left_to_learn_from() -> None:
    fit, held_out = token_fitting._split(pairs_of(["a", "b"], ["a", "b"]), token_fitting._evenly_spaced(2, 1))
    assert (len(fit), len(held_out)) == (1, 1)
    with pytest.raises(ParameterError, match="validation_size is 2, but there are 2 pairs; at least one"):
        fitted(pairs_of(["a", "b"], ["a", "b"]), validation_size=2)


def test_the_seed_decides_all_but_none_is_drawn() -> None:
    pairs = pairs_of(SOURCES, SOURCES)
    one = weights(fitted(pairs, seed=3)[0])
    torch.rand(9)
    assert torch.equal(weights(fitted(pairs, seed=3)[0]), one)
    assert not torch.equal(weights(fitted(pairs, seed=4)[0]), one)
    assert not torch.equal(weights(fitted(pairs, seed=None)[0]), weights(fitted(pairs, seed=None)[0]))


def test_members_differ() -> None:
    found, records = fitted(pairs_of(SOURCES, SOURCES), members=2)
    assert len(found.members) == len(records) == 2
    assert not torch.equal(*[next(model.parameters()) for model in found.members])
    assert not any(model.training for model in found.members)
