"""What is refused: one line on standard error, status 2, and no file written or changed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import tsseq2seq
from tsseq2seq.cli import jobs

QUICK = ("--max-steps", 2)


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    """Refusals come before the work."""

    def fit(*_: object, **__: object) -> None:
        raise AssertionError("training began")

    original = tsseq2seq.Seq2SeqForecaster.fit
    monkeypatch.setattr(tsseq2seq.Seq2SeqForecaster, "fit", fit)
    return original


def months(count: int = 60) -> list[str]:
    return [f"{1949 + month // 12}-{month % 12 + 1:02},{100 + month % 12}" for month in range(count)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "data.csv is empty"),
        (b"Month,y\n", "data.csv has a header but no rows"),
        (b"\x89PNG\r\n\x1a\n\0\0", "data.csv is a picture; a CSV or Parquet file is needed"),
        (bytes(range(256)) * 9, "data.csv is not a text file"),
        (
            b"Month;y\n1949-01;1,5\n1949-02;2,5\n",
            "'y' has '1,5' in row 1, which is no number; write decimals",
        ),
        (b"Month,a,b\n1949-01,1,2\n1949-02,2,1\n", "'a', 'b'; choose one with --target-col"),
        (b"day,y\n03/04/2020,1\n04/04/2020,2\n", "write them as YYYY-MM-DD"),
        (
            "\n".join(["Month,y", *months()[:30], "1951-07,closed", *months()[31:]]).encode(),
            "'closed' in row 31",
        ),
    ],
    ids=[
        "empty",
        "header_only",
        "png",
        "binary",
        "decimal_comma",
        "ambiguous_target",
        "ambiguous_dates",
        "text_in_target",
    ],
)
def test_files(refused, content, said):
    Path("data.csv").write_bytes(content)
    assert said in refused("forecast", "data.csv", "--horizon", 2)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*months(), months()[-1]], "1953-12-01"),
        (["2020-01-01,1", "2020-01-02,2", "2020-01-09 13:07,5"], "2020-01-0"),
        (["2020-01-01,1"], "frequency"),
        ([*months()[:-1], "1953-12,inf"], "inf"),
    ],
    ids=["duplicate", "off_grid", "one_row", "infinite"],
)
def test_data_that_the_library_refuses(refused, monkeypatch, no_training, rows, said):
    monkeypatch.setattr(tsseq2seq.Seq2SeqForecaster, "fit", no_training)
    Path("data.csv").write_text("\n".join(["Month,y", *rows, ""]))
    assert said in refused("forecast", "data.csv", "--horizon", 2, *QUICK, "--output", "f.csv")


def test_missing_file(refused):
    assert refused("forecast", "none.csv", "--horizon", 2) == "none.csv: No such file or directory"


def test_folder(refused, tmp_path):
    (tmp_path / "data.csv").mkdir()
    assert refused("forecast", "data.csv", "--horizon", 2).startswith("data.csv is a folder")


def test_no_right_to_read(refused, airline, monkeypatch):
    def deny(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", deny)
    assert refused("forecast", "data.csv", "--horizon", 2) == "data.csv: Permission denied"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--horizon", 0], "Invalid value for '--horizon': "),
        (["--horizon", "twelve"], "Invalid value for '--horizon': "),
        ([], "Missing option '--horizon'"),
        (["--horizon", 2, "--bogus"], "--bogus"),
        (["--horizon", 2, "--max-steps", 0], "Invalid value for '--max-steps': "),
        (["--horizon", 2, "--time-col", "Mont"], "--time-col is 'Mont', but the columns are 'Month', '#Pass"),
        (["--horizon", 2, "--id-col", "shop"], "--id-col is 'shop'"),
        (["--horizon", 2, "--output", "f.xlsx"], "--output is 'f.xlsx'; it must end in"),
        (["--horizon", 2, "--output", "none/f.csv"], "there is no folder"),
        (["--horizon", 2, "--output", "."], "must end in"),
        (["--horizon", 2, "--output", "data.csv"], "DATA and --output are the same file"),
        (["--horizon", 2, "--plot", "f.txt"], "--plot is 'f.txt'; it must end in one of"),
        (["--horizon", 2, "--plot", "none/f.png"], "there is no folder"),
        (["--horizon", 2, "--max-time", 0], "max_time is 0"),
        (["--horizon", 2, "--max-time", "nan"], "max_time is nan"),
    ],
)
def test_options(refused, airline, arguments, said):
    assert said in refused("forecast", airline.name, *arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--device", "warp"], "warp"),
        (["--freq", "fortnightly"], "freq is 'fortnightly'"),
    ],
)
def test_options_that_the_library_refuses(refused, airline, monkeypatch, no_training, arguments, said):
    monkeypatch.setattr(tsseq2seq.Seq2SeqForecaster, "fit", no_training)
    assert said in refused("forecast", airline.name, "--horizon", 2, *QUICK, *arguments)


def test_an_unknown_command(refused):
    assert "forcast" in refused("forcast")


def test_fit_into_a_folder_of_something_else(refused, airline, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").touch()
    assert "is not a saved model" in refused("fit", airline, "--horizon", 2, "--model", "full")
    assert "is not a saved model" in refused("fit", airline, "--horizon", 2, "--model", "data.csv")
    assert "Missing option '--model'" in refused("fit", airline, "--horizon", 2)


@pytest.fixture
def model(run, airline, monkeypatch, no_training) -> str:
    with monkeypatch.context() as allowed:
        allowed.setattr(tsseq2seq.Seq2SeqForecaster, "fit", no_training)
        assert run("fit", airline, "--horizon", 2, "--model", "model", *QUICK).status == 0
    return "model"


def test_predict_without_a_model(refused, airline):
    assert "is not a saved model" in refused("predict", "--model", "none")
    assert "is not a saved model" in refused("predict", "--model", ".")


def test_predict_with_a_damaged_model(refused, model):
    file = Path(model, "tensors.safetensors")
    file.write_bytes(file.read_bytes()[:100])
    assert "missing or truncated" in refused("predict", "--model", model)
    file = Path(model, "model.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 99}))
    assert "Upgrade tsseq2seq" in refused("predict", "--model", model)


def test_predict_with_other_columns(refused, model):
    Path("other.csv").write_text("month,y\n1949-01,1\n")
    said = refused("predict", "--model", model, "other.csv")
    assert said == "other.csv has no column 'Month', which the model was fitted on; it has: 'month', 'y'"


def test_predict_from_another_grid(refused, model):
    Path("daily.csv").write_text("Month,#Passengers\n" + "".join(f"1954-01-{d:02},1\n" for d in range(1, 30)))
    assert "1954-01-02" in refused("predict", "--model", model, "daily.csv")


def test_predict_into_an_impossible_place(refused, model):
    assert "there is no folder" in refused("predict", "--model", model, "--output", "none/f.csv")


def test_a_missing_extra_is_named_before_the_work(refused, airline, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said = refused("forecast", airline, "--horizon", 2, "--plot", "f.png")
    assert said.endswith("Install it with: pip install 'tsseq2seq[plot]'")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    said = refused("forecast", airline, "--horizon", 2, "--output", "f.parquet")
    assert said.endswith("Install it with: pip install 'tsseq2seq[parquet]'")


def test_not_fitted(refused, airline, monkeypatch):
    monkeypatch.setattr(tsseq2seq.Seq2SeqForecaster, "fit", lambda self, _: self)
    monkeypatch.setattr(jobs.show, "tell_model", lambda _: None)
    assert "is not fitted yet" in refused("forecast", airline, "--horizon", 2)


def test_our_own_mistakes_keep_their_traceback(run, airline):
    with pytest.raises(AssertionError, match="training began"):
        run("forecast", airline, "--horizon", 2)
