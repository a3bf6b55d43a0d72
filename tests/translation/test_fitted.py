"""Fitted networks in use: scores and accuracy by hand; several members; what is stored."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.translation import fitted as fitted_tokens
from tsseq2seq.translation import search
from tsseq2seq.translation.fitted import FittedTokens


@pytest.mark.parametrize("members", [1, 3])
def test_scores_are_of_the_mean_probability(bold: Any, members: int) -> None:
    found = bold.fitted(members)
    scores = found.score(bold.pairs)
    for row, score in enumerate(scores):
        expected = bold.score_by_hand(found, bold.pairs.sources[row], bold.pairs.targets[row])
        np.testing.assert_allclose(score.numpy(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("chunk", [1, 12, 640])
def test_batches_do_not_matter(bold: Any, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """Alone, in any batch and in any order: the same sentences, in the order of what came in."""
    found = bold.fitted()
    monkeypatch.setattr(search, "_SEARCHED", chunk)
    monkeypatch.setattr(fitted_tokens, "_SCORED", chunk)
    order = torch.randperm(len(bold.sources), generator=torch.Generator().manual_seed(1))
    beam = Beam(beam_size=4, n_best=2)
    shuffled = found.search(bold.pairs.sources.subset(order), beam, max_length=5, generator=None)
    scores = found.score(bold.pairs.subset(order))
    for place, row in enumerate(order.tolist()):
        index = torch.tensor([row])
        (alone,) = found.search(bold.pairs.sources.subset(index), beam, max_length=5, generator=None)
        assert [one.tokens for one in shuffled[place]] == [one.tokens for one in alone]
        (score,) = found.score(bold.pairs.subset(index))
        torch.testing.assert_close(scores[place], score, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("logits", [1, 100, 1000])
def test_a_large_vocabulary_is_scored_in_smaller_batches(
    bold: Any, monkeypatch: pytest.MonkeyPatch, logits: int
) -> None:
    """Memory is that of the logits, of which each token has one for every token of the vocabulary."""
    found, sizes = bold.fitted(), []
    decode = type(found.members[0]).decode
    monkeypatch.setattr(fitted_tokens, "_LOGITS", logits)
    monkeypatch.setattr(
        type(found.members[0]), "decode",
        lambda model, batch: sizes.append((len(batch.target), decode(model, batch).numel()))
        or decode(model, batch),
    )  # fmt: skip
    found.accuracy_and_perplexity(bold.pairs)
    assert all(rows == 1 or numel <= logits for rows, numel in sizes)
    assert sum(rows for rows, _ in sizes) == len(bold.pairs)


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("scored", [10, 20_000], ids=["small batches", "one batch"])
def test_accuracy_and_perplexity_by_hand(
    bold: Any, monkeypatch: pytest.MonkeyPatch, members: int, scored: int
) -> None:
    monkeypatch.setattr(fitted_tokens, "_SCORED", scored)
    found = bold.fitted(members)
    hits, logs = [], []
    for row in range(len(bold.pairs)):
        target = bold.pairs.targets[row]
        scores = bold.all_scores(found, bold.pairs.sources[row], target)
        for t, token in enumerate(target):
            hits.append(scores[t].argmax() == token)
            logs.append(scores[t, token])
    assert 0 < sum(hits) < len(hits) == sum(len(text) + 1 for text in bold.targets)
    accuracy, perplexity = found.accuracy_and_perplexity(bold.pairs)
    assert accuracy == pytest.approx(np.mean(hits))
    assert perplexity == pytest.approx(math.exp(-np.mean(logs)), rel=1e-4)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("feed_output", [True, False])
def test_parts_put_together_are_the_same(bold: Any, tied: bool, feed_output: bool) -> None:
    found = bold.fitted(2, tied=tied, feed_output=feed_output)
    parts, tensors = found.to_parts()
    places = {tensor.data_ptr() for tensor in tensors.values()}
    assert len(places) == len(tensors), "safetensors refuses tensors that share memory"
    back = FittedTokens.from_parts(parts, {k: v.clone() for k, v in tensors.items()}, torch.device("cpu"))
    assert back.resolved == found.resolved
    for before, after in zip(found.members, back.members, strict=True):
        assert not after.training
        assert before.state_dict().keys() == after.state_dict().keys()
        for name, tensor in before.state_dict().items():
            assert torch.equal(tensor, after.state_dict()[name]), name
        if tied and feed_output:
            decoder = after.network.decoder
            assert decoder.head.weight is decoder.inputs[0].embedding.weight


@pytest.mark.parametrize("tied", [False, True])
def test_a_tensor_that_is_missing_is_missed(bold: Any, tied: bool) -> None:
    parts, tensors = bold.fitted(tied=tied).to_parts()
    tensors.pop("model.0.network.embedding.weight")
    with pytest.raises(RuntimeError, match=r"embedding\.weight"):
        FittedTokens.from_parts(parts, tensors, torch.device("cpu"))


def test_putting_together_draws_no_random_numbers(bold: Any) -> None:
    parts, tensors = bold.fitted().to_parts()
    before = torch.get_rng_state()
    FittedTokens.from_parts(parts, tensors, torch.device("cpu"))
    assert torch.equal(torch.get_rng_state(), before)
