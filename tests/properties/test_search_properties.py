"""What holds for every model, beam and length: searches of many random models."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_search import beam_search
from tsseq2seq.decoding.greedy import greedy_search
from tsseq2seq.decoding.gumbel import condition_on_maximum
from tsseq2seq.decoding.penalties import NORMALIZATIONS, coverage_score, length_divisor
from tsseq2seq.decoding.rescoring import score_sequences
from tsseq2seq.decoding.sampling import Sampling, sample_sequences, truncate

few = settings(max_examples=60)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Tables this small gain nothing from a second thread, and wait long for it on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Tables:
    """Each row has its own table of what follows the last two tokens, and of what they look at.

    Some entries are impossible; the source's last places are padding in some rows.
    """

    def __init__(self, seed, vocabulary, rows, sharpness, impossible=0.0, dtype=torch.float64):
        generator = torch.Generator().manual_seed(seed)
        size = vocabulary + 1  # the token that enters the first step is none of the others
        shape = (rows, size, size, vocabulary)
        logits = torch.randn(shape, generator=generator, dtype=dtype) * sharpness
        never = torch.rand(shape, generator=generator) < impossible
        never[..., -1] = False  # something is always possible
        self.logits = logits.masked_fill(never, -torch.inf)
        self.mask = torch.arange(3) < torch.randint(0, 4, (rows, 1), generator=generator)
        looks = torch.rand(rows, size, size, 3, generator=generator, dtype=dtype) * self.mask[:, None, None]
        self.looks = looks / looks.sum(-1, keepdim=True).clamp(min=1e-30)
        self.rows, self.vocabulary, self.calls = rows, vocabulary, 0

    def start(self, encoding):
        self.calls = 0
        return torch.full((len(encoding), 1), self.vocabulary), encoding

    def step(self, previous, t, state, memory):
        self.calls += 1
        rows = memory[:, None]
        return self.logits[rows, state, previous], previous, self.looks[rows, state, previous]

    def search(self, beam, max_length, which=None, **arguments):
        which = torch.arange(self.rows) if which is None else which
        return beam_search(
            self,
            which,
            first=torch.full((len(which), 1), self.vocabulary),
            max_length=max_length,
            beam=beam,
            source_mask=self.mask[which],
            **arguments,
        )


@st.composite
def models(draw, dtype=torch.float64):
    return Tables(
        draw(st.integers(0, 10**6)),
        vocabulary=draw(st.integers(2, 6)),
        rows=draw(st.integers(1, 4)),
        sharpness=draw(st.sampled_from([0.1, 1.0, 3.0, 10.0])),
        impossible=draw(st.sampled_from([0.0, 0.0, 0.4])),
        dtype=dtype,
    )


@st.composite
def beams(draw, groups=True, coverage=True, normalised=True):
    normalization = draw(st.sampled_from(NORMALIZATIONS)) if normalised else "average"
    number = draw(st.sampled_from([1, 1, 2, 3])) if groups else 1
    return {
        "beam_size": number * draw(st.integers(1, 5)),
        "n_best": draw(st.integers(1, 7)),
        "groups": number,
        "diversity": draw(st.sampled_from([0.0, 0.5, 5.0])) if number > 1 else 0.0,
        "length_normalization": normalization,
        "length_penalty": draw(st.floats(0, 3)) if normalised and normalization else 1.0,
        "coverage_penalty": draw(st.sampled_from([0.0, 0.2, 2.0])) if coverage else 0.0,
        "min_length": draw(st.sampled_from([0, 0, 1, 3])),
        "no_repeat_ngram": draw(st.sampled_from([0, 0, 1, 2, 3])),
    }


def described(found):
    return [
        [(one.tokens, one.score, one.token_log_probabilities, one.finished) for one in row] for row in found
    ]


def prefix_of(seed, model, eos_id):
    """Prefixes of different lengths, none with the end token inside."""
    rng = np.random.default_rng(seed)
    prefix = np.full((model.rows, 3), -1)
    for row in prefix:
        length = rng.integers(0, 4)
        row[:length] = [
            rng.choice([v for v in range(model.vocabulary) if v != eos_id]) for _ in range(length)
        ]
    return torch.from_numpy(prefix)


# --- beam search ---


@few
@given(models(), beams(), st.integers(4, 9), st.none() | st.integers(0, 10**6))
def test_exact_stopping_equals_running_on(model, beam, max_length, forced):
    prefix = None if forced is None else prefix_of(forced, model, 0)
    found, calls = {}, {}
    for stop in ("exact", "full"):
        found[stop] = described(model.search(Beam(**beam, stop=stop), max_length, eos_id=0, prefix=prefix))
        calls[stop] = model.calls
    assert found["exact"] == found["full"]
    assert calls["exact"] <= calls["full"] <= max_length


@few
@given(models(dtype=torch.float32), beams(), st.integers(4, 9))
def test_exact_stopping_equals_running_on_in_float32(model, beam, max_length):
    exact = described(model.search(Beam(**beam, stop="exact"), max_length, eos_id=0))
    assert exact == described(model.search(Beam(**beam, stop="full"), max_length, eos_id=0))


@few
@given(models(), beams(), st.integers(4, 7), st.sampled_from([None, 0]))
def test_what_is_returned_keeps_its_promises(model, beam, max_length, eos_id):
    beam = Beam(**beam)
    for row, found in enumerate(model.search(beam, max_length, eos_id=eos_id)):
        assert len(found) <= beam.n_best
        assert len({one.tokens for one in found}) == len(found)
        order = [(not one.finished, -one.score) for one in found]
        assert order == sorted(order)
        for one in found:
            ended = eos_id is not None and one.tokens[-1] == eos_id
            assert one.finished == (ended or eos_id is None)
            assert eos_id is None or eos_id not in one.tokens[:-1]
            assert len(one.tokens) <= max_length
            assert ended or len(one.tokens) == max_length
            assert not ended or len(one.tokens) > beam.min_length
            size = beam.no_repeat_ngram
            if size:
                grams = [one.tokens[at : at + size] for at in range(len(one.tokens) - size + 1)]
                assert len(set(grams)) == len(grams)
            assert math.isfinite(one.score)
            assert one.log_probability == pytest.approx(sum(one.token_log_probabilities), abs=1e-9)
            assert all(value <= 0 for value in one.token_log_probabilities)
            divisor = length_divisor(len(one.tokens), beam.length_normalization, beam.length_penalty)
            coverage = coverage_score(one.alignment.sum(0)[None, None], model.mask[row : row + 1]).item()
            expected = one.log_probability / divisor + beam.coverage_penalty * coverage
            assert one.score == pytest.approx(expected, abs=1e-8)


@few
@given(models(), beams(), st.integers(4, 7), st.randoms())
def test_rows_are_the_same_alone_and_in_any_order(model, beam, max_length, random):
    together = described(model.search(Beam(**beam), max_length, eos_id=0))
    order = list(range(model.rows))
    random.shuffle(order)
    permuted = described(model.search(Beam(**beam), max_length, which=torch.tensor(order), eos_id=0))
    assert permuted == [together[row] for row in order]
    for row in range(model.rows):
        alone = described(model.search(Beam(**beam), max_length, which=torch.tensor([row]), eos_id=0))
        assert alone == [together[row]]


@few
@given(models(), st.integers(1, 7), st.sampled_from([None, 0]))
def test_a_beam_of_one_is_greedy(model, max_length, eos_id):
    beam = Beam(beam_size=1, length_normalization=None)
    greedy = greedy_search(
        model,
        torch.arange(model.rows),
        first=torch.full((model.rows, 1), model.vocabulary),
        max_length=max_length,
        eos_id=eos_id,
    )
    found = model.search(beam, max_length, eos_id=eos_id)
    assert [row[0].tokens for row in found] == [one.tokens for one in greedy]
    for row, one in zip(found, greedy, strict=True):
        assert row[0].score == pytest.approx(one.score, abs=1e-9)


@few
@given(
    models(),
    st.lists(st.integers(3, 7), min_size=4, max_size=4),
    st.sampled_from([None, 0]),
    st.integers(0, 10**6),
)
def test_a_beam_of_one_is_greedy_with_prefixes_and_lengths_of_each_row(model, limits, eos_id, forced):
    arguments = {
        "max_length": torch.tensor(limits[: model.rows]),
        "eos_id": eos_id,
        "prefix": prefix_of(forced, model, eos_id),
    }
    greedy = greedy_search(
        model, torch.arange(model.rows), first=torch.full((model.rows, 1), model.vocabulary), **arguments
    )
    found = model.search(Beam(beam_size=1, length_normalization=None), **arguments)
    for row, one, limit in zip(found, greedy, limits, strict=False):
        if not one.finished and len(one.tokens) < limit:
            assert row == [], "an impossible prefix has no continuation"
            continue
        assert row[0].tokens == one.tokens
        assert row[0].finished == one.finished
        assert row[0].token_log_probabilities == one.token_log_probabilities
        assert row[0].score == pytest.approx(one.score, abs=1e-9)


@few
@given(models(), beams(groups=False, coverage=False, normalised=False), st.integers(4, 7))
def test_summed_token_scores_equal_the_rescoring(model, beam, max_length):
    found = model.search(Beam(**beam), max_length, eos_id=0)
    assume(any(found))
    rows = [row for row in range(model.rows) if found[row]]
    tokens = torch.zeros(len(rows), max_length, dtype=torch.int64)
    for place, row in enumerate(rows):
        tokens[place, : len(found[row][-1].tokens)] = torch.tensor(found[row][-1].tokens)
    first = torch.full((len(rows), 1), model.vocabulary)
    each = score_sequences(model, torch.tensor(rows), tokens, first=first)
    for place, row in enumerate(rows):
        one = found[row][-1]
        total = float(each[place, : len(one.tokens)].sum())
        assert one.log_probability == pytest.approx(total, abs=1e-9)


@few
@given(models(), st.integers(1, 3), st.sampled_from([None, 0]))
def test_probabilities_of_everything_sum_to_one(model, max_length, eos_id):
    size = model.vocabulary**max_length
    for row in model.search(Beam(beam_size=size, n_best=2 * size), max_length, eos_id=eos_id):
        assert math.fsum(math.exp(one.log_probability) for one in row) == pytest.approx(1, abs=1e-9)


@few
@given(models(), st.integers(1, 5), st.integers(2, 5), st.integers(0, 10**6))
def test_draws_without_replacement_differ_and_are_possible(model, size, max_length, seed):
    beam = Beam(beam_size=size, n_best=size, length_normalization=None)
    generator = torch.Generator().manual_seed(seed)
    for row in model.search(beam, max_length, eos_id=0, generator=generator):
        assert 1 <= len(row) <= size
        assert len({one.tokens for one in row}) == len(row)
        assert all(math.isfinite(one.log_probability) for one in row)
        scores = [one.score for one in row]
        assert scores == sorted(scores, reverse=True)


# --- sampling ---


@few
@given(models(), st.integers(1, 4), st.floats(1e-3, 10), st.integers(1, 4), st.floats(0.05, 1))
def test_what_is_drawn_is_possible(model, count, temperature, top_k, top_p):
    found = sample_sequences(
        model,
        torch.arange(model.rows),
        first=torch.full((model.rows, 1), model.vocabulary),
        max_length=4,
        eos_id=0,
        sampling=Sampling(temperature=temperature, top_k=top_k, top_p=top_p, num_samples=count),
    )
    assert [len(row) for row in found] == [count] * model.rows
    for row in found:
        for one in row:
            assert math.isfinite(one.score)
            assert one.finished == (one.tokens[-1] == 0)
            assert one.finished or len(one.tokens) == 4


@given(
    st.lists(st.floats(-30, 0), min_size=1, max_size=8),
    st.none() | st.integers(1, 9),
    st.none() | st.floats(0.01, 1),
)
def test_truncation_keeps_the_likeliest_and_enough(scores, top_k, top_p):
    scores = torch.tensor(scores, dtype=torch.float64).log_softmax(-1)
    kept = truncate(scores, top_k, top_p).isfinite()
    assert scores[kept].max() == scores.max()
    assert kept.sum() <= (top_k or len(scores))
    if not kept.all():
        assert scores[kept].min() >= scores[~kept].max()
    if top_k is None and top_p is not None:
        assert scores[kept].exp().sum() >= top_p - 1e-9


@given(
    st.lists(st.floats(-50, 0) | st.just(-math.inf), min_size=1, max_size=6),
    st.floats(-20, 20) | st.just(-math.inf),
    st.integers(0, 10**6),
)
def test_gumbels_keep_their_maximum(locations, maximum, seed):
    drawn = condition_on_maximum(
        torch.tensor([locations], dtype=torch.float64),
        torch.tensor([maximum], dtype=torch.float64),
        torch.Generator().manual_seed(seed),
    )
    possible = any(value > -math.inf for value in locations)
    assert not drawn.isnan().any()
    assert drawn.max().item() == (maximum if possible else -math.inf)
