"""Steps held out of training: their errors, calibration on them, forecasts after them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsseq2seq

QUICK = ("--max-steps", 2)

# What the library warns of is to be printed; elsewhere in the tests warnings are errors.
pytestmark = pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")


@pytest.fixture
def months(airline) -> Path:
    """The months of the other tests, which do not repeat themselves exactly."""
    noise = np.random.default_rng(0).integers(0, 9, 60)
    head, *rows = airline.read_text().splitlines()
    cells = [row.split(",") for row in rows]
    varied = [f"{month},{int(value) + extra}" for (month, value), extra in zip(cells, noise, strict=True)]
    airline.write_text("\n".join([head, *varied, ""]))
    return airline


def table(path: Path, *, shops: tuple[str, ...] = ("007", "NA", "neu"), zone: str = "") -> Path:
    """Three series, the last one shorter; values that could be read as thousands, a promotion, gaps."""
    rng = np.random.default_rng(0)
    rows = ["shop;day;sold;promo"]
    for shop in shops:
        for n, day in enumerate(pd.date_range("2024-01-01", periods=20 if shop == "neu" else 60)):
            sold = "" if n == 5 else f"{1 + rng.random():.3f}"
            rows.append(f"{shop};{day:%Y-%m-%d}{zone};{sold};{'yes' if n % 7 == 0 else 'no'}")
    path.write_text("\n".join([*rows, ""]))
    return path


ROLES = ("--target-col", "sold", "--id-col", "shop", "--future-col", "promo", "--decimal", ".")


def test_fit_holds_out_calibrate_takes_it_and_predict_begins_after_it(run, months) -> None:
    done = run("fit", months, "--horizon", 3, "--hold-out", 24, "--model", "M", *QUICK)
    assert done.status == 0, done.err
    assert "errors in the last 24 steps, which were not trained on (8 forecasts of each series)" in done.err
    head, row = (line.split() for line in done.out.splitlines())
    assert head == ["target", "mae", "rmse", "smape", "mase", "coverage-90"]
    frame = pd.read_csv(months, parse_dates=["Month"])
    model = tsseq2seq.load("M")
    assert model.fitted_.panel.frame(0, "Month")["Month"].max() == frame["Month"].iloc[-25]
    forecasts = model.predict_cutoffs(frame, windows=8)
    error = (forecasts["Seq2Seq"] - forecasts["#Passengers"]).abs().mean()
    assert float(row[1]) == pytest.approx(error, rel=1e-3)
    done = run("calibrate", "--model", "M", "--step", 1)
    assert "with intervals from 22 windows" in done.err
    expected = model.calibrate(frame, step=1)
    pd.testing.assert_frame_equal(
        tsseq2seq.load("M").predict(frame, levels=[80]), expected.predict(frame, levels=[80])
    )
    # and again, since calibrating keeps what it took
    for _ in range(2):
        done = run("predict", "--model", "M", "--levels", 80, "--output", "f.csv")
        written = pd.read_csv("f.csv", parse_dates=["Month"])
        pd.testing.assert_frame_equal(
            written, expected.predict(frame, levels=[80]), check_dtype=False, rtol=1e-6
        )
        assert run("calibrate", "--model", "M", "--step", 1).status == 0


@pytest.mark.parametrize("zone", ["", "T00:00:00Z"])
def test_what_is_kept_is_read_as_it_was(run, tmp_path, zone) -> None:
    data = table(tmp_path / "shops.csv", zone=zone)
    done = run("fit", data, *ROLES, "--horizon", 4, "--hold-out", 20, "--model", "M", *QUICK)
    assert done.status == 0, done.err
    assert "1 of 3 series have no more than 20 steps and are not trained on; the first is 'neu'" in done.err
    assert run("calibrate", "--model", "M").status == 0
    run("predict", "--model", "M", "--future-template", "t.csv")
    future = pd.read_csv("t.csv", dtype=str, keep_default_na=False)
    assert set(future["shop"]) == {"007", "NA", "neu"}
    assert future["day"].str[:10].tolist()[:2] == ["2024-03-01", "2024-03-02"]
    future.assign(promo="no").to_csv("f.csv", index=False)
    done = run("predict", "--model", "M", "--future", "f.csv", "--output", "kept.csv")
    assert done.status == 0, done.err
    again = run(
        "predict", "--model", "M", data, "--decimal", ".", "--future", "f.csv", "--output", "given.csv"
    )
    assert again.status == 0, again.err
    kept, given = pd.read_csv("kept.csv"), pd.read_csv("given.csv")
    pd.testing.assert_frame_equal(kept.drop(columns="day"), given.drop(columns="day"), rtol=1e-5)


def test_rows_in_order_without_time(run) -> None:
    Path("d.csv").write_text("y\n" + "".join(f"{n % 5 + n * n % 3}\n" for n in range(60)))
    assert (
        run("fit", "d.csv", "--no-time", "--horizon", 2, "--hold-out", 9, "--model", "M", *QUICK).status == 0
    )
    assert run("calibrate", "--model", "M", "--step", 1).status == 0
    done = run("predict", "--model", "M")
    assert done.out.splitlines()[1].split()[0] in ("60", "61")


def test_a_later_fit_keeps_nothing_of_it(run, months) -> None:
    run("fit", months, "--horizon", 3, "--hold-out", 12, "--model", "M", *QUICK)
    assert (Path("M") / "history.csv").exists()
    run("fit", months, "--horizon", 3, "--model", "M", *QUICK)
    assert not (Path("M") / "history.csv").exists()
    assert run("calibrate", "--model", "M").status == 2


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (2, "--hold-out is 2, but --horizon is 3; hold out at least one horizon"),
        (60, "--hold-out is 60, but the longest series has 60 steps"),
        (10**6, "--hold-out is 1000000"),
        (0, "Invalid value for '--hold-out'"),
    ],
)
def test_what_cannot_be_held_out(refused, months, steps, said) -> None:
    assert said in refused("fit", months, "--horizon", 3, "--hold-out", steps, "--model", "M")
