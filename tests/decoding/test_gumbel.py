"""Stochastic beam search against exact enumeration of sampling without replacement."""

from __future__ import annotations

import collections
import itertools

import numpy as np
import pytest
import torch
from scipy import stats

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_search import beam_search
from tsseq2seq.decoding.gumbel import condition_on_maximum

EOS = 0
DRAWS = 3000


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


# --- the conditional Gumbel variables ---


def test_the_largest_is_the_one_asked_for():
    locations = torch.randn(50, 4, 6, dtype=torch.float64).log_softmax(-1)
    maximum = torch.randn(50, 4, dtype=torch.float64) * 3
    drawn = condition_on_maximum(locations, maximum, generator())
    torch.testing.assert_close(drawn.amax(-1), maximum, rtol=0, atol=0)
    assert drawn.isfinite().all()


def test_impossible_tokens_stay_impossible():
    locations = torch.tensor([[0.0, -torch.inf, 1.0], [-torch.inf] * 3], dtype=torch.float64)
    drawn = condition_on_maximum(locations, torch.zeros(2, dtype=torch.float64), generator())
    assert drawn[0].isfinite().tolist() == [True, False, True]
    assert drawn.amax(-1).tolist() == [0.0, -torch.inf]
    assert not drawn.isnan().any()


def test_what_continues_nothing_is_nothing():
    drawn = condition_on_maximum(torch.zeros(2, 3), torch.tensor([-torch.inf, 0.0]), generator())
    assert (drawn[0] == -torch.inf).all()
    assert drawn[1].isfinite().all()


def test_the_variables_are_gumbels_given_their_maximum():
    # if the maximum is itself a Gumbel at logsumexp, the variables are Gumbels at their locations
    locations = torch.tensor([1.0, -0.5, 0.2, -3.0], dtype=torch.float64)
    total = locations.logsumexp(-1).item()
    uniform = torch.rand(4000, dtype=torch.float64, generator=generator(1))
    maximum = total - torch.log(-torch.log(uniform))
    drawn = condition_on_maximum(locations.expand(4000, 4), maximum, generator(2))
    for place, location in enumerate(locations.tolist()):
        assert stats.kstest(drawn[:, place].numpy(), stats.gumbel_r(loc=location).cdf).pvalue > 1e-3
    correlation = np.corrcoef(drawn.numpy().T) - np.eye(4)
    assert np.abs(correlation).max() < 0.08  # independent again


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_far_maxima_lose_no_digits(dtype):
    locations = torch.tensor([[0.0, -1.0, -40.0]], dtype=dtype).expand(200, 3)
    # Gumbels fall far above their locations, never far below
    for maximum in (-2.0, 0.0, 10.0, 80.0):
        drawn = condition_on_maximum(locations, torch.full((200,), maximum, dtype=dtype), generator())
        assert drawn.isfinite().all()
        assert (drawn.amax(-1) == maximum).all()
        assert ((drawn == maximum).sum(-1) == 1).all()


# --- the search ---


def draw(oracles, model, source, beam, max_length, *, eos_id=EOS, seed=0, **arguments):
    """Search for one row, many times side by side."""
    many = type(source)(
        *[None if part is None else part.expand(DRAWS, *part.shape[1:]) for part in vars(source).values()]
    )
    return beam_search(
        model,
        many,
        first=model.firsts(DRAWS),
        max_length=max_length,
        eos_id=eos_id,
        beam=beam,
        generator=generator(seed),
        **arguments,
    )


def without_replacement(probabilities, count):
    """The probability of each ordered draw of ``count`` sequences without replacement."""
    expected = {}
    for drawn in itertools.permutations(probabilities, count):
        probability, left = 1.0, 1.0
        for tokens in drawn:
            probability *= probabilities[tokens] / left
            left -= probabilities[tokens]
        expected[drawn] = probability
    return expected


def check_frequencies(observed, expected):
    """χ², rare ones taken together."""
    assert set(observed) <= set(expected)
    assert sum(expected.values()) == pytest.approx(1, abs=1e-9)
    total = sum(observed.values())
    often = [key for key, value in expected.items() if value * total >= 5]
    counts = [observed[key] for key in often]
    wanted = [expected[key] * total for key in often]
    if total - sum(wanted) > 5:
        counts.append(total - sum(counts))
        wanted.append(total - sum(wanted))
    else:
        wanted = [value * sum(counts) / sum(wanted) for value in wanted]
    assert len(counts) > 3
    assert stats.chisquare(counts, wanted).pvalue > 1e-3


@pytest.mark.parametrize(("size", "n_best"), [(1, 1), (2, 2), (3, 2), (5, 2), (3, 3)])
@pytest.mark.parametrize("eos_id", [EOS, None])
def test_draws_are_without_replacement_in_order(oracles, size, n_best, eos_id):
    model, source = oracles.Recurrent(3, sharpness=0.7), oracles.make_source(1)
    beam = Beam(beam_size=size, n_best=n_best)
    found = draw(oracles, model, source, beam, 2, eos_id=eos_id, seed=size)
    observed = collections.Counter(tuple(one.tokens for one in row) for row in found)
    probabilities = oracles.drawn_distribution(oracles.Reader(model, source, 0), 2, eos_id)
    check_frequencies(observed, without_replacement(probabilities, n_best))


@pytest.mark.parametrize("size", [2, 4])
def test_inclusion_probabilities(oracles, size):
    model, source = oracles.Recurrent(3, sharpness=1.0, seed=4), oracles.make_source(1, seed=2)
    found = draw(oracles, model, source, Beam(beam_size=size, n_best=size), 2)
    probabilities = oracles.drawn_distribution(oracles.Reader(model, source, 0), 2, EOS)
    expected = collections.Counter()
    for drawn, probability in without_replacement(probabilities, size).items():
        for tokens in drawn:
            expected[tokens] += probability
    observed = collections.Counter(one.tokens for row in found for one in row)
    for tokens, probability in expected.items():
        # each draw either includes it or not
        pvalue = stats.binomtest(observed[tokens], DRAWS, min(probability, 1.0)).pvalue
        assert pvalue > 1e-3


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({"min_length": 1}, lambda before, token: not (token == EOS and len(before) < 1)),
        ({"no_repeat_ngram": 1}, lambda before, token: token not in before),
    ],
    ids=["min_length", "no_repeat_ngram"],
)
def test_blocked_tokens_are_left_out_of_the_model_that_is_drawn_from(oracles, settings, allowed):
    model, source = oracles.Recurrent(3, sharpness=1.0, seed=7), oracles.make_source(1)
    found = draw(oracles, model, source, Beam(beam_size=2, n_best=2, **settings), 3)
    reader, probabilities = oracles.Reader(model, source, 0), {}
    for tokens in oracles.all_sequences(3, 3, EOS):
        probability = 1.0
        for t, token in enumerate(tokens):
            step = np.exp(reader.next(tokens[:t]))
            step = [value if allowed(tokens[:t], other) else 0.0 for other, value in enumerate(step)]
            probability *= step[token] / sum(step)
        if probability:
            probabilities[tokens] = probability
    observed = collections.Counter(tuple(one.tokens for one in row) for row in found)
    check_frequencies(observed, without_replacement(probabilities, 2))


def test_a_forced_prefix_is_what_the_draws_are_conditioned_on(oracles):
    model, source = oracles.Recurrent(3, sharpness=1.0), oracles.make_source(1)
    prefix = torch.tensor([[2]]).expand(DRAWS, 1)
    found = draw(oracles, model, source, Beam(beam_size=2, n_best=2), 3, prefix=prefix)
    every = oracles.drawn_distribution(oracles.Reader(model, source, 0), 3, EOS)
    forced = {tokens: probability for tokens, probability in every.items() if tokens[0] == 2}
    probabilities = {tokens: value / sum(forced.values()) for tokens, value in forced.items()}
    observed = collections.Counter(tuple(one.tokens for one in row) for row in found)
    check_frequencies(observed, without_replacement(probabilities, 2))


@pytest.mark.parametrize("eos_id", [EOS, None])
def test_a_beam_as_big_as_the_space_returns_everything(oracles, eos_id):
    model, source = oracles.Recurrent(3), oracles.make_source(4)
    beam = Beam(beam_size=40, n_best=40)
    found = beam_search(
        model,
        source,
        first=model.firsts(4),
        max_length=3,
        eos_id=eos_id,
        beam=beam,
        generator=generator(),
    )
    for row in range(4):
        reader = oracles.Reader(model, source, row)
        assert sorted(one.tokens for one in found[row]) == sorted(oracles.all_sequences(3, 3, eos_id))
        for one in found[row]:
            assert one.log_probability == pytest.approx(reader.log_probability(one.tokens), abs=1e-12)
        scores = [one.score for one in found[row]]
        assert scores == sorted(scores, reverse=True)
    assert len({tuple(one.tokens for one in row) for row in found}) == 4  # each row has its own order


def test_unfinished_ones_stand_among_the_others(oracles):
    model, source = oracles.Recurrent(3, sharpness=0.3), oracles.make_source(1)
    found = draw(oracles, model, source, Beam(beam_size=3, n_best=3), 2)
    assert {True, False} == {row[0].finished for row in found}
    for row in found[:100]:
        for one in row:
            assert one.finished == (one.tokens[-1] == EOS)


def test_scores_are_of_the_model_whatever_is_blocked(oracles):
    model, source = oracles.Recurrent(3), oracles.make_source(2)
    found = beam_search(
        model,
        source,
        first=model.firsts(2),
        max_length=4,
        eos_id=EOS,
        beam=Beam(beam_size=3, n_best=3, min_length=2),
        generator=generator(),
    )
    for row in range(2):
        reader = oracles.Reader(model, source, row)
        for one in found[row]:
            assert one.log_probability == pytest.approx(reader.log_probability(one.tokens), abs=1e-12)


@pytest.mark.parametrize("stop", ["exact", "full"])
def test_the_same_seed_draws_the_same(oracles, stop):
    model, source = oracles.Recurrent(4), oracles.make_source(3)

    def search(seed):
        found = beam_search(
            model,
            source,
            first=model.firsts(3),
            max_length=5,
            eos_id=EOS,
            beam=Beam(beam_size=4, n_best=2, stop=stop),
            generator=generator(seed),
        )
        return [[(one.tokens, one.score) for one in row] for row in found]

    assert search(1) == search(1)
    assert search(1) != search(2)


def test_exact_stopping_draws_the_same_as_running_on(oracles):
    model, source = oracles.Recurrent(3), oracles.make_source(40)

    def search(stop):
        found = beam_search(
            model,
            source,
            first=model.firsts(40),
            max_length=12,
            eos_id=EOS,
            beam=Beam(beam_size=4, n_best=2, stop=stop),
            generator=generator(),
        )
        steps = len(model.calls)
        return [[(one.tokens, one.score) for one in row] for row in found], steps

    exact, few = search("exact")
    full, all_ = search("full")
    assert exact == full
    assert few <= all_ == 12
