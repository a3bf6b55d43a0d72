"""Calendar effects: weekdays, holidays, months and the year, as real dates bring them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.calendar import Calendar
from tsseq2seq.pretraining.components.links import as_factors, noise_share
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.components.seasons import profile, repeated, season_size
from tsseq2seq.pretraining.components.trends import growth, local_trend
from tsseq2seq.pretraining.traits import Traits
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["CalendarEffects", "daily_features", "over_steps"]

_DAY = 24 * 60
_HARMONICS, _HOLIDAYS = 3, 8
# The day of the year that each month begins with; in a leap year February the 29th is like March the 1st.
_MONTHS = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])


def daily_features(days: np.ndarray, holidays: np.ndarray) -> dict[str, Float[np.ndarray, "K D"]]:
    """Return what a day is: its weekday, its place in the year, near which holiday, at a month's end.

    Parameters
    ----------
    days
        ``datetime64[D]``.
    holidays
        Days of the year, 0 to 364, that are holidays.
    """
    number = days.astype(np.int64)
    weekday = (number + 3) % 7  # 1970-01-01 was a Thursday
    month = days.astype("datetime64[M]")
    of_month = number - month.astype("datetime64[D]").astype(np.int64)
    of_year = _MONTHS[month.astype(np.int64) % 12] + of_month
    angle = 2 * np.pi * np.arange(1, _HARMONICS + 1)[:, None] * of_year / 365
    # a day or two before a holiday people prepare, some days after it they rest
    since = (of_year - holidays[:, None] + 182) % 365 - 182
    end = (days + 3).astype("datetime64[M]") != month
    return {
        "weekday": (weekday == np.arange(7)[:, None]).astype(np.float64),
        "year": np.vstack([np.cos(angle), np.sin(angle)]),
        "before": np.where((since < 0) & (since > -8), np.exp(since / 2.5), 0.0),
        "holiday": (since == 0).astype(np.float64),
        "after": np.where((since > 0) & (since < 6), np.exp(-since / 2.0), 0.0),
        "month_end": end[None].astype(np.float64),
    }


def over_steps(
    features: Float[np.ndarray, "K D"], calendar: Calendar, steps: int
) -> Float[np.ndarray, "K T"]:
    """Return features of days by steps: their sum over a step's days; of a step within a day, its day's.

    ``features`` begin with the day of the first time stamp and reach to the end of the last step.
    """
    stamps = calendar.stamps(steps).astype("datetime64[D]")
    first = (stamps - stamps[0]).astype(np.int64)
    if calendar.months == 0 and calendar.minutes < _DAY:
        return features[:, first]
    return np.add.reduceat(features, first, axis=1)


class CalendarEffects(World):
    """Shops, roads, hospitals, power: a day is worth what its date makes of it.

    A day's value is ``1 + weekday + year + holidays (and days around them) + end of month``; hours have a
    profile, another one at weekends; weeks, months and quarters are sums over their days, so that a month's
    number of working days shows. All that times a local trend, and with noise. Holidays are random days of
    the year, the same for all series of a panel. No seasonal period is used: it comes from the dates.
    """

    name: ClassVar[str] = "calendar effects"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        traits, steps = shape.traits(rng), shape.steps
        unit = noise_share(traits)
        worth = self._worth(traits, unit, shape.calendar, steps)
        level = as_factors(growth(traits, steps) / unit + local_trend(traits, steps), unit)
        rest = unit * noise(traits, steps)
        if traits.rng.random() < 0.5:
            return level * np.maximum(worth, 0.02) * np.exp(np.clip(rest, -3, 3))
        return level + worth + rest

    def _worth(
        self, traits: Traits, unit: Float[np.ndarray, "N 1"], calendar: Calendar, steps: int
    ) -> Float[np.ndarray, "N T"]:
        """Return the mean value of each step's days, about 1."""
        stamps = calendar.stamps(steps + 1)
        days = np.arange(stamps[0].astype("datetime64[D]"), (stamps[-1] - 1).astype("datetime64[D]") + 1)
        features = daily_features(days, traits.rng.integers(0, 365, _HOLIDAYS))
        worth = np.ones((traits.series, 1)) * over_steps(np.ones((1, len(days))), calendar, steps)
        typical = worth.mean()
        for name, values in features.items():
            worth = worth + self._weights(traits, unit, name, len(values)) @ over_steps(
                values, calendar, steps
            )
        worth = worth / typical
        if calendar.months == 0 and calendar.minutes < _DAY:
            worth = worth * self._hours(traits, unit, calendar, steps)
        return worth

    @staticmethod
    def _weights(
        traits: Traits, unit: Float[np.ndarray, "N 1"], name: str, count: int
    ) -> Float[np.ndarray, "N K"]:
        if name == "weekday":
            return np.minimum(unit * season_size(traits), 0.7) * profile(traits, count)
        if name == "year":
            fall = np.tile(np.arange(1, _HARMONICS + 1), 2) ** -1.5
            return traits.log_uniform(0.02, 0.4) * fall * traits.normal(count)
        present = traits.chance(0.6 if name == "holiday" else 0.3)
        return present * traits.log_uniform(0.05, 0.8) * (0.6 * traits.normal(count) - 0.4)

    @staticmethod
    def _hours(
        traits: Traits, unit: Float[np.ndarray, "N 1"], calendar: Calendar, steps: int
    ) -> Float[np.ndarray, "N T"]:
        period = _DAY // calendar.minutes
        stamps = calendar.stamps(steps)
        of_day = (stamps - stamps.astype("datetime64[D]").astype("datetime64[m]")).astype(np.int64)
        first = of_day[:1, None] // calendar.minutes * np.ones((traits.series, 1), int)
        size = np.minimum(unit * season_size(traits), 0.8)
        usual = 1 + size * repeated(profile(traits, period), steps, first)
        other = 1 + size * repeated(profile(traits, period), steps, first)
        weekend = (stamps.astype("datetime64[D]").astype(np.int64) + 3) % 7 >= 5
        return np.maximum(np.where(weekend & traits.chance(0.6), other, usual), 0.02)
