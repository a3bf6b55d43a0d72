"""Do the known unusual days of the taxi series get the highest scores, beside an isolation forest?

The passengers of New York's taxis, half-hour by half-hour from July 2014 to January 2015, have five days that
are known to be unusual: the marathon and the end of summer time, Thanksgiving, Christmas, New Year, and the
snow storm. A day's score is the mean of its time steps'. No label is seen; but
the default number of steps was chosen on this very series, between half of it and twice.

    python benchmarks/anomalies.py [--seeds 3] [--only defaults] [--dry-run]

Beside the defaults: other windows, latent sizes and lengths of training; and an isolation forest on the same
windows (a step's score is the mean of the windows' that hold it), and on days.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from report import table, write_section

from tsseq2seq import Seq2SeqAutoencoder, Training, datasets

KNOWN = {
    "marathon": "2014-11-02",
    "Thanksgiving": "2014-11-27",
    "Christmas": "2014-12-25",
    "New Year": "2015-01-01",
    "storm": "2015-01-27",
}
HIGHEST, BAR = 6, 4
DAY, WEEK = 48, 336

SETTINGS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "half the steps": {"training": Training(max_steps=300)},
    "twice the steps": {"training": Training(max_steps=1200)},
    "latent size 2": {"latent_size": 2},
    "latent size 8": {"latent_size": 8},
    "latent size 32": {"latent_size": 32},
    "3 members": {"training": Training(members=3)},
    "a third hidden": {"noise": 0.3},
    "reversed": {"order": "reversed"},
    "squared error": {"loss": "mse"},
    "no calendar": {"calendar": None},
    "windows of a day": {"window_length": DAY},
    "windows of two days": {"window_length": 2 * DAY},
    "windows of two weeks": {"window_length": 2 * WEEK},
}


def day_ranks(times: pd.Series, scores: np.ndarray) -> tuple[dict[str, int], list[str]]:
    """Return the rank of each known day by the mean score of its steps, and the highest days."""
    by_day = pd.Series(np.asarray(scores)).groupby(times.dt.strftime("%Y-%m-%d").to_numpy()).mean()
    order = by_day.sort_values(ascending=False).index.tolist()
    return {name: order.index(day) + 1 for name, day in KNOWN.items()}, order[:HIGHEST]


def autoencoder(df: pd.DataFrame, settings: dict[str, Any], seed: int) -> np.ndarray:
    """Return the scores of an autoencoder that was fitted on the series."""
    return Seq2SeqAutoencoder(**settings, seed=seed).fit(df).anomaly_scores(df)["score"].to_numpy()


def forest_on_windows(df: pd.DataFrame, seed: int, length: int = WEEK) -> np.ndarray:
    """Return the scores of an isolation forest on windows an eighth of their length apart."""
    from sklearn.ensemble import IsolationForest

    y = df["y"].to_numpy()
    starts = np.unique([*range((len(y) - length) % (length // 8), len(y) - length + 1, length // 8), 0])
    windows = np.stack([y[start : start + length] for start in starts])
    unusual = -IsolationForest(random_state=seed).fit(windows).score_samples(windows)
    total, count = np.zeros(len(y)), np.zeros(len(y))
    for start, score in zip(starts, unusual, strict=True):
        total[start : start + length] += score
        count[start : start + length] += 1
    return total / count


def forest_on_days(df: pd.DataFrame, seed: int) -> np.ndarray:
    """Return the scores of an isolation forest on whole days, from midnight to midnight."""
    from sklearn.ensemble import IsolationForest

    days = df["y"].to_numpy().reshape(-1, DAY)
    return np.repeat(-IsolationForest(random_state=seed).fit(days).score_samples(days), DAY)


def forest_with_calendar(df: pd.DataFrame, seed: int) -> np.ndarray:
    """Return the scores of an isolation forest on whole days beside the usual ones of their weekday."""
    from sklearn.ensemble import IsolationForest

    days = df["y"].to_numpy().reshape(-1, DAY)
    weekday = df["ds"].dt.day_of_week.to_numpy()[::DAY]
    usual = np.stack([np.median(days[weekday == day], axis=0) for day in range(7)])
    differences = days - usual[weekday]
    forest = IsolationForest(random_state=seed).fit(differences)
    return np.repeat(-forest.score_samples(differences), DAY)


def row(name: str, df: pd.DataFrame, scored: Callable[[int], np.ndarray], seeds: int) -> list[object]:
    """Return a row: the ranks of the known days by seed, how many are among the highest, and the seconds."""
    ranks, counts, seconds = [], [], []
    for seed in range(seeds):
        begun = time.perf_counter()
        scores = scored(seed)
        seconds.append(time.perf_counter() - begun)
        found, highest = day_ranks(df["ds"], scores)
        ranks.append(found)
        counts.append(sum(rank <= HIGHEST for rank in found.values()))
        print(name, seed, found, counts[-1], f"{seconds[-1]:.0f} s", highest, flush=True)
    by_day = [", ".join(str(found[day]) for found in ranks) for day in KNOWN]
    return [name, *by_day, ", ".join(map(str, counts)), f"{np.median(seconds):.1f}"]


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each, from 0 on")
    parser.add_argument("--only", help="measure these settings alone, and write nothing")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    asked = parser.parse_args()
    df = datasets.load("taxi")[["ds", "y"]]
    rows = []
    for name, settings in SETTINGS.items():
        if asked.only in (None, name):
            rows.append(row(name, df, lambda seed, given=settings: autoencoder(df, given, seed), asked.seeds))
    met = all(int(count) >= BAR for count in str(rows[0][-2]).split(", "))
    forests = {
        "isolation forest, the same windows": forest_on_windows,
        "isolation forest, days": forest_on_days,
        "isolation forest, days less their weekday's median": forest_with_calendar,
    }
    rows += [row(name, df, lambda seed, of=of: of(df, seed), asked.seeds) for name, of in forests.items()]
    body = f"Ranks of the known days among {len(df) // DAY} by seed, and how many of the five are among the "
    body += f"{HIGHEST} highest.\n\n"
    body += table(["", *KNOWN, f"of five among {HIGHEST}", "seconds (median)"], rows)
    body += f"\n\nBar: at least {BAR} of five by the defaults: **{'met' if met else 'missed'}**."
    print(body)
    if not asked.dry_run and asked.only is None:
        write_section("Anomalies", "benchmarks/anomalies.py", body)


if __name__ == "__main__":
    main()
