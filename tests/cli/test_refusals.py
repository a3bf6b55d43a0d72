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
        (["--horizon", 2, "--max-time", 0], "--max-time is 0"),
        (["--horizon", 2, "--max-time", "nan"], "--max-time is nan"),
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


SALES = "day,sales,price,shop\n" + "".join(
    f"2024-01-{day:02},{day % 7},{day % 3},{shop}\n" for shop in "ab" for day in range(1, 31)
)
NAMED = ("--horizon", 2, "--target-col", "sales", "--id-col", "shop", "--future-col", "price")
FUTURE = ["shop,day,price", "a,2024-01-31,1", "a,2024-02-01,2", "b,2024-01-31,1", "b,2024-02-01,2"]


@pytest.fixture
def sales(tmp_path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text(SALES)
    return path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--levels", "0,80"], "--levels is '0,80'; it must be different percentages between 0 and 100"),
        (["--levels", "80", "--distribution", "point"], "--distribution point has no intervals"),
        (["--distribution", "cauchy"], "Invalid value for '--distribution'"),
        (["--past-col", "Month"], "no column holds dates or growing integers"),
        (["--static-col", "shop"], "--static-col is 'shop', but the columns are"),
        (
            ["--future", "f.csv"],
            "--future is given, but there are no future columns; name the future covariates",
        ),
        (["--future-template", "t.csv"], "--future-template is given, but there are no future columns"),
        (["--country", "Atlantis"], "knows no country 'Atlantis'"),
        (["--future-template", "t.xlsx"], "--future-template is 't.xlsx'; it must end in"),
        (["--future-template", "none/t.csv"], "there is no folder"),
        (["--future-template", "data.csv"], "DATA and --future-template are the same file"),
        (["--future", "f.csv", "--output", "f.csv"], "--future and --output are the same file"),
        (
            ["--future-template", "t.csv", "--future", "f.csv"],
            "only writes the table to fill in; leave out --fut",
        ),
        (["--future-template", "t.csv", "--output", "f.csv"], "leave out --output"),
        (["--future-template", "t.csv", "--plot", "f.png"], "leave out --plot"),
    ],
)
def test_options_of_covariates_and_levels(refused, airline, arguments, said):
    assert said in refused("forecast", airline.name, "--horizon", 2, *arguments)


def test_a_future_that_is_not_given_is_described(refused, sales):
    assert refused("forecast", sales, *NAMED) == (
        "the values of 'price' of 2 series are needed from 2024-01-31 to 2024-02-01: give them with --future "
        "FILE; --future-template FILE writes the table to fill in"
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (FUTURE[:4], "future lacks the row of series 'b' at 2024-02-01"),
        (FUTURE[:1] + FUTURE[3:], "future lacks the row of series 'a' at 2024-01-31"),
        ([*FUTURE, FUTURE[2]], "future has two rows for series 'a' at 2024-02-01"),
        (
            ["day,price", "2024-01-31,1"],
            "future.csv has no column 'shop', which is needed over the horizon; it has: 'day', 'price'",
        ),
        (["shop,day,cost", "a,2024-01-31,1"], "future.csv has no column 'price'"),
        ([*FUTURE[:4], "b,2024-02-01,dear"], "'price' has 'dear' in row 4, which is no number"),
        ([*FUTURE[:4], "b,tomorrow,2"], "column 'day' holds neither dates nor integers"),
        (FUTURE[:1], "future.csv has a header but no rows"),
        ([*FUTURE[:4], "b,2024-02-01,inf"], "covariate 'price' is inf"),
    ],
    ids=["missing", "series", "twice", "no_id", "no_column", "text", "no_date", "no_rows", "infinite"],
)
def test_a_future_that_cannot_be_used(refused, sales, lines, said):
    """Before training, too."""
    Path("future.csv").write_text("\n".join([*lines, ""]))
    assert said in refused("forecast", sales, *NAMED, "--future", "future.csv")


def test_a_future_that_is_no_file(refused, sales):
    said = refused("forecast", sales, *NAMED, "--future", "none.csv")
    assert said == "none.csv: No such file or directory"


def test_a_static_covariate_that_varies(refused, sales, monkeypatch, no_training):
    monkeypatch.setattr(tsseq2seq.Seq2SeqForecaster, "fit", no_training)
    named = ("--horizon", 2, "--target-col", "sales", "--id-col", "shop", "--static-col", "price")
    assert "static covariate 'price' varies within series 'a'" in refused("forecast", sales, *named)


@pytest.mark.parametrize(
    "distribution", ["normal", "student-t", "negative-binomial", "zero-inflated", "tweedie", "binned"]
)
def test_levels_that_are_for_prediction(refused, airline, distribution):
    options = ("--horizon", 2, "--model", "m", "--levels", "80", "--distribution", distribution)
    assert "gives any level; name them when it predicts" in refused("fit", airline, *options)


@pytest.fixture
def sales_model(run, sales, monkeypatch, no_training) -> str:
    with monkeypatch.context() as allowed:
        allowed.setattr(tsseq2seq.Seq2SeqForecaster, "fit", no_training)
        assert run("fit", sales, *NAMED, "--model", "model", *QUICK).status == 0
    return "model"


@pytest.mark.parametrize("data", [[], ["data.csv"]], ids=["own", "new"])
def test_predict_without_the_future(refused, sales_model, data):
    said = refused("predict", "--model", sales_model, *data)
    assert said.startswith("the values of 'price' of 2 series are needed from 2024-01-31 to 2024-02-01: give")


def test_predict_with_a_future_that_is_too_short(refused, sales_model):
    Path("future.csv").write_text("\n".join([*FUTURE[:4], ""]))
    said = refused("predict", "--model", sales_model, "--future", "future.csv")
    assert "future lacks the row of series 'b' at 2024-02-01" in said


def test_predict_from_data_without_the_covariate(refused, sales_model):
    Path("newer.csv").write_text("shop,day,sales\na,2024-01-31,2\n")
    said = refused("predict", "--model", sales_model, "newer.csv", "--future", "future.csv")
    assert said.startswith("newer.csv has no column 'price', which the model was fitted on; it has: 'shop'")


def test_predict_with_a_future_that_plays_no_role(refused, model):
    said = refused("predict", "--model", model, "--future", "future.csv")
    assert said == "--future is given, but there are no future columns; model was fitted without --future-col"


def test_calibrate_on_what_was_trained_on(refused, model):
    assert "that the model was not trained on" in refused("calibrate", "--model", model, "data.csv")


def test_calibrate_on_a_single_window(refused, model):
    text = Path("data.csv").read_text()
    Path("newer.csv").write_text(text + "1954-01,100\n1954-02,101\n")
    said = refused("calibrate", "--model", model, "newer.csv")
    assert said.startswith("calibrate: of some step one window has a known truth; an interval needs at least")


def test_calibrate_without_model_or_data(refused, model):
    assert "DATA is not given, and model keeps no rows" in refused("calibrate", "--model", model)
    assert refused("calibrate", "--model", model, "none.csv") == "none.csv: No such file or directory"
    assert "is not a saved model" in refused("calibrate", "--model", "none", "data.csv")


def test_predict_with_levels_that_were_not_trained(refused, model):
    assert "the model was trained for Seq2Seq-lo-90" in refused("predict", "--model", model, "--levels", "80")
    assert "different percentages" in refused("predict", "--model", model, "--levels", "100")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--windows", 0], "Invalid value for '--windows': "),
        (["--step", 0], "Invalid value for '--step': "),
        (["--refit-every", 0], "Invalid value for '--refit-every': "),
        (["--output", "f.xlsx"], "--output is 'f.xlsx'; it must end in"),
        (["--output", "data.csv"], "DATA and --output are the same file"),
        (["--levels", "101"], "--levels is '101'"),
        (["--levels", "80", "--distribution", "point"], "--distribution point has no intervals"),
        (["--target-col", "Mont"], "did you mean 'Month'"),
    ],
)
@pytest.mark.parametrize("command", ["backtest", "leaderboard"])
def test_options_of_studies(refused, airline, command, arguments, said):
    assert said in refused(command, airline.name, "--horizon", 2, *arguments)


@pytest.mark.parametrize("command", ["backtest", "leaderboard"])
def test_a_history_no_longer_than_the_horizon(refused, airline, command):
    assert "no series has a step before a horizon of 60" in refused(command, airline.name, "--horizon", 60)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--models", "seq2seq,arima"], "--models has 'arima'; did you mean sarimax? There are: seq2seq, "),
        (["--models", ""], "--models has ''; there are"),
        (["--models", "ets,theta,ETS"], "--models has 'ets' twice"),
        (["--plot", "f.txt"], "--plot is 'f.txt'; it must end in one of"),
        (["--plot", "f.svg", "--output", "f.svg"], "--output is 'f.svg'; it must end in"),
    ],
)
def test_options_of_the_leaderboard(refused, airline, arguments, said):
    assert said in refused("leaderboard", airline.name, "--horizon", 2, *arguments)


def test_a_leaderboard_of_several_targets(refused, sales):
    said = refused("leaderboard", sales, "--horizon", 2, "--target-col", "sales,price", "--id-col", "shop")
    assert said == "--target-col has several columns; a leaderboard compares forecasts of one"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--horizon", 0], "Invalid value for '--horizon': "),
        (["--horizon", 2, "--levels", "101"], "--levels is '101'"),
        (["--horizon", 2, "--freq", "fortnightly"], "freq is 'fortnightly'"),
        (["--horizon", 2, "--context-length", "many"], "Invalid value for '--context-length'"),
        (["--horizon", 2, "--output", "f.csv"], "--output"),
    ],
)
def test_options_of_the_diagnosis(refused, airline, arguments, said):
    assert said in refused("diagnose", airline.name, *arguments)


def test_a_missing_package_of_a_baseline_is_named_before_the_work(refused, airline, monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    said = refused("leaderboard", airline, "--horizon", 2)
    assert said.endswith("Install it with: pip install 'tsseq2seq[baselines]'")


def test_a_missing_package_of_holidays_is_named_before_the_work(refused, airline, monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    said = refused("forecast", airline, "--horizon", 2, "--country", "DE")
    assert said.endswith("Install it with: pip install 'tsseq2seq[holidays]'")


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
