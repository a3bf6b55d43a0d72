"""Several models as one: the mean of their probabilities, by hand, and searched by brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_search import beam_search
from tsseq2seq.decoding.ensemble import EnsembleStepper
from tsseq2seq.decoding.stepper import FusedStepper, Stepper
from tsseq2seq.decoding.token_scores import log_softmax

VOCABULARY, ROWS, LONGEST = 4, 3, 3


@pytest.fixture
def models(oracles):
    return [oracles.Recurrent(VOCABULARY, seed=seed) for seed in range(3)]


@pytest.fixture
def sources(oracles):
    """One for each model; with states to attend to."""
    return [oracles.make_source(ROWS, lengths=[3, 1, 2], seed=seed) for seed in range(3)]


def log_mean(oracles, models, sources, row, prefix):
    each = [np.exp(oracles.Reader(m, s, row).next(prefix)) for m, s in zip(models, sources, strict=True)]
    return np.log(np.mean(each, axis=0))


def test_it_is_a_stepper(models) -> None:
    ensemble = EnsembleStepper(models, log_softmax)
    assert isinstance(ensemble, Stepper)
    assert not isinstance(ensemble, FusedStepper)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_step_is_the_mean_of_probabilities(oracles, models, sources, count: int) -> None:
    models, sources = models[:count], sources[:count]
    ensemble = EnsembleStepper(models, log_softmax)
    state, memory = ensemble.start(sources)
    previous = models[0].firsts(ROWS)
    prefix: tuple[int, ...] = ()
    for t, token in enumerate((2, 0, 1)):
        scores, state, weights = ensemble.step(previous, t, state, memory)
        for row in range(ROWS):
            expected = log_mean(oracles, models, sources, row, prefix)
            np.testing.assert_allclose(scores[row, 0].numpy(), expected, rtol=1e-9)
            attended = [
                oracles.Reader(m, s, row).read(prefix)[2] for m, s in zip(models, sources, strict=True)
            ]
            np.testing.assert_allclose(weights[row, 0].numpy(), np.mean(attended, axis=0), rtol=1e-9)
        np.testing.assert_allclose(scores.exp().sum(-1).numpy(), 1.0, rtol=1e-9)
        previous, prefix = torch.full((ROWS, 1), token), (*prefix, token)


def test_a_wide_beam_is_brute_force_over_the_mean(oracles, models, sources) -> None:
    found = beam_search(
        EnsembleStepper(models, log_softmax),
        sources,
        first=models[0].firsts(ROWS),
        max_length=LONGEST,
        beam=Beam(beam_size=VOCABULARY**LONGEST, n_best=VOCABULARY**LONGEST, length_normalization=None),
        log_probabilities=lambda scores: scores,
    )
    for row in range(ROWS):
        expected = {
            tokens: sum(
                log_mean(oracles, models, sources, row, tokens[:t])[token] for t, token in enumerate(tokens)
            )
            for tokens in itertools.product(range(VOCABULARY), repeat=LONGEST)
        }
        assert [one.tokens for one in found[row]] == sorted(expected, key=lambda key: -expected[key])
        np.testing.assert_allclose(
            [one.log_probability for one in found[row]], sorted(expected.values(), reverse=True), rtol=1e-9
        )
        assert sum(np.exp(one.log_probability) for one in found[row]) == pytest.approx(1.0)


def test_without_attention_there_is_no_alignment(oracles, models) -> None:
    ensemble = EnsembleStepper(models, log_softmax)
    plain = [oracles.make_source(ROWS, seed=seed) for seed in range(3)]
    assert ensemble.step(models[0].firsts(ROWS), 0, *ensemble.start(plain))[2] is None


def test_a_token_that_none_allows_stays_impossible(models, sources) -> None:
    def forbidding(output: torch.Tensor) -> torch.Tensor:
        scores = log_softmax(output)
        return scores.masked_fill(torch.arange(VOCABULARY) == 1, -torch.inf)

    ensemble = EnsembleStepper(models, forbidding)
    scores, _, _ = ensemble.step(models[0].firsts(ROWS), 0, *ensemble.start(sources))
    assert (scores[..., 1] == -torch.inf).all()
    assert not scores.isnan().any()


def test_each_needs_an_encoding(models, sources) -> None:
    with pytest.raises(ValueError, match="shorter"):
        EnsembleStepper(models, log_softmax).start(sources[:2])
