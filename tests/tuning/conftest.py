"""An estimator that costs nothing, and small real ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest

import tsseq2seq
from tsseq2seq import Network, Seq2SeqForecaster, Seq2SeqTranslator, Training
from tsseq2seq.errors import ParameterError
from tsseq2seq.estimator import Estimator
from tsseq2seq.training import members
from tsseq2seq.tuning.problem import Outcome
from tsseq2seq.tuning.resolved_settings import resolved_settings

HORIZON = 3
PLAIN = Training()


class ToyProblem:
    """Scores an estimator by whatever it is told to."""

    metrics = {"error": False, "gain": True}  # noqa: RUF012
    metric = "error"
    fixed = ()

    def __init__(self, estimator: Any, data: str) -> None:
        self.estimator = estimator
        self.identity = {"data": data}

    def resolved_settings(self) -> dict[str, Any]:
        return resolved_settings(self.estimator, {})

    def default_space(self) -> dict[str, Any]:
        return {"x": [1, 8], "kind": ["a", "b"]}

    def check(self, estimator: Any) -> None:
        if estimator.x < 0:
            raise ParameterError(f"Toy: x is {estimator.x}; it must be 0 or more")

    def run(self, estimator: Any, metrics: list[str], watch: Any) -> Outcome:
        given = Toy.script(estimator, watch)
        if isinstance(given, Outcome):
            return given
        return Outcome(dict.fromkeys(metrics, given), 1.0, 10, 5, None)


class Toy(Estimator):
    """An estimator that learns nothing; ``script`` decides how a trial ends."""

    script: Callable[..., Any]
    fits: list[dict[str, Any]]

    def __init__(
        self, x: int = 8, rate: float = 0.1, kind: str = "a", training: Any = PLAIN, seed: Any = 0
    ) -> None:
        self.x = x
        self.rate = rate
        self.kind = kind
        self.training = training
        self.seed = seed

    def fit(self, *data: Any) -> Toy:
        self.fitted_on_ = data
        Toy.fits.append({"x": self.x, "rate": self.rate, "kind": self.kind})
        return self

    def tuning_problem(self, *data: Any, windows: Any = None, step: Any = None) -> ToyProblem:
        return ToyProblem(self, repr(data))


@pytest.fixture
def toy() -> type[Toy]:
    """The estimator; a trial's error is the distance of ``x`` from 3, unless ``script`` is replaced."""
    Toy.script = staticmethod(lambda estimator, watch: float(abs(estimator.x - 3)))
    Toy.fits = []
    return Toy


@pytest.fixture
def search() -> Callable[..., Any]:
    """``tune`` without a bar."""

    def call(*arguments: Any, **options: Any) -> Any:
        return tsseq2seq.tune(*arguments, **({"progress": False} | options))

    return call


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals come before the work."""

    def train(*_: object, **__: object) -> None:
        pytest.fail("training began")

    monkeypatch.setattr(members, "train", train)


@pytest.fixture
def daily() -> pd.DataFrame:
    """Two series of days with a week's pattern, of different length."""
    rng = np.random.default_rng(0)
    parts = []
    for name, length in (("b", 60), ("a", 45)):
        steps = np.arange(length)
        parts.append(
            pd.DataFrame(
                {
                    "unique_id": name,
                    "ds": pd.date_range("2024-01-01", periods=length),
                    "y": 10 + 3 * np.sin(2 * np.pi * steps / 7) + 0.3 * rng.normal(size=length),
                    "price": rng.normal(size=length),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def make() -> Callable[..., Seq2SeqForecaster]:
    """Make a small forecaster; ``training`` has settings of the training."""

    def call(*, training: dict[str, Any] | None = None, **settings: Any) -> Seq2SeqForecaster:
        quick = {"max_steps": 2, "progress": False, "precision": "float32"} | (training or {})
        given = {"network": Network(hidden_size=4), "context_length": 6, "segment_length": 1}
        return Seq2SeqForecaster(HORIZON, training=Training(**quick), **(given | settings))

    return call


@pytest.fixture
def pairs() -> tuple[list[str], list[str]]:
    """Words, and the words read backwards."""
    rng = np.random.default_rng(1)
    sources = ["".join(rng.choice(list("abcde"), size=rng.integers(2, 6))) for _ in range(40)]
    return sources, [word[::-1] for word in sources]


@pytest.fixture
def translator() -> Seq2SeqTranslator:
    return Seq2SeqTranslator(
        network=Network(hidden_size=8, attention="dot"),
        training=Training(max_steps=3, learning_rate=0.01, progress=False, precision="float32"),
    )


@pytest.fixture
def storages(tmp_path: Path) -> SimpleNamespace:
    """Storages: URLs in an empty folder, and one that costs no time."""
    return SimpleNamespace(
        folder=tmp_path,
        sqlite=f"sqlite:///{tmp_path}/study.db",
        journal=f"journal://{tmp_path}/study.log",
        memory=optuna.storages.InMemoryStorage(),
    )
