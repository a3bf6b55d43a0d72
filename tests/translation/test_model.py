"""A translator's loss by hand: one row, one step at a time; coins; and padding that counts nowhere."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch.nn import functional

from tsseq2seq.data.text.token_batch import TokenBatch
from tsseq2seq.data.text.vocabulary import BOS
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.translation import model as translation_model
from tsseq2seq.translation.model import TokenModel
from tsseq2seq.translation.network import TokenShape, build_translator

BATCH = TokenBatch(
    source=torch.tensor([[4, 5, 6, 7], [8, 4, 0, 0], [3, 0, 0, 0]]),
    source_lengths=torch.tensor([4, 2, 1]),
    target=torch.tensor([[10, 9, 4, 2], [5, 2, 0, 0], [7, 8, 2, 0]]),
    target_lengths=torch.tensor([4, 2, 3]),
)
NETWORKS = {
    "plain": Network(hidden_size=6, residual=None),
    "fused": Network(hidden_size=6, residual=None, attention="dot", bidirectional=True),
    "stepwise": Network(hidden_size=6, residual=None, attention="additive", input_feeding=True),
}


def model_of(name: str = "fused", **output) -> TokenModel:
    torch.manual_seed(1)
    return TokenModel(build_translator(NETWORKS[name], TokenShape(9, 11)), Tokens(**output)).eval()


def logits_by_hand(model: TokenModel, row: int, inputs: list[int]) -> torch.Tensor:
    """Return (T, V): the network stepped for one sentence alone, without padding."""
    length = int(BATCH.source_lengths[row])
    network = model.network
    state, memory = network.start(
        network.encode(BATCH.source[row : row + 1, :length], torch.tensor([length]))
    )
    outputs = []
    for t, token in enumerate(inputs):
        output, state, _ = network.step(torch.tensor([[token]]), t, state, memory)
        outputs.append(output[0, 0])
    return torch.stack(outputs).detach()


def truth_of(row: int) -> list[int]:
    return BATCH.target[row, : int(BATCH.target_lengths[row])].tolist()


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_teacher_forced_loss_by_hand(name: str, smoothing: float) -> None:
    model = model_of(name, label_smoothing=smoothing)
    losses = []
    for row in range(3):
        truth = truth_of(row)
        scores = logits_by_hand(model, row, [BOS, *truth[:-1]]).double().log_softmax(-1).numpy()
        for token, score in zip(truth, scores, strict=True):
            losses.append(-(1 - smoothing) * score[token] - smoothing * score.mean())
    assert len(losses) == 9
    assert model(BATCH, truth_probability=1.0).item() == pytest.approx(np.mean(losses), rel=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_by_hand(name: str) -> None:
    model = model_of(name, label_smoothing=0.3)
    found = model.score(BATCH).detach()
    for row in range(3):
        truth = truth_of(row)
        scores = logits_by_hand(model, row, [BOS, *truth[:-1]]).log_softmax(-1)
        expected = [scores[t, token].item() for t, token in enumerate(truth)]
        np.testing.assert_allclose(found[row, : len(truth)].numpy(), expected, rtol=1e-4)
        assert not found[row, len(truth) :].any()


@pytest.mark.parametrize("at_once", [1, 2 * 11, 10**8])
@pytest.mark.parametrize("name", NETWORKS)
def test_judging_is_scoring_however_many_tokens_at_once(name: str, at_once: int, monkeypatch) -> None:
    monkeypatch.setattr(translation_model, "_LOGITS", at_once)
    model = model_of(name)
    scores, hits = model.judged(BATCH)
    mask = BATCH.target_mask
    torch.testing.assert_close(scores, model.score(BATCH)[mask])
    assert torch.equal(hits, model.decode(BATCH).argmax(-1)[mask] == BATCH.target[mask])
    assert len(scores) == 9


@pytest.mark.parametrize("truth_probability", [1.0, 0.7, 0.2, 0.0])
@pytest.mark.parametrize("name", NETWORKS)
def test_poison_in_the_padding_changes_nothing(name: str, truth_probability: float) -> None:
    model = model_of(name)
    poisoned = dataclasses.replace(
        BATCH,
        source=torch.where(BATCH.source_mask, BATCH.source, 7),
        target=torch.where(BATCH.target_mask, BATCH.target, 9),
    )
    found = []
    for batch in (BATCH, poisoned):
        coins = torch.Generator().manual_seed(0)
        loss = model(batch, truth_probability=truth_probability, generator=coins)
        (gradient,) = torch.autograd.grad(loss, model.network.embedding.weight)
        found.append((loss.detach(), gradient, model.score(batch).detach()))
    for clean, dirty in zip(*found, strict=True):
        torch.testing.assert_close(clean, dirty, rtol=0, atol=0)


def test_padding_teaches_no_embedding() -> None:
    model = model_of()
    loss = model(BATCH, truth_probability=1.0)
    read, written = torch.autograd.grad(
        loss, [model.network.embedding.weight, model.network.decoder.inputs[0].embedding.weight]
    )
    assert read.any(1).nonzero().flatten().tolist() == [3, 4, 5, 6, 7, 8]
    # what is fed back: the begin, and each target token but the last
    assert written.any(1).nonzero().flatten().tolist() == [BOS, 4, 5, 7, 8, 9, 10]


@pytest.mark.parametrize("name", NETWORKS)
def test_without_truth_it_feeds_back_its_likeliest(name: str) -> None:
    model = model_of(name)
    found = model.decode(BATCH, truth_probability=0.0).detach()
    for row in range(3):
        inputs = [BOS]
        for _ in range(3):
            inputs.append(int(logits_by_hand(model, row, inputs)[-1].argmax()))
        torch.testing.assert_close(found[row], logits_by_hand(model, row, inputs), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_scheduled_sampling_by_hand(name: str) -> None:
    """Bengio et al. 2015: a coin for each element says whether the truth or the own output is fed."""
    model = model_of(name)
    share = 0.4
    coins = torch.rand(3, 4, generator=torch.Generator().manual_seed(5)) < share
    assert len(set(coins[:, 1:].flatten().tolist())) == 2
    found = model.decode(BATCH, truth_probability=share, generator=torch.Generator().manual_seed(5)).detach()
    for row in range(3):
        inputs = [BOS]
        for t in range(1, 4):
            own = int(logits_by_hand(model, row, inputs)[-1].argmax())
            inputs.append(int(BATCH.target[row, t - 1]) if coins[row, t] else own)
        torch.testing.assert_close(found[row], logits_by_hand(model, row, inputs), rtol=1e-4, atol=1e-5)


def test_two_passes_stand_in_for_the_loop_where_truth_is_usual() -> None:
    """The second pass is fed the first one's likeliest tokens, which saw nothing but truth."""
    model = model_of("fused")
    share = 0.6
    coins = torch.rand(3, 4, generator=torch.Generator().manual_seed(5)) < share
    assert not coins[:, 1:].all()
    found = model.decode(BATCH, truth_probability=share, generator=torch.Generator().manual_seed(5)).detach()
    for row in range(3):
        truth = [BOS, *BATCH.target[row, :-1].tolist()]
        own = [BOS, *logits_by_hand(model, row, truth).argmax(-1)[:-1].tolist()]
        inputs = [true if coin else mine for true, mine, coin in zip(truth, own, coins[row], strict=True)]
        torch.testing.assert_close(found[row], logits_by_hand(model, row, inputs), rtol=1e-4, atol=1e-5)


def test_the_loss_is_torchs_over_real_tokens() -> None:
    model = model_of(label_smoothing=0.1)
    logits = model.decode(BATCH)
    expected = functional.cross_entropy(
        logits.flatten(0, 1), BATCH.target.flatten(), ignore_index=0, label_smoothing=0.1
    )
    torch.testing.assert_close(model(BATCH, truth_probability=1.0), expected)
