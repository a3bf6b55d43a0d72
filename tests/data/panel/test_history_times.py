"""A fitted model refuses what fit would: coarser frames, and integers that are dates, wherever it reads one."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import (
    Network,
    Quantiles,
    SeasonalNaive,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    Training,
    backtest,
)
from tsseq2seq.errors import DataWarning, FrequencyError


def frame(
    freq: str, length: int, *, name: str = "a", start: str = "2024-01-01", level: float = 20
) -> pd.DataFrame:
    times = pd.date_range(start, periods=length, freq=freq)
    values = level + np.sin(np.arange(length) * 2 * np.pi / 7)
    return pd.DataFrame({"unique_id": name, "ds": times, "y": values})


def model(**settings: Any) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(
        4, output=Quantiles(), network=Network(hidden_size=4), training=Training(max_steps=2), **settings
    )


DAILY = model().fit(frame("D", 60))
USES: dict[str, Callable[[Seq2SeqForecaster, pd.DataFrame], Any]] = {
    "predict": lambda fitted, df: fitted.predict(df),
    "predict_cutoffs": lambda fitted, df: fitted.predict_cutoffs(df),
    "calibrate": lambda fitted, df: fitted.calibrate(df),
    "backtest": lambda fitted, df: backtest(fitted, df, refit=None),
    "exposure_bias": lambda fitted, df: fitted.exposure_bias(df),
    "covariate_importance": lambda fitted, df: fitted.covariate_importance(df),
    "attention": lambda fitted, df: fitted.attention(df),
    "plot": lambda fitted, df: fitted.plot(fitted.predict(), df=df),
    "future_frame": lambda fitted, df: fitted.future_frame(df),
    "warm start": lambda fitted, df: model(freq="D").fit(frame("D", 60)).fit(df, warm_start=True),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
@pytest.mark.parametrize("freq", ["W", "MS"])
def test_a_coarser_frame_is_refused_everywhere(use: Callable[..., Any], freq: str) -> None:
    with pytest.raises(FrequencyError, match="coarser"):
        use(DAILY, frame(freq, 30, level=140))


def hours(zone: str | None, start: str = "2024-03-01") -> pd.DataFrame:
    times = pd.date_range(start, periods=100, freq="h", tz=zone)
    return pd.DataFrame({"unique_id": "a", "ds": times, "y": np.where(times.hour == 8, 9.0, 1.0)})


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_hours_of_another_zone_are_told_once_with_the_remedy(zone: str) -> None:
    fitted = model().fit(hours("Europe/Berlin"))
    with pytest.warns(DataWarning, match=rf"Europe/Berlin.*{zone}.*tz_convert\('Europe/Berlin'\)") as caught:
        fitted.predict(hours(zone))
    assert [one.filename for one in caught] == [__file__]


@pytest.mark.parametrize("zones", [("Europe/Berlin", "Europe/Paris"), ("Europe/Berlin", None), (None, "UTC")])
def test_the_same_clock_needs_no_word(zones: tuple[str | None, str | None]) -> None:
    fitted, other = model().fit(hours(zones[0])), hours(zones[1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(fitted.predict(other)) == 4


def test_days_have_no_hours() -> None:
    df = frame("D", 60)
    fitted = model().fit(df.assign(ds=df["ds"].dt.tz_localize("Europe/Berlin")))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(fitted.predict(df.assign(ds=df["ds"].dt.tz_localize("UTC")))) == 4


def test_score_refuses_it_too() -> None:
    with pytest.raises(FrequencyError, match="coarser"):
        DAILY.score(frame("W", 5, start="2024-03-03"))


def test_an_ensemble_refuses_it_too() -> None:
    fitted = Seq2SeqEnsemble([model(seed=0), model(seed=1)]).fit(frame("D", 60))
    with pytest.raises(FrequencyError, match="coarser"):
        fitted.predict(frame("W", 30))


@pytest.mark.parametrize(
    ("fine", "coarse"), [("h", "D"), ("15min", "h"), ("MS", "QS"), ("MS", "YS"), ("D", "W"), ("B", "W-FRI")]
)
def test_whatever_the_frequencies(fine: str, coarse: str) -> None:
    fitted = model().fit(frame(fine, 80))
    with pytest.raises(FrequencyError, match=r"'b'.*coarser"):
        fitted.predict(pd.concat([frame(fine, 40), frame(coarse, 30, name="b")]))


def test_weeks_of_which_some_are_missing_are_weeks() -> None:
    df = frame("W", 40).drop(index=[5, 6, 20, 31])
    with pytest.raises(FrequencyError, match="coarser"):
        DAILY.predict(df)


def test_three_weeks_are_enough_and_one_row_is_not_judged() -> None:
    with pytest.raises(FrequencyError, match="coarser"):
        DAILY.predict(frame("W", 3))
    assert len(DAILY.predict(frame("W", 1))) == 4


@pytest.mark.parametrize("seed", range(5))
def test_gaps_are_no_coarser_frequency(seed: int) -> None:
    df = frame("D", 60)
    kept = np.random.default_rng(seed).random(60) < 0.4
    assert len(DAILY.predict(df[kept])) == 4
    assert len(DAILY.predict(frame("B", 40))) == 4


def test_rows_without_values_say_that_the_steps_are_days() -> None:
    days = frame("W", 20).set_index("ds").asfreq("D").reset_index()
    assert len(DAILY.predict(days.assign(unique_id="a"))) == 4


def test_who_fitted_on_such_series_may_forecast_them() -> None:
    """Whoever passes freq to fit means that the rows between are missing."""
    weekly = frame("W", 60)
    fitted = model(freq="D").fit(weekly)
    assert len(fitted.predict(frame("W", 30, name="b"))) == 4
    assert len(fitted.predict_cutoffs(weekly)) == 4


def dates(length: int) -> pd.DataFrame:
    df = frame("D", length)
    return df.assign(ds=df["ds"].dt.strftime("%Y%m%d").astype(int))


def test_integers_that_are_dates_are_refused_by_a_model_of_integers() -> None:
    counted = frame("D", 60).assign(ds=np.arange(60))
    with pytest.raises(FrequencyError, match="to_datetime"):
        model().fit(counted).predict(dates(60))
    with pytest.raises(FrequencyError, match="to_datetime"):
        model().fit(dates(60))


def test_who_fitted_on_such_integers_may_forecast_them() -> None:
    fitted = model(freq=1).fit(dates(28))
    assert len(fitted.predict(dates(20))) == 4


def test_baselines_refuse_it_too() -> None:
    fitted = SeasonalNaive(4, season_length=7, jobs=1).fit(frame("D", 60))
    with pytest.raises(FrequencyError, match="coarser"):
        fitted.predict(frame("W", 30))
