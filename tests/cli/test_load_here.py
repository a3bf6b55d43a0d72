"""A model that was trained on a device that this machine lacks is used all the same, and that is said."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch

from tests.persistence.signing import name_device
from tsseq2seq.cli.load_here import load_here
from tsseq2seq.errors import ModelFileError

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")


def test_it_forecasts_the_same_and_says_so(run, airline: Path) -> None:
    fit = ("fit", airline, "--horizon", 3, "--max-steps", 2, "--model", "m")
    assert run(*fit).status == 0
    plain = run("predict", "--model", "m", "--output", "plain.csv")
    name_device(Path("m"), "cuda:1")
    moved = run("predict", "--model", "m", "--output", "moved.csv")
    assert (plain.status, moved.status) == (0, 0)
    assert "m was trained on a device that is not here" in moved.err
    assert "not here" not in plain.err
    pd.testing.assert_frame_equal(pd.read_csv("plain.csv"), pd.read_csv("moved.csv"))
    assert load_here(Path("m")).training.device == "auto"


def test_other_faults_of_a_model_are_not_taken_for_that(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="is not a saved model"):
        load_here(tmp_path)
