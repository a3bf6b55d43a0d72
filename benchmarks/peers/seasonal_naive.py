"""Seasonal naive: the last season (``settings["season"]`` steps) repeated, which a model must beat."""

from __future__ import annotations

import numpy as np

from peers.protocol import Job, Record, serve


def run(job: Job, record: Record) -> np.ndarray:
    """Repeat the end of each series; there is nothing to fit."""
    record.versions("numpy")
    season = int(job.settings["season"])
    with record.measured("fit"):
        series = job.series()
    with record.measured("predict"):
        forecast = [np.resize(y[-season:], job.horizon) for y in series.values]
    return np.stack(forecast)


if __name__ == "__main__":
    serve(run)
