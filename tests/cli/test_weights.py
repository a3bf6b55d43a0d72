"""A column of weights, through the commands that fit on a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import load

QUICK = ("--max-steps", 3)


@pytest.fixture
def table(tmp_path) -> Path:
    """Two series; weights are written with a decimal comma, and beside them there is another number."""
    rows = ["day;shop;sales;worth"]
    for shop in "ab":
        for n, day in enumerate(pd.date_range("2024-01-01", periods=60)):
            rows.append(
                f"{day:%Y-%m-%d};{shop};{n % 7 + n * n % 5 + ord(shop) + 0.5};{n % 4 / 2}".replace(".", ",")
            )
    path = tmp_path / "data.csv"
    path.write_text("\n".join([*rows, ""]), encoding="utf-8")
    return path


ROLES = ("--target-col", "sales", "--id-col", "shop", "--weight-col", "worth")


def test_a_model_is_fitted_with_weights_and_forecasts_without(run, table):
    done = run("fit", table, "--model", "model", "--horizon", 3, *ROLES, *QUICK)
    assert done.status == 0
    assert done.err.startswith(
        "data.csv: 120 rows, 2 series; id 'shop', time 'day' (guessed), target 'sales', weight 'worth'\n"
    )
    assert load("model").weight_col == "worth"
    without = table.with_name("without.csv")
    pd.read_csv(table, sep=";", decimal=",").drop(columns="worth").to_csv(without, index=False)
    assert run("predict", without, "--model", "model").status == 0
    plain = run("fit", table, "--model", "plain", "--horizon", 3, *ROLES[:4], *QUICK)
    assert plain.status == 0
    assert not np.allclose(load("plain").history_["loss"], load("model").history_["loss"], rtol=1e-4)


def test_other_commands_take_it_too(run, table):
    assert run("forecast", table, "--horizon", 3, *ROLES, *QUICK).status == 0
    assert run("backtest", table, "--horizon", 3, "--windows", 1, *ROLES, *QUICK).status == 0
    done = run("anomalies", table, "--window-length", 7, *ROLES, *QUICK, "--false-alarms", 0.2)
    assert done.status == 0
    assert "weight 'worth'" in done.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--weight-col", "wroth"),
            "--weight-col is 'wroth', but the columns are 'day', 'shop', 'sales', 'worth'",
        ),
        (("--weight-col", "sales"), "column 'sales' cannot be both weight and target"),
        (
            ("--weight-col", "worth", "--model-name", "theta"),
            "--weight-col is given, but theta weighs all rows the same",
        ),
    ],
)
def test_what_is_refused(run, table, options, message):
    done = run("forecast", table, "--horizon", 3, *ROLES[:4], *options)
    assert done.status != 0
    assert message in done.err


def test_weights_below_zero_are_told_of_in_the_words_of_the_command(run, table):
    table.write_text(table.read_text().replace(";1,5\n", ";-1,5\n", 1))
    done = run("forecast", table, "--horizon", 3, *ROLES, *QUICK)
    assert done.status != 0
    assert "--weight-col 'worth' is -1.5 at 2024-01-04" in done.err
