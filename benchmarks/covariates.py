"""The gain from a covariate that determines the target: errors with it and without it.

There are three simulated panels. In the first a future covariate moves the target at the same step. In the
second a past covariate moves it one horizon later; both models use segments of one horizon, since copying
twelve values one by one takes longer to learn. In the third a static covariate (a category) sets which of
four life cycles a young series follows; both models read twelve steps, from which the age of a series can be
inferred. Everything else is noise. Errors are those of 12 steps after the training data.

    python benchmarks/covariates.py [--dry-run]
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np
import pandas as pd
from report import table, write_section

from tsseq2seq import Seq2SeqForecaster, Training

SERIES, STEPS, HORIZON = 200, 240, 12
BAR = 1 / 3
SECONDS = 30


def long(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """A long frame of arrays (series, steps)."""
    steps = next(iter(columns.values())).shape[1]
    data = {name: values.ravel() for name, values in columns.items()}
    return pd.DataFrame(
        {"unique_id": np.arange(SERIES).repeat(steps), "ds": np.tile(np.arange(steps), SERIES), **data}
    )


def panels() -> dict[str, tuple[pd.DataFrame, str]]:
    """Return each frame, and the role of its covariate."""
    rng = np.random.default_rng(0)
    shape = (SERIES, STEPS)
    noise = 0.1 * rng.normal(size=shape)
    price = rng.normal(size=shape)
    promotion = rng.choice(["none", "flyer", "sale"], size=shape, p=[0.7, 0.2, 0.1])
    lift = np.select([promotion == "flyer", promotion == "sale"], [1.0, 3.0], 0.0)
    orders = rng.normal(size=shape)
    late = np.roll(orders, HORIZON, axis=1)
    late[:, :HORIZON] = rng.normal(size=(SERIES, HORIZON))
    # twelve steps of noise, then one of four life cycles; of every fourth series only the noise is known
    kind = rng.integers(0, 4, SERIES)
    cycle = np.cumsum(rng.normal(size=(4, HORIZON)), axis=1)[kind] * 3
    life = rng.normal(size=(SERIES, 2 * HORIZON))
    life[:, HORIZON:] = cycle + 0.1 * rng.normal(size=cycle.shape)
    names = np.array(["a", "b", "c", "d"])[kind][:, None].repeat(2 * HORIZON, axis=1)
    return {
        "price, numeric": (long({"y": 2 * price + noise, "x": price}), "future"),
        "promotion, categorical": (long({"y": lift + noise, "x": promotion}), "future"),
        "orders a horizon before": (long({"y": late + noise, "x": orders}), "past"),
        "life cycle, categorical": (long({"y": life, "x": names}), "static"),
    }


SETTINGS: dict[str, dict[str, int]] = {
    "future": {},
    "past": {"segment_length": HORIZON},
    "static": {"context_length": HORIZON},
}


def error(df: pd.DataFrame, settings: dict[str, int], **roles: list[str]) -> float:
    """Return the mean absolute error of the last horizon, of all series or of every fourth one."""
    held_out = df["ds"] > df["ds"].max() - HORIZON
    if df["ds"].max() < 2 * HORIZON:
        held_out &= df["unique_id"] % 4 == 0
    training = Training(max_time=SECONDS, progress=False)
    model = Seq2SeqForecaster(HORIZON, training=training, **settings, **roles)
    model.fit(df[~held_out])
    history = df[~held_out & df["unique_id"].isin(df["unique_id"][held_out])]
    forecast = model.predict(history, df[held_out] if "future_covariates" in roles else None)
    both = forecast.merge(df[held_out], on=["unique_id", "ds"], validate="one_to_one")
    return float((both["y"] - both["Seq2Seq"]).abs().mean())


def main() -> None:
    """Fit with and without, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="print, but leave RESULTS.md as it is")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = []
    for name, (df, role) in panels().items():
        settings = SETTINGS[role]
        without = error(df.drop(columns="x"), settings)
        with_it = error(df, settings, **{f"{role}_covariates": ["x"]})
        ratio = with_it / without
        mark = "" if ratio < BAR else " ✗"
        shown = ", ".join(f"{key}={value}" for key, value in settings.items()) or "defaults"
        rows.append([name, role, shown, f"{without:.3f}", f"{with_it:.3f}", f"{ratio:.3f}{mark}"])
        print(rows[-1], flush=True)
    header = ["covariate", "role", "settings", "error without", "error with", "ratio"]
    if not arguments.dry_run:
        note = f"{SECONDS} s of training each. Bar: a ratio below {BAR:.2f}."
        body = f"{table(header, rows)}\n\n{note}"
        write_section("Covariates", "benchmarks/covariates.py", body)


if __name__ == "__main__":
    main()
