"""Which output is chosen where most values are 0, that it is said, and what it forecasts."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import (
    NegativeBinomial,
    Point,
    Quantiles,
    Seq2SeqForecaster,
    Training,
    Tweedie,
    ZeroInflatedNegativeBinomial,
    load,
)
from tsseq2seq.errors import DataError, DataWarning, ParameterError
from tsseq2seq.evaluation.metrics import evaluate

HORIZON = 12
QUICK = Training(max_steps=3, progress=False)
COUNTS, AMOUNTS = ZeroInflatedNegativeBinomial(centre="mean"), Tweedie(centre="mean")


def frame(values: np.ndarray) -> pd.DataFrame:
    count, length = values.shape
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{number:03}" for number in range(count)], length),
            "ds": np.tile(pd.date_range("2015-01-01", periods=length, freq="MS"), count),
            "y": values.ravel(),
        }
    )


def demands(kind: str, count: int = 60, length: int = 72, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    chance, size = rng.uniform(0.2, 0.4, (count, 1)), rng.choice([1.0, 3.0, 10.0], (count, 1))
    demanded = rng.random((count, length)) < chance
    if kind == "counts":
        return np.where(demanded, 1 + rng.poisson(np.broadcast_to(size, demanded.shape)), 0).astype(float)
    return np.where(demanded, size * rng.gamma(2.0, 0.5, demanded.shape), 0.0)


def fitted(values: np.ndarray, **options) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(HORIZON, **{"training": QUICK, **options}).fit(frame(values))


@pytest.mark.parametrize(("kind", "output"), [("counts", COUNTS), ("amounts", AMOUNTS)])
def test_where_most_values_are_0_the_mean_of_a_distribution_is_forecast_and_it_is_said(kind, output) -> None:
    with pytest.warns(DataWarning, match="more than half of the values are 0") as caught:
        model = fitted(demands(kind, 8, 60))
    assert len(caught) == 1
    assert type(output).__name__ in str(caught[0].message)
    assert (model.output_, model.scaling_, model.network_.residual) == (output, "mean", "smoothing")
    assert model.output == Point()  # what was asked for is left as it was
    (told,) = [sentence for sentence in model.choices_ if "Most values are 0" in sentence]
    assert type(output).__name__ in told
    forecast = model.predict(levels=[80])
    assert (forecast[["Seq2Seq", "Seq2Seq-lo-80", "Seq2Seq-hi-80"]] >= 0).all(axis=None)
    assert forecast["Seq2Seq"].mean() > 0


@pytest.mark.parametrize("output", [Point("mae"), Point("mse"), Quantiles(), NegativeBinomial()], ids=repr)
def test_an_output_that_was_chosen_stays(output) -> None:
    assert fitted(demands("counts", 8, 60), output=output).output_ == output


def night(length: int) -> np.ndarray:
    """The sun in each month of a land in the far north."""
    rng, season = np.random.default_rng(1), np.maximum(0.0, np.sin(np.arange(length) * 2 * np.pi / 12) - 0.2)
    return season * rng.uniform(0.8, 1.2, (8, length))


OTHERS = {
    "some zeros": lambda: np.where(demands("counts", 8, 60) > 0, 0.0, 5.0),
    "values below 0": lambda: np.r_[demands("counts", 8, 60), -np.ones((1, 60))],
    "seasons that are 0": lambda: night(96),
    "nothing at all": lambda: np.zeros((4, 60)),
    "not sold yet": lambda: np.c_[np.zeros((8, 50)), 20 + np.random.default_rng(2).normal(size=(8, 30))],
}


@pytest.mark.parametrize("values", OTHERS.values(), ids=OTHERS.keys())
def test_no_other_panel_is_taken_for_demand(values) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        warnings.filterwarnings("ignore", "no series varies|equal values|never vary", DataWarning)
        assert fitted(values()).output_ == Point()


def test_a_scaling_that_centres_admits_no_such_output() -> None:
    assert fitted(demands("counts", 8, 60), scaling="window").output_ == Point()


@pytest.mark.filterwarnings("ignore:more than half of the values are 0")
def test_it_is_saved_loaded_and_continued(tmp_path) -> None:
    values = demands("amounts", 8, 60)
    model = fitted(values)
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert loaded.output_ == AMOUNTS
    pd.testing.assert_frame_equal(loaded.predict(levels=[90]), model.predict(levels=[90]))
    assert loaded.fit(frame(values), warm_start=True).output_ == AMOUNTS
    loaded.set_params(output=Point("mae"))
    with pytest.raises(ParameterError, match="output"):
        loaded.fit(frame(values), warm_start=True)


@pytest.mark.filterwarnings("ignore:more than half of the values are 0")
@pytest.mark.parametrize("kind", ["counts", "amounts"])
def test_the_default_is_better_than_nothing_and_than_the_last_value(kind) -> None:
    """By RMSSE, by which forecasting nothing is no longer the best; and by the quantile loss."""
    df = frame(demands(kind))
    last = df.groupby("unique_id").tail(HORIZON).index
    train, test = df.drop(last), df.loc[last]
    model = Seq2SeqForecaster(HORIZON, training=Training(progress=False)).fit(train)
    made = test.merge(model.predict(levels=[80]), on=["unique_id", "ds"])
    made["Nothing"] = made["Nothing-lo-80"] = made["Nothing-hi-80"] = 0.0
    made["Naive"] = made["unique_id"].map(train.groupby("unique_id")["y"].last())
    scores = evaluate(made, ["rmsse"], train=train, season_length=1)
    assert scores["Seq2Seq"].item() < 0.96 * scores["Nothing"].item()
    assert scores["Seq2Seq"].item() < 0.96 * scores["Naive"].item()
    truth = made["y"].to_numpy()

    def loss(name: str) -> float:
        parts = [(0.1, made[f"{name}-lo-80"]), (0.9, made[f"{name}-hi-80"])]
        return sum(np.maximum(q * (truth - one), (q - 1) * (truth - one)).mean() for q, one in parts)

    assert loss("Seq2Seq") < 0.8 * loss("Nothing")


@pytest.mark.parametrize(("output", "wrong"), [(AMOUNTS, -0.25), (COUNTS, -2.0), (COUNTS, 0.5)], ids=repr)
def test_values_without_a_likelihood_are_refused_in_training_and_in_forecasting(output, wrong) -> None:
    values = demands("counts", 4, 40)
    model = fitted(values, output=output)
    values[2, 30] = wrong
    for use in (model.fit, model.predict):
        with pytest.raises(DataError, match="s002") as refusal:
            use(frame(values))
        assert f"{wrong:g}" in str(refusal.value)
