"""How a translator decodes: each way by hand, of one member and of several; and which way is taken."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from tsseq2seq.data.text.encoding import encode_sources
from tsseq2seq.data.text.vocabulary import BOS, EOS, PAD
from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.sampling import Sampling
from tsseq2seq.errors import ParameterError
from tsseq2seq.translation import search
from tsseq2seq.translation.prefixes import encode_prefixes


@pytest.mark.parametrize("members", [1, 2])
def test_greedy_search_by_hand(bold: Any, members: int) -> None:
    found = bold.fitted(members)
    rows = found.search(bold.pairs.sources, Beam(beam_size=1), max_length=5, generator=None)
    for row, (hypothesis,) in enumerate(rows):
        tokens: list[int] = []
        while len(tokens) < 5 and EOS not in tokens:
            scores = bold.all_scores(found, bold.pairs.sources[row], tokens)[-1]
            scores[[PAD, BOS]] = -np.inf  # are never written
            tokens.append(int(scores.argmax()))
        assert list(hypothesis.tokens) == tokens
        expected = bold.score_by_hand(found, bold.pairs.sources[row], tokens)
        np.testing.assert_allclose(hypothesis.token_log_probabilities, expected, rtol=1e-4, atol=1e-5)
        assert hypothesis.finished == (tokens[-1] == EOS)


@pytest.mark.parametrize("members", [1, 2])
def test_what_the_search_finds_is_scored_alike(bold: Any, members: int) -> None:
    found = bold.fitted(members)
    rows = found.search(bold.pairs.sources, Beam(beam_size=5, n_best=5), max_length=4, generator=None)
    kinds = set()
    for row, hypotheses in enumerate(rows):
        assert len(hypotheses) == 5
        for hypothesis in hypotheses:
            kinds.add(hypothesis.finished)
            expected = bold.score_by_hand(found, bold.pairs.sources[row], list(hypothesis.tokens))
            np.testing.assert_allclose(hypothesis.token_log_probabilities, expected, rtol=1e-4, atol=1e-5)
            assert hypothesis.log_probability == pytest.approx(sum(expected), rel=1e-4)
    assert kinds == {True, False}


@pytest.mark.parametrize("seed", [None, 3], ids=["searched", "sampled"])
def test_padding_and_begin_are_never_written(bold: Any, seed: int | None) -> None:
    """Neither is a token of a sentence; smoothed labels give both a little probability."""
    found = bold.fitted(sharpness=0.0)
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    rows = found.search(bold.pairs.sources, Beam(beam_size=30, n_best=30), max_length=3, generator=generator)
    written = {token for row in rows for one in row for token in one.tokens}
    assert written == set(range(bold.tokenizer.vocabulary_size)) - {PAD, BOS}


def test_a_wide_beam_finds_every_sentence_once(bold: Any) -> None:
    """Up to two tokens of five that may be written: the end, four with an end behind them, 16 without."""
    found = bold.fitted(sharpness=0.0)
    sources = encode_sources(["ab"], bold.tokenizer)
    beam = Beam(beam_size=50, n_best=50, length_normalization=None)
    (row,) = found.search(sources, beam, max_length=2, generator=None)
    assert len(row) == len({one.tokens for one in row}) == 1 + 4 + 16
    assert [one.finished for one in row] == [True] * 5 + [False] * 16
    assert sum(math.exp(one.log_probability) for one in row) < 1


def test_the_alignment_is_as_wide_as_the_sentence(bold: Any) -> None:
    """Whatever stands beside it in its batch."""
    rows = bold.fitted().search(bold.pairs.sources, Beam(beam_size=2), max_length=4, generator=None)
    for source, (hypothesis,) in zip(bold.sources, rows, strict=True):
        assert hypothesis.alignment is not None
        assert hypothesis.alignment.shape == (len(hypothesis.tokens), len(source))
        if source:
            np.testing.assert_allclose(hypothesis.alignment.sum(1), 1.0, rtol=1e-5)


def test_the_alignment_of_several_is_their_mean(bold: Any) -> None:
    found = bold.fitted(2)
    sources = encode_sources(["abcb"], bold.tokenizer)
    ((together,),) = found.search(sources, Beam(beam_size=1), max_length=1, generator=None)
    each = []
    for model in found.members:
        alone = dataclasses.replace(found, members=(model,))
        ((hypothesis,),) = alone.search(sources, Beam(beam_size=1), max_length=1, generator=None)
        each.append(hypothesis.alignment.numpy())
    np.testing.assert_allclose(together.alignment.numpy(), np.mean(each, axis=0), rtol=1e-5)
    assert (
        bold.fitted(attention=None).search(sources, Beam(), max_length=2, generator=None)[0][0].alignment
        is None
    )


def prefixes_of(bold: Any, prefix: str | list[str]) -> torch.Tensor:
    return encode_prefixes(prefix, bold.tokenizer, len(bold.sources))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def written(found: list[list[Hypothesis]]) -> list[list[tuple[int, ...]]]:
    return [[one.tokens for one in row] for row in found]


WAYS = {
    "beam": Beam(beam_size=4, n_best=3),
    "greedy": Beam(beam_size=1),
    "sampling": Sampling(temperature=1.3, top_k=4, num_samples=3),
}
each_way = pytest.mark.parametrize("settings", WAYS.values(), ids=WAYS.keys())


# --- greedy search stands in for a beam of 1 ---


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("prefixed", [False, True], ids=["free", "prefix"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"length_normalization": None},
        {"length_normalization": "gnmt", "length_penalty": 0.6},
        {"length_penalty": 0.0},
        {"n_best": 5, "stop": "full"},
    ],
    ids=str,
)
@pytest.mark.parametrize("max_length", [None, 4])
def test_greedy_search_is_a_beam_of_one_to_the_bit(
    bold: Any,
    monkeypatch: pytest.MonkeyPatch,
    members: int,
    prefixed: bool,
    settings: dict[str, Any],
    max_length: int | None,
) -> None:
    found, beam = bold.fitted(members), Beam(beam_size=1, **settings)
    prefix = prefixes_of(bold, ["a", "cb", "b", "a", "aab", "c", "bc"]) if prefixed else None
    greedy = found.search(bold.pairs.sources, beam, max_length=max_length, prefix=prefix)
    monkeypatch.setattr(Beam, "is_greedy", False)
    searched = found.search(bold.pairs.sources, beam, max_length=max_length, prefix=prefix)
    assert [len(row) for row in greedy] == [len(row) for row in searched] == [1] * len(bold.sources)
    for (one,), (other,) in zip(greedy, searched, strict=True):
        for field in dataclasses.fields(Hypothesis):
            if field.name == "alignment":
                assert torch.equal(one.alignment, other.alignment)
            else:
                assert getattr(one, field.name) == getattr(other, field.name), field.name


def test_greedy_search_is_taken_where_it_finds_the_same(bold: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    for name in ("beam_search", "greedy_search", "sample_sequences"):
        original = getattr(search, name)

        def tell(*given: Any, name: str = name, original: Any = original, **more: Any) -> Any:
            taken.append(name)
            return original(*given, **more)

        monkeypatch.setattr(search, name, tell)
    found = bold.fitted()
    for settings in (
        Beam(beam_size=1, n_best=3),
        Beam(beam_size=1, min_length=2),
        Beam(beam_size=1, no_repeat_ngram=2),
        Beam(beam_size=1, coverage_penalty=0.1),
        Beam(beam_size=2),
        Sampling(),
    ):
        found.search(bold.pairs.sources, settings)
    found.search(bold.pairs.sources, Beam(beam_size=1), generator=generator())
    assert taken == ["greedy_search", *["beam_search"] * 4, "sample_sequences", "beam_search"]


# --- sampling ---


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize(
    ("settings", "change"),
    [
        ({}, lambda p: p),
        ({"temperature": 2.0}, lambda p: p**0.5),
        ({"temperature": 0.7}, lambda p: p ** (1 / 0.7)),
        ({"top_k": 3}, lambda p: p * (p >= np.sort(p)[-3])),
        ({"top_p": 0.6}, lambda p: p * ((p[:, None] < p) @ p < 0.6)),
    ],
    ids=["plain", "hot", "cold", "top_k", "top_p"],
)
def test_first_tokens_are_drawn_by_the_members_mean(
    bold: Any, members: int, settings: dict[str, float], change: Any
) -> None:
    """The second token too, given the first."""
    found, sources = bold.fitted(members, sharpness=2.0), encode_sources(["bbaac"], bold.tokenizer)
    (row,) = found.search(
        sources, Sampling(**settings, num_samples=4000), max_length=2, generator=generator()
    )

    def probabilities(tokens: list[int]) -> np.ndarray:
        likely = np.exp(bold.all_scores(found, sources[0], tokens)[-1])
        likely[[PAD, BOS]] = 0.0  # are never written
        likely = change(likely / likely.sum())
        return likely / likely.sum()

    expected = {}
    for token, first in enumerate(probabilities([])):
        if token == EOS:
            expected[(token,)] = first
        elif first:
            expected |= {(token, n): first * then for n, then in enumerate(probabilities([token])) if then}
    counts = {tokens: sum(one.tokens == tokens for one in row) for tokens in expected}
    assert sum(counts.values()) == 4000, "nothing else is drawn"
    often = [tokens for tokens in expected if 4000 * expected[tokens] > 5]
    rest = [4000 - sum(counts[tokens] for tokens in often)]
    observed = np.array([counts[tokens] for tokens in often] + rest)
    wanted = np.array([4000 * expected[tokens] for tokens in often])
    wanted = np.append(wanted, max(4000 - wanted.sum(), 1e-9))
    if wanted[-1] < 5:
        observed, wanted = observed[:-1], wanted[:-1] * observed[:-1].sum() / wanted[:-1].sum()
    assert len(observed) > 3
    assert stats.chisquare(observed, wanted).pvalue > 1e-3


def test_samples_come_the_likeliest_first_and_one_may_come_twice(bold: Any) -> None:
    found = bold.fitted(sharpness=3.0)
    rows = found.search(bold.pairs.sources, Sampling(num_samples=20), max_length=3, generator=generator())
    for row in rows:
        assert len(row) == 20
        scores = [one.score for one in row]
        assert scores == sorted(scores, reverse=True)
        assert scores == [one.log_probability for one in row]
        # of equal ones there is no first
        assert len({one.tokens for one in row}) < 20
    assert len({one.tokens for row in rows for one in row}) > 20


def test_the_same_seed_draws_the_same(bold: Any) -> None:
    found = bold.fitted(sharpness=1.0)

    def drawn(seed: int) -> list[list[tuple[int, ...]]]:
        settings = Sampling(num_samples=4)
        return written(found.search(bold.pairs.sources, settings, generator=generator(seed)))

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


# --- what holds for every way ---


@each_way
@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("prefixed", [False, True], ids=["free", "prefix"])
def test_every_way_is_scored_as_by_hand(
    bold: Any, settings: Beam | Sampling, members: int, prefixed: bool
) -> None:
    found = bold.fitted(members)
    prefix = ["a", "cb", "b", "a", "aab", "c", "bc"]
    rows = found.search(
        bold.pairs.sources,
        settings,
        prefix=prefixes_of(bold, prefix) if prefixed else None,
        generator=generator() if isinstance(settings, Sampling) else None,
    )
    for number, row in enumerate(rows):
        assert row
        for one in row:
            if prefixed:
                assert bold.tokenizer.decode(one.tokens).startswith(prefix[number])
            expected = bold.score_by_hand(found, bold.pairs.sources[number], list(one.tokens))
            np.testing.assert_allclose(one.token_log_probabilities, expected, rtol=1e-4, atol=1e-5)
            assert one.log_probability == pytest.approx(sum(expected), rel=1e-4)
            assert one.alignment.shape == (len(one.tokens), len(bold.sources[number]))
            assert one.finished == (one.tokens[-1] == EOS)
            assert not {PAD, BOS} & set(one.tokens)


@each_way
def test_every_way_keeps_to_the_lengths(bold: Any, settings: Beam | Sampling) -> None:
    found = dataclasses.replace(
        bold.fitted(sharpness=0.1), resolved=dataclasses.replace(bold.fitted().resolved, max_length=16)
    )
    longest = [max(len(one.tokens) for one in row) for row in found.search(bold.pairs.sources, settings)]
    assert all(one <= min(16, len(source) + 10) for one, source in zip(longest, bold.sources, strict=True))
    rows = found.search(bold.pairs.sources, settings, max_length=3)
    assert max(len(one.tokens) for row in rows for one in row) == 3


@each_way
def test_a_prefix_of_the_greatest_length_is_all_there_is(bold: Any, settings: Beam | Sampling) -> None:
    found = bold.fitted()
    rows = found.search(bold.pairs.sources, settings, max_length=2, prefix=prefixes_of(bold, "ab"))
    for row in rows:
        assert {one.tokens for one in row} == {tuple(bold.tokenizer.encode("ab"))}
        assert not any(one.finished for one in row)


@each_way
@pytest.mark.parametrize("max_length", [None, 3])
def test_a_prefix_longer_than_that_is_refused(
    bold: Any, settings: Beam | Sampling, max_length: int | None
) -> None:
    prefix = prefixes_of(bold, ["a"] * 4 + ["abcabca", "a", "a"])
    with pytest.raises(ParameterError, match=rf"7 tokens, but max_length is {max_length or 6} \(row 4\)"):
        bold.fitted().search(bold.pairs.sources, settings, max_length=max_length, prefix=prefix)


def test_behind_a_prefix_there_is_room_for_ten_tokens(bold: Any) -> None:
    """However short the source; but never for more than the greatest length of all."""
    found = bold.fitted(sharpness=0.0)
    found = dataclasses.replace(found, resolved=dataclasses.replace(found.resolved, max_length=18))
    sources = encode_sources(["a", "a", "a"], bold.tokenizer)
    prefix = encode_prefixes(["ab", "ab" * 3, "ab" * 6], bold.tokenizer, 3)
    rows = found.search(sources, Beam(beam_size=2, n_best=99, stop="full"), prefix=prefix)
    assert [max(len(one.tokens) for one in row) for row in rows] == [12, 16, 18]
    rows = found.search(sources, Beam(beam_size=2, n_best=99, stop="full"))
    assert [max(len(one.tokens) for one in row) for row in rows] == [11] * 3


def test_a_sample_without_replacement_has_the_prefix_too(bold: Any) -> None:
    found = bold.fitted(sharpness=1.0)
    beam = Beam(beam_size=6, n_best=6)
    rows = found.search(
        bold.pairs.sources, beam, max_length=4, prefix=prefixes_of(bold, "ba"), generator=generator()
    )
    for row in rows:
        assert len({one.tokens for one in row}) == 6
        assert all(one.tokens[:2] == tuple(bold.tokenizer.encode("ba")) for one in row)


@pytest.mark.parametrize("chunk", [1, 9, 640])
@pytest.mark.parametrize("settings", [Beam(beam_size=3), Beam(beam_size=1), Sampling(top_k=1)], ids=str)
def test_each_source_keeps_its_prefix_in_any_batch(
    bold: Any, monkeypatch: pytest.MonkeyPatch, settings: Beam | Sampling, chunk: int
) -> None:
    monkeypatch.setattr(search, "_SEARCHED", chunk)
    found, prefix = bold.fitted(), prefixes_of(bold, ["a", "cb", "b", "ca", "aab", "c", "bc"])
    together = found.search(bold.pairs.sources, settings, prefix=prefix)
    for row in range(len(bold.sources)):
        index = torch.tensor([row])
        alone = found.search(bold.pairs.sources.subset(index), settings, prefix=prefix[index])
        assert written(alone) == written(together[row : row + 1])
