"""sMAPE and MASE against utilsforecast and the metric's own scale; gradients; degenerate contexts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
import utilsforecast.losses

from tsseq2seq.errors import ParameterError
from tsseq2seq.evaluation.metrics import mase_scale
from tsseq2seq.nn.losses import MASE, SMAPE


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return 5 + torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def mask(*shape: int, seed: int = 0, share: float = 0.8) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) < share


FORECAST, TRUTH, CONTEXT = drawn(3, 4, 1), drawn(3, 4, 1, seed=1), drawn(3, 12, 1, seed=2)
ALL, SEEN = torch.ones(3, 4, 1, dtype=torch.bool), mask(3, 12, 1, seed=4)


def test_smape_is_that_of_utilsforecast() -> None:
    found = SMAPE().windows(FORECAST, TRUTH, ALL, context=CONTEXT, observed=SEEN)
    frame = pd.DataFrame(
        {"unique_id": np.repeat([0, 1, 2], 4), "y": TRUTH.flatten(), "m": FORECAST.flatten()}
    )
    expected = utilsforecast.losses.smape(frame, ["m"])["m"]
    np.testing.assert_allclose(found, 200 * expected, rtol=1e-12)


@pytest.mark.parametrize("season", [1, 3, 7])
def test_mase_is_the_absolute_error_over_the_metrics_scale_of_the_context(season: int) -> None:
    found = MASE(season).windows(FORECAST, TRUTH, ALL, context=CONTEXT, observed=SEEN)
    for row in range(3):
        history = np.where(SEEN[row, :, 0], CONTEXT[row, :, 0], np.nan)
        error = (FORECAST - TRUTH)[row].abs().mean().item()
        assert found[row].item() == pytest.approx(error / mase_scale(history, season), rel=1e-12)


def test_a_context_shorter_than_a_season_is_scaled_by_its_changes() -> None:
    known = {"context": CONTEXT, "observed": SEEN}
    assert torch.equal(
        MASE(12).windows(FORECAST, TRUTH, ALL, **known), MASE(1).windows(FORECAST, TRUTH, ALL, **known)
    )


def test_a_context_that_repeats_itself_has_a_bounded_weight_and_a_constant_one_none() -> None:
    repeating = torch.tensor([1.0, 3.0] * 6).double()[None, :, None].expand(3, -1, -1)
    seen = torch.ones(3, 12, 1, dtype=torch.bool)
    found = MASE(2).windows(FORECAST, TRUTH, ALL, context=repeating, observed=seen)
    np.testing.assert_allclose(found, 100 * (FORECAST - TRUTH).abs().mean((1, 2)), rtol=1e-12)
    assert not MASE(2).windows(FORECAST, TRUTH, ALL, context=0 * repeating, observed=seen).any()
    assert not MASE(2).windows(FORECAST, TRUTH, ALL, context=repeating, observed=~seen).any()


@pytest.mark.parametrize("loss", [SMAPE(), MASE(3), MASE(99)])
def test_gradients_by_finite_differences_and_no_word_from_what_is_missing(loss) -> None:
    forecast, valid = FORECAST.clone().requires_grad_(), mask(3, 4, 1, seed=9, share=0.6)
    assert torch.autograd.gradcheck(
        lambda numbers: loss.windows(numbers, TRUTH, valid, context=CONTEXT, observed=SEEN), forecast
    )
    losses = loss.windows(forecast, TRUTH, valid, context=CONTEXT, observed=SEEN)
    (gradient,) = torch.autograd.grad(losses.sum(), forecast)
    assert not gradient[~valid].any()
    poisoned = loss.windows(
        forecast,
        torch.where(valid, TRUTH, torch.nan),
        valid,
        context=torch.where(SEEN, CONTEXT, torch.nan),
        observed=SEEN,
    )
    torch.testing.assert_close(poisoned, losses, rtol=0, atol=0)


def test_zeros_that_are_forecast_are_no_error_and_have_no_gradient() -> None:
    forecast = torch.zeros(1, 3, 1, requires_grad=True)
    seen = torch.ones(1, 3, 1, dtype=torch.bool)
    losses = SMAPE().windows(
        forecast, torch.zeros(1, 3, 1), seen, context=torch.zeros(1, 3, 1), observed=seen
    )
    (gradient,) = torch.autograd.grad(losses.sum(), forecast)
    assert losses.item() == 0
    assert not gradient.any()


def test_the_season_is_the_forecasters_unless_it_is_given() -> None:
    assert MASE().for_season(12) == MASE(12)
    assert MASE().for_season(None) == MASE(1)
    assert MASE(7).for_season(12) == MASE(7)
    with pytest.raises(ParameterError, match="MASE: season_length is 0"):
        MASE(0)
