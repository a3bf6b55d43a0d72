"""The correlation of ranks, against numpy's own and against loops."""

from __future__ import annotations

import numpy as np
import pytest

from tsseq2seq.forecasting.rank_correlation import rank_correlation, usual_correlation


def walks(count: int, steps: int) -> np.ndarray:
    """Normal scores of the errors of random walks."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(count, steps)).cumsum(1) / np.sqrt(np.arange(1, steps + 1))


def test_the_form_is_that_of_random_walks() -> None:
    found = np.corrcoef(walks(200_000, 5).T)
    np.testing.assert_allclose(usual_correlation(5, 1.0), found, atol=0.01)
    np.testing.assert_array_equal(usual_correlation(3, 0.0), np.eye(3))


def test_many_forecasts_say_it_themselves() -> None:
    rng = np.random.default_rng(1)
    wanted = np.array([[1, 0.8, -0.3], [0.8, 1, 0.1], [-0.3, 0.1, 1]])
    scores = rng.multivariate_normal(np.zeros(3), wanted, size=50_000)
    np.testing.assert_allclose(rank_correlation(scores), wanted, atol=0.03)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_few_forecasts_choose_between_new_errors_and_errors_that_add_up(share: float) -> None:
    steps, count = 24, 8
    scores = walks(count, steps) if share else np.random.default_rng(2).normal(size=(count, steps))
    found = rank_correlation(scores)
    distance = [np.abs(found - usual_correlation(steps, each)).mean() for each in (0.0, 1.0)]
    assert np.argmin(distance) == share
    assert distance[int(share)] < 0.15


def test_missing_outcomes_are_left_out_of_their_pairs_alone() -> None:
    scores = walks(400, 3)
    scores[::3, 1] = np.nan
    scores[5] = np.nan
    counted, products = np.zeros((3, 3)), np.zeros((3, 3))
    for first in range(3):
        for second in range(3):
            both = [row for row in scores.clip(-3, 3) if not np.isnan(row[[first, second]]).any()]
            x, y = (np.array([row[step] for row in both]) for step in (first, second))
            counted[first, second] = len(both)
            products[first, second] = (x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum())
    above = np.triu_indices(3, 1)
    form = usual_correlation(3, 1.0)[above]
    weight, found = counted[above], products[above]
    share = ((weight * form * found).sum() + 25) / ((weight * form**2).sum() + 50)
    wanted = (counted * products + 12 * usual_correlation(3, share)) / (counted + 12)
    np.testing.assert_allclose(rank_correlation(scores), wanted, rtol=1e-12)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_few_rows_give_a_correlation_that_can_be_drawn_from(rows: int) -> None:
    found = rank_correlation(np.full((rows, 6), 2.0))
    np.testing.assert_allclose(found.diagonal(), 1.0)
    assert np.linalg.eigvalsh(found).min() > 0.005


def test_one_step_is_alone() -> None:
    np.testing.assert_allclose(rank_correlation(walks(10, 1)), [[1.0]])
