"""What a study is told of the data and the estimator that it belongs to."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Normal
from tsseq2seq.errors import ParameterError
from tsseq2seq.tuning.identity import check_same, digest_texts, settings_of


def data_of(make, df: pd.DataFrame, **settings) -> str:
    return make(**settings).tuning_problem(df).identity["data"]


@pytest.mark.parametrize(
    "change",
    [
        lambda df: df.assign(y=df["y"].where(df.index != 70, 3.0)),
        lambda df: df.assign(y=df["y"].where(df.index != 70)),
        lambda df: df.assign(ds=df["ds"] + pd.Timedelta(days=1)),
        lambda df: df.assign(unique_id=df["unique_id"].replace("a", "c")),
        lambda df: df.iloc[:-1],
        lambda df: df.assign(price=df["price"].where(df.index != 70, 3.0)),
    ],
    ids=["value", "missing", "times", "name", "shorter", "covariate"],
)
def test_other_data(make, daily, change) -> None:
    covariates = {"future_covariates": ["price"]}
    assert data_of(make, daily, **covariates) != data_of(make, change(daily), **covariates)


def test_what_is_not_read_does_not_matter(make, daily) -> None:
    assert data_of(make, daily) == data_of(make, daily.assign(price=0.0, more=1))
    assert data_of(make, daily) == data_of(make, daily.set_index(np.arange(len(daily))[::-1]))


def test_texts_do_not_run_together() -> None:
    assert digest_texts(["ab", "c"], ["d", "e"]) != digest_texts(["a", "bc"], ["d", "e"])
    assert digest_texts(["a", "b"], ["c"]) != digest_texts(["a"], ["b", "c"])
    assert digest_texts(["a\ud800"], ["b"]) != digest_texts(["a"], ["b"])


def test_settings_are_text_without_what_changes_no_result(make) -> None:
    found = settings_of(make(output=Normal(), network=Network(hidden_size=5)))
    assert json.loads(json.dumps(found)) == found
    assert found["network__hidden_size"] == "5"
    assert found["output"] == "Normal()"
    assert not {"training__progress", "training__device", "network", "training"} & set(found)


@pytest.mark.parametrize(
    "settings",
    ["", "output=Normal()", "calendar='auto'", "training=Training(optimizer=torch.optim.SGD)",
     "training=Training(teacher_forcing=Linear())"],
    ids=["plain", "output", "calendar", "optimiser", "schedule"],
)  # fmt: skip
def test_no_address_is_in_it(settings) -> None:
    """Another process must find the same."""
    found: dict[str, object] = {}
    exec(
        "import torch\n"
        "from tsseq2seq import Linear, Normal, Seq2SeqForecaster, Training\n"
        f"model = Seq2SeqForecaster(3, {settings})",
        found,
    )
    assert " at 0x" not in json.dumps(settings_of(found["model"]))


def test_the_difference_is_named() -> None:
    check_same({"data": "1", "more": 2}, {"data": "1"}, "mine")
    with pytest.raises(
        ParameterError, match="'mine' was made for another data: '1', and now it is '2'; choose"
    ):
        check_same({"data": "1"}, {"data": "2"}, "mine")
    with pytest.raises(ParameterError, match="'mine' was made for another lags: None, and now it is '7'"):
        check_same({"data": "1"}, {"data": "1", "lags": "7"}, "mine")
    with pytest.raises(
        ParameterError, match="'mine' was made for another space of x: '1', and now it is None"
    ):
        check_same({"space": {"x": "1"}}, {"space": {}}, "mine")


def test_hashes_do_not_change_from_process_to_process() -> None:
    code = "from tsseq2seq.tuning.identity import digest_texts; print(digest_texts(['a'], ['b']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest_texts(["a"], ["b"])
