"""How often noise passes for a season, and how often a season is found: at the usual frequencies.

Noise of eleven kinds, of 2 to 20 periods, is asked for the periods that its frequency proposes, alone and as
panels of 20 series (half of which have a common part). The public series and panels are cut to their last
periods, or into pieces.

    python benchmarks/seasons.py [--trials 60] [--dry-run]

The folder of public data is named by TSSEQ2SEQ_DATA; without it, only noise is looked at.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from report import table, write_section
from scipy.signal import lfilter

from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.seasonality import seasonal_periods
from tsseq2seq.data.panel.seasons_of_each import seasons_of_each

FREQUENCIES = ("MS", "QS", "W", "D", "h", "30min")
PERIODS = (2, 3, 4, 6, 10, 20)
PANEL = 20
BAR = 0.05


def _filtered(ar: Iterable[float] = (), ma: Iterable[float] = ()) -> Callable[[np.ndarray], np.ndarray]:
    return lambda noise: lfilter([1, *ma], [1, *(-share for share in ar)], noise, axis=1)


def _steps(noise: np.ndarray) -> np.ndarray:
    return np.arange(noise.shape[1]) / noise.shape[1]


NOISE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "white noise": lambda noise: noise,
    "random walk": lambda noise: noise.cumsum(1),
    "walk with drift": lambda noise: (noise + 1).cumsum(1),
    "walk and noise": lambda noise: noise.cumsum(1) + 3 * np.roll(noise, 31, axis=1),
    "AR 0.3": _filtered([0.3]),
    "AR 0.6": _filtered([0.6]),
    "AR 0.9": _filtered([0.9]),
    "AR -0.5": _filtered([-0.5]),
    "ARMA 0.7, 0.4": _filtered([0.7], [0.4]),
    "line and noise": lambda noise: noise + 10 * _steps(noise),
    "growth and noise": lambda noise: np.exp(3 * _steps(noise) + 0.1 * noise),
}


def panel(values: list[np.ndarray], freq: str) -> Panel:
    """Return series as a panel, without the way through a frame."""
    lengths = np.array([len(one) for one in values])
    flat = torch.from_numpy(np.concatenate(values).astype(np.float32))[:, None]
    return Panel(
        values=flat.nan_to_num(),
        observed=~flat.isnan(),
        offsets=torch.from_numpy(np.concatenate([[0], lengths.cumsum()])),
        origin=torch.zeros(len(values), 1, dtype=torch.double),
        unit=torch.ones(len(values), 1, dtype=torch.double),
        ids=pd.RangeIndex(len(values)),
        starts=pd.DatetimeIndex(["2020-01-05"] * len(values)),
        frequency=Frequency.parse(freq),
        targets=("y",),
    )


def made(kind: str, series: int, length: int, rng: np.random.Generator) -> np.ndarray:
    """Return so many series of noise; the first 200 steps of a filter are left out."""
    noise = rng.normal(size=(series, length + 200))
    return NOISE[kind](noise)[:, 200:]


def panel_of_noise(kind: str, length: int, common: bool, rng: np.random.Generator) -> np.ndarray:
    """Return a panel of noise, whose series have most in common or nothing."""
    values = made(kind, PANEL, length, rng)
    return values + 3 * made(kind, 1, length, rng) if common else values


def false_alarms(freq: str, trials: int) -> list[list[object]]:
    """Return the rows of a frequency: the share of noise in which a season is found, by kind and length."""
    rng = np.random.default_rng(FREQUENCIES.index(freq))
    proposed = Frequency.parse(freq).exact_seasons()
    rows: list[list[object]] = []
    for kind in NOISE:
        shares = []
        for periods in PERIODS:
            lengths = [int(np.ceil(periods * period)) for period in proposed]
            found = [
                bool(seasonal_periods(panel([made(kind, 1, length, rng)[0]], freq), proposed))
                for length in lengths
                for _ in range(trials // len(lengths))
            ]
            shares.append(float(np.mean(found)))
        lengths = [int(np.ceil(periods * proposed[0])) for periods in PERIODS]
        panels = [
            bool(seasonal_periods(panel(list(panel_of_noise(kind, length, common, rng)), freq), proposed))
            for length in lengths
            for common in (False, True)
            for _ in range(trials // 10)
        ]
        percent = [f"{100 * share:.0f}" for share in shares]
        rows.append([freq, kind, *percent, f"{100 * np.mean(shares):.1f}", f"{100 * np.mean(panels):.1f}"])
    return rows


def _column(path: Path, column: int | str, newest_first: bool = False) -> np.ndarray:
    frame = pd.read_csv(path)
    values = (frame.iloc[:, column] if isinstance(column, int) else frame[column]).to_numpy(dtype=float)
    return values[::-1] if newest_first else values


def _months(path: Path) -> np.ndarray:
    """Return a monthly series whose missing months have no row."""
    frame = pd.read_csv(path).dropna()
    series = pd.Series(frame.iloc[:, 1].to_numpy(float), index=pd.PeriodIndex(frame.iloc[:, 0], freq="M"))
    return series.reindex(pd.period_range(series.index[0], series.index[-1], freq="M")).to_numpy()


def single_series(folder: Path) -> dict[str, tuple[np.ndarray, str]]:
    """Return the public series and their frequencies."""
    of = folder / "series"
    shipped = Path(__file__).parents[1] / "datasets"
    return {
        "air passengers": (_column(of / "AirPassengers.csv", 1), "MS"),
        "milk, months missing": (_months(of / "monthly-milk-incomplete.csv"), "MS"),
        "El Niño": (_column(shipped / "el_nino.csv", -1), "MS"),
        "beer": (_column(of / "ausbeer.csv", "Y"), "QS"),
        "gasoline": (_column(of / "us_gasoline.csv.gz", 1, newest_first=True), "W"),
        "influenza": (_column(of / "ILINet.csv.gz", 1), "W"),
        "CO₂": (_column(shipped / "co2.csv", -1), "W"),
        "taylor": (_column(of / "taylor.csv.gz", 0), "30min"),
        "taxi": (_column(of / "taxi_new_york_passengers.csv.gz", 1), "30min"),
    }


def found_in_pieces(folder: Path, pieces: int = 30) -> list[list[object]]:
    """Return how often a period is found in pieces of a series, by their number of periods."""
    rows: list[list[object]] = []
    for name, (values, freq) in single_series(folder).items():
        proposed = Frequency.parse(freq).exact_seasons()
        for period in proposed:
            cells = []
            for periods in PERIODS:
                length = int(np.ceil(periods * period))
                if length > len(values):
                    cells.append("")
                    continue
                starts = np.unique(np.linspace(0, len(values) - length, pieces).astype(int))
                parts = [panel([values[start : start + length]], freq) for start in starts]
                share = np.mean([round(period) in seasonal_periods(part, proposed) for part in parts])
                cells.append(f"{100 * share:.0f}")
            rows.append([name, round(period), *cells])
    return rows


def panels(folder: Path) -> dict[str, tuple[list[np.ndarray], str]]:
    """Return the public panels and their frequencies."""
    found: dict[str, tuple[list[np.ndarray], str]] = {}
    for name, freq in {
        "tourism_monthly": "MS", "tourism_quarterly": "QS", "cif2016": "MS", "m1_monthly": "MS",
        "m1_quarterly": "QS", "nn5_daily": "D",
    }.items():  # fmt: skip
        frame = pd.read_csv(folder / "panels" / f"{name}.csv.gz")
        found[name] = (
            [part.to_numpy(float) for _, part in frame.groupby("unique_id", sort=False)["y"]],
            freq,
        )
    hourly = pd.read_csv(folder / "m4" / "Hourly-train.csv.gz").iloc[:, 1:].to_numpy(float)
    found["m4_hourly"] = ([row[~np.isnan(row)] for row in hourly], "h")
    return found


def found_in_panels(folder: Path) -> list[list[object]]:
    """Return which periods a panel is found to have, and how many of its series, by their last periods."""
    rows: list[list[object]] = []
    for name, (values, freq) in panels(folder).items():
        proposed = Frequency.parse(freq).exact_seasons()
        for number, period in enumerate(proposed):
            cells = []
            for periods in (*PERIODS, None):
                length = int(np.ceil((periods or 1) * period))
                long = [one[-length if periods else 0 :] for one in values if len(one) >= length]
                if len(long) < len(values) / 4 or (periods is None and period > 200):
                    cells.append("")
                    continue
                part = panel(long, freq)
                known = "yes" if round(period) in seasonal_periods(part, proposed) else "no"
                each = seasons_of_each(part, proposed)[:, number].float().mean()
                cells.append(f"{known}, {100 * float(each):.0f}")
            rows.append([name, round(period), *cells])
    return rows


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=60, help="series of each kind and length")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    asked = parser.parse_args()
    begun = time.perf_counter()
    rows = [row for freq in FREQUENCIES for row in false_alarms(freq, asked.trials)]
    periods = [f"{periods} periods" for periods in PERIODS]
    worst = max(float(str(row[-2])) for row in rows), max(float(str(row[-1])) for row in rows)
    body = (
        f"### Percent of noise in which a season is found\n\n{asked.trials} series of each kind and length, "
    )
    body += f"and {PANEL} series each as a panel.\n\n"
    body += table(["frequency", "noise", *periods, "mean", "panels"], rows)
    body += f"\n\nThe worst kind of noise: {worst[0]:.1f} % of single series, {worst[1]:.1f} % of panels "
    body += f"(bar: {100 * BAR:.0f} %)."
    if os.environ.get("TSSEQ2SEQ_DATA"):
        folder = Path(os.environ["TSSEQ2SEQ_DATA"])
        body += "\n\n### Percent of pieces of a series in which its season is found\n\n"
        body += table(["series", "period", *periods], found_in_pieces(folder))
        body += "\n\n### Whether a panel's season is found, and in how many percent of its series\n\n"
        body += "Each cut to its last periods; a quarter of the series must be so long.\n\n"
        body += table(["panel", "period", *periods, "whole"], found_in_panels(folder))
    body += f"\n\nMeasured in {time.perf_counter() - begun:.0f} s."
    print(body)
    if not asked.dry_run:
        write_section("Seasons", "benchmarks/seasons.py", body)


if __name__ == "__main__":
    main()
