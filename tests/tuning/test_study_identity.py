"""What a study is told of the estimator that it belongs to, and how that is compared."""

from __future__ import annotations

import json

import pytest

from tsseq2seq import Network, Normal
from tsseq2seq.errors import ParameterError
from tsseq2seq.tuning.study_identity import check_same_identity, settings_as_text


def test_settings_are_text_without_what_changes_no_result(make) -> None:
    found = settings_as_text(make(output=Normal(), network=Network(hidden_size=5)))
    assert json.loads(json.dumps(found)) == found
    assert found["network__hidden_size"] == "5"
    assert (found["output"], found["output__centre"]) == ("Normal", "'median'")
    assert (found["network"], found["training"]) == ("Network", "Training")
    assert not {"training__progress", "training__device"} & set(found)


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
    assert " at 0x" not in json.dumps(settings_as_text(found["model"]))


def test_the_difference_is_named() -> None:
    check_same_identity({"data": "1", "more": 2}, {"data": "1"}, "mine")
    with pytest.raises(
        ParameterError, match="'mine' was made for another data: '1', and now it is '2'; choose"
    ):
        check_same_identity({"data": "1"}, {"data": "2"}, "mine")
    with pytest.raises(ParameterError, match="'mine' was made for another lags: None, and now it is '7'"):
        check_same_identity({"data": "1"}, {"data": "1", "lags": "7"}, "mine")
    with pytest.raises(
        ParameterError, match="'mine' was made for another space of x: '1', and now it is None"
    ):
        check_same_identity({"space": {"x": "1"}}, {"space": {}}, "mine")
