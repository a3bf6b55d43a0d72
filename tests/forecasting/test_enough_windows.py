"""A horizon near the length of the series is not learned from a handful of windows in silence."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq import Network, Normal, Point, Quantiles, Seq2SeqForecaster, Training
from tsseq2seq.errors import DataError, TrainingWarning
from tsseq2seq.nn.outputs import Output

OUTPUTS = [Point(), Quantiles(), Normal()]


def panel(*lengths: int) -> pd.DataFrame:
    pieces = [
        pd.DataFrame(
            {
                "unique_id": f"s{place}",
                "ds": pd.date_range("2024-01-01", periods=length),
                "y": np.random.default_rng(place).normal(size=length),
            }
        )
        for place, length in enumerate(lengths)
    ]
    return pd.concat(pieces)


def model(horizon: int, output: Output, **training: int) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(
        horizon,
        output=output,
        network=Network(hidden_size=4),
        training=Training(max_steps=2, progress=False, **training),
    )


@pytest.mark.parametrize(
    ("lengths", "horizon"), [((176,), 200), ((176,), 176), ((176,), 170), ((2,), 3), ((9, 8), 8)]
)
@pytest.mark.parametrize("output", OUTPUTS, ids=repr)
def test_a_horizon_near_the_length(lengths: tuple[int, ...], horizon: int, output: Output) -> None:
    if isinstance(output, Point):
        with pytest.warns(
            TrainingWarning, match=f"horizon is {horizon}.*the longest series has {max(lengths)} steps"
        ):
            fitted = model(horizon, output).fit(panel(*lengths))
        assert np.isfinite(fitted.predict()["Seq2Seq"]).all()
    else:
        with pytest.raises(DataError, match=f"horizon is {horizon}"):
            model(horizon, output).fit(panel(*lengths))


@settings(max_examples=8, deadline=None)
@given(length=st.integers(10, 40), spare=st.integers(0, 30), validation=st.integers(0, 3))
def test_the_remedy_helps(length: int, spare: int, validation: int) -> None:
    """The horizon that the message names is one that can be learned."""
    df = panel(length)
    horizon = max(1, length - validation - spare)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            model(horizon, Quantiles(), validation_size=validation).fit(df)
        except DataError as error:
            named = str(error).partition("at most ")[2]
            if named:
                possible = int(named.split()[0])
                assert possible < horizon
                model(possible, Quantiles(), validation_size=validation).fit(df)


def test_several_short_series_are_enough_together() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model(6, Quantiles()).fit(panel(*[8] * 6))
