"""Beam search against all sequences one by one, against plain Python, and against itself.

What is returned is held against oracles in conftest.py that share no line with the package.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_search import beam_search
from tsseq2seq.decoding.greedy import greedy_search
from tsseq2seq.decoding.rescoring import score_sequences
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Binned

EOS = 0
LENGTHS = [3, 1, 4]  # of the sources; the first row's is neither the shortest nor the longest
ROWS = len(LENGTHS)


def check_row(found, expected, tolerance=1e-9):
    """Compare hypotheses with (tokens, score, finished)."""
    assert [one.tokens for one in found] == [tokens for tokens, _, _ in expected]
    assert [one.finished for one in found] == [finished for _, _, finished in expected]
    np.testing.assert_allclose(
        [one.score for one in found], [score for _, score, _ in expected], rtol=0, atol=tolerance
    )


def same(one, other, tolerance=1e-12):
    """Compare two results, alignment and all."""
    assert len(one) == len(other)
    for here, there in zip(one, other, strict=True):
        assert [h.tokens for h in here] == [h.tokens for h in there]
        assert [h.finished for h in here] == [h.finished for h in there]
        for a, b in zip(here, there, strict=True):
            np.testing.assert_allclose(a.score, b.score, rtol=0, atol=tolerance)
            np.testing.assert_allclose(
                a.token_log_probabilities, b.token_log_probabilities, rtol=0, atol=tolerance
            )
            assert (a.alignment is None) == (b.alignment is None)
            if a.alignment is not None:
                shared = min(a.alignment.shape[1], b.alignment.shape[1])  # the rest is padding
                torch.testing.assert_close(a.alignment[:, :shared], b.alignment[:, :shared])
                assert not a.alignment[:, shared:].any()
                assert not b.alignment[:, shared:].any()


# --- wide beam = brute force ---


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"length_penalty": 0.0},
        {"length_penalty": 0.5},
        {"length_penalty": 2.0},
        {"length_normalization": None},
        {"length_normalization": "gnmt", "length_penalty": 0.6},
        {"length_normalization": "gnmt", "length_penalty": 3.0},
        {"min_length": 1},
        {"min_length": 3},
        {"min_length": 2, "length_normalization": None},
        {"coverage_penalty": 0.3},
        {"coverage_penalty": 2.0, "length_normalization": "gnmt"},
        {"no_repeat_ngram": 1},
        {"no_repeat_ngram": 2},
        {"no_repeat_ngram": 2, "min_length": 3, "coverage_penalty": 0.5},
        {"stop": "full", "coverage_penalty": 0.3},
    ],
    ids=str,
)
def test_a_wide_beam_equals_brute_force(oracles, settings):
    model, source = oracles.Recurrent(3), oracles.make_source(ROWS, lengths=LENGTHS)
    beam = Beam(beam_size=24, n_best=40, **settings)  # the last step chooses among 2³ · 3, and 31 exist
    found = beam_search(
        model, source, first=model.firsts(ROWS), max_length=4, eos_id=EOS, beam=beam, source_mask=source.mask
    )
    for row in range(ROWS):
        check_row(found[row], oracles.brute_force(oracles.Reader(model, source, row), beam, 4, EOS))


@pytest.mark.parametrize("normalization", [None, "average", "gnmt"])
@pytest.mark.parametrize("n_best", [1, 3, 7])
def test_a_wide_beam_that_stops_early_equals_brute_force(oracles, normalization, n_best):
    model, source = oracles.Recurrent(4, seed=5, sharpness=4.0), oracles.make_source(4)
    beam = Beam(beam_size=108, n_best=n_best, length_normalization=normalization)
    found = beam_search(model, source, first=model.firsts(4), max_length=4, eos_id=3, beam=beam)
    for row in range(4):
        expected = oracles.brute_force(oracles.Reader(model, source, row), beam, 4, 3)
        check_row(found[row], expected[:n_best])


@pytest.mark.parametrize("settings", [{}, {"min_length": 3}, {"no_repeat_ngram": 2}], ids=str)
def test_forced_prefixes_of_different_lengths_equal_brute_force(oracles, settings):
    model, source = oracles.Recurrent(3), oracles.make_source(ROWS, lengths=LENGTHS)
    prefixes = [(2, 1), (), (1, 2, 2)]
    padded = torch.tensor([[*prefix, *[-1] * (3 - len(prefix))] for prefix in prefixes])
    beam = Beam(beam_size=24, n_best=40, **settings)
    found = beam_search(
        model, source, first=model.firsts(ROWS), max_length=4, eos_id=EOS, beam=beam, prefix=padded
    )
    for row in range(ROWS):
        reader = oracles.Reader(model, source, row)
        check_row(found[row], oracles.brute_force(reader, beam, 4, EOS, prefixes[row]))


@pytest.mark.parametrize("normalization", [None, "average"])
def test_series_of_a_fixed_length_equal_brute_force_and_sum_to_one(oracles, normalization):
    model, source = oracles.Recurrent(3), oracles.make_source(2)
    beam = Beam(beam_size=27, n_best=27, length_normalization=normalization)
    found = beam_search(model, source, first=model.firsts(2), max_length=3, beam=beam)
    for row in range(2):
        check_row(found[row], oracles.brute_force(oracles.Reader(model, source, row), beam, 3, None))
        assert sum(np.exp(one.log_probability) for one in found[row]) == pytest.approx(1, abs=1e-12)


def test_all_sequences_with_an_end_sum_to_one_too(oracles):
    model, source = oracles.Recurrent(3), oracles.make_source(2)
    found = beam_search(
        model, source, first=model.firsts(2), max_length=4, eos_id=EOS, beam=Beam(beam_size=24, n_best=99)
    )
    for row in found:
        assert len(row) == len({one.tokens for one in row}) == 31
        assert sum(np.exp(one.log_probability) for one in row) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("no_repeat_ngram", [0, 1, 2])
@pytest.mark.parametrize("vocabulary", [2, 3, 5])
def test_a_narrow_beam_equals_the_plain_one(oracles, vocabulary, no_repeat_ngram):
    for size in (1, 2, 3, 5):
        model, source = oracles.Recurrent(vocabulary, seed=size), oracles.make_source(3, seed=size)
        beam = Beam(beam_size=size, n_best=6, stop="full", no_repeat_ngram=no_repeat_ngram)
        found = beam_search(model, source, first=model.firsts(3), max_length=6, eos_id=EOS, beam=beam)
        for row in range(3):
            check_row(found[row], oracles.plain_beam(oracles.Reader(model, source, row), beam, 6, EOS)[0][:6])


# --- greedy, rescoring ---


@pytest.mark.parametrize("eos_id", [None, EOS])
def test_a_beam_of_one_is_greedy(oracles, eos_id):
    model, source = oracles.Recurrent(4), oracles.make_source(6, lengths=[3, 1, 4, 2, 4, 1])
    greedy = greedy_search(model, source, first=model.firsts(6), max_length=7, eos_id=eos_id)
    beam = Beam(beam_size=1, length_normalization=None)
    found = beam_search(model, source, first=model.firsts(6), max_length=7, eos_id=eos_id, beam=beam)
    same(found, [[one] for one in greedy])
    if eos_id is not None:
        assert {one.finished for one in greedy} == {True, False}


def test_a_beam_of_one_is_greedy_where_tokens_are_equally_likely():
    # bfloat16 makes many equal; both take the first
    for vocabulary in (2, 5, 50, 2000):
        logits = torch.randint(3, (4, vocabulary), dtype=torch.bfloat16)
        model = Fixed(*logits.double().softmax(-1).tolist())
        arguments = {"first": torch.zeros(1, 1, dtype=torch.int64), "max_length": 4}
        (greedy,) = greedy_search(model, None, **arguments)
        ((best,),) = beam_search(model, None, beam=Beam(beam_size=1), **arguments)
        assert best.tokens == greedy.tokens == tuple(logits.argmax(-1).tolist())


@pytest.mark.parametrize("kind", ["Recurrent", "FusedRecurrent"])
def test_summed_token_scores_equal_the_rescoring(oracles, kind):
    model = getattr(oracles, kind)(4)
    source = oracles.make_source(ROWS, lengths=LENGTHS)
    found = beam_search(
        model, source, first=model.firsts(ROWS), max_length=5, eos_id=EOS, beam=Beam(beam_size=4, n_best=5)
    )
    for place in range(5):
        tokens = torch.zeros(ROWS, 5, dtype=torch.int64)
        for row in range(ROWS):
            tokens[row, : len(found[row][place].tokens)] = torch.tensor(found[row][place].tokens)
        each = score_sequences(model, source, tokens, first=model.firsts(ROWS))
        assert (model.calls == ["run"]) == (kind == "FusedRecurrent")
        for row in range(ROWS):
            one = found[row][place]
            length = len(one.tokens)
            np.testing.assert_allclose(
                one.token_log_probabilities, each[row, :length].numpy(), rtol=0, atol=1e-12
            )
            assert one.log_probability == pytest.approx(float(each[row, :length].sum()), abs=1e-12)
            assert one.score == pytest.approx(one.log_probability / length, abs=1e-12)


def test_a_forced_prefix_equals_its_rescoring_and_was_consumed(oracles):
    model, source = oracles.FusedRecurrent(4), oracles.make_source(3)
    prefix = torch.tensor([[3, 1, 2], [2, 2, -1], [-1, -1, -1]])
    found = beam_search(
        model, source, first=model.firsts(3), max_length=5, eos_id=EOS, beam=Beam(n_best=3), prefix=prefix
    )
    for row, forced in enumerate([(3, 1, 2), (2, 2), ()]):
        reader = oracles.Reader(model, source, row)
        for one in found[row]:
            assert one.tokens[: len(forced)] == forced
            # the reader's hidden state has consumed the prefix: so has the search's
            np.testing.assert_allclose(one.token_log_probabilities, reader.each(one.tokens), atol=1e-12)
    each = score_sequences(model, source, prefix.clamp(min=0), first=model.firsts(3))
    np.testing.assert_allclose(found[0][0].token_log_probabilities[:3], each[0].numpy(), atol=1e-12)
    free = beam_search(
        model, source.rows(slice(2, 3)), first=model.firsts(1), max_length=5, eos_id=EOS, beam=Beam(n_best=3)
    )
    same(found[2:], free)


def test_a_prefix_of_a_whole_sequence_returns_it_only(oracles):
    model, source = oracles.Recurrent(3), oracles.make_source(2)
    prefix = torch.tensor([[2, EOS, -1], [1, 2, 1]])
    found = beam_search(
        model, source, first=model.firsts(2), max_length=3, eos_id=EOS, beam=Beam(n_best=4), prefix=prefix
    )
    assert [[one.tokens for one in row] for row in found] == [[(2, EOS)], [(1, 2, 1)]]
    assert [row[0].finished for row in found] == [True, False]


# --- alone = batched = permuted, padding, masks ---


@pytest.mark.parametrize("poison", [0.0, float("nan"), 1e9], ids=["zeros", "nan", "1e9"])
@pytest.mark.parametrize("stop", ["exact", "full"])
@pytest.mark.parametrize("coverage_penalty", [0.0, 0.7])
def test_alone_equals_batched_equals_permuted(oracles, poison, stop, coverage_penalty):
    model = oracles.Recurrent(4, sharpness=3.0)
    lengths = [3, 1, 5, 2]
    source = oracles.make_source(4, lengths=lengths, padding=poison)
    beam = Beam(beam_size=3, n_best=3, stop=stop, coverage_penalty=coverage_penalty)

    def search(part):
        return beam_search(
            model,
            part,
            first=model.firsts(len(part.bias)),
            max_length=6,
            eos_id=EOS,
            beam=beam,
            source_mask=part.mask,
        )

    together = search(source)
    permutation = [2, 0, 3, 1]
    same([together[row] for row in permutation], search(source.rows(permutation)))
    for row, length in enumerate(lengths):
        part = source.rows(slice(row, row + 1))
        trimmed = type(part)(part.bias, part.states[:, :length], part.mask[:, :length])
        same([together[row]], search(part))
        same([together[row]], search(trimmed))
        assert all(np.isfinite(one.score) for one in together[row])


def test_coverage_is_unchanged_by_padding(oracles):
    model, beam = oracles.Recurrent(3), Beam(beam_size=4, n_best=4, coverage_penalty=1.5)
    source = oracles.make_source(1, lengths=[2])
    wide = type(source)(
        source.bias,
        torch.cat([source.states, torch.full((1, 5, 3), 1e9, dtype=torch.float64)], dim=1),
        torch.tensor([[True] * 2 + [False] * 5]),
    )
    found = [
        beam_search(
            model,
            one,
            first=model.firsts(1),
            max_length=5,
            eos_id=EOS,
            beam=beam,
            source_mask=one.mask,
        )
        for one in (source, wide)
    ]
    same(*found)
    assert found[1][0][0].alignment.shape[1] == 7


def test_an_all_masked_source_row_is_searched_with_a_context_of_zeros(oracles):
    model, beam = oracles.Recurrent(3), Beam(beam_size=12, n_best=30, coverage_penalty=1.0)
    source = oracles.make_source(3, lengths=[2, 0, 3], padding=float("nan"))
    found = beam_search(
        model, source, first=model.firsts(3), max_length=3, eos_id=EOS, beam=beam, source_mask=source.mask
    )
    for row in range(3):
        check_row(found[row], oracles.brute_force(oracles.Reader(model, source, row), beam, 3, EOS))
    assert all(not one.alignment.any() for one in found[1])
    # no place of the source can be left out: coverage costs nothing
    assert found[1][0].score == pytest.approx(found[1][0].log_probability / len(found[1][0].tokens))


# --- the state follows its hypothesis ---


class Pair(typing.NamedTuple):
    whole: torch.Tensor
    nothing: None


@dataclass(frozen=True)
class Inner:
    grid: torch.Tensor  # (B, Q, 2, 3)


@dataclass(frozen=True)
class Told:
    said: torch.Tensor  # (B, Q, t): the prefix itself
    inner: Inner
    pair: Pair
    table: dict
    entries: list
    number: int = 3


def hashed(said):
    """Hash a prefix (…, t); the order counts."""
    value = torch.full(said.shape[:-1], 7)
    for t in range(said.shape[-1]):
        value = (value * 31 + said[..., t] + 1) % 1_000_003
    return value


class Hashing:
    """A model each of whose leaves hashes the prefix by itself, and compares at each step."""

    def __init__(self, model):
        self.model, self.steps = model, []

    def start(self, encoding):
        recurrent, memory = self.model.start(encoding)
        rows = len(encoding.bias)
        seven = torch.full((rows, 1), 7)
        return Told(
            torch.zeros(rows, 1, 0, dtype=torch.int64),
            Inner(seven[..., None, None].expand(-1, -1, 2, 3).double()),
            Pair(seven, None),
            {"hash": seven[..., None], "recurrent": recurrent},
            [seven.int()],
        ), memory

    def step(self, previous, t, state, memory):
        def advance(leaf):
            entered = previous.reshape(*previous.shape, *[1] * (leaf.ndim - 2))
            return ((leaf.long() * 31 + entered + 1) % 1_000_003).to(leaf.dtype)

        said = torch.cat([state.said, previous[..., None]], dim=2)
        told = Told(
            said,
            Inner(advance(state.inner.grid)),
            Pair(advance(state.pair.whole), state.pair.nothing),
            {"hash": advance(state.table["hash"])},
            [advance(state.entries[0])],
        )
        wanted = hashed(said)
        for leaf in (told.inner.grid, told.pair.whole, told.table["hash"], told.entries[0]):
            spread = wanted.reshape(*wanted.shape, *[1] * (leaf.ndim - 2)).expand_as(leaf)
            assert torch.equal(leaf.long(), spread)
        assert state.number == 3
        self.steps.append(said[..., 1:].tolist())  # without what entered the first step
        output, told.table["recurrent"], weights = self.model.step(
            previous, t, state.table["recurrent"], memory
        )
        return output, told, weights


@pytest.mark.parametrize(
    "settings",
    [
        {"beam_size": 1},
        {"beam_size": 4},
        {"beam_size": 9},
        {"beam_size": 4, "groups": 2, "diversity": 0.8},
        {"beam_size": 6, "groups": 3, "diversity": 0.5},
        {"beam_size": 3, "groups": 3, "diversity": 2.0},
    ],
    ids=str,
)
def test_each_leaf_of_the_state_belongs_to_its_prefix(oracles, settings):
    model, source = oracles.Recurrent(4, seed=3), oracles.make_source(3, lengths=LENGTHS)
    beam = Beam(n_best=6, stop="full", **settings)
    hashing = Hashing(model)
    found = beam_search(hashing, source, first=model.firsts(3), max_length=5, eos_id=EOS, beam=beam)
    for row in range(3):
        expected, steps = oracles.plain_beam(oracles.Reader(model, source, row), beam, 5, EOS)
        check_row(found[row], expected[:6])
        for t, queries in enumerate(hashing.steps):
            # places of ended hypotheses hold anything; each open one stands in its group
            there = [tuple(prefix) for prefix in queries[row]]
            per_group = len(there) // beam.groups
            for group, prefixes in enumerate(steps[t]):
                assert set(prefixes) <= set(there[group * per_group : (group + 1) * per_group])


def test_alignment_rows_are_the_attention_of_each_step(oracles):
    model, source = oracles.Recurrent(4), oracles.make_source(ROWS, lengths=LENGTHS)
    found = beam_search(
        model, source, first=model.firsts(ROWS), max_length=5, eos_id=EOS, beam=Beam(beam_size=6, n_best=6)
    )
    for row in range(ROWS):
        reader = oracles.Reader(model, source, row)
        for one in found[row]:
            assert one.alignment.shape == (len(one.tokens), max(LENGTHS))
            np.testing.assert_allclose(one.alignment.numpy(), reader.alignment(one.tokens), atol=1e-12)


def test_without_attention_there_is_no_alignment(oracles):
    model, source = oracles.Recurrent(3), oracles.make_source(1)
    found = beam_search(model, source, first=model.firsts(1), max_length=3, eos_id=EOS)
    assert found[0][0].alignment is None


# --- the memory stays, and no step too many ---


def test_one_step_of_all_beams_for_each_token(oracles):
    # that the memory is one object, at one place, is checked by the model itself
    model, source = oracles.Recurrent(3), oracles.make_source(2, lengths=[2, 3])
    beam_search(
        model, source, first=model.firsts(2), max_length=5, eos_id=EOS, beam=Beam(beam_size=4, stop="full")
    )
    assert model.calls == [(0, (2, 1)), (1, (2, 3)), (2, (2, 4)), (3, (2, 4)), (4, (2, 4))]


def test_each_group_starts_with_one_query(oracles):
    model, source = oracles.Recurrent(3), oracles.make_source(2)
    beam = Beam(beam_size=6, groups=3, stop="full")
    beam_search(model, source, first=model.firsts(2), max_length=3, eos_id=EOS, beam=beam)
    assert model.calls == [(0, (2, 3)), (1, (2, 6)), (2, (2, 6))]


class Fixed:
    """Log-probabilities by step, whatever came before."""

    def __init__(self, *steps):
        self.table, self.calls = torch.tensor(steps, dtype=torch.float64).log(), 0

    def start(self, encoding):
        return (), None

    def step(self, previous, t, state, memory):
        self.calls += 1
        return self.table[t].expand(*previous.shape, -1), state, None


def test_an_end_at_the_first_step():
    model = Fixed([0.9, 0.05, 0.05], [0.5, 0.25, 0.25], [0.5, 0.25, 0.25])
    first = torch.zeros(2, 1, dtype=torch.int64)
    for beam in (Beam(), Beam(beam_size=1), Beam(length_normalization=None)):
        (best,), _ = beam_search(model, None, first=first, max_length=3, eos_id=EOS, beam=beam)
        assert best.tokens == (EOS,)
        assert best.finished
        assert best.log_probability == pytest.approx(np.log(0.9))
        assert best.score == best.log_probability  # divided by 1: the end token counts, once


def test_length_is_counted_once_and_includes_the_end():
    model = Fixed([0.0, 1.0], [0.0, 1.0], [0.25, 0.75], [0.5, 0.5])
    first = torch.zeros(1, 1, dtype=torch.int64)
    beam = Beam(beam_size=4, n_best=3, length_penalty=2.0)
    (found,) = beam_search(model, None, first=first, max_length=4, eos_id=EOS, beam=beam)
    assert [one.tokens for one in found] == [(1, 1, 1, 0), (1, 1, 0), (1, 1, 1, 1)]
    assert found[0].score == pytest.approx(np.log(0.375) / 16)
    assert found[1].score == pytest.approx(np.log(0.25) / 9)
    assert found[2].score == pytest.approx(np.log(0.375) / 16)
    assert [one.finished for one in found] == [True, True, False]


def test_a_model_that_never_ends_runs_to_the_greatest_length():
    model = Fixed(*[[0.0, 0.7, 0.3]] * 6)
    first = torch.zeros(1, 1, dtype=torch.int64)
    (found,) = beam_search(
        model, None, first=first, max_length=6, eos_id=EOS, beam=Beam(beam_size=2, n_best=2)
    )
    assert found[0].tokens == (1,) * 6
    assert [one.finished for one in found] == [False, False]
    assert found[0].score == pytest.approx(np.log(0.7))
    assert model.calls == 6


def test_unfinished_ones_only_fill_up():
    # 1 1 is far likelier than anything that ends
    model = Fixed([0.01, 0.99], [0.02, 0.98])
    first = torch.zeros(1, 1, dtype=torch.int64)
    (found,) = beam_search(
        model, None, first=first, max_length=2, eos_id=EOS, beam=Beam(beam_size=2, n_best=3)
    )
    assert [one.tokens for one in found] == [(1, 0), (0,), (1, 1)]


def test_two_tokens_and_eight_beams(oracles):
    model, source = oracles.Recurrent(2), oracles.make_source(2)
    beam = Beam(beam_size=8, n_best=50)
    found = beam_search(model, source, first=model.firsts(2), max_length=5, eos_id=EOS, beam=beam)
    for row in range(2):
        # one open hypothesis at each step: 5 that end and one that does not
        assert len(found[row]) == 6
        check_row(found[row], oracles.brute_force(oracles.Reader(model, source, row), beam, 5, EOS))


def test_only_the_end_token_exists():
    first = torch.zeros(2, 1, dtype=torch.int64)
    found = beam_search(Fixed([1.0], [1.0]), None, first=first, max_length=2, eos_id=EOS, beam=Beam(n_best=3))
    assert [[one.tokens for one in row] for row in found] == [[(EOS,)], [(EOS,)]]
    blocked = Beam(min_length=1)
    assert beam_search(Fixed([1.0]), None, first=first, max_length=2, eos_id=EOS, beam=blocked) == [[], []]


def test_impossible_sequences_are_never_returned():
    model = Fixed([0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [1.0, 0.0, 0.0])
    first = torch.zeros(1, 1, dtype=torch.int64)
    (found,) = beam_search(
        model, None, first=first, max_length=3, eos_id=EOS, beam=Beam(beam_size=9, n_best=9)
    )
    assert sorted(one.tokens for one in found) == [(1, 0), (1, 2, 0)]


def test_ngram_blocking_may_leave_less_than_asked_for():
    model = Fixed(*[[0.1, 0.6, 0.3]] * 5)
    first = torch.zeros(1, 1, dtype=torch.int64)
    beam = Beam(beam_size=9, n_best=50, no_repeat_ngram=1)
    (found,) = beam_search(model, None, first=first, max_length=5, eos_id=EOS, beam=beam)
    assert sorted(one.tokens for one in found) == [(0,), (1, 0), (1, 2, 0), (2, 0), (2, 1, 0)]


# --- exact stopping ---


def test_the_search_stops_when_nothing_can_become_better():
    # ends at once for sure: whatever is open then has lost
    model = Fixed([0.99, 0.01], *[[0.5, 0.5]] * 20)
    first = torch.zeros(1, 1, dtype=torch.int64)
    arguments = {"first": first, "max_length": 21, "eos_id": EOS}
    exact = beam_search(model, None, beam=Beam(stop="exact"), **arguments)
    assert model.calls == 1
    full = beam_search(model, None, beam=Beam(stop="full"), **arguments)
    assert model.calls == 22
    same(exact, full)


def test_length_normalisation_lets_a_later_one_win():
    # log 0.6 = −0.51 at once; log 0.4 / 2 = −0.46 later, a trap for those who stop at the first
    model = Fixed([0.6, 0.4], [1.0, 0.0], [1.0, 0.0])
    first = torch.zeros(1, 1, dtype=torch.int64)
    ((best,),) = beam_search(
        model, None, first=first, max_length=3, eos_id=EOS, beam=Beam(beam_size=1, n_best=1)
    )
    assert best.tokens == (EOS,)  # a beam of one ended
    ((best,),) = beam_search(model, None, first=first, max_length=3, eos_id=EOS, beam=Beam(beam_size=2))
    assert best.tokens == (1, EOS)


# --- groups ---


@pytest.mark.parametrize("eos_id", [None, EOS])
@pytest.mark.parametrize("vocabulary", [2, 4])
@pytest.mark.parametrize("diversity", [0.3, 1.5, 50.0])
@pytest.mark.parametrize(("size", "groups"), [(2, 2), (4, 2), (6, 3), (6, 2), (8, 4)])
def test_groups_equal_the_algorithm_of_the_paper(oracles, size, groups, diversity, vocabulary, eos_id):
    model = oracles.Recurrent(vocabulary, seed=size + groups, sharpness=1.5)
    source = oracles.make_source(4, seed=groups)
    beam = Beam(beam_size=size, groups=groups, diversity=diversity, n_best=40, stop="full")
    found = beam_search(model, source, first=model.firsts(4), max_length=5, eos_id=eos_id, beam=beam)
    for row in range(4):
        expected, _ = oracles.plain_beam(oracles.Reader(model, source, row), beam, 5, eos_id)
        assert sorted(one.tokens for one in found[row]) == sorted(tokens for tokens, _, _ in expected)
        assert len({one.tokens for one in found[row]}) == len(found[row])
        np.testing.assert_allclose([one.score for one in found[row]], [score for _, score, _ in expected])


@pytest.mark.parametrize("stop", ["exact", "full"])
@pytest.mark.parametrize("n_best", [1, 2, 4])
def test_what_several_groups_find_is_returned_once(oracles, n_best, stop):
    model, source = oracles.Recurrent(4), oracles.make_source(3)
    arguments = {"first": model.firsts(3), "max_length": 6, "eos_id": EOS}
    plain = beam_search(model, source, beam=Beam(beam_size=2, n_best=n_best, stop=stop), **arguments)
    # without a penalty all groups find the same
    groups = Beam(beam_size=6, groups=3, n_best=n_best, stop=stop)
    same(plain, beam_search(model, source, beam=groups, **arguments))


def test_diversity_leaves_the_first_group_as_it_was_and_the_log_probabilities_true(oracles):
    model, source = oracles.Recurrent(4), oracles.make_source(2)
    arguments = {"first": model.firsts(2), "max_length": 4}
    alone = beam_search(model, source, beam=Beam(beam_size=2, n_best=2), **arguments)
    beam = Beam(beam_size=4, n_best=4, groups=2, diversity=5.0)
    found = beam_search(model, source, beam=beam, **arguments)
    for row in range(2):
        assert {one.tokens for one in alone[row]} <= {one.tokens for one in found[row]}
        for one in found[row]:
            reader = oracles.Reader(model, source, row)
            assert one.log_probability == pytest.approx(reader.log_probability(one.tokens), abs=1e-12)


# --- precision ---


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_outputs_of_lower_precision(oracles, dtype):
    model = oracles.Recurrent(3, dtype=dtype)
    source = oracles.make_source(ROWS, lengths=LENGTHS)
    beam = Beam(beam_size=24, n_best=31, coverage_penalty=0.2)
    found = beam_search(
        model, source, first=model.firsts(ROWS), max_length=4, eos_id=EOS, beam=beam, source_mask=source.mask
    )
    tolerance = {torch.float32: 1e-5, torch.bfloat16: 0.1}[dtype]
    for row in range(ROWS):
        reader = oracles.Reader(model, source, row)
        assert {one.tokens for one in found[row]} == set(oracles.all_sequences(3, 4, EOS))
        for one in found[row]:
            assert one.log_probability == pytest.approx(reader.log_probability(one.tokens), abs=tolerance)
            assert one.log_probability == pytest.approx(sum(one.token_log_probabilities), abs=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_long_sums_of_lower_precision_keep_their_digits(dtype):
    # in bfloat16 a running sum of some length no longer grows by 0.7
    steps = 100

    class Even:
        def start(self, encoding):
            return {}, None

        def step(self, previous, t, state, memory):
            return torch.zeros(*previous.shape, 2, dtype=dtype), state, None

    beam = Beam(beam_size=3, n_best=3, length_normalization=None)
    (found,) = beam_search(
        Even(), None, first=torch.zeros(1, 1, dtype=torch.int64), max_length=steps, beam=beam
    )
    for one in found:
        assert one.score == pytest.approx(one.log_probability, rel=1e-5)


# --- a forecaster's network with bins as tokens ---


@pytest.mark.parametrize(
    "network",
    [
        Network(hidden_size=4),
        Network(hidden_size=4, attention="additive", cell="gru"),
        Network(hidden_size=4, attention="dot", attention_position="before", input_feeding=True),
        Network(hidden_size=4, residual="season", num_layers=2),
    ],
    ids=["fused", "attention", "stepped", "residual"],
)
def test_binned_series_are_searched_exhaustively(network):
    output = Binned(bins=4, edges=(-2.0, -0.5, 0.0, 1.0, 2.5))
    shape = SeriesShape(segment_length=1, steps=3, season_segments=2)
    model = build_forecaster(network, output, shape).double().eval()
    values = torch.randn(2, 5, 1, dtype=torch.float64)
    inputs = torch.cat([values, torch.ones_like(values)], dim=2)
    encoding = model.encode(inputs, torch.tensor([5, 3]))
    first = torch.stack([inputs[0, 4:5], inputs[1, 2:3]])

    def log_probabilities(output):
        return output[..., 0, 0, :]

    def feedback(tokens):
        centres = output.decode(tokens).double()
        return torch.stack([centres, torch.ones_like(centres)], dim=-1)

    forms = {"first": first, "log_probabilities": log_probabilities, "feedback": feedback}
    found = beam_search(model, encoding, max_length=3, beam=Beam(beam_size=64, n_best=100), **forms)
    for row in range(2):
        assert len({one.tokens for one in found[row]}) == 64
        assert all(one.finished for one in found[row])
        assert sum(np.exp(one.log_probability) for one in found[row]) == pytest.approx(1, abs=1e-9)
        scores = [one.score for one in found[row]]
        assert scores == sorted(scores, reverse=True)
    for place in (0, 1, 31, 63):
        tokens = torch.tensor([found[row][place].tokens for row in range(2)])
        each = score_sequences(model, encoding, tokens, **forms)
        ours = torch.tensor([found[row][place].token_log_probabilities for row in range(2)])
        torch.testing.assert_close(ours, each.float(), rtol=0, atol=1e-6)
    narrow = beam_search(model, encoding, max_length=3, beam=Beam(beam_size=1), **forms)
    same(
        [[one] for one in greedy_search(model, encoding, max_length=3, **forms)],
        narrow,
        tolerance=9.0,  # scores are divided by the length in one only
    )


# --- refusals ---


def refused(match, *, model=None, max_length=3, eos_id=EOS, rows=2, **arguments):
    model = model or Fixed(*[[0.5, 0.3, 0.2]] * 5)
    first = torch.zeros(rows, 1, dtype=torch.int64)
    with pytest.raises(ParameterError, match=match):
        beam_search(model, None, first=first, max_length=max_length, eos_id=eos_id, **arguments)


@pytest.mark.parametrize("max_length", [0, -3])
def test_a_greatest_length_below_one_is_refused(max_length):
    refused(f"max_length is {max_length}; it must be", max_length=max_length)


def test_a_least_length_that_leaves_no_place_for_the_end_is_refused():
    refused("min_length is 3, but max_length is 3", beam=Beam(min_length=3))
    refused("min_length is 9, but max_length is 3", beam=Beam(min_length=9))


def test_without_an_end_token_a_least_length_says_nothing(oracles):
    model, source = oracles.Recurrent(3), oracles.make_source(1)
    (found,) = beam_search(model, source, first=model.firsts(1), max_length=2, beam=Beam(min_length=5))
    assert len(found[0].tokens) == 2


def test_a_stochastic_search_refuses_what_is_no_sample():
    generator = torch.Generator()
    refused(
        "no groups and no coverage penalty, but groups is 2",
        beam=Beam(beam_size=4, groups=2),
        generator=generator,
    )
    refused("coverage_penalty 0.5", beam=Beam(coverage_penalty=0.5), generator=generator)
    refused("n_best is 3, but beam_size is 2", beam=Beam(beam_size=2, n_best=3), generator=generator)


def test_a_prefix_that_does_not_fit_is_refused():
    refused("prefix has 4 tokens, but max_length is 3", prefix=torch.ones(2, 4, dtype=torch.int64))
    refused("prefix has 3 rows, but first has 2", prefix=torch.ones(3, 1, dtype=torch.int64))
    refused(r"prefix\[1, 0\] is 3, but there are 3 tokens", prefix=torch.tensor([[1], [3]]))
    refused(r"prefix\[0, 1\] is -2", prefix=torch.tensor([[1, -2], [1, -1]]))
    refused(r"prefix\[1, 1\] is 2", prefix=torch.tensor([[1, 2], [-1, 2]]))
    refused(r"prefix\[0, 1\] is 2", prefix=torch.tensor([[EOS, 2], [1, 2]]))


def test_a_coverage_penalty_without_attention_is_refused():
    refused("coverage_penalty is 0.5, but the model gives no attention", beam=Beam(coverage_penalty=0.5))


def test_an_end_token_beyond_the_vocabulary_is_refused():
    refused("eos_id is 3, but there are 3 tokens", eos_id=3)
    refused("eos_id is -1", eos_id=-1)


@pytest.mark.parametrize(
    "beam", [Beam(n_best=3), Beam(n_best=2, stop="full", length_penalty=0.5)], ids=["exact", "full"]
)
@pytest.mark.parametrize("eos_id", [0, None], ids=["ends", "endless"])
def test_a_limit_for_each_row_is_the_row_alone_with_it(oracles, beam, eos_id):
    model, limits = oracles.Recurrent(4), torch.tensor([3, 6, 1, 5])
    source = oracles.make_source(4)
    together = beam_search(model, source, first=model.firsts(4), max_length=limits, eos_id=eos_id, beam=beam)
    for row, limit in enumerate(limits.tolist()):
        alone = beam_search(
            model, type(source)(source.bias[row : row + 1]), first=model.firsts(1), max_length=limit,
            eos_id=eos_id, beam=beam,
        )  # fmt: skip
        assert [found.tokens for found in together[row]] == [found.tokens for found in alone[0]]
        assert [found.finished for found in together[row]] == [found.finished for found in alone[0]]
        assert [found.score for found in together[row]] == pytest.approx([found.score for found in alone[0]])
        assert max(len(found.tokens) for found in together[row]) <= limit
