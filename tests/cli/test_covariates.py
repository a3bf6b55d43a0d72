"""Covariates, several targets and levels, through the commands that forecast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsseq2seq

QUICK = ("--max-steps", 2)
ROLES = ("--past-col", "visits", "--future-col", "price,promo", "--static-col", "city")
WANTED = "'price', 'promo' of 2 series are needed from 10/02/2024 to 12/02/2024: give them with --future FILE"


@pytest.fixture
def sales(tmp_path) -> Path:
    """Two shops that are called by numbers, and dates with the day first."""
    rows = ["shop,day,sales,visits,price,promo,city"]
    for shop, city in ((7, "Bonn"), (8, "Köln")):
        for n, day in enumerate(pd.date_range("2024-01-01", periods=40)):
            price = 1.5 + n % 3 / 2
            promo = "yes" if n % 4 else "no"
            rows.append(f"{shop},{day:%d/%m/%Y},{50 + n % 7 + shop},{900 + n},{price},{promo},{city}")
    path = tmp_path / "data.csv"
    path.write_text("\n".join([*rows, ""]), encoding="utf-8")
    return path


def fill(template: str, to: str = "prices.csv") -> Path:
    """Fill in a template: the price and the promotion."""
    header, *rows = Path(template).read_text().split()
    assert header == "shop,day,price,promo"
    filled = [row.removesuffix(",,") + ",2.5,yes" for row in rows]
    Path(to).write_text("\n".join([header, *filled, ""]))
    return Path(to)


def forecast(run: Callable, sales: Path, *options: object):
    named = ("--id-col", "shop", "--target-col", "sales", "--horizon", 3)
    return run("forecast", sales, *named, *ROLES, *QUICK, *options)


def test_a_template_is_filled_in_and_forecast_from(run, sales):
    done = forecast(run, sales, "--future-template", "t.csv")
    assert (done.status, done.out) == (0, "")
    assert done.err.splitlines() == [
        "data.csv: 80 rows, 2 series; id 'shop', time 'day' (guessed), target 'sales', past 'visits', "
        "future 'price', 'promo' (2 categories), static 'city' (2 categories)",
        "wrote t.csv with 6 rows; fill in 'price', 'promo', then use --future",
    ]
    assert Path("t.csv").read_text().splitlines()[:2] == ["shop,day,price,promo", "7,10/02/2024,,"]
    fill("t.csv")
    done = forecast(run, sales, "--future", "prices.csv", "--output", "f.csv", "--plot", "f.png")
    assert done.status == 0
    written = pd.read_csv("f.csv")
    assert written["day"].tolist() == ["10/02/2024", "11/02/2024", "12/02/2024"] * 2
    assert written["Seq2Seq"].notna().all()
    assert Path("f.png").stat().st_size > 1000


def test_a_forecast_with_covariates_is_that_of_the_library(run, sales):
    forecast(run, sales, "--future-template", "t.csv")
    forecast(run, sales, "--future", fill("t.csv"), "--output", "f.parquet")
    frame = pd.read_csv(sales)
    frame["day"] = pd.to_datetime(frame["day"], format="%d/%m/%Y")
    model = tsseq2seq.Seq2SeqForecaster(
        3,
        output=tsseq2seq.Quantiles((0.05, 0.5, 0.95)),
        training=tsseq2seq.Training(max_steps=2),
        past_covariates=["visits"],
        future_covariates=["price", "promo"],
        static_covariates=["city"],
        id_col="shop",
        time_col="day",
        target_col="sales",
    )
    model.fit(frame)
    expected = model.predict(future=model.future_frame().assign(price=2.5, promo="yes"))
    written = pd.read_parquet("f.parquet").drop(columns="shop")
    pd.testing.assert_frame_equal(written, expected.drop(columns="shop"), check_dtype=False)


def test_what_is_known_of_the_future_matters(run, sales):
    forecast(run, sales, "--future-template", "t.csv")
    for name, price in (("a", "2.5"), ("b", "9")):
        path = fill("t.csv", f"{name}.csv")
        path.write_text(path.read_text().replace("2.5", price))
        forecast(run, sales, "--future", path, "--output", f"{name}.out.csv")
    first, second = (pd.read_csv(f"{name}.out.csv")["Seq2Seq"] for name in "ab")
    assert not np.allclose(first, second)


@pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")
def test_cells_that_are_not_filled_in_are_told(run, sales):
    forecast(run, sales, "--future-template", "t.csv")
    done = forecast(run, sales, "--future", "t.csv")
    assert done.status == 0
    assert "warning: covariates are missing and were masked: 'price' in 6 of 6 rows" in done.err


def test_a_saved_model_forecasts_with_covariates(run, sales, tmp_path):
    named = ("--id-col", "shop", "--target-col", "sales", "--horizon", 3)
    assert run("fit", sales, *named, *ROLES, *QUICK, "--model", "m").status == 0
    done = run("predict", "--model", "m", "--future-template", "own.csv")
    assert done.err == "wrote own.csv with 6 rows; fill in 'price', 'promo', then use --future\n"
    assert Path("own.csv").read_text().splitlines()[1] == "7,2024-02-10,,"
    done = run("predict", "--model", "m", "--future", fill("own.csv"), "--output", "own.f.csv")
    assert done.status == 0
    # the same history as text, whose days stand first; the rows of the future in another order
    run("predict", "--model", "m", sales, "--future-template", "t.csv")
    header, *rows = fill("t.csv").read_text().split()
    Path("back.csv").write_text("\n".join([header, *reversed(rows), ""]))
    done = run("predict", "--model", "m", sales, "--future", "back.csv", "--output", "text.f.csv")
    assert (done.status, done.err.count("error")) == (0, 0)
    own, text = pd.read_csv("own.f.csv"), pd.read_csv("text.f.csv")
    assert text["day"].iloc[0] == "10/02/2024"
    pd.testing.assert_frame_equal(own.drop(columns="day"), text.drop(columns="day"))
    done = run("predict", "--model", "m", "--future", "prices.csv", "--horizon", 1, sales)
    assert len(done.out.splitlines()) == 3  # the head, the first series, and how many follow


def test_names_that_are_numbers_in_parquet_are_found_in_csv(run, sales):
    frame = pd.read_csv(sales)
    frame["day"] = pd.to_datetime(frame["day"], format="%d/%m/%Y")
    frame.to_parquet("data.parquet")
    done = forecast(run, Path("data.parquet"), "--future-template", "t.csv")
    assert Path("t.csv").read_text().splitlines()[1] == "7,2024-02-10,,"
    done = forecast(run, Path("data.parquet"), "--future", fill("t.csv"), "--output", "f.parquet")
    assert done.status == 0
    assert pd.read_parquet("f.parquet")["shop"].tolist() == [7, 7, 7, 8, 8, 8]


def test_rows_of_the_time_to_forecast_in_the_data_are_noticed(run, airline):
    note = "note: the last row of 1 of 1 series has no '#Passengers'; the forecast begins after it"
    assert note not in run("forecast", airline, "--horizon", 2, *QUICK).err
    airline.write_text(airline.read_text() + "1954-01,\n")
    done = run("forecast", airline, "--horizon", 2, *QUICK, "--output", "f.csv")
    assert note in done.err
    assert pd.read_csv("f.csv")["Month"].tolist() == ["1954-02", "1954-03"]


def test_several_targets_are_forecast_together(run, sales):
    named = ("--id-col", "shop", "--target-col", "sales,visits", "--horizon", 3)
    done = run("forecast", sales, *named, *QUICK, "--output", "f.csv", "--plot", "f.png")
    assert done.status == 0
    head = done.out.splitlines()[0].split()
    assert [name for name in head if "-90" not in name] == ["shop", "day", "Seq2Seq-sales", "Seq2Seq-visits"]
    assert "target 'sales', 'visits'" in done.err
    assert run("fit", sales, *named, *QUICK, "--model", "m").status == 0
    done = run("predict", "--model", "m", sales, "--output", "again.csv", "--plot", "again.svg")
    assert done.status == 0
    assert Path("again.csv").read_text() == Path("f.csv").read_text()
    assert Path("again.svg").stat().st_size > 1000


@pytest.mark.parametrize("series", [1, 2])
def test_each_target_is_drawn(run, sales, monkeypatch, series):
    import tsseq2seq.cli.picture as picture

    drawn = []
    original = picture.plot_forecast

    def plot(history, forecast, **options):
        drawn.append((options["target_col"], options["title"], list(forecast)[2:]))
        return original(history, forecast, **options)

    monkeypatch.setattr(picture, "plot_forecast", plot)
    if series == 1:
        sales.write_text("\n".join(sales.read_text().splitlines()[:41]) + "\n")
    options = ("--id-col", "shop", "--target-col", "sales", "--target-col", "visits", "--plot", "f.png")
    done = run("forecast", sales, "--horizon", 3, *QUICK, *options)
    assert done.status == 0
    columns = ["Seq2Seq", "Seq2Seq-lo-90", "Seq2Seq-hi-90"]
    assert drawn == [("sales", "7", columns), ("visits", None, columns)]
    assert ("note: f.png shows the first of 2 series" in done.err) == (series == 2)


def test_levels_are_the_intervals(run, airline):
    bounds = [f"Seq2Seq-{side}-{level}" for level in (80, 95) for side in ("lo", "hi")]
    done = run("forecast", airline, "--horizon", 3, *QUICK, "--levels", "80,95")
    assert done.out.splitlines()[0].split() == ["Month", "Seq2Seq", *bounds]
    run("fit", airline, "--horizon", 3, *QUICK, "--model", "m", "--levels", "80,95")
    assert sorted(run("predict", "--model", "m").out.split()[2:6]) == sorted(bounds)
    assert run("predict", "--model", "m", "--levels", "95").out.split()[:4] == [
        "Month",
        "Seq2Seq",
        *bounds[2:],
    ]


def test_a_distribution_has_any_level(run, airline):
    options = ("--horizon", 3, *QUICK, "--distribution", "student-t")
    run("fit", airline, *options, "--model", "m")
    done = run("predict", "--model", "m", "--levels", "51")
    assert done.out.split()[:4] == ["Month", "Seq2Seq", "Seq2Seq-lo-51", "Seq2Seq-hi-51"]
    again = run("forecast", airline, *options, "--levels", "51")
    assert [line.split()[1:] for line in again.out.splitlines()] == [
        line.split()[1:] for line in done.out.splitlines()
    ]


# of 31 December, the day before the only holiday, there is no row
@pytest.mark.filterwarnings("always:.*day_before_holiday:tsseq2seq.errors.DataWarning")
def test_the_calendar_is_seen(run, sales):
    named = ("--id-col", "shop", "--target-col", "sales", "--horizon", 3, *QUICK)
    plain, calendar, holidays = (
        run("forecast", sales, *named, *more).out for more in ((), ("--calendar",), ("--country", "DE"))
    )
    assert len({plain, calendar, holidays}) == 3


@pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")
@pytest.mark.parametrize(("true", "false"), [("True", "False"), ("TRUE", "FALSE"), ("1", "0"), ("yes", "no")])
def test_booleans_mean_the_same_however_a_file_writes_them(run, true, false):
    rows = [(f"2024-01-{day:02}", 20 + day % 5, (false, true)[day % 3 == 0]) for day in range(1, 32)]
    lines = ["date,sales,promo", *(f"{day},{sales},{promo}" for day, sales, promo in rows)]
    Path("h.csv").write_text("\n".join(lines) + "\n")
    options = ("--horizon", 2, "--future-col", "promo", "--target-col", "sales", *QUICK)
    assert run("fit", "h.csv", *options, "--model", "m").status == 0
    printed = {}
    yes, no = ["True", "1", "1.0", "TRUE", "true"], ["False", "0", "FALSE"]
    if true != "1":  # where training saw numbers, other words are no numbers
        yes, no = [*yes, "yes"], [*no, "no"]
    for word in (*yes, *no, ""):
        Path("f.csv").write_text(f"date,promo\n2024-02-01,{word}\n2024-02-02,{word}\n")
        done = run("predict", "--model", "m", "--future", "f.csv")
        assert done.status == 0, done.err
        assert ("warning" in done.err) == (word == "")
        printed[word] = done.out
    assert len({printed[word] for word in yes}) == 1
    assert len({printed[word] for word in no}) == 1
    assert printed["1"] != printed["0"]


@pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")
def test_a_category_that_training_did_not_have_is_told(run, sales):
    forecast(run, sales, "--future-template", "t.csv")
    path = fill("t.csv", "a.csv")
    path.write_text(path.read_text().replace("yes", "perhaps"))
    done = forecast(run, sales, "--future", path)
    assert done.status == 0
    assert "'promo' is 'perhaps' in 6 rows" in done.err
