"""Integer time that is mostly holes says so once, at fit and where another frame is read."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Seq2SeqForecaster, Training
from tsseq2seq.errors import DataWarning


def frame(times: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"ds": times, "y": np.sin(np.arange(float(len(times))))})


def model(**settings: object) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(3, network=Network(hidden_size=4), training=Training(max_steps=2), **settings)  # type: ignore[arg-type]


# months written with two digits of the year: counted on, 2312 is followed by 2313
MONTHS = np.array([100 * year + month for year in (21, 22, 23) for month in range(1, 13)])


@pytest.mark.parametrize("freq", [None, 1])
@pytest.mark.parametrize("validation_size", [0, 3])
def test_fit_says_it_once_at_the_callers_line(freq: int | None, validation_size: int) -> None:
    training = Training(max_steps=2, validation_size=validation_size)
    estimator = Seq2SeqForecaster(3, network=Network(hidden_size=4), training=training, freq=freq)
    with pytest.warns(DataWarning, match="have a row") as caught:
        estimator.fit(frame(MONTHS))
    assert [Path(one.filename).name for one in caught] == [Path(__file__).name]


def test_predict_says_it_too() -> None:
    fitted = model().fit(frame(np.arange(40)))
    with pytest.warns(DataWarning, match="have a row") as caught:
        fitted.predict(frame(MONTHS))
    assert len(caught) == 1


@pytest.mark.parametrize("times", [np.arange(40), 5 * np.arange(40), np.delete(np.arange(60), slice(10, 30))])
def test_few_holes_are_no_matter(times: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model().fit(frame(times))
