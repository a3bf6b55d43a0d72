"""An output and losses written outside the library."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tsseq2seq import Network, Point, Seq2SeqForecaster, Training
from tsseq2seq.nn.losses import ContextLoss, HorizonLoss
from tsseq2seq.nn.outputs import Output
from tsseq2seq.settings import Settings

NETWORK = Network(hidden_size=8)


@dataclass(frozen=True)
class Laplace(Output):
    """A Laplace distribution of each step."""

    sampled = True
    least_scale: float = 1e-3

    @property
    def size(self) -> int:
        return 2

    def parameters(self, raw: Tensor, base: Tensor | None) -> Tensor:
        location = raw[..., 0] if base is None else raw[..., 0] + base
        return torch.stack([location, functional.softplus(raw[..., 1]) + self.least_scale], dim=-1)

    def point(self, parameters: Tensor) -> Tensor:
        return parameters[..., 0]

    def elementwise_loss(self, parameters: Tensor, truth: Tensor, unit: Tensor | None = None) -> Tensor:
        location, scale = parameters.unbind(-1)
        return (truth - location).abs() / scale + scale.log() + math.log(2)

    def sample(self, parameters, generator=None, *, noise=None, unit=None) -> Tensor:
        location, scale = parameters.unbind(-1)
        share = torch.rand(location.shape, generator=generator, device=location.device) - 0.5
        return location - scale * share.sign() * torch.log1p(-2 * share.abs().clamp(max=0.4999999))


@dataclass(frozen=True)
class Differences(HorizonLoss):
    """The error of the values, and of their steps from one to the next."""

    weight: float = 1.0

    def windows(self, forecast: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
        error = (forecast - truth) * valid
        steps = error.diff(dim=1) * (valid[:, 1:] & valid[:, :-1])
        return error.abs().mean((1, 2)) + self.weight * steps.abs().mean((1, 2))


@dataclass(frozen=True)
class ShareOfMean(ContextLoss):
    """The error in original units, as a share of the context's mean, to a power."""

    power: float = 1.0

    def windows(
        self, forecast: Tensor, truth: Tensor, valid: Tensor, *, context: Tensor, observed: Tensor
    ) -> Tensor:
        level = (context * observed).sum((1, 2)) / observed.sum((1, 2)).clamp(min=1)
        error = (forecast - truth).abs() * valid
        return error.sum((1, 2)) / valid.sum((1, 2)).clamp(min=1) / level.abs().clamp(min=1) ** self.power


@dataclass(frozen=True)
class LogCosh(Settings):
    """An elementwise loss with a field, which is saved with the model."""

    sharpness: float = 2.0

    def __call__(self, forecast: Tensor, truth: Tensor) -> Tensor:
        error = self.sharpness * (forecast - truth)
        return (error.abs() + torch.log1p(torch.exp(-2 * error.abs())) - math.log(2)) / self.sharpness


def test_an_output_goes_all_the_way(goes_all_the_way) -> None:
    loaded = goes_all_the_way(NETWORK, Laplace(least_scale=1e-2))
    assert loaded.output_ == Laplace(least_scale=1e-2)


@pytest.mark.parametrize("loss", [Differences(weight=0.5), ShareOfMean(power=0.5), LogCosh(sharpness=3.0)])
@pytest.mark.parametrize("held_out", [0, 7])
def test_a_loss_goes_all_the_way(loss, held_out: int, goes_all_the_way_with_points) -> None:
    loaded = goes_all_the_way_with_points(Point(loss), held_out)
    assert loaded.output_ == Point(loss)


@pytest.fixture
def goes_all_the_way_with_points(tmp_path, frame_of_days):
    """As ``goes_all_the_way``; a point has intervals once it is calibrated."""
    import numpy as np
    import pandas as pd

    from tsseq2seq import load

    def goes(output: Output, held_out: int) -> Seq2SeqForecaster:
        training = Training(max_steps=60, progress=False, learning_rate=1e-2, validation_size=held_out)
        model = Seq2SeqForecaster(7, network=NETWORK, output=output, training=training, seed=0)
        df = frame_of_days
        model.fit(df.groupby("unique_id").head(-20)).calibrate(df, step=1)
        forecast = model.predict(df, levels=[50])
        assert np.isfinite(forecast.loc[forecast["unique_id"] == "a", "Seq2Seq-lo-50"]).all()
        assert held_out == 0 or np.isfinite(model.history_["validation_error"].dropna()).all()
        model.save(tmp_path / "model")
        loaded = load(tmp_path / "model")
        pd.testing.assert_frame_equal(loaded.predict(df, levels=[50]), forecast, check_exact=True)
        return loaded

    return goes


def test_a_horizon_loss_sees_whole_windows_and_no_padding() -> None:
    """What was not observed, and what lies beyond the horizon, changes nothing."""
    loss = Differences()
    forecast, truth = torch.randn(2, 6, 1), torch.randn(2, 6, 1)
    valid = torch.tensor([[True] * 6, [True, True, True, False, True, False]])[..., None]
    losses, counted = Point(loss).losses(forecast[..., None], truth, valid)
    assert counted.tolist() == [True, True]
    poisoned = torch.where(valid, truth, torch.full_like(truth, 1e6))
    again, _ = Point(loss).losses(forecast[..., None], poisoned, valid)
    assert torch.equal(losses, again)
    _, counted = Point(loss).losses(forecast[..., None], truth, torch.zeros_like(valid))
    assert not counted.any()


def test_a_horizon_loss_is_no_loss_of_single_values() -> None:
    with pytest.raises(TypeError, match="Differences"):
        Point(Differences()).elementwise_loss(torch.zeros(2, 3, 1, 1), torch.zeros(2, 3, 1))
