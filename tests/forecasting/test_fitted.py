"""What fitting leaves: windows of other histories, against loops over time stamps."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq import NegativeBinomial, Network, Point, Seq2SeqForecaster, Training
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.errors import DataError
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitted import FittedSeries, make_checked_panel
from tsseq2seq.nn.outputs import Output

HORIZON, CONTEXT = 3, 6
TRAINED = {"a": ("2024-01-01", 20), "b": ("2024-01-05", 31), "c": ("2023-12-01", 9)}


def frame_of(series: dict[str, tuple[object, int]], freq: str, zone: str | None = None) -> pd.DataFrame:
    parts = [
        pd.DataFrame({
            "unique_id": name,
            "ds": pd.date_range(start, periods=length, freq=freq, tz=zone),
            "y": np.sin(np.arange(length)) + np.arange(length) % 3,
        })
        for name, (start, length) in series.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


@functools.cache
def fitted(freq: str, zone: str | None, scaling: str = "window") -> FittedSeries:
    return (
        Seq2SeqForecaster(
            HORIZON,
            context_length=CONTEXT,
            segment_length=1,
            freq=freq,
            scaling=scaling,
            network=Network(hidden_size=4),
            training=Training(max_steps=1, progress=False),
        )
        .fit(frame_of(TRAINED, freq, zone))
        .fitted_
    )


GRIDS = [("D", None), ("h", "Europe/Berlin"), ("B", None), ("MS", None)]


@pytest.mark.parametrize(("freq", "zone"), GRIDS, ids=str)
@settings(max_examples=12)
@given(
    st.dictionaries(
        st.sampled_from([*TRAINED, "new", "other"]),
        st.tuples(st.integers(0, 60), st.integers(1, 50)),
        min_size=1,
    ),
    st.integers(1, 5),
    st.none() | st.integers(1, 6),
)
def test_unseen_windows_have_all_targets_after_the_training_data_of_their_series(
    freq: str, zone: str | None, series: dict[str, tuple[int, int]], step: int, most: int | None
) -> None:
    model = fitted(freq, zone)
    starts = pd.date_range("2023-12-01", periods=61, freq=freq, tz=zone)
    df = frame_of({name: (starts[shift], length) for name, (shift, length) in series.items()}, freq)
    history = model.read(df)
    found = model.cutoff_windows(history, windows=most, step=step, unseen=True)
    pairs = list(zip(*(part.tolist() for part in found.locate(torch.arange(len(found)))), strict=True))
    trained = frame_of(TRAINED, freq, zone).groupby("unique_id")["ds"].max()
    expected = []
    for place, name in enumerate(history.ids):
        times = df.loc[df["unique_id"] == name, "ds"].tolist()
        last = len(times) - HORIZON
        fine = [
            cutoff
            for cutoff in range(last, 0, -step)
            if name not in trained or all(time > trained[name] for time in times[cutoff:])
        ]
        if most is None:  # those with a whole context, or where no cutoff can have one, the last
            fine = [cutoff for cutoff in fine if cutoff >= min(CONTEXT, last)]
        expected += [(place, cutoff) for cutoff in sorted(fine[:most])]
    assert pairs == expected


def test_without_unseen_all_targets_count() -> None:
    model = fitted("D", None)
    assert len(model.cutoff_windows(model.panel, unseen=True)) == 0
    found = model.cutoff_windows(model.panel)
    expected = [
        len(range(length - HORIZON, min(CONTEXT, length - HORIZON) - 1, -HORIZON))
        for _, length in TRAINED.values()
    ]
    assert found.counts.tolist() == expected


@pytest.mark.parametrize("scaling", ["window", "series"])
def test_windows_carry_what_the_scaling_needs(scaling: str) -> None:
    model = fitted("D", None, scaling)
    for windows in (
        model.cutoff_windows(model.panel),
        model.forecast_windows(model.panel, None, 2),
    ):
        assert (windows[0].history_moments is not None) == (scaling == "series")


def test_windows_are_as_long_as_trained_or_as_asked() -> None:
    model = fitted("D", None)
    assert model.cutoff_windows(model.panel).shape == model.shape()
    assert model.cutoff_windows(model.panel, horizon=1).shape.horizon == 1
    assert (model.shape().context_length, model.shape().horizon, model.shape().segment_length) == (6, 3, 1)


@pytest.mark.parametrize("output", [Point(), NegativeBinomial()], ids=repr)
def test_only_an_output_for_counts_refuses_what_is_no_count(output: Output) -> None:
    frame = read_long_frame(frame_of({"a": ("2024-01-01", 2)}, "D").assign(y=[-0.5, 1.5]), Columns())
    wanted = ForecasterSettings(1, output=output, scaling="mean")
    if output.counts:
        with pytest.raises(DataError, match=r"series 'a' is -0\.5 at 2024-01-01"):
            make_checked_panel(frame, None, Coders(), wanted)
    else:
        assert make_checked_panel(frame, None, Coders(), wanted).count == 1


def test_what_the_output_cannot_take_is_refused_when_read() -> None:
    model = fitted("D", None, "log1p")
    with pytest.raises(DataError, match="scaling is 'log1p', but series 'a' is -3 at 2024-01-02"):
        model.read(frame_of({"a": ("2024-01-01", 3)}, "D").assign(y=[0.0, -3.0, 1.0]))
