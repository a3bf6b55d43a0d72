"""The sets of ``unfamiliar.py``: which series, how they are cut into what is known and what is scored.

The panels lie in ``panels`` of the folder that ``TSSEQ2SEQ_DATA`` names; the others are the library's.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from peers.protocol import Series
from small_series import SUBJECTS, Subject

VARIABLE = "TSSEQ2SEQ_DATA"


@dataclass(frozen=True)
class Whole:
    """All values of a set, the scored ones too; NaN where there is no value.

    Parameters
    ----------
    series
        Names and values.
    start
        The first time stamp, which all of them share: a date, or a number where there are none.
    """

    series: Series
    start: str | int


@dataclass(frozen=True)
class SeriesSet:
    """A set of series and the task on it.

    Parameters
    ----------
    read
        Returns the values.
    freq
        The step of the time stamps, a pandas alias; None: they are numbers.
    season, horizon
        Steps. The season scales MASE, and is told to methods that find none themselves.
    windows
        How many of the last horizons are scored, each from a cutoff of its own.
    """

    read: Callable[[], Whole]
    freq: str | None
    season: int
    horizon: int
    windows: int = 1

    @property
    def fewest(self) -> int:
        """The fewest values before a cutoff of a validation: two seasons and a horizon must fit."""
        return max(2 * self.season, self.horizon) + 1


@dataclass(frozen=True)
class Cut:
    """A set at one cutoff of each series: what is known before it, and the horizon after it.

    Parameters
    ----------
    name
        Of the set.
    of
        The set.
    held_out
        Steps at the end of each series that are not known.
    start
        As in :class:`Whole`.
    known
        The series up to their cutoffs.
    truth
        Values (series, horizon) after them.
    """

    name: str
    of: SeriesSet
    held_out: int
    start: str | int
    known: Series
    truth: np.ndarray


def held_out(of: SeriesSet, *, validation: bool, windows: int | None = None) -> list[int]:
    """Return the steps that each cutoff holds out, the earliest cutoff first.

    The test takes the last horizons, a validation those before them; ``windows`` says how many a validation
    takes, None: as many as the test.
    """
    count, skipped = (windows or of.windows, of.windows) if validation else (of.windows, 0)
    return [(skipped + back) * of.horizon for back in range(count, 0, -1)]


def cuts(name: str, *, validation: bool, windows: int | None = None) -> Iterator[Cut]:
    """Cut a set at each cutoff; series that are too short for a validation are left out of it."""
    of = SETS[name]
    whole = of.read()
    for steps in held_out(of, validation=validation, windows=windows):
        known, truth, ids = [], [], []
        for series, values in zip(whole.series.ids, whole.series.values, strict=True):
            cutoff = len(values) - steps
            if cutoff >= (of.fewest if validation else 1):
                ids.append(series)
                known.append(values[:cutoff])
                truth.append(values[cutoff : cutoff + of.horizon])
        if ids:
            yield Cut(name, of, steps, whole.start, Series(ids, known), np.stack(truth))


def _panel(name: str, freq: str) -> Whole:
    folder = os.environ.get(VARIABLE)
    file = Path(folder or "", "panels", f"{name}.csv.gz")
    if folder is None or not file.exists():
        raise SystemExit(
            f"{VARIABLE} is {folder!r}; it must name a folder that holds panels/{name}.csv.gz; --sets "
            "runs sets that need none"
        )
    frame = pd.read_csv(file, parse_dates=["ds"])
    groups = frame.groupby("unique_id", sort=False)
    grid = pd.date_range(frame["ds"].min(), periods=int(groups.size().max()), freq=freq)
    if not (frame["ds"].to_numpy() == grid.to_numpy()[groups.cumcount()]).all():
        raise ValueError(f"the series of {name} do not lie on one grid of {freq}")
    return Whole(_series(frame), str(grid[0]))


def _single(name: str, subject: Subject) -> Whole:
    values = subject.values()
    return Whole(Series([name], [values.to_numpy()]), str(values.index[0]))


def _m4_hourly() -> Whole:
    from tsseq2seq import datasets

    train, test = datasets.load("m4_hourly"), datasets.load("m4_hourly_test")
    first = int(train["ds"].min())
    return Whole(_series(pd.concat([train, test])), first)


def _etth1() -> Whole:
    """Return its seven columns to the end: rows are scored that the standard task leaves unused."""
    from tsseq2seq import datasets

    frame = datasets.load("etth1").set_index("ds").drop(columns="unique_id")
    return Whole(Series(list(frame), list(frame.to_numpy().T)), str(frame.index[0]))


def _series(frame: pd.DataFrame) -> Series:
    groups = frame.groupby("unique_id", sort=False)["y"]
    return Series([str(name) for name, _ in groups], [y.to_numpy(dtype=np.float64) for _, y in groups])


def _panel_set(name: str, freq: str, season: int, horizon: int) -> SeriesSet:
    return SeriesSet(functools.partial(_panel, name, freq), freq, season, horizon)


def _single_set(name: str, subject: Subject) -> SeriesSet:
    read = functools.partial(_single, name, subject)
    return SeriesSet(read, subject.freq, subject.season, subject.horizon, windows=5)


#: The five panels of monthly and quarterly series for which most is published.
FIVE = ("cif2016", "tourism_monthly", "tourism_quarterly", "m1_monthly", "m1_quarterly")
SETS = {
    "cif2016": _panel_set("cif2016", "MS", 12, 12),
    "tourism_monthly": _panel_set("tourism_monthly", "MS", 12, 24),
    "tourism_quarterly": _panel_set("tourism_quarterly", "QS", 4, 8),
    "m1_monthly": _panel_set("m1_monthly", "MS", 12, 18),
    "m1_quarterly": _panel_set("m1_quarterly", "QS", 4, 8),
    "m1_yearly": _panel_set("m1_yearly", "YS", 1, 6),
    "nn5_daily": _panel_set("nn5_daily", "D", 7, 56),
    **{name: _single_set(name, subject) for name, subject in SUBJECTS.items()},
    "m4_hourly": SeriesSet(_m4_hourly, None, 24, 48),
    "etth1": SeriesSet(_etth1, "h", 24, 96),
}
