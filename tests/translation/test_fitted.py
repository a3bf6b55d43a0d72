"""Fitted networks in use: search, scores and accuracy by hand; several members; what is stored."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch

from tsseq2seq.data.text.encoding import encode_pairs, encode_sources
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.data.text.vocabulary import BOS, EOS, PAD
from tsseq2seq.decoding.beam import Beam
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.training.training import Training
from tsseq2seq.translation import fitted as fitted_tokens
from tsseq2seq.translation import search
from tsseq2seq.translation.defaults import TokenChoices
from tsseq2seq.translation.fitted import FittedTokens, build_token_model

TOKENIZER = build_tokenizer("char", ["abc"])  # seven tokens with the special ones
SOURCES = ["abc", "c", "", "bbaac", "ca", "abcabcabc", "b"]
TARGETS = ["b", "cab", "aa", "c", "cccc", "a", "bc"]
PAIRS = encode_pairs(SOURCES, TARGETS, TOKENIZER, TOKENIZER, allow_empty=True)


def fitted(members: int = 1, *, tied: bool = False, sharpness: float = 5.0, **network) -> FittedTokens:
    """Untrained networks; their last layer is made bold, so that they are sure of something."""
    settings = {"hidden_size": 6, "residual": None, "attention": "dot", "bidirectional": True} | network
    choices = TokenChoices(Network(**settings), Training(), Tokens(tied=tied), max_length=6, length_ratio=1.0)
    models = []
    for place in range(members):
        torch.manual_seed(place)
        model = build_token_model(choices, TOKENIZER, TOKENIZER).eval()
        with torch.no_grad():
            model.network.decoder.head.weight.mul_(sharpness)
        models.append(model)
    return FittedTokens(tuple(models), TOKENIZER, TOKENIZER, choices)


@torch.no_grad()
def all_scores(found: FittedTokens, source: list[int], tokens: list[int]) -> np.ndarray:
    """Return (T + 1, V): the log of the members' mean probability at each step along some tokens."""
    total = np.zeros((len(tokens) + 1, TOKENIZER.vocabulary_size))
    for model in found.members:
        read = torch.tensor([source or [PAD]])
        state, memory = model.network.start(model.network.encode(read, torch.tensor([len(source)])))
        for t, token in enumerate([BOS, *tokens]):
            output, state, _ = model.network.step(torch.tensor([[token]]), t, state, memory)
            total[t] += output[0, 0].double().softmax(-1).numpy() / len(found.members)
    return np.log(total)


def score_by_hand(found: FittedTokens, source: list[int], target: list[int]) -> list[float]:
    scores = all_scores(found, source, target)
    return [scores[t, token] for t, token in enumerate(target)]


@pytest.mark.parametrize("members", [1, 3])
def test_scores_are_of_the_mean_probability(members: int) -> None:
    found = fitted(members)
    scores = found.score(PAIRS)
    for row, score in enumerate(scores):
        expected = score_by_hand(found, PAIRS.sources[row], PAIRS.targets[row])
        np.testing.assert_allclose(score.numpy(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("members", [1, 2])
def test_greedy_search_by_hand(members: int) -> None:
    found = fitted(members)
    rows = found.search(PAIRS.sources, Beam(beam_size=1), max_length=5, generator=None)
    for row, (hypothesis,) in enumerate(rows):
        tokens: list[int] = []
        while len(tokens) < 5 and EOS not in tokens:
            scores = all_scores(found, PAIRS.sources[row], tokens)[-1]
            scores[[PAD, BOS]] = -np.inf  # are never written
            tokens.append(int(scores.argmax()))
        assert list(hypothesis.tokens) == tokens
        expected = score_by_hand(found, PAIRS.sources[row], tokens)
        np.testing.assert_allclose(hypothesis.token_log_probabilities, expected, rtol=1e-4, atol=1e-5)
        assert hypothesis.finished == (tokens[-1] == EOS)


@pytest.mark.parametrize("members", [1, 2])
def test_what_the_search_finds_is_scored_alike(members: int) -> None:
    found = fitted(members)
    rows = found.search(PAIRS.sources, Beam(beam_size=5, n_best=5), max_length=4, generator=None)
    kinds = set()
    for row, hypotheses in enumerate(rows):
        assert len(hypotheses) == 5
        for hypothesis in hypotheses:
            kinds.add(hypothesis.finished)
            expected = score_by_hand(found, PAIRS.sources[row], list(hypothesis.tokens))
            np.testing.assert_allclose(hypothesis.token_log_probabilities, expected, rtol=1e-4, atol=1e-5)
            assert hypothesis.log_probability == pytest.approx(sum(expected), rel=1e-4)
    assert kinds == {True, False}


@pytest.mark.parametrize("seed", [None, 3], ids=["searched", "sampled"])
def test_padding_and_begin_are_never_written(seed: int | None) -> None:
    """Neither is a token of a sentence; smoothed labels give both a little probability."""
    found = fitted(sharpness=0.0)
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    rows = found.search(PAIRS.sources, Beam(beam_size=30, n_best=30), max_length=3, generator=generator)
    written = {token for row in rows for one in row for token in one.tokens}
    assert written == set(range(TOKENIZER.vocabulary_size)) - {PAD, BOS}


def test_a_wide_beam_finds_every_sentence_once() -> None:
    """Up to two tokens of five that may be written: the end, four with an end behind them, 16 without."""
    found = fitted(sharpness=0.0)
    sources = encode_sources(["ab"], TOKENIZER)
    beam = Beam(beam_size=50, n_best=50, length_normalization=None)
    (row,) = found.search(sources, beam, max_length=2, generator=None)
    assert len(row) == len({one.tokens for one in row}) == 1 + 4 + 16
    assert [one.finished for one in row] == [True] * 5 + [False] * 16
    assert sum(math.exp(one.log_probability) for one in row) < 1


def test_the_alignment_is_as_wide_as_the_sentence() -> None:
    """Whatever stands beside it in its batch."""
    rows = fitted().search(PAIRS.sources, Beam(beam_size=2), max_length=4, generator=None)
    for source, (hypothesis,) in zip(SOURCES, rows, strict=True):
        assert hypothesis.alignment is not None
        assert hypothesis.alignment.shape == (len(hypothesis.tokens), len(source))
        if source:
            np.testing.assert_allclose(hypothesis.alignment.sum(1), 1.0, rtol=1e-5)


def test_the_alignment_of_several_is_their_mean() -> None:
    found = fitted(2)
    sources = encode_sources(["abcb"], TOKENIZER)
    ((together,),) = found.search(sources, Beam(beam_size=1), max_length=1, generator=None)
    each = []
    for model in found.members:
        alone = dataclasses.replace(found, members=(model,))
        ((hypothesis,),) = alone.search(sources, Beam(beam_size=1), max_length=1, generator=None)
        each.append(hypothesis.alignment.numpy())
    np.testing.assert_allclose(together.alignment.numpy(), np.mean(each, axis=0), rtol=1e-5)
    assert (
        fitted(attention=None).search(sources, Beam(), max_length=2, generator=None)[0][0].alignment is None
    )


@pytest.mark.parametrize("chunk", [1, 12, 640])
def test_batches_do_not_matter(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """Alone, in any batch and in any order: the same sentences, in the order of what came in."""
    found = fitted()
    monkeypatch.setattr(search, "_SEARCHED", chunk)
    monkeypatch.setattr(fitted_tokens, "_SCORED", chunk)
    order = torch.randperm(len(SOURCES), generator=torch.Generator().manual_seed(1))
    beam = Beam(beam_size=4, n_best=2)
    shuffled = found.search(PAIRS.sources.subset(order), beam, max_length=5, generator=None)
    scores = found.score(PAIRS.subset(order))
    for place, row in enumerate(order.tolist()):
        index = torch.tensor([row])
        (alone,) = found.search(PAIRS.sources.subset(index), beam, max_length=5, generator=None)
        assert [one.tokens for one in shuffled[place]] == [one.tokens for one in alone]
        (score,) = found.score(PAIRS.subset(index))
        torch.testing.assert_close(scores[place], score, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("scored", [10, 20_000], ids=["small batches", "one batch"])
def test_accuracy_and_perplexity_by_hand(monkeypatch: pytest.MonkeyPatch, members: int, scored: int) -> None:
    monkeypatch.setattr(fitted_tokens, "_SCORED", scored)
    found = fitted(members)
    hits, logs = [], []
    for row in range(len(PAIRS)):
        target = PAIRS.targets[row]
        scores = all_scores(found, PAIRS.sources[row], target)
        for t, token in enumerate(target):
            hits.append(scores[t].argmax() == token)
            logs.append(scores[t, token])
    assert 0 < sum(hits) < len(hits) == sum(len(text) + 1 for text in TARGETS)
    accuracy, perplexity = found.accuracy_and_perplexity(PAIRS)
    assert accuracy == pytest.approx(np.mean(hits))
    assert perplexity == pytest.approx(math.exp(-np.mean(logs)), rel=1e-4)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("feed_output", [True, False])
def test_parts_put_together_are_the_same(tied: bool, feed_output: bool) -> None:
    found = fitted(2, tied=tied, feed_output=feed_output)
    parts, tensors = found.to_parts()
    places = {tensor.data_ptr() for tensor in tensors.values()}
    assert len(places) == len(tensors), "safetensors refuses tensors that share memory"
    back = FittedTokens.from_parts(parts, {k: v.clone() for k, v in tensors.items()}, torch.device("cpu"))
    assert back.choices == found.choices
    for before, after in zip(found.members, back.members, strict=True):
        assert not after.training
        assert before.state_dict().keys() == after.state_dict().keys()
        for name, tensor in before.state_dict().items():
            assert torch.equal(tensor, after.state_dict()[name]), name
        if tied and feed_output:
            decoder = after.network.decoder
            assert decoder.head.weight is decoder.inputs[0].embedding.weight


@pytest.mark.parametrize("tied", [False, True])
def test_a_tensor_that_is_missing_is_missed(tied: bool) -> None:
    parts, tensors = fitted(tied=tied).to_parts()
    tensors.pop("model.0.network.embedding.weight")
    with pytest.raises(RuntimeError, match=r"embedding\.weight"):
        FittedTokens.from_parts(parts, tensors, torch.device("cpu"))


def test_putting_together_draws_no_random_numbers() -> None:
    parts, tensors = fitted().to_parts()
    before = torch.get_rng_state()
    FittedTokens.from_parts(parts, tensors, torch.device("cpu"))
    assert torch.equal(torch.get_rng_state(), before)
