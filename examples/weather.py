"""Forecast the demand for heat with a forecast of the temperature."""

import numpy as np
import pandas as pd

from tsseq2seq import Seq2SeqForecaster, evaluate

# Two years of days: the colder it is, the more heat is wanted; in earnest: your own table.
days = pd.date_range("2023-01-01", periods=730)
rng = np.random.default_rng(0)
temperature = 10 - 10 * np.cos(2 * np.pi * days.day_of_year / 365.25) + 3 * rng.normal(size=730)
heat = 40 + 6 * np.clip(18 - temperature, 0, None) + 8 * (days.day_of_week < 5) + 4 * rng.normal(size=730)
df = pd.DataFrame({"ds": days, "temperature": temperature, "y": heat})
known, later = df[:-14], df[-14:]

# The weather service's forecast of the next two weeks, which errs by a degree or two.
expected = later[["ds"]].assign(temperature=later["temperature"] + 1.5 * rng.normal(size=14))

scores = {}
for name, covariates in (("without", []), ("with", ["temperature"])):
    model = Seq2SeqForecaster(horizon=14, future_covariates=covariates, calendar="auto").fit(known)
    forecast = model.predict(future=expected if covariates else None)
    scores[name] = evaluate(forecast.merge(later[["ds", "y"]]), ["mae"])["Seq2Seq"].item()

print(f"mean absolute error without the temperature {scores['without']:.1f}, with it {scores['with']:.1f}")
