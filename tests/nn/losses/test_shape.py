"""Soft-DTW against the recursion of the paper in loops; gradients by finite differences; differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nn.losses import DifferenceLoss, SoftDTW
from tsseq2seq.nn.losses.shape import soft_dtw


def soft_dtw_in_loops(one: np.ndarray, other: np.ndarray, gamma: float) -> float:
    """Cuturi & Blondel 2017, algorithm 1."""
    table = np.full((len(one) + 1, len(other) + 1), math.inf)
    table[0, 0] = 0.0
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            nearest = np.array([table[i - 1, j - 1], table[i - 1, j], table[i, j - 1]])
            least = nearest.min()
            soft = least - gamma * np.log(np.exp(-(nearest - least) / gamma).sum())
            table[i, j] = (one[i - 1] - other[j - 1]) ** 2 + soft
    return float(table[-1, -1])


def dtw_of_all_paths(one: np.ndarray, other: np.ndarray) -> float:
    """The least cost of all alignments, each written out."""

    def best(i: int, j: int) -> float:
        cost = (one[i] - other[j]) ** 2
        if i == j == 0:
            return cost
        moves = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
        return cost + min(best(a, b) for a, b in moves if a >= 0 and b >= 0)

    return best(len(one) - 1, len(other) - 1)


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@settings(max_examples=30, deadline=None)
@given(steps=st.integers(1, 7), gamma=st.sampled_from([0.01, 0.1, 1.0, 20.0]), seed=st.integers(0, 999))
def test_soft_dtw_is_the_recursion_of_the_paper(steps: int, gamma: float, seed: int) -> None:
    one, other = drawn(4, steps, seed=seed), drawn(4, steps, seed=seed + 1)
    lengths = torch.tensor([steps, 1, max(1, steps - 1), 0])
    found = soft_dtw(one, other, lengths, gamma=gamma)
    for row, length in enumerate(lengths.tolist()):
        expected = soft_dtw_in_loops(one[row, :length].numpy(), other[row, :length].numpy(), gamma)
        assert found[row].item() == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_small_gamma_is_dynamic_time_warping() -> None:
    one, other = drawn(3, 5), drawn(3, 5, seed=1)
    found = soft_dtw(one, other, torch.full((3,), 5), gamma=1e-5)
    for row in range(3):
        expected = dtw_of_all_paths(one[row].numpy(), other[row].numpy())
        assert found[row].item() == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("loss", [SoftDTW(), SoftDTW(2.0, divergence=True), DifferenceLoss(0.7)])
def test_gradients_by_finite_differences(loss) -> None:
    forecast, truth = drawn(3, 5, 2).requires_grad_(), drawn(3, 5, 2, seed=1)
    valid = torch.rand(3, 5, 2, generator=torch.Generator().manual_seed(3)) < 0.7
    assert torch.autograd.gradcheck(lambda numbers: loss.windows(numbers, truth, valid), forecast)


@pytest.mark.parametrize("loss", [SoftDTW(), SoftDTW(divergence=True), DifferenceLoss()])
def test_what_was_not_observed_changes_nothing(loss) -> None:
    forecast, truth = drawn(2, 6, 1).requires_grad_(), drawn(2, 6, 1, seed=1)
    valid = torch.tensor([[True, True, False, True, False, True], [False] * 6])[..., None]
    losses = loss.windows(forecast, truth, valid)
    (gradient,) = torch.autograd.grad(losses.sum(), forecast)
    poisoned = torch.where(valid, truth, torch.full_like(truth, 1e6))
    assert torch.equal(losses, loss.windows(forecast, poisoned, valid))
    assert losses[1] == 0
    assert gradient.isfinite().all()
    assert not gradient[~valid].any()
    assert gradient[valid].abs().min() > 0


def test_a_window_is_the_mean_of_its_targets_aligned_over_observed_steps() -> None:
    forecast, truth = drawn(1, 5, 2), drawn(1, 5, 2, seed=1)
    valid = torch.tensor([[True, True], [True, False], [False, True], [True, True], [True, False]])[None]
    expected = []
    for target in range(2):
        seen = valid[0, :, target]
        one, other = forecast[0, seen, target].numpy(), truth[0, seen, target].numpy()
        expected.append(soft_dtw_in_loops(one, other, 0.3) / len(one))
    assert SoftDTW(0.3).windows(forecast, truth, valid).item() == pytest.approx(np.mean(expected), rel=1e-9)


def test_the_divergence_is_least_at_the_truth_and_the_loss_forgives_a_shift() -> None:
    truth, valid = drawn(1, 6, 1), torch.ones(1, 6, 1, dtype=torch.bool)
    divergence = SoftDTW(1.0, divergence=True)
    assert divergence.windows(truth, truth, valid).item() == pytest.approx(0, abs=1e-12)
    for seed in range(5):
        other = truth + 0.3 * drawn(1, 6, 1, seed=seed + 10)
        assert divergence.windows(other, truth, valid).item() > 0
    peak = torch.zeros(1, 9, 1).index_fill(1, torch.tensor([4]), 3.0)
    valid = torch.ones_like(peak, dtype=torch.bool)
    early = peak.roll(-1, 1)
    assert SoftDTW().windows(early, peak, valid) < SoftDTW().windows(torch.zeros_like(peak), peak, valid)
    assert (early - peak).square().mean() > peak.square().mean()


def test_the_difference_loss_by_numpys_masked_arrays() -> None:
    forecast, truth = drawn(4, 6, 2), drawn(4, 6, 2, seed=1)
    valid = torch.rand(4, 6, 2, generator=torch.Generator().manual_seed(2)) < 0.8
    found = DifferenceLoss(0.25).windows(forecast, truth, valid)
    for row in range(4):
        error = np.where(valid[row], (forecast - truth)[row], np.nan)
        expected = np.nanmean(np.abs(error)) + 0.25 * np.nanmean(np.abs(np.diff(error, axis=0)))
        assert found[row].item() == pytest.approx(expected, rel=1e-12)


def test_one_step_has_no_differences() -> None:
    forecast, valid = drawn(3, 1, 1), torch.ones(3, 1, 1, dtype=torch.bool)
    assert torch.equal(DifferenceLoss().windows(forecast, 0 * forecast, valid), forecast.abs().flatten())


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda: SoftDTW(0.0), ParameterError),
        (lambda: SoftDTW("soft"), ParameterTypeError),
        (lambda: SoftDTW(divergence=2), ParameterError),
        (lambda: DifferenceLoss(-1.0), ParameterError),
    ],
)
def test_what_is_refused(wrong, error: type, unchecked_types: None) -> None:
    with pytest.raises(error, match=r"(SoftDTW|DifferenceLoss): (gamma|divergence|weight) is"):
        wrong()
