"""Nothing after the cutoff, and nothing of another series, ever touches a forecast."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq import Binned, NegativeBinomial, Network, Seq2SeqForecaster, Training
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.forecasting.prediction import forecast_all
from tsseq2seq.nn.outputs import Output

CONTEXT, HORIZON = 8, 3
# hypothesis draws series without a value too
pytestmark = pytest.mark.filterwarnings("ignore:no value of 'y' is known")
EXAMPLES = settings(max_examples=20)

ordinary = st.floats(0, 100).map(lambda value: round(value, 3)) | st.just(float("nan"))
wild = ordinary | st.sampled_from([0.0, 1e-12, 1e12, 5e8])


def frame(values: list[float], name: str = "a", start: int = 0) -> pd.DataFrame:
    return pd.DataFrame(
        {"unique_id": name, "ds": np.arange(start, start + len(values)), "y": np.array(values, float)}
    )


@functools.cache
def fitted(scaling: str, decoding: str = "autoregressive", lags: tuple[int, ...] = ()) -> Seq2SeqForecaster:
    rng = np.random.default_rng(0)
    df = pd.concat([frame(np.abs(rng.normal(size=40).cumsum()).tolist(), name) for name in "ab"])
    model = Seq2SeqForecaster(
        HORIZON,
        context_length=CONTEXT,
        segment_length=2,
        lags=lags,
        scaling=scaling,
        freq=1,
        network=Network(hidden_size=8, attention="additive", decoding=decoding),
        training=Training(max_steps=10, progress=False, precision="float32"),
    )
    return model.fit(df)


def forecast_at(model: Seq2SeqForecaster, values: list[float], cutoff: int) -> np.ndarray:
    """Forecast from the middle of a series, whose later rows are there to be seen, behind another series."""
    before = frame([1.0, 3.0, 2.0, 7.0, 1.0], "b")
    panel = model.fitted_.read(pd.concat([before, frame(values)]))
    place = torch.tensor([len(before), cutoff])
    windows = Windows(
        panel,
        model.fitted_.shape(),
        first_cutoff=place,
        last_cutoff=place,
        moments=SCALINGS[model.scaling].needs_history,
    )
    points = forecast_all(
        model.fitted_.members, windows, lambda parameters: [model.fitted_.resolved.output.point(parameters)]
    )
    return model.fitted_.resolved.bounds.hold(points, axis=2)[1, :, 0, 0]


def assert_same(one: np.ndarray, other: np.ndarray, values: list[float], scaling: str) -> None:
    """Equal but for rounding, in proportion to what was seen."""
    seen = np.array([value for value in values if value == value] or [1.0])
    # float32 holds distances from a series' first value
    size = np.abs(seen - seen[0]).max() + 1e-6 * np.abs(seen).max() + 1e-12
    if scaling in ("none", "log1p"):
        size += 1.0  # what the network works in is not in proportion to the values
    if scaling == "mean":
        size += np.abs(seen).max() or 1.0  # in multiples of the values themselves; of 1, if all are zero
    np.testing.assert_array_equal(np.isnan(one), np.isnan(other))
    assert np.nan_to_num(np.abs(one - other)).max() <= 1e-4 * size


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("lags", [(), (1, 2, 12)], ids=str)
@EXAMPLES
@given(
    st.lists(ordinary, min_size=2, max_size=20),
    st.lists(wild, min_size=1, max_size=6),
    st.lists(wild, min_size=1, max_size=6),
)
def test_values_after_the_cutoff_change_no_forecast(
    lags: tuple[int, ...], scaling: str, past: list[float], one: list[float], other: list[float]
) -> None:
    """Neither their values nor their being there: the forecast is that of the truncated frame.

    Lags shorter than the horizon reach beyond the cutoff, and see nothing there.
    """
    model = fitted(scaling, lags=lags)
    truncated = model.predict(frame(past))["Seq2Seq"].to_numpy()
    for future in (one, other):
        assert_same(forecast_at(model, past + future, len(past)), truncated, past, scaling)


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("lags", [(), (1, 12)], ids=str)
@EXAMPLES
@given(
    st.lists(ordinary, min_size=1, max_size=20),
    st.lists(wild, min_size=1, max_size=20),
    st.lists(wild, min_size=1, max_size=20),
    st.booleans(),
)
def test_other_series_change_no_forecast(
    lags: tuple[int, ...],
    scaling: str,
    values: list[float],
    one: list[float],
    other: list[float],
    first: bool,
) -> None:
    model = fitted(scaling, lags=lags)
    alone = model.predict(frame(values))["Seq2Seq"].to_numpy()
    for neighbour in (one, other):
        frames = [frame(values), frame(neighbour, "b")]
        forecast = model.predict(pd.concat(frames if first else frames[::-1]))
        assert_same(forecast.loc[forecast["unique_id"] == "a", "Seq2Seq"].to_numpy(), alone, values, scaling)


@pytest.mark.parametrize("scaling", ["window", "robust"])
@EXAMPLES
@given(st.lists(ordinary, min_size=CONTEXT + 1, max_size=20), st.lists(ordinary, min_size=1, max_size=12))
def test_values_before_the_context_change_no_forecast(
    scaling: str, values: list[float], older: list[float]
) -> None:
    """With a scaling of the window, only the context counts, as long as something in it was observed."""
    context = values[-CONTEXT:]
    if np.isnan(context).all():
        return
    model = fitted(scaling)
    one, other = (model.predict(frame(before + context))["Seq2Seq"].to_numpy() for before in (older, values))
    assert_same(one, other, older + values, scaling)


@EXAMPLES
@given(st.lists(ordinary, min_size=2, max_size=20), st.integers(-1000, 1000))
def test_the_calendar_changes_no_forecast(values: list[float], start: int) -> None:
    model = fitted("window")
    one, other = (model.predict(frame(values, start=s))["Seq2Seq"] for s in (0, start))
    assert one.equals(other)


@pytest.mark.parametrize("scaling", ["window", "series", "last"])
@EXAMPLES
@given(st.lists(ordinary, min_size=2, max_size=20))
def test_parallel_decoding_sees_no_more(scaling: str, past: list[float]) -> None:
    model = fitted(scaling, "parallel")
    truncated = model.predict(frame(past))["Seq2Seq"].to_numpy()
    assert_same(forecast_at(model, [*past, 1e9, 1.0], len(past)), truncated, past, scaling)


OUTPUTS: dict[str, tuple[Output, int]] = {
    "counts": (NegativeBinomial(), 2),
    "bins": (Binned(bins=10), 1),
}
START = pd.Timestamp("2024-02-27")


def dated(values: list[float], name: str = "a", start: int = 0) -> pd.DataFrame:
    days = pd.date_range(START + pd.Timedelta(days=start), periods=len(values))
    return frame(values, name).assign(ds=days)


@functools.cache
def fitted_with_calendar(kind: str) -> Seq2SeqForecaster:
    output, segment = OUTPUTS[kind]
    rng = np.random.default_rng(0)
    df = pd.concat([dated(rng.poisson(20, size=40).tolist(), name) for name in "ab"])
    model = Seq2SeqForecaster(
        HORIZON,
        context_length=CONTEXT,
        segment_length=segment,
        output=output,
        freq="D",
        calendar=["day_of_week", "day_of_month", "month_start"],
        network=Network(hidden_size=8),
        training=Training(max_steps=10, progress=False, precision="float32"),
    )
    return model.fit(df)


def read_points(model: Seq2SeqForecaster, windows: Windows) -> np.ndarray:
    """Point forecasts without sample paths, whose draws depend on how many series there are."""
    return forecast_all(model.fitted_.members, windows, lambda parameters: [model.output_.point(parameters)])[
        :, :, 0, 0
    ]


counts = st.integers(0, 300).map(float) | st.just(float("nan"))


@pytest.mark.parametrize("kind", OUTPUTS)
@EXAMPLES
@given(
    st.lists(counts, min_size=1, max_size=20),
    st.lists(counts, min_size=1, max_size=20),
    st.integers(-60, 60),
    st.integers(-60, 60),
    st.booleans(),
)
def test_other_series_and_their_calendar_change_no_forecast(
    kind: str, values: list[float], neighbour: list[float], start: int, other_start: int, first: bool
) -> None:
    """The horizon is no multiple of the segment of counts: nor do cropped steps read a neighbour's dates."""
    model = fitted_with_calendar(kind)
    own, other = dated(values, "a", start), dated(neighbour, "b", other_start)
    forecasts = []
    for frames in ([own], [own, other] if first else [other, own]):
        panel = model.fitted_.read(pd.concat(frames))
        forecasts.append(
            read_points(model, model.fitted_.forecast_windows(panel, None, HORIZON))[panel.series_number("a")]
        )
    assert_same(*forecasts, values, "mean")


@pytest.mark.parametrize("kind", OUTPUTS)
@EXAMPLES
@given(st.lists(counts, min_size=2, max_size=20), st.lists(counts, min_size=HORIZON, max_size=9))
def test_values_after_the_cutoff_change_no_forecast_with_a_calendar(
    kind: str, past: list[float], future: list[float]
) -> None:
    model = fitted_with_calendar(kind)
    truncated = read_points(
        model, model.fitted_.forecast_windows(model.fitted_.read(dated(past)), None, HORIZON)
    )[0]
    panel = model.fitted_.read(dated(past + future))
    windows = model.fitted_.cutoff_windows(panel, windows=100, step=1)
    _, cutoffs = windows.locate(torch.arange(len(windows)))
    row = cutoffs.tolist().index(len(past))
    assert_same(read_points(model, windows)[row], truncated, past, "mean")


def test_a_calendar_of_other_dates_does_change_a_forecast() -> None:
    """Or the two tests above would say nothing."""
    model = fitted_with_calendar("counts")
    values = [3.0, 5.0, 2.0, 7.0, 1.0, 3.0, 4.0, 6.0]
    one, other = (
        read_points(
            model, model.fitted_.forecast_windows(model.fitted_.read(dated(values, start=s)), None, HORIZON)
        )
        for s in (0, 3)
    )
    assert np.abs(one - other).max() > 1e-3


def test_training_with_held_out_steps_depends_on_them_through_the_choice_of_weights_only() -> None:
    """With one validation there is nothing to choose, so their values cannot matter."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=40).cumsum()
    forecasts = []
    for held_out in (values[-6:], 1e6 + values[-6:]):
        training = Training(
            max_steps=5, progress=False, precision="float32", validation_size=6, validation_every=5
        )
        model = Seq2SeqForecaster(
            HORIZON, network=Network(hidden_size=8), training=training, context_length=CONTEXT
        )
        model.fit(frame([*values[:-6], *held_out]))
        forecasts.append(model.predict(frame(values.tolist()))["Seq2Seq"])
    assert forecasts[0].equals(forecasts[1])
