"""The models of labels: likelihoods by hand, padding, and what several members say together."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tsseq2seq.data.sequences.standardisation import Standardisation
from tsseq2seq.data.text.token_batch import TokenBatch
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.vocabulary import SPECIAL, Vocabulary
from tsseq2seq.labelling.crf import LinearChainCRF
from tsseq2seq.labelling.defaults import resolve_label_settings
from tsseq2seq.labelling.fitted import build_label_model
from tsseq2seq.labelling.models import ChainModel, LabelModel, SequenceModel, StepModel
from tsseq2seq.labelling.readers import ArrayReader, TokenReader
from tsseq2seq.nn.network import Network
from tsseq2seq.training.training import Training

LENGTHS = torch.tensor([5, 2, 4])
READERS = {
    "tokens": TokenReader(Vocabulary((*SPECIAL, *"abcdef"))),
    "arrays": ArrayReader(Standardisation(torch.zeros(3), torch.ones(3))),
}
KINDS = {"classes": SequenceModel, "steps": StepModel, "chains": ChainModel}


def built(kind: str, source: str, seed: int = 0, layers: int = 2, context: str = "last") -> LabelModel:
    torch.manual_seed(seed)
    resolved = resolve_label_settings(
        TokenSequences.of([[4]] * 10),
        network=Network(hidden_size=4, bidirectional=True, num_layers=layers, context=context),
        training=Training(),
        per_step=kind != "classes",
        crf=kind == "chains",
    )
    model = build_label_model(resolved, READERS[source], 3).eval()
    if kind == "chains":
        with torch.no_grad():
            model.crf.transitions.normal_()
    return model


def batch(kind: str, source: str) -> TokenBatch:
    torch.manual_seed(1)
    sources = torch.randint(4, 10, (3, 5)) if source == "tokens" else torch.randn(3, 5, 3)
    inside = torch.arange(5) < LENGTHS[:, None]
    sources = sources * (inside if source == "tokens" else inside[..., None])
    width = 1 if kind == "classes" else 5
    target = torch.randint(0, 3, (3, width))
    lengths = torch.ones(3, dtype=torch.int64) if kind == "classes" else LENGTHS
    return TokenBatch(
        sources, LENGTHS, target.masked_fill(torch.arange(width) >= lengths[:, None], 0), lengths
    )


@pytest.fixture(params=[(kind, source) for kind in KINDS for source in READERS], ids=str)
def case(request) -> tuple[LabelModel, TokenBatch, str]:
    kind, source = request.param
    model = built(kind, source)
    assert type(model) is KINDS[kind]
    return model, batch(kind, source), kind


def test_losses_are_those_of_each_sequence_alone(case) -> None:
    model, given, _ = case
    together = model.losses(given)
    for row, length in enumerate(LENGTHS.tolist()):
        steps = int(given.target_lengths[row])
        alone = TokenBatch(
            given.source[row : row + 1, :length],
            LENGTHS[row : row + 1],
            given.target[row : row + 1, :steps],
            given.target_lengths[row : row + 1],
        )
        torch.testing.assert_close(model.losses(alone)[0], together[row])


def test_the_loss_is_the_weighted_mean_of_a_label(case) -> None:
    model, given, _ = case
    weights = torch.tensor([0.5, 2.0, 0.5])
    expected = (model.losses(given) * weights).sum() / given.target_lengths.sum()
    torch.testing.assert_close(model(given, weights), expected)


def test_likelihoods_are_those_of_the_probabilities(case) -> None:
    """Where labels do not depend on each other, the loss is minus the sum of their logarithms."""
    model, given, kind = case
    if kind == "chains":
        torch.nn.init.zeros_(model.crf.transitions)
    with torch.inference_mode():
        shares, best = model.predict([model], given.source, LENGTHS)
        truth = shares.gather(-1, given.target[..., None])[..., 0].log()
        found = -truth.masked_fill(~given.target_mask, 0.0).sum(1).float()
        torch.testing.assert_close(found, model.losses(given))
        for row, length in enumerate(given.target_lengths.tolist()):
            assert torch.equal(best[row, :length], shares[row, :length].argmax(-1))


@pytest.mark.parametrize("poison", [9, 4])
def test_padding_has_no_influence(case, poison: int) -> None:
    model, given, _ = case
    outside = torch.arange(5) >= LENGTHS[:, None]
    outside = outside if given.source.ndim == 2 else outside[..., None]
    poisoned = dataclasses.replace(given, source=given.source.masked_fill(outside, poison))
    torch.testing.assert_close(model.losses(poisoned), model.losses(given))
    with torch.inference_mode():
        one, path = model.predict([model], given.source, LENGTHS)
        other, other_path = model.predict([model], poisoned.source, LENGTHS)
    for row, length in enumerate(given.target_lengths.tolist()):
        torch.testing.assert_close(one[row, :length], other[row, :length])
        assert torch.equal(path[row, :length], other_path[row, :length])


def test_padding_gets_no_gradient() -> None:
    for kind in KINDS:
        model, given = built(kind, "arrays"), batch(kind, "arrays")
        source = given.source.clone().requires_grad_()
        model.losses(dataclasses.replace(given, source=source)).sum().backward()
        outside = torch.arange(5) >= LENGTHS[:, None]
        assert not source.grad[outside].any()
        assert (source.grad[~outside].abs().sum(-1) > 0).all()


@pytest.mark.parametrize("context", ["last", "mean"])
def test_gradients_are_those_of_small_differences(context: str) -> None:
    for kind in KINDS:
        model, given = built(kind, "arrays", layers=1, context=context).double(), batch(kind, "arrays")

        def losses(source: torch.Tensor, model=model, given=given) -> torch.Tensor:
            return model.losses(dataclasses.replace(given, source=source))

        source = given.source.double().requires_grad_()
        assert torch.autograd.gradcheck(losses, (source,))


def test_members_are_averaged_by_probability_and_chains_by_score() -> None:
    for kind in KINDS:
        models, given = [built(kind, "tokens", seed) for seed in range(3)], batch(kind, "tokens")
        with torch.inference_mode():
            together, _ = models[0].predict(models, given.source, LENGTHS)
            alone = torch.stack([models[0].predict([model], given.source, LENGTHS)[0] for model in models])
            if kind == "chains":
                scores = torch.stack([model.network(given.source, LENGTHS) for model in models]).double()
                crf = LinearChainCRF(3).double()
                transitions = torch.stack([model.crf.transitions.double() for model in models])
                crf.transitions.copy_(transitions.mean(0))
                torch.testing.assert_close(together, crf.marginals(scores.mean(0), LENGTHS))
            else:
                torch.testing.assert_close(together, alone.mean(0))
        assert np.allclose(together.sum(-1).numpy()[0], 1)
