"""Fingerprints of data: the same for the same data in any process, others for other data."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.tuning.fingerprints import text_fingerprint


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
    assert text_fingerprint(["ab", "c"], ["d", "e"]) != text_fingerprint(["a", "bc"], ["d", "e"])
    assert text_fingerprint(["a", "b"], ["c"]) != text_fingerprint(["a"], ["b", "c"])
    assert text_fingerprint(["a\ud800"], ["b"]) != text_fingerprint(["a"], ["b"])


def test_hashes_do_not_change_from_process_to_process() -> None:
    code = "from tsseq2seq.tuning.fingerprints import text_fingerprint; print(text_fingerprint(['a'], ['b']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == text_fingerprint(["a"], ["b"])
