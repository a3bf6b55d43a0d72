"""A fixed sample of forecasters in which every admissible pair of options meets, each fitted once."""

from __future__ import annotations

import dataclasses
import itertools
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import (
    Binned,
    NegativeBinomial,
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqForecaster,
    StudentT,
    Training,
)

HORIZON = 5
HISTORY, LATER = 48, 15

OUTPUTS = {
    "mae": Point(),
    "mse": Point("mse"),
    "huber": Point("huber"),
    "quantiles": Quantiles([0.1, 0.5, 0.9]),
    "normal": Normal(),
    "student": StudentT(),
    "counts": NegativeBinomial(),
    "binned": Binned(bins=12),
}

ROLES: dict[str, dict[str, Any]] = {
    "alone": {},
    "past": {"past_covariates": ["heat", "sky"]},
    "future": {"future_covariates": ["price", "event"]},
    "static": {"static_covariates": ["size", "shop"]},
    "calendar": {"calendar": "auto"},
    "everything": {
        "past_covariates": ["heat", "sky"],
        "future_covariates": ["price", "event"],
        "static_covariates": ["size", "shop"],
        "calendar": ["day_of_week", "weekend"],
    },
}

OPTIONS: dict[str, list[Any]] = {
    "output": list(OUTPUTS),
    "scaling": [None, "window", "robust", "series", "mean", "log1p", "none"],
    "covariates": list(ROLES),
    "kind": ["long", "indexed", "wide", "series", "array", "polars"],
    "cell": ["lstm", "gru", "rnn"],
    "decoding": ["autoregressive", "parallel"],
    "attention": [None, "additive", "dot"],
    "segment_length": [None, 1, 3],
    "residual": ["season", "segment", "value", None],
    "members": [1, 2],
    "targets": [1, 2],
    "lags": [None, (2, 5)],
    "bidirectional": [False, True],
}


def admissible(one: str, value: Any, other: str, second: Any) -> bool:
    """Whether two options may be had together; what may not is refused, and tested as such."""
    pair = {one: value, other: second}
    if pair.get("output") == "counts" and "scaling" in pair:
        return pair["scaling"] in (None, "mean", "none")
    if pair.get("output") == "binned" and "segment_length" in pair:
        return pair["segment_length"] in (None, 1)
    # a Series and an array have no other columns, and an array no dates
    if pair.get("kind") in ("series", "array") and pair.get("targets") == 2:
        return False
    if pair.get("kind") == "series" and "covariates" in pair:
        return pair["covariates"] in ("alone", "calendar")
    if pair.get("kind") == "array" and "covariates" in pair:
        return pair["covariates"] == "alone"
    return True


def combinations() -> list[dict[str, Any]]:
    """Go through the pairs that have not met, and fill the rest so that most others meet."""
    rng = random.Random(0)
    fields = [(name, value) for name, values in OPTIONS.items() for value in values]
    open_pairs = [
        (one, other)
        for one, other in itertools.combinations(fields, 2)
        if one[0] != other[0] and admissible(*one, *other)
    ]
    waiting = set(open_pairs)
    found = []
    for first, second in open_pairs:
        if (first, second) not in waiting:
            continue
        chosen = dict([first, second])
        for name in rng.sample(list(OPTIONS), len(OPTIONS)):
            if name in chosen:
                continue
            fitting = [
                value
                for value in OPTIONS[name]
                if all(admissible(name, value, other, taken) for other, taken in chosen.items())
            ]
            rng.shuffle(fitting)
            chosen[name] = max(
                fitting,
                key=lambda value: sum(
                    ((name, value), taken) in waiting or (taken, (name, value)) in waiting
                    for taken in chosen.items()
                ),
            )
        waiting -= set(itertools.permutations(chosen.items(), 2))
        found.append({name: chosen[name] for name in OPTIONS})
    assert not waiting
    return found


def whole_panel() -> pd.DataFrame:
    """Counts with a season: a whole series, one with a gap, a constant, a short one, one observation.

    All end on the same day; the last ``LATER`` days are what happens after training.
    """
    rng = np.random.default_rng(0)
    steps = HISTORY + LATER
    days = pd.date_range("2024-01-01", periods=steps, freq="D")
    wave = 20 + 8 * np.sin(2 * np.pi * np.arange(steps) / 6)
    lengths = {"wave": steps, "gap": 40, "flat": 30, "short": LATER + 2, "one": LATER + 1}
    parts = []
    for name, length in lengths.items():
        y = rng.poisson(wave[-length:]).astype(float)
        if name == "gap":
            y[10:14] = np.nan
        if name == "flat":
            y[:] = 3.0
        part = pd.DataFrame({"unique_id": name, "ds": days[-length:], "y": y})
        part["z"] = rng.poisson(5 + wave[-length:] / 2).astype(float)
        part["heat"] = rng.normal(size=length)
        part["sky"] = rng.choice(["blue", "grey"], size=length)
        part["price"] = rng.normal(size=length)
        part["event"] = rng.choice(["none", "fair", "feast"], size=length)
        part["size"], part["shop"] = float(len(name)), name[0]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


@dataclasses.dataclass(frozen=True)
class Case:
    """A fitted forecaster, with the frames it knows, all long; and the way to its kind and back."""

    options: dict[str, Any]
    model: Seq2SeqForecaster
    whole: pd.DataFrame
    cutoff: pd.Timestamp

    @property
    def history(self) -> pd.DataFrame:
        """What it was fitted on."""
        return self.until(self.cutoff)

    @property
    def later(self) -> pd.DataFrame:
        """The horizon after that."""
        end = self.cutoff + pd.Timedelta(days=HORIZON)
        return self.whole[(self.whole["ds"] > self.cutoff) & (self.whole["ds"] <= end)]

    @property
    def targets(self) -> list[str]:
        return ["y", "z"][: self.options["targets"]]

    @property
    def points(self) -> list[str]:
        """Names of the point forecasts."""
        return ["Seq2Seq"] if len(self.targets) == 1 else [f"Seq2Seq-{name}" for name in self.targets]

    @property
    def levels(self) -> list[int]:
        """The intervals that its output has, or one that it can have."""
        return [] if isinstance(self.model.output, Point) else [80]

    @property
    def sampled(self) -> bool:
        return self.options["output"] in ("normal", "student", "counts", "binned")

    def until(self, cutoff: pd.Timestamp) -> pd.DataFrame:
        return self.whole[self.whole["ds"] <= cutoff]

    def give(self, long: pd.DataFrame) -> Any:
        """Return a long frame in the case's kind."""
        kind, columns = self.options["kind"], [name for name in long if name not in ("unique_id", "ds")]
        if kind == "indexed":
            return long.set_index(["unique_id", "ds"])
        if kind == "series":
            return long.set_index("ds")["y"].rename("wave")
        if kind == "array":
            return long["y"].to_numpy()
        if kind == "polars":
            return pytest.importorskip("polars").from_pandas(long)
        if kind == "wide":
            parts = {
                name: part.set_index("ds")[columns] for name, part in long.groupby("unique_id", sort=False)
            }
            wide = pd.concat(parts, axis=1).sort_index()
            return wide.droplevel(1, axis=1) if len(columns) == 1 else wide
        return long

    def long(self, forecast: Any) -> pd.DataFrame:
        """Return a forecast of the case's kind as a long frame; of arrays without time stamps."""
        kind = self.options["kind"]
        if kind == "indexed":
            return forecast.reset_index()
        if kind == "polars":
            return forecast.to_pandas()
        if kind == "series":
            frame = forecast.to_frame("Seq2Seq") if isinstance(forecast, pd.Series) else forecast
            return frame.rename_axis("ds").reset_index().assign(unique_id="wave")
        if kind == "array":
            names = ["Seq2Seq"] if forecast.ndim == 1 else ["Seq2Seq", "Seq2Seq-lo-80", "Seq2Seq-hi-80"]
            values = forecast.reshape(len(forecast), -1)
            return pd.DataFrame(values, columns=names).assign(unique_id="wave")
        if kind == "wide":
            series = forecast.columns.get_level_values(0).unique()
            several = isinstance(forecast.columns, pd.MultiIndex)
            parts = [
                (forecast[name] if several else forecast[[name]].set_axis(["Seq2Seq"], axis=1))
                .rename_axis("ds")
                .reset_index()
                .assign(unique_id=name)
                for name in series
            ]
            return pd.concat(parts, ignore_index=True)
        return forecast

    def future(self, start: pd.Timestamp, steps: int = HORIZON) -> Any:
        """Return the future covariates after a day, or None if the model has none."""
        if not self.model.future_covariates:
            return None
        end = start + pd.Timedelta(days=steps)
        rows = self.whole[(self.whole["ds"] > start) & (self.whole["ds"] <= end)]
        rows = rows[["unique_id", "ds", *self.model.future_covariates]]
        if self.options["kind"] == "polars":
            return pytest.importorskip("polars").from_pandas(rows)
        return rows

    def predict(
        self,
        cutoff: pd.Timestamp | None = None,
        *,
        model: Any = None,
        only: str | None = None,
        **arguments: Any,
    ) -> pd.DataFrame:
        """Forecast from a day on (None: from the end of training, as it was fitted)."""
        model = self.model if model is None else model
        arguments.setdefault("levels", self.levels)
        if cutoff is None:
            return self.long(model.predict(future=self.future(self.cutoff), **arguments))
        df = self.until(cutoff)
        df = df if only is None else df[df["unique_id"] == only]
        return self.long(model.predict(self.give(df), self.future(cutoff), **arguments))


def name_of(options: dict[str, Any]) -> str:
    return "-".join(str(value) for value in options.values())


def build(options: dict[str, Any]) -> tuple[Seq2SeqForecaster, pd.DataFrame]:
    """Return the forecaster and the columns and series that it is for."""
    network = {name: options[name] for name in ("cell", "decoding", "attention", "residual", "bidirectional")}
    roles = ROLES[options["covariates"]]
    targets = ["y", "z"][: options["targets"]]
    model = Seq2SeqForecaster(
        HORIZON,
        scaling=options["scaling"],
        segment_length=options["segment_length"],
        lags=options["lags"],
        output=OUTPUTS[options["output"]],
        network=Network(hidden_size=6, **network),
        training=Training(
            max_steps=3, members=options["members"], progress=False, precision="float32", batch_size=16
        ),
        target_col=targets if len(targets) > 1 else "y",
        freq=None if options["kind"] == "array" else "D",
        **roles,
    )
    covariates = [name for role in roles if role != "calendar" for name in roles[role]]
    whole = whole_panel()[["unique_id", "ds", *targets, *covariates]]
    if options["kind"] in ("series", "array"):
        whole = whole[whole["unique_id"] == "wave"]
    return model, whole


@pytest.fixture(scope="module", params=combinations(), ids=name_of)
def case(request: pytest.FixtureRequest) -> Case:
    model, whole = build(request.param)
    unfitted = Case(request.param, model, whole, whole["ds"].max() - pd.Timedelta(days=LATER))
    model.fit(unfitted.give(unfitted.history))
    return unfitted
