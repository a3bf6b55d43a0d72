"""Frequencies of drawn sequences against their probabilities, worked out one by one."""

from __future__ import annotations

import collections
import math

import numpy as np
import pytest
import torch
from scipy import stats

from tsseq2seq.decoding.greedy import greedy_search
from tsseq2seq.decoding.sampling import Sampling, sample_sequences, truncate
from tsseq2seq.errors import ParameterError, ParameterTypeError

EOS = 0
DRAWS = 6000


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def changed(probabilities, temperature=1.0, top_k=None, top_p=None):
    """Temperature, then top-k, then top-p, token by token."""
    heated = np.asarray(probabilities) ** (1 / temperature)
    heated = heated / heated.sum()
    order = sorted(range(len(heated)), key=lambda token: -heated[token])
    if top_k is not None:
        order = order[:top_k]
    mass = sum(heated[token] for token in order)
    kept, reached = [], 0.0
    for token in order:
        kept.append(token)
        reached += heated[token] / mass
        if top_p is not None and reached >= top_p:
            break
    result = np.zeros(len(heated))
    result[kept] = heated[kept] / heated[kept].sum()
    return result


def check_frequencies(observed, expected):
    """χ² of what can be expected often enough; the rest together."""
    total = sum(observed.values())
    assert sum(expected.values()) == pytest.approx(1, abs=1e-9)
    assert all(expected[tokens] > 0 for tokens in observed)
    often = [tokens for tokens, value in expected.items() if value * total >= 5]
    counts, wanted = [observed[tokens] for tokens in often], [expected[tokens] * total for tokens in often]
    if total - sum(wanted) > 5:
        counts, wanted = [*counts, total - sum(counts)], [*wanted, total - sum(wanted)]
    wanted = [value * sum(counts) / sum(wanted) for value in wanted]
    assert len(counts) > 3
    assert stats.chisquare(counts, wanted).pvalue > 1e-3


@pytest.mark.parametrize("eos_id", [None, EOS])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"temperature": 0.5},
        {"temperature": 2.5},
        {"top_k": 2},
        {"top_k": 9},
        {"top_p": 0.75},
        {"top_p": 1.0},
        {"temperature": 1.5, "top_k": 3, "top_p": 0.85},
    ],
    ids=str,
)
def test_frequencies(oracles, settings, eos_id):
    model, source = oracles.Recurrent(4, sharpness=0.7), oracles.make_source(1)
    (found,) = sample_sequences(
        model,
        source,
        first=model.firsts(1),
        max_length=3,
        eos_id=eos_id,
        sampling=Sampling(num_samples=DRAWS, **settings),
        generator=generator(),
    )
    reader = oracles.Reader(model, source, 0)
    expected = oracles.drawn_distribution(
        reader, 3, eos_id, change=lambda probabilities: changed(probabilities, **settings)
    )
    check_frequencies(collections.Counter(one.tokens for one in found), expected)


def test_rows_and_queries_are_drawn_independently(oracles):
    # per element, not per batch: the same rows do not draw the same
    model, one = oracles.Recurrent(4, sharpness=0.7), oracles.make_source(1)
    source = type(one)(one.bias.expand(1500, -1))
    found = sample_sequences(
        model,
        source,
        first=model.firsts(1500),
        max_length=2,
        sampling=Sampling(num_samples=2),
        generator=generator(),
    )
    single = oracles.drawn_distribution(oracles.Reader(model, one, 0), 2, None)
    expected = {(a, b): p * q for a, p in single.items() for b, q in single.items()}
    check_frequencies(collections.Counter(tuple(h.tokens for h in row) for row in found), expected)


@pytest.mark.parametrize("temperature", [1e-3, 1e-30, 1e-300])
def test_a_temperature_near_zero_is_greedy(oracles, temperature):
    model, source = oracles.Recurrent(4, dtype=torch.float32), oracles.make_source(5)
    arguments = {"first": model.firsts(5), "max_length": 6, "eos_id": EOS}
    greedy = greedy_search(model, source, **arguments)
    sampling = Sampling(temperature=temperature, num_samples=3)
    drawn = sample_sequences(model, source, sampling=sampling, **arguments)
    for row in range(5):
        assert [one.tokens for one in drawn[row]] == [greedy[row].tokens] * 3


def test_a_high_temperature_draws_evenly(oracles):
    model, source = oracles.Recurrent(4), oracles.make_source(1)
    (found,) = sample_sequences(
        model,
        source,
        first=model.firsts(1),
        max_length=1,
        sampling=Sampling(temperature=1e6, num_samples=4000),
        generator=generator(),
    )
    counts = collections.Counter(one.tokens for one in found)
    assert stats.chisquare([counts[(token,)] for token in range(4)]).pvalue > 1e-3


def test_one_token_of_top_k_is_greedy(oracles):
    model, source = oracles.Recurrent(4), oracles.make_source(5, lengths=[1, 2, 3, 2, 1])
    arguments = {"first": model.firsts(5), "max_length": 6, "eos_id": EOS}
    greedy = greedy_search(model, source, **arguments)
    for settings in ({"top_k": 1}, {"top_p": 1e-9}):
        for row, (one,) in enumerate(
            sample_sequences(model, source, sampling=Sampling(**settings), **arguments)
        ):
            assert one.tokens == greedy[row].tokens
            assert one.score == pytest.approx(greedy[row].score)


def test_scores_are_the_models_own_whatever_the_temperature(oracles):
    model, source = oracles.Recurrent(4), oracles.make_source(3, lengths=[2, 3, 1])
    found = sample_sequences(
        model,
        source,
        first=model.firsts(3),
        max_length=5,
        eos_id=EOS,
        sampling=Sampling(temperature=3.0, top_k=3, num_samples=7),
        generator=generator(),
    )
    for row in range(3):
        reader = oracles.Reader(model, source, row)
        assert len(found[row]) == 7
        for one in found[row]:
            np.testing.assert_allclose(one.token_log_probabilities, reader.each(one.tokens), atol=1e-12)
            assert one.score == one.log_probability == pytest.approx(sum(one.token_log_probabilities))
            assert one.finished == (one.tokens[-1] == EOS)
            assert EOS not in one.tokens[:-1]
            np.testing.assert_allclose(one.alignment.numpy(), reader.alignment(one.tokens), atol=1e-12)


def test_the_same_seed_draws_the_same(oracles):
    model, source = oracles.Recurrent(5), oracles.make_source(3)

    def draw(seed):
        found = sample_sequences(
            model,
            source,
            first=model.firsts(3),
            max_length=6,
            sampling=Sampling(num_samples=4),
            generator=generator(seed),
        )
        return [[one.tokens for one in row] for row in found]

    assert draw(3) == draw(3)
    assert draw(3) != draw(4)


def test_drawing_stops_when_all_have_ended(oracles):
    model, source = oracles.Recurrent(3, sharpness=0.1), oracles.make_source(2)
    found = sample_sequences(
        model,
        source,
        first=model.firsts(2),
        max_length=500,
        eos_id=EOS,
        sampling=Sampling(num_samples=3),
        generator=generator(),
    )
    assert len(model.calls) == max(len(one.tokens) for row in found for one in row) < 500


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_outputs_of_lower_precision(oracles, dtype):
    model, source = oracles.Recurrent(4, dtype=dtype, sharpness=0.7), oracles.make_source(1)
    (found,) = sample_sequences(
        model,
        source,
        first=model.firsts(1),
        max_length=2,
        sampling=Sampling(top_p=0.9, num_samples=3000),
        generator=generator(),
    )
    expected = oracles.drawn_distribution(
        oracles.Reader(model, source, 0), 2, None, change=lambda values: changed(values, top_p=0.9)
    )
    check_frequencies(collections.Counter(one.tokens for one in found), expected)


def test_what_follows_a_prefix_is_drawn_given_it(oracles):
    model, source = oracles.Recurrent(4, sharpness=0.7), oracles.make_source(1)
    prefix, settings = (2, 3), {"temperature": 1.5, "top_k": 3}
    (found,) = sample_sequences(
        model,
        source,
        first=model.firsts(1),
        max_length=4,
        eos_id=EOS,
        sampling=Sampling(num_samples=DRAWS, **settings),
        prefix=torch.tensor([prefix]),
        generator=generator(),
    )
    reader = oracles.Reader(model, source, 0)
    expected = {}
    for tokens in oracles.all_sequences(4, 4, EOS):
        if tokens[:2] == prefix:
            steps = [
                changed(np.exp(reader.next(tokens[:t])), **settings)[tokens[t]] for t in range(2, len(tokens))
            ]
            expected[tokens] = math.prod(steps)
    check_frequencies(collections.Counter(one.tokens for one in found), expected)


def test_a_prefix_of_unlikely_tokens_counts_as_the_model_says(oracles):
    """It is forced even where top-k would not draw it."""
    model, source = oracles.Recurrent(5, sharpness=3.0), oracles.make_source(3, lengths=[2, 3, 1])
    readers = [oracles.Reader(model, source, row) for row in range(3)]
    unlikely = [int(np.argmin(reader.next(()))) for reader in readers]
    found = sample_sequences(
        model,
        source,
        first=model.firsts(3),
        max_length=5,
        sampling=Sampling(top_k=1, num_samples=2),
        prefix=torch.tensor([[token, -1] for token in unlikely]),
    )
    for row, reader in enumerate(readers):
        for one in found[row]:
            assert one.tokens[0] == unlikely[row]
            for t in range(1, 5):
                assert one.tokens[t] == int(np.argmax(reader.next(one.tokens[:t])))
            np.testing.assert_allclose(one.token_log_probabilities, reader.each(one.tokens), atol=1e-12)


def test_each_row_has_its_own_greatest_length(oracles):
    model, source = oracles.Recurrent(4, sharpness=0.3), oracles.make_source(3)
    limits = [2, 6, 1]
    found = sample_sequences(
        model,
        source,
        first=model.firsts(3),
        max_length=torch.tensor(limits),
        eos_id=EOS,
        sampling=Sampling(num_samples=50),
        generator=generator(),
    )
    for row, limit in enumerate(limits):
        assert max(len(one.tokens) for one in found[row]) == limit
        for one in found[row]:
            assert one.finished == (one.tokens[-1] == EOS)
            assert one.finished or len(one.tokens) == limit


# --- truncation ---


@pytest.mark.parametrize("top_k", [None, 1, 2, 5, 6, 99])
@pytest.mark.parametrize("top_p", [None, 0.01, 0.3, 0.6, 0.99, 1.0])
def test_truncation_against_a_loop(top_k, top_p):
    scores = torch.randn(20, 3, 6, dtype=torch.float64) * 2
    ours = truncate(scores, top_k, top_p).softmax(-1)
    for place in np.ndindex(20, 3):
        expected = changed(scores[place].softmax(-1).numpy(), top_k=top_k, top_p=top_p)
        np.testing.assert_allclose(ours[place].numpy(), expected, atol=1e-12)


def test_equally_likely_tokens_are_not_more_than_k():
    kept = truncate(torch.zeros(3, 8), 2, None).isfinite().sum(-1)
    assert kept.tolist() == [2, 2, 2]
    assert truncate(torch.zeros(3, 8), None, 0.5).isfinite().sum(-1).tolist() == [4, 4, 4]


def test_impossible_tokens_stay_impossible():
    scores = torch.tensor([[0.0, -torch.inf, -1.0]])
    for settings in ((3, None), (2, None), (None, 1.0), (None, 0.999999), (3, 0.9999)):
        assert truncate(scores, *settings).softmax(-1)[0, 1] == 0


def test_truncation_leaves_its_argument_as_it_was():
    scores = torch.randn(4, 5)
    before = scores.clone()
    truncate(scores, 2, 0.4)
    assert torch.equal(scores, before)


# --- refusals ---


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"num_samples": 0}, "Sampling: num_samples is 0; it must be an integer, at least 1"),
        ({"temperature": 0.0}, "Sampling: temperature is 0.0; it must be a number, above 0"),
        ({"temperature": -1.0}, "Sampling: temperature is -1.0"),
        ({"temperature": float("nan")}, "Sampling: temperature is nan"),
        ({"temperature": float("inf")}, "Sampling: temperature is inf"),
        ({"top_k": 0}, "Sampling: top_k is 0; it must be an integer, at least 1"),
        ({"top_p": 0.0}, "Sampling: top_p is 0.0; it must be a number, above 0 and at most 1"),
        ({"top_p": 1.5}, "Sampling: top_p is 1.5"),
    ],
    ids=str,
)
def test_refused_settings(settings, match):
    with pytest.raises(ParameterError, match=match):
        Sampling(**settings)


def test_refused_types(unchecked_types):
    for settings in ({"num_samples": 2.0}, {"top_k": "3"}, {"temperature": "hot"}, {"top_p": True}):
        (name,) = settings
        with pytest.raises(ParameterTypeError, match=f"Sampling: {name} is"):
            Sampling(**settings)


def test_a_greatest_length_below_one_is_refused(oracles):
    model, source = oracles.Recurrent(3), oracles.make_source(1)
    with pytest.raises(ParameterError, match="max_length is 0; it must be an integer, at least 1"):
        sample_sequences(model, source, first=model.firsts(1), max_length=0)
