import numpy as np
import pandas as pd
import pytest

from tsseq2seq.pretraining.calendar import Calendar
from tsseq2seq.pretraining.worlds import WORLDS, WorldShape
from tsseq2seq.pretraining.worlds.calendar_effects import daily_features, over_steps

FIRST = np.datetime64("1999-12-15T00:00")
DAYS = np.arange(np.datetime64("1999-12-15"), np.datetime64("2002-12-15"))


def test_days_are_those_of_pandas():
    features = daily_features(DAYS, np.array([0, 359]))
    dates = pd.DatetimeIndex(DAYS)
    assert (features["weekday"].argmax(axis=0) == dates.day_of_week).all()
    assert (features["holiday"][0] == ((dates.month == 1) & (dates.day == 1))).all()
    assert (features["holiday"][1] == ((dates.month == 12) & (dates.day == 26))).all()
    assert (features["month_end"][0] == (dates.days_in_month - dates.day < 3)).all()


def test_a_month_is_worth_its_days():
    calendar = Calendar(np.datetime64("2000-01-01T00:00"), months=1)
    days = np.arange(np.datetime64("2000-01-01"), np.datetime64("2002-01-01"))
    weekdays = over_steps(daily_features(days, np.array([0]))["weekday"], calendar, 24)
    expected = pd.Series(1, pd.DatetimeIndex(days)).resample("MS").sum()
    assert (weekdays.sum(axis=0) == expected.to_numpy()).all()
    working = pd.Series(pd.DatetimeIndex(days).day_of_week < 5, days).resample("MS").sum()
    assert (weekdays[:5].sum(axis=0) == working.to_numpy()).all()


@pytest.mark.parametrize(("minutes", "period"), [(1440, 7), (60, 24), (30, 48)])
def test_weeks_and_days_are_seen_in_the_spectrum(minutes, period):
    steps = period * 28
    shape = WorldShape(200, steps, (), Calendar(FIRST, minutes=minutes))
    values = WORLDS["calendar effects"].draw(shape, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(values - values.mean(axis=1, keepdims=True), axis=1)) ** 2
    power[:, :4] = 0  # trends and years
    weekly = steps * minutes // (7 * 1440)
    share = power[:, weekly::weekly].sum(axis=1) / power.sum(axis=1)
    assert np.median(share) > 0.3


def test_weeks_begin_where_the_calendar_does():
    calendar = Calendar(FIRST, minutes=7 * 1440)
    assert (over_steps(np.ones((1, 70)), calendar, 10) == 7).all()
