"""Scores and thresholds against loops, and what they stand for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tsseq2seq.errors import DataWarning
from tsseq2seq.reconstruction.calibration import Calibration, step_scores, usual_errors

ERRORS = st.one_of(st.just(math.nan), st.just(0.0), st.floats(1e-6, 1e6))


@given(errors=arrays(float, (12, 3), elements=ERRORS), usual=arrays(float, 3, elements=st.floats(1e-3, 1e3)))
@settings(deadline=None)
def test_a_score_is_the_root_mean_square_of_what_was_observed(errors, usual) -> None:
    scores = step_scores(errors, np.tile(usual, (12, 1)))
    for row, score in zip(errors, scores, strict=True):
        shares = [error / one for error, one in zip(row, usual, strict=True) if not math.isnan(error)]
        expected = math.sqrt(sum(share**2 for share in shares) / len(shares)) if shares else math.nan
        assert score == pytest.approx(expected, rel=1e-9, nan_ok=True)


def test_an_error_where_none_is_usual_is_infinite_and_none_is_none() -> None:
    scores = step_scores(np.array([[0.0], [1e-9], [np.nan]]), np.zeros((3, 1)))
    assert scores[:2].tolist() == [0.0, math.inf]
    assert math.isnan(scores[2])


def test_large_errors_do_not_overflow() -> None:
    assert step_scores(np.array([[1e200, 1e200]]), np.ones((1, 2)))[0] == pytest.approx(1e200)


def test_the_usual_error_is_the_series_own_where_it_has_enough_steps() -> None:
    rng = np.random.default_rng(0)
    errors = np.concatenate([rng.random(50), 10 * rng.random(50), 100 * rng.random(5)])[:, None]
    spread = np.array([[1.0], [2.0], [4.0]])
    own, pooled = usual_errors(errors, spread, np.array([50, 50, 5]), enough=40)
    assert own[0, 0] == pytest.approx(np.median(errors[:50]))
    assert own[1, 0] == pytest.approx(np.median(errors[50:100]) / 2)
    assert own[2, 0] == pooled[0]
    relative = np.concatenate([errors[:50], errors[50:100] / 2, errors[100:] / 4])
    assert pooled[0] == pytest.approx(np.median(relative))


def test_the_mean_stands_in_where_most_errors_are_none() -> None:
    errors = np.array([[0.0]] * 40 + [[2.0]] * 10)
    own, _ = usual_errors(errors, np.ones((1, 1)), np.array([50]), enough=10)
    assert own[0, 0] == pytest.approx(0.4)


def test_one_new_score_in_so_many_is_above_the_threshold() -> None:
    """Over many draws: the rate is that of split conformal prediction, exact up to rounding."""
    rng = np.random.default_rng(1)
    above = []
    for _ in range(400):
        errors = rng.exponential(size=(250, 1))
        calibration = Calibration.of(
            errors[:199],
            np.ones((1, 1)),
            np.array([199]),
            np.ones(199, dtype=bool),
            window_length=5,
            false_alarms=0.05,
        )
        new = step_scores(errors[199:], np.tile(calibration.own, (51, 1)))
        above.append((new > calibration.threshold).mean())
    assert np.mean(above) == pytest.approx(0.05, abs=0.005)


def test_too_few_steps_for_the_rate_are_told() -> None:
    errors = np.arange(1.0, 21.0)[:, None]
    with pytest.warns(DataWarning, match=r"false_alarms is 0\.01.*99.*20"):
        calibration = Calibration.of(
            errors,
            np.ones((1, 1)),
            np.array([20]),
            np.ones(20, dtype=bool),
            window_length=5,
            false_alarms=0.01,
        )
    assert calibration.threshold == step_scores(errors[-1:], calibration.own)[0]
    assert calibration.steps == 20


def test_a_threshold_of_trained_steps_is_told() -> None:
    errors = np.arange(1.0, 201.0)[:, None]
    with pytest.warns(DataWarning, match="trained on"):
        calibration = Calibration.of(
            errors,
            np.ones((1, 1)),
            np.array([200]),
            np.zeros(200, dtype=bool),
            window_length=5,
            false_alarms=0.1,
        )
    assert np.isfinite(calibration.threshold)


def test_a_series_of_few_windows_takes_the_usual_error_of_all() -> None:
    rng = np.random.default_rng(0)
    errors = np.concatenate([rng.random(90), 5 * rng.random(60)])[:, None]
    calibration = Calibration.of(
        errors,
        np.ones((2, 1)),
        np.array([90, 60]),
        np.ones(150, dtype=bool),
        window_length=30,
        false_alarms=0.1,
    )
    assert calibration.own[0, 0] == pytest.approx(np.median(errors[:90]))
    assert calibration.own[1, 0] == calibration.pooled[0]


def test_steps_held_back_that_are_missing_set_no_threshold() -> None:
    """The errors of training stand in, and it is said; the threshold is one that a score can pass."""
    errors = np.random.default_rng(0).exponential(size=(200, 1))
    held_back = np.arange(200) >= 160
    errors[held_back] = np.nan
    with pytest.warns(DataWarning, match="taken from steps that were trained on"):
        calibration = Calibration.of(
            errors, np.ones((1, 1)), np.array([200]), held_back, window_length=5, false_alarms=0.05
        )
    assert np.isfinite(calibration.threshold)
    assert calibration.steps == 160
