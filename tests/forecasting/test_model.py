"""What a forecaster does with a batch, held against the same thing done by hand, step by step."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import torch
from torch import Tensor

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.window_index import forecast_windows, training_windows
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.forecasting.building import build_series_model
from tsseq2seq.forecasting.defaults import ResolvedSettings
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import (
    Binned,
    NegativeBinomial,
    Normal,
    Output,
    Point,
    Quantiles,
    StudentT,
    Tweedie,
    ZeroInflatedNegativeBinomial,
)
from tsseq2seq.nn.outputs.random_streams import RandomStreams
from tsseq2seq.training.training import Training

SHAPE = WindowShape(8, 6, 2)


def panel_of(lengths: list[int], targets: int = 1, missing: float = 0.1) -> Panel:
    rng = np.random.default_rng(1)
    names = tuple("yzw"[:targets])
    parts = []
    for place, length in enumerate(lengths):
        values = 10.0 * place + rng.normal(size=(length, targets)).cumsum(0)
        values[rng.random(values.shape) < missing] = np.nan
        part = pd.DataFrame(values, columns=list(names)).assign(unique_id=place, ds=np.arange(length))
        parts.append(part)
    frame = read_long_frame(pd.concat(parts), Columns(targets=names))
    return make_panel(frame, Frequency.parse(1))


def model_of(
    *,
    targets: int = 1,
    output: Output | None = None,
    scaling: str = "window",
    shape: WindowShape = SHAPE,
    season_length: int | None = 4,
    **network,
) -> SeriesModel:
    torch.manual_seed(3)
    resolved = ResolvedSettings(
        season_length=season_length,
        context_length=shape.context_length,
        segment_length=shape.segment_length,
        scaling=scaling,
        output=output or Point(),
        network=Network(hidden_size=8, **network),
        training=Training(),
    )
    # of the panel only the number of targets and of calendar features is read
    return build_series_model(panel_of([9], targets), Coders(), resolved, shape.horizon).eval()


def batch_of(lengths: list[int], targets: int = 1, shape: WindowShape = SHAPE, missing: float = 0.1) -> Batch:
    windows = training_windows(panel_of(lengths, targets, missing), shape, moments=True)
    return windows.gather(torch.arange(len(windows)))


def points(model: SeriesModel, batch: Batch, horizon: int = 6) -> Tensor:
    with torch.inference_mode():
        return model.forecast(batch, horizon=horizon, read=lambda p: [model.output.point(p)])[..., 0]


def loss_of(
    model: SeriesModel, batch: Batch, truth_probability: float, generator: torch.Generator | None = None
) -> float:
    return model(model.scaled(batch), truth_probability=truth_probability, generator=generator).item()


def scaled_by_hand(batch: Batch, values: Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values on the network's scale, and each row's mean and deviation, by numpy in float64."""
    context, seen = batch.context.double().numpy(), batch.context_mask.numpy()
    count = np.maximum(seen.sum(1, keepdims=True), 1)
    mean = np.where(seen, context, 0).sum(1, keepdims=True) / count
    deviation = np.sqrt((np.where(seen, context - mean, 0) ** 2).sum(1, keepdims=True) / count)
    deviation[deviation < 1e-12] = 0
    varies = deviation > 0
    return (
        np.where(varies, values.double().numpy() - mean, 0) / np.where(varies, deviation, 1),
        mean,
        deviation,
    )


def stepped(model: SeriesModel, batch: Batch, feed_truth: list[bool]) -> np.ndarray:
    """Decode with ``step`` alone, the truth or the own output entering each step; (B, H, Y), scaled."""
    length = model.segment_length
    rows, _, targets = batch.context.shape
    context, _, _ = scaled_by_hand(batch, batch.context)
    target, _, _ = scaled_by_hand(batch, batch.target)
    context, target = np.where(batch.context_mask, context, 0), np.where(batch.target_mask, target, 0)

    def segment(values: np.ndarray, mask: np.ndarray, place: int) -> Tensor:
        part = slice(place * length, (place + 1) * length)
        return torch.from_numpy(np.concatenate([values[part].ravel(), mask[part].ravel()]).astype(np.float32))

    context_mask, target_mask = batch.context_mask.numpy(), batch.target_mask.numpy()
    count = context.shape[1] // length
    segments = torch.stack([
        torch.stack([segment(context[row], context_mask[row], place) for place in range(count)])
        for row in range(rows)
    ])  # fmt: skip
    lengths = torch.full((rows,), count) if batch.lengths is None else batch.lengths
    state, memory = model.network.start(model.network.encode(segments, lengths))
    previous = torch.stack([segments[row, lengths[row] - 1] for row in range(rows)])[:, None]
    outputs = []
    for t in range(len(feed_truth)):
        output, state, _ = model.network.step(previous, t, state, memory)
        outputs.append(model.output.point(output)[:, 0])
        own = torch.cat([outputs[-1].flatten(1), torch.ones(rows, length * targets)], dim=1)
        true = torch.stack([segment(target[row], target_mask[row], t) for row in range(rows)])
        if t + 1 < len(feed_truth):
            previous = (true if feed_truth[t + 1] else own)[:, None]
    return torch.cat(outputs, dim=1).detach().numpy()


NETWORKS = {
    "plain": {},
    "no residual": {"residual": None},
    "attention": {"attention": "additive", "cell": "gru"},
    "before": {"attention": "dot", "attention_position": "before"},
    "bidirectional": {"bidirectional": True, "feed_context": True, "num_layers": 2},
}


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS.keys())
@pytest.mark.parametrize("targets", [1, 2])
@pytest.mark.parametrize("truth_probability", [0.0, 1.0])
def test_the_loss_equals_one_computed_by_hand(network: dict, targets: int, truth_probability: float) -> None:
    batch = batch_of([20, 5, 3], targets)
    model = model_of(targets=targets, **network)
    forecast = stepped(model, batch, [truth_probability == 1.0] * 3)
    target, _, deviation = scaled_by_hand(batch, batch.target)
    counted = batch.target_mask.numpy() & (deviation > 0)
    expected = np.abs(forecast - np.where(counted, target, 0))[counted].mean()
    assert loss_of(model, batch, truth_probability) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("loss", ["mae", "mse", "huber"])
def test_every_loss_is_a_mean_over_observed_targets(loss: str) -> None:
    batch = batch_of([20, 9])
    model = model_of(output=Point(loss))
    error = stepped(model, batch, [False] * 3) - np.where(
        batch.target_mask, scaled_by_hand(batch, batch.target)[0], 0
    )
    error = np.abs(error[batch.target_mask.numpy() & (scaled_by_hand(batch, batch.target)[2] > 0)])
    expected = {"mae": error, "mse": error**2, "huber": np.where(error < 1, error**2 / 2, error - 0.5)}[loss]
    assert loss_of(model, batch, 0.0) == pytest.approx(expected.mean(), rel=1e-4)


def test_the_forecast_equals_one_computed_by_hand() -> None:
    batch = batch_of([20, 9], targets=2)
    model = model_of(targets=2)
    scaled = stepped(model, batch, [False] * 3)
    _, mean, deviation = scaled_by_hand(batch, batch.context)
    numbers = mean + np.where(deviation > 0, deviation, 0) * scaled
    expected = batch.origin[:, None].numpy() + batch.unit[:, None].numpy() * numbers
    np.testing.assert_allclose(points(model, batch), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("forced", [[1, 1, 1], [1, 0, 1], [0, 1, 0], [1, 1, 0]], ids=str)
def test_coins_decide_what_enters_each_step(forced: list[int]) -> None:
    batch = batch_of([30])
    model = model_of()
    inputs = model.prepare(model.scaled(batch))
    coins = torch.tensor([forced], dtype=torch.bool).expand(len(batch.series), -1)
    target = inputs.scale.transform(batch.target).masked_fill(~batch.target_mask, 0.0)
    values, masks = (part.reshape(len(batch.series), 3, 2) for part in (target, batch.target_mask.float()))
    truth = torch.cat([values, masks], dim=-1)
    expected = stepped(model, batch, [bool(coin) for coin in forced])
    with torch.inference_mode():
        by_loop = model.decode(inputs, steps=3, truth=truth, forced=coins)[..., 0]
        by_passes = model.decode(inputs, steps=3, truth=truth, forced=coins, passes=2)[..., 0]
    np.testing.assert_allclose(by_loop, expected, atol=1e-5)
    # no two steps in a row feed their own output back, so two passes are exact
    np.testing.assert_allclose(by_passes, expected, atol=1e-5)


def test_coins_are_thrown_for_every_element() -> None:
    """At one half, neither everything nor nothing is forced: losses lie apart from both extremes."""
    batch = batch_of([60])
    model = model_of(residual=None)
    with torch.no_grad():  # without weights on what is fed, all three would agree
        for parameter in model.parameters():
            parameter.mul_(4)
    losses = [
        loss_of(model, batch, p, generator=torch.Generator().manual_seed(0)) for p in (0.0, 0.4, 0.6, 1.0)
    ]
    assert len({round(loss, 7) for loss in losses}) == 4


def test_the_generator_alone_decides_the_coins() -> None:
    batch = batch_of([60])
    model = model_of()
    losses = []
    for seed in (1, 1, 2):
        torch.manual_seed(len(losses))
        generator = torch.Generator().manual_seed(seed)
        losses.append(loss_of(model, batch, 0.3, generator=generator))
    assert losses[0] == losses[1] != losses[2]


ALL = list(SCALINGS)


@pytest.mark.parametrize("scaling", ALL)
@pytest.mark.parametrize("network", [{}, {"attention": "additive"}, {"decoding": "parallel"}], ids=str)
def test_a_forecast_never_sees_the_truth(scaling: str, network: dict) -> None:
    batch = batch_of([30, 7])
    batch = dataclasses.replace(batch, context=batch.context.abs(), origin=batch.origin.abs())
    poisoned = dataclasses.replace(
        batch,
        target=torch.full_like(batch.target, torch.nan),
        target_mask=torch.ones_like(batch.target_mask),
    )
    model = model_of(scaling=scaling, **network)
    clean = points(model, batch)
    assert clean.isfinite().all()
    assert torch.equal(points(model, poisoned), clean)


def test_validation_is_free_running() -> None:
    """The loss at probability 0 forecasts first: a target changes its own error, no later forecast."""
    batch = batch_of([30])
    model = model_of()
    seen = []
    read = model.decode
    model.decode = lambda *args, **kwargs: seen.append(read(*args, **kwargs)) or seen[-1]  # type: ignore
    model(model.scaled(batch), truth_probability=0.0)
    other = dataclasses.replace(batch, target=batch.target + 100)
    model(model.scaled(other), truth_probability=0.0)
    assert torch.equal(*seen)


@pytest.mark.parametrize("scaling", ALL)
def test_windows_that_do_not_vary_teach_nothing(scaling: str) -> None:
    shape = WindowShape(4, 2)
    df = pd.DataFrame({"ds": np.arange(12), "y": [3.0] * 12})
    panel = make_panel(read_long_frame(df, Columns()), Frequency.parse(1))
    windows = training_windows(panel, shape, moments=True)
    model = model_of(scaling=scaling, shape=shape, season_length=None)
    loss = model(model.scaled(windows.gather(torch.arange(len(windows)))), truth_probability=0.0)
    loss.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
    if scaling in ("none", "mean"):  # a constant is a level like any other there
        assert loss.item() > 0.0
    else:
        assert loss.item() == 0.0


def test_a_batch_without_one_target_has_a_loss_of_zero() -> None:
    batch = batch_of([20])
    empty = dataclasses.replace(batch, target_mask=torch.zeros_like(batch.target_mask))
    model = model_of()
    loss = model(model.scaled(empty), truth_probability=0.0)
    loss.backward()
    assert loss.item() == 0.0


@pytest.mark.parametrize("scaling", ALL)
@pytest.mark.parametrize(
    "network",
    [{}, {"bidirectional": True, "attention": "additive"}, {"decoding": "parallel", "context": "mean"}],
    ids=str,
)
def test_a_row_alone_in_a_batch_and_permuted_gives_the_same(scaling: str, network: dict) -> None:
    panel = panel_of([30, 3, 9, 1, 16])
    panel = dataclasses.replace(panel, values=panel.values.abs(), origin=panel.origin.abs())
    windows = forecast_windows(panel, SHAPE, moments=True)
    model = model_of(scaling=scaling, **network)
    together = points(model, windows.gather(torch.arange(5)))
    order = torch.tensor([3, 1, 4, 0, 2])
    scale = together.abs() + panel.unit.float()[:, None]
    assert ((points(model, windows.gather(order)) - together[order]).abs() <= 1e-5 * scale[order]).all()
    for row in range(5):
        alone = points(model, windows[row])[0]
        assert ((alone - together[row]).abs() <= 1e-5 * scale[row]).all(), row


def test_padding_may_hold_anything() -> None:
    batch = forecast_windows(panel_of([30, 3, 1]), SHAPE).gather(torch.arange(3))
    poisoned = dataclasses.replace(batch, context=batch.context.masked_fill(~batch.context_mask, 1e9))
    model = model_of(attention="additive", bidirectional=True)
    assert torch.equal(points(model, poisoned), points(model, batch))


def test_a_shorter_horizon_is_a_prefix_of_a_longer_one() -> None:
    batch = forecast_windows(panel_of([30, 9]), SHAPE).gather(torch.arange(2))
    model = model_of()
    long = points(model, batch, horizon=11)
    assert long.shape[1] == 11
    for horizon in (1, 2, 5, 6):
        assert torch.equal(points(model, batch, horizon=horizon), long[:, :horizon])


def test_quantiles_are_read_in_original_units_and_never_cross() -> None:
    output = Quantiles([0.1, 0.5, 0.9])
    model = model_of(output=output)
    batch = forecast_windows(panel_of([30, 9]), SHAPE).gather(torch.arange(2))
    with torch.inference_mode():
        parts = model.forecast(batch, horizon=6, read=lambda p: list(output.quantiles(p).values()))
    assert (parts.diff(dim=-1) >= 0).all()
    assert torch.equal(parts[..., 1], points(model, batch))


def test_forecasts_are_float64_and_keep_1e8_apart() -> None:
    df = pd.DataFrame({"ds": np.arange(40), "y": 1e8 + np.arange(40) % 4})
    panel = make_panel(read_long_frame(df, Columns()), Frequency.parse(1))
    model = model_of()
    with torch.no_grad():  # an untrained head that says nothing leaves the seasonal residual
        model.network.decoder.head.linear.weight.zero_()
        model.network.decoder.head.linear.bias.zero_()
    forecast = points(model, forecast_windows(panel, SHAPE)[0])
    assert forecast.dtype == torch.float64
    np.testing.assert_allclose(forecast.flatten() - 1e8, np.arange(6) % 4, atol=1e-5)


def counts_batch(segment: int = 2) -> Batch:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"unique_id": place, "ds": np.arange(25), "y": rng.poisson(size, size=25).astype(float)})
        for place, size in enumerate([0.3, 4.0, 900.0])
    ]
    frame = read_long_frame(pd.concat(parts), Columns())
    shape = WindowShape(8, 6, segment)
    windows = training_windows(make_panel(frame, Frequency.parse(1)), shape)
    return windows.gather(torch.arange(len(windows)))


@pytest.mark.parametrize("truth_probability", [0.0, 1.0])
def test_the_loss_of_counts_is_that_of_the_counts_themselves(truth_probability: float) -> None:
    batch = counts_batch()
    model = model_of(output=NegativeBinomial(), scaling="mean", residual=None)
    with torch.no_grad():
        scaled = model.scaled(batch)
        parameters = model.decode_with_targets(model.prepare(scaled), scaled, truth_probability, None)
        losses, valid = model.losses(scaled, truth_probability=truth_probability)
    context = (batch.origin[:, None] + batch.unit[:, None] * batch.context.double()).numpy()
    size = np.array([row[seen].mean() or 1.0 for row, seen in zip(context, batch.context_mask, strict=True)])
    counts = (batch.origin[:, None] + batch.unit[:, None] * batch.target.double()).numpy().round()
    mean, dispersion = np.moveaxis(parameters.double().numpy(), -1, 0)
    mean = mean * size[:, None, None]
    expected = -scipy.stats.nbinom(n=1 / dispersion, p=1 / (1 + dispersion * mean)).logpmf(counts)
    assert valid.all(), "constants and zeros count too"
    np.testing.assert_allclose(losses, expected, rtol=1e-4, atol=1e-4)
    assert loss_of(model, batch, truth_probability) == pytest.approx(expected.mean(), rel=1e-4)


@pytest.mark.parametrize("decoding", ["autoregressive", "parallel"])
def test_paths_of_counts_are_whole_numbers_with_the_moments_forecast(decoding: str) -> None:
    batch = counts_batch()
    rows = [0, len(batch.series) // 2, len(batch.series) - 1]
    batch = dataclasses.replace(
        batch,
        **{
            name: getattr(batch, name)[rows]
            for name in ("context", "context_mask", "target", "target_mask", "series", "origin", "unit")
        },
        lengths=None if batch.lengths is None else batch.lengths[rows],
    )
    model = model_of(output=NegativeBinomial(), scaling="mean", residual=None, decoding=decoding)
    with torch.inference_mode():
        paths = model.sample_paths(
            batch, horizon=5, paths=4000, streams=RandomStreams(torch.arange(3))
        ).numpy()
        inputs = model.prepare(model.scaled(batch))
        parameters = model.decode(inputs, steps=3).double().numpy()
    assert paths.shape == (3, 4000, 5, 1)
    assert (paths >= 0).all()
    np.testing.assert_array_equal(paths, np.round(paths))
    # nothing has been fed back to the first segment, so that its margins are the ones forecast
    size = inputs.scale.original_unit.numpy()[:, 0]
    for step in range(2):
        mean, dispersion = parameters[:, step, 0, 0] * size[:, 0], parameters[:, step, 0, 1]
        deviation = np.sqrt(mean + dispersion * mean**2)
        drawn = paths[:, :, step, 0]
        np.testing.assert_array_less(np.abs(drawn.mean(1) - mean), 4 * deviation / np.sqrt(4000))
        np.testing.assert_allclose(drawn.std(1), deviation, rtol=0.15)


@pytest.mark.parametrize("network", [{}, {"attention": "additive"}, {"decoding": "parallel"}], ids=str)
@pytest.mark.parametrize("output", [Normal(), StudentT()], ids=repr)
def test_paths_without_spread_are_the_point_forecast(network: dict, output: Output) -> None:
    """What is drawn is fed back as the point would be."""
    batch = forecast_windows(panel_of([30, 9, 3], 2), SHAPE).gather(torch.arange(3))
    model = model_of(output=output, targets=2, **network)
    with torch.no_grad():  # a deviation of 0.0001, and the most degrees of freedom
        head = model.network.decoder.head.linear
        for place, value in ((1, -30.0), (2, 30.0))[: output.size - 1]:
            head.weight.view(-1, output.size, head.in_features)[:, place] = 0
            head.bias.view(-1, output.size)[:, place] = value
    with torch.inference_mode():
        paths = model.sample_paths(batch, horizon=5, paths=3, streams=RandomStreams(torch.arange(3)))
    forecast = points(model, batch, horizon=5)
    reach = (batch.unit * batch.context.abs().amax(1)).numpy()[:, None, None]
    assert ((paths - forecast[:, None]).abs().numpy() <= 5e-3 * reach + 1e-9).all()
    assert (paths[:, 0] != paths[:, 1]).any()


def test_scores_are_the_standardised_truth_and_say_which_count() -> None:
    batch = batch_of([20, 9, 3])
    model = model_of(output=Normal())
    with torch.no_grad():
        scaled = model.scaled(batch)
        scores, valid = model.scores(scaled)
        parameters = model.decode_with_targets(model.prepare(scaled), scaled, 1.0, None).numpy()
    target, _, deviation = scaled_by_hand(batch, batch.target)
    counted = batch.target_mask.numpy() & (deviation > 0)
    np.testing.assert_array_equal(valid, counted)
    expected = (target - parameters[..., 0]) / parameters[..., 1]
    np.testing.assert_allclose(scores.numpy()[counted], expected[counted], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("position", ["after", "before"])
def test_attention_weighs_the_segments_that_are_there(position: str) -> None:
    batch = forecast_windows(panel_of([30, 3]), SHAPE).gather(torch.arange(2))
    model = model_of(attention="additive", attention_position=position)
    with torch.inference_mode():
        weights = model.attention_weights(batch)
    assert weights.shape == (2, 3, 4)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3))
    assert (weights[0] > 0).all()
    assert not weights[1, :, 2:].any(), "two segments hold three steps"


def test_without_attention_there_are_no_weights() -> None:
    with pytest.raises(TypeError, match="the network has no attention"):
        model_of().attention_weights(forecast_windows(panel_of([30]), SHAPE)[0])


@pytest.mark.parametrize(
    ("output", "decoding", "targets", "expected"),
    [
        (Normal(), "autoregressive", 1, 2),
        (Normal(), "autoregressive", 2, 4),
        (StudentT(), "parallel", 1, 6),
        (Normal(), "parallel", 2, 12),
        (NegativeBinomial(), "parallel", 1, 0),
        (Point(), "autoregressive", 1, 0),
        (Quantiles(), "parallel", 1, 0),
    ],
    ids=str,
)
def test_what_is_drawn_together_is_coupled(
    output: Output, decoding: str, targets: int, expected: int
) -> None:
    scaling = output.default_scaling
    model = model_of(
        output=output, decoding=decoding, targets=targets, scaling=scaling, shape=WindowShape(8, 5, 2)
    )
    assert torch.equal(model.coupling, torch.eye(expected))


@pytest.mark.parametrize("decoding", ["autoregressive", "parallel"])
def test_dates_ahead_change_their_step_and_later_ones_alone(decoding: str) -> None:
    times = pd.date_range("2024-01-01", periods=30)
    df = pd.DataFrame({"ds": times, "y": np.random.default_rng(0).normal(size=30).cumsum()})
    coders = Coders(calendar=Calendar(["day_of_week", "month"]))
    panel = make_panel(read_long_frame(df, Columns()), Frequency.parse("D"), coders)
    resolved = ResolvedSettings(
        None, 8, 2, "window", Point(), Network(hidden_size=8, decoding=decoding), Training()
    )
    torch.manual_seed(3)
    model = build_series_model(panel, coders, resolved, 6).eval()
    batch = training_windows(panel, SHAPE)[3]
    assert batch.calendar is not None
    before = points(model, batch)[0, :, 0]
    for step in range(6):
        calendar = batch.calendar.clone()
        calendar[:, 8 + step] += 1.0
        changed = points(model, dataclasses.replace(batch, calendar=calendar))[0, :, 0] != before
        segment = step // 2 * 2
        assert changed[segment : segment + 2].all()
        assert not changed[:segment].any() or decoding == "parallel"


ALL_OUTPUTS = [
    Point(),
    Quantiles(),
    Normal(),
    StudentT(),
    NegativeBinomial(),
    ZeroInflatedNegativeBinomial(),
    Tweedie(),
    Binned(bins=10, edges=tuple(np.linspace(-3, 3, 11).tolist())),
]


@pytest.mark.parametrize("decoding", ["autoregressive", "parallel"])
@pytest.mark.parametrize("output", ALL_OUTPUTS, ids=lambda output: type(output).__name__)
def test_in_bf16_losses_are_those_of_float32_but_for_rounding(output: Output, decoding: str) -> None:
    shape = WindowShape(8, 6, 1 if output.single_values else 2)
    batch = counts_batch(shape.segment_length)
    scaling = output.default_scaling
    model = model_of(output=output, scaling=scaling, shape=shape, decoding=decoding)
    exact = model(model.scaled(batch), truth_probability=1.0)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = model(model.scaled(batch), truth_probability=1.0)
    rounded.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
    assert rounded.item() == pytest.approx(exact.item(), rel=0.05, abs=0.05)


@pytest.mark.parametrize("scaling", ["window", "series", "last", "robust", "mean", "none", "log1p"])
@pytest.mark.parametrize("truth", [0.0, 0.5, 1.0])
def test_without_masks_a_complete_batch_gives_the_same_numbers(scaling: str, truth: float) -> None:
    model, batch = model_of(scaling=scaling), batch_of([40, 30], missing=0.0)
    batch = dataclasses.replace(batch, context=batch.context.abs(), target=batch.target.abs())
    assert batch.complete
    masked = dataclasses.replace(batch, complete=False)
    for own, other in zip(fields_of(model, batch), fields_of(model, masked), strict=True):
        assert torch.equal(own, other)
    losses = [
        model.losses(model.scaled(each), truth_probability=truth, generator=torch.Generator().manual_seed(0))
        for each in (batch, masked)
    ]
    assert torch.equal(losses[0][0], losses[1][0])
    assert torch.equal(losses[0][1], losses[1][1])


def fields_of(model: SeriesModel, batch: Batch) -> list[Tensor]:
    inputs = model.prepare(model.scaled(batch))
    scale = inputs.scale
    lowest = [] if scale.transformation is None else [scale.transformation.lowest]
    return [inputs.segments, inputs.first, scale.location, scale.spread, scale.flat, scale.level, *lowest]
