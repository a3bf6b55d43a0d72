"""Count the lines of a log by the minute, and find the minutes that are unusual."""

import re

import numpy as np
import pandas as pd

from tsseq2seq import Seq2SeqAutoencoder

# A log of two days: a wave of requests each day, and twenty minutes in which next to nothing arrives.
rng = np.random.default_rng(0)
minutes = pd.date_range("2024-05-01", periods=2 * 24 * 12, freq="5min")
rate = 20 + 12 * np.sin(2 * np.pi * np.arange(len(minutes)) / 288)
rate[400:404] = 1
lines = [
    f"{stamp:%Y-%m-%dT%H:%M:%S} GET /index.html 200"
    for stamp, count in zip(minutes, rng.poisson(rate), strict=True)
    for _ in range(count)
]

stamp = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) ")
times = pd.to_datetime([found[1] for line in lines if (found := stamp.match(line))])
counts = pd.Series(1, index=times).resample("5min").sum()  # a minute without a line counts 0
df = pd.DataFrame({"ds": counts.index, "y": counts.to_numpy(dtype=float)})

detector = Seq2SeqAutoencoder(window_length=24, false_alarms=0.01).fit(df)
scores = detector.anomaly_scores(df)
print(scores.sort_values("score", ascending=False).head(6)[["ds", "y", "reconstruction", "score"]])
