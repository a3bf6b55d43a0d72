"""Settings may hold numpy's numbers: what a search over an array puts there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tsseq2seq import (
    Network,
    Quantiles,
    SeasonalNaive,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    Seq2SeqTranslator,
    Training,
    load,
)
from tsseq2seq.settings import Settings, plain

DF = pd.DataFrame({"ds": np.arange(60), "y": np.sin(np.arange(60.0)) + 3})


def numpy_numbers(settings: Settings) -> Settings:
    """Return settings with every number as numpy's."""
    kinds = {bool: np.bool_, int: np.int64, float: np.float64}
    changes = {
        name: kinds[type(value)](value)
        for name, value in settings.get_params(deep=False).items()
        if type(value) in kinds
    }
    return type(settings)(**settings.get_params(deep=False) | changes)


NETWORK = Network(
    hidden_size=4,
    embedding_size=3,
    decoder_hidden_size=5,
    decoder_num_layers=2,
    attention="additive",
    attention_size=6,
)
pytestmark = pytest.mark.usefixtures("unchecked_types")  # annotations say int

TRAINING = Training(max_steps=2, batch_size=4, members=2, validation_size=0, progress=False, ema=0.9)


def assert_plain(value: object) -> None:
    assert not isinstance(value, np.generic)
    if isinstance(value, Settings):
        for field in value.get_params(deep=False).values():
            assert_plain(field)


def test_a_forecaster_takes_them_in_every_setting(tmp_path) -> None:
    settings = {
        "context_length": np.int32(12),
        "segment_length": np.int64(2),
        "lags": np.array([3, 8]),
        "stride": np.int64(1),
        "output": Quantiles([np.float64(0.1), np.float64(0.5), np.float64(0.9)]),
        "network": numpy_numbers(NETWORK),
        "training": numpy_numbers(TRAINING),
        "seed": np.int64(3),
    }
    model = Seq2SeqForecaster(np.int64(4), **settings)
    assert clone(model).network is not None
    model.fit(DF)
    for name in ("network_", "training_", "output_", "context_length_"):
        assert_plain(getattr(model, name))
    plain_model = Seq2SeqForecaster(
        4, **{name: plain(value) for name, value in settings.items()} | {"lags": [3, 8]}
    )
    pd.testing.assert_frame_equal(model.predict(), plain_model.fit(DF).predict(), check_exact=True)
    model.save(tmp_path / "model")
    pd.testing.assert_frame_equal(load(tmp_path / "model").predict(), model.predict(), check_exact=True)


def test_a_translator_takes_them_in_every_setting(tmp_path) -> None:
    model = Seq2SeqTranslator(
        network=numpy_numbers(NETWORK), training=numpy_numbers(TRAINING), min_count=np.int64(1),
        max_vocabulary=np.int64(50), seed=np.int64(0),
    ).fit(["ab", "ba"], ["c", "d"])  # fmt: skip
    assert_plain(model.network_)
    model.save(tmp_path / "model")
    assert load(tmp_path / "model").predict(["ab"]) == model.predict(["ab"])


def test_a_grid_over_an_array_is_searched() -> None:
    model = Seq2SeqForecaster(4, training=TRAINING)
    search = GridSearchCV(
        model,
        {"network__hidden_size": np.array([4, 6])},
        cv=[(np.arange(50), np.arange(50, 54))],
        refit=False,
    ).fit(DF)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize(
    "estimator",
    [
        Seq2SeqForecaster(4, network=NETWORK, training=TRAINING),
        Seq2SeqEnsemble([Seq2SeqForecaster(4, network=NETWORK, training=TRAINING)]),
        SeasonalNaive(4),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_a_pipeline_fits_its_last_step(estimator) -> None:
    pipeline = make_pipeline(FunctionTransformer(lambda df: df.assign(y=2 * df["y"])), clone(estimator))
    last = pipeline.fit(DF)[-1]
    expected = clone(estimator).fit(DF.assign(y=2 * DF["y"]))
    pd.testing.assert_frame_equal(last.predict(), expected.predict())
