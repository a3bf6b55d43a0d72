"""The objective of labels: epochs, validation, rare tokens, and states that continue."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.vocabulary import SPECIAL, UNK, Vocabulary
from tsseq2seq.labelling.defaults import resolve_label_settings
from tsseq2seq.labelling.fitted import build_label_model
from tsseq2seq.labelling.labelled import Labelled
from tsseq2seq.labelling.objective import LabelObjective, rare_tokens
from tsseq2seq.labelling.readers import TokenReader
from tsseq2seq.nn.network import Network
from tsseq2seq.training.objective import PartlyValidated
from tsseq2seq.training.training import Training

READER = TokenReader(Vocabulary((*SPECIAL, *"abcdef")))
SOURCES = TokenSequences.of([[4, 5], [4], [5, 4, 6], [7, 4], [5, 5], [4, 4, 4]])
CLASSES = [[0], [1], [0], [1], [0], [1]]
STEPS = [[0, 1], [1], [0, 0, 1], [1, 1], [0, 1], [1, 0, 1]]


def objective(
    per_step: bool = False, held_out: bool = True, seed: int = 0, weights: list[float] | None = None
) -> LabelObjective:
    resolved = resolve_label_settings(
        SOURCES, network=Network(hidden_size=3), training=Training(), per_step=per_step
    )
    torch.manual_seed(0)
    model = build_label_model(resolved, READER, 2)
    whole = Labelled.of(SOURCES, STEPS if per_step else CLASSES, torch.tensor(weights or [1.0] * 6))
    return LabelObjective(model, whole, whole if held_out else None, batch_size=2, seed=seed)


@pytest.mark.parametrize("per_step", [False, True])
@torch.no_grad()
def test_validation_is_the_mean_over_labels(per_step: bool) -> None:
    found = objective(per_step, weights=[0.5, 1.5, 1, 1, 1, 1])
    found.model.eval()
    assert isinstance(found, PartlyValidated)
    batch = found.labelled.pairs.batch(torch.arange(6))
    losses = found.model.losses(batch) * found.labelled.weights
    assert found.validate() == pytest.approx(float(losses.sum() / batch.target_lengths.sum()), rel=1e-5)
    assert 0 < found.validate_part() <= 1
    assert objective(held_out=False).validate() is None
    assert objective(held_out=False).validate_part() == 1


def test_an_epoch_has_each_sequence_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found, seen = objective(), []
    monkeypatch.setattr(
        TokenPairs,
        "batch",
        lambda self, index, batch=TokenPairs.batch: (seen.extend(index.tolist()), batch(self, index))[1],
    )
    while len(seen) < 6:
        assert found.batch_loss(0, 1).isfinite()
    assert sorted(seen) == list(range(6))


def test_a_state_continues() -> None:
    found = objective()
    for step in range(4):
        found.batch_loss(step, 10)
    state = found.state()
    expected = [float(found.batch_loss(step, 10).detach()) for step in range(5)]
    again = objective(seed=5)
    again.load_state(state)
    assert [float(again.batch_loss(step, 10).detach()) for step in range(5)] == expected


def test_tokens_that_occur_once_are_rare() -> None:
    pairs = TokenPairs(SOURCES, TokenSequences.of(CLASSES))
    assert rare_tokens(pairs).nonzero().flatten().tolist() == [6, 7]
    with_unknown = TokenPairs(TokenSequences.of([[UNK, 4]]), TokenSequences.of([[0]]))
    assert rare_tokens(with_unknown) is None
    assert rare_tokens(TokenPairs(TokenSequences.of([[4, 4]]), TokenSequences.of([[0]]))) is None
    features = FeatureSequences.of([np.ones((2, 1))])
    assert rare_tokens(TokenPairs(features, TokenSequences.of([[0]]))) is None


def test_rare_tokens_are_read_as_unknown_in_half_of_the_cases() -> None:
    found = objective()
    batch = found.labelled.pairs.batch(torch.arange(6))
    read = torch.stack([found._with_unknown(batch).source for _ in range(400)])
    changed = read != batch.source
    is_rare = (batch.source == 6) | (batch.source == 7)
    assert not changed[:, ~is_rare].any()
    assert (read[changed] == UNK).all()
    assert changed[:, is_rare].float().mean() == pytest.approx(0.5, abs=0.1)
