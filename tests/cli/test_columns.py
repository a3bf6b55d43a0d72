"""Which column is which, in the layouts that data are published in."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.cli.columns import find_columns
from tsseq2seq.cli.typed import typed
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import DataError


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False)


def names(text: str, **named):
    columns, _ = find_columns(table(text), **named)
    (target,) = columns.targets
    return columns.time, target, columns.id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Month,#Passengers\n1949-01,112\n1949-02,118\n", ("Month", "#Passengers", None)),
        ("Y,date\n284,1956-01-01\n213,1956-04-01\n", ("date", "Y", None)),
        ("time,#Passengers\n2014-07-01 00:00:00,1\n2014-07-01 00:30:00,2\n", ("time", "#Passengers", None)),
        ("Week,Gasoline\n04/30/2021,8864\n04/23/2021,8877\n", ("Week", "Gasoline", None)),
        ("unique_id,ds,y\na,2020-01-01,1\na,2020-01-02,2\n", ("ds", "y", "unique_id")),
        ("ds,y\n1,5\n2,4\n", ("ds", "y", None)),
        # text that does not tell series apart plays no role
        ("day,sales,weekday\n2024-01-01,5,Mon\n2024-01-02,7,Tue\n", ("day", "sales", None)),
        # dates come before integers
        ("n,day,sales\n1,2024-01-01,5\n2,2024-01-02,4\n", None),
        # a panel
        ("shop,day,sales\na,2024-01-01,5\na,2024-01-02,4\nb,2024-01-01,3\n", ("day", "sales", "shop")),
        # of two texts, the one that tells rows of a day apart
        (
            "shop,city,day,sales\na,X,2024-01-01,5\nb,X,2024-01-01,3\na,X,2024-01-02,4\nb,X,2024-01-02,5\n",
            ("day", "sales", "shop"),
        ),
        # integers that grow, also from the newest to the oldest, also within series
        ("t,value\n1,5\n2,3\n3,9\n", ("t", "value", None)),
        ("year,value\n1950,5\n1949,3\n1948,9\n", ("year", "value", None)),
        ("name,t,value\na,1,5\na,2,3\nb,1,9\nb,2,9\n", ("t", "value", "name")),
        # of two that grow, the one that does so evenly
        ("year,population\n1949,100\n1950,140\n1951,200\n", ("year", "population", None)),
        # months as numbers
        ("period,value\n202311,5\n202312,6\n202401,7\n", ("period", "value", None)),
        # numbers with cells missing, or with one that is no number
        ("day,sales\n2024-01-01,\n2024-01-02,NA\n2024-01-03,4\n", ("day", "sales", None)),
    ],
)
def test_layouts(text, expected):
    if expected is None:
        with pytest.raises(DataError, match="2 columns hold numbers: 'n', 'sales'"):
            names(text)
    else:
        assert names(text) == expected


def test_what_was_guessed_is_known():
    text = "shop,day,y\na,2024-01-01,5\na,2024-01-02,4\nb,2024-01-01,3\n"
    assert find_columns(table(text)) == (Columns("shop", "day", ("y",)), ("time", "id"))
    assert find_columns(table(text), id="shop", time="day")[1] == ()


def test_options_come_before_default_names_and_those_before_guesses():
    text = "unique_id,ds,y,when,load\na,2024-01-01,5,2023-01-01,7\na,2024-01-02,6,2023-01-02,8\n"
    assert names(text) == ("ds", "y", "unique_id")
    assert names(text, time="when", targets=["load"]) == ("when", "load", "unique_id")


def test_options_settle_what_is_ambiguous():
    text = "DATE,AGE 0-4,AGE 5-24\n1997-10-12,179,205\n1997-10-19,199,242\n"
    assert names(text, targets=["AGE 5-24"]) == ("DATE", "AGE 5-24", None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "DATE,% WEIGHTED ILI,AGE 0-4\n1997-10-12,1.1,179\n1997-10-19,1.2,199\n",
            "2 columns hold numbers: '% WEIGHTED ILI', 'AGE 0-4'; choose one with --target-col",
        ),
        (
            "begin,end,y\n2024-01-01,2024-01-02,5\n2024-01-02,2024-01-03,5\n",
            "2 columns hold dates: 'begin', 'end'; choose one with --time-col",
        ),
        ("a,b\n1,2\n2,4\n3,6\n", "2 columns hold growing integers: 'a', 'b'; choose one with --time-col"),
        ("Y\n22262\n21756\n22247\n", "no column holds dates or growing integers; the columns are 'Y'"),
        ("day,note\n2024-01-01,a\n2024-01-02,b\n", "no column besides the time stamps holds numbers"),
        (
            "a,b,day,y\nu,v,2024-01-01,1\nu,w,2024-01-01,2\nx,v,2024-01-01,3\n",
            "none of the columns 'a', 'b' alone tells the series apart",
        ),
        (
            "a,b,day,y\nu,v,2024-01-01,1\nw,x,2024-01-01,2\nu,v,2024-01-02,2\n",
            "2 columns hold names of series: 'a', 'b'; choose one with --id-col",
        ),
        ("day,y\n03/04/2020,1\n04/04/2020,2\n", None),
    ],
)
def test_ambiguity_is_an_error_with_the_candidates_and_the_option(text, said):
    if said is None:
        columns, _ = find_columns(table(text))
        with pytest.raises(DataError, match="day or the month first"):
            typed(table(text), columns)
    else:
        with pytest.raises(DataError) as caught:
            find_columns(table(text))
        assert said in str(caught.value)


def test_candidates_are_listed_up_to_a_dozen():
    columns = ",".join(f"c{number}" for number in range(20))
    with pytest.raises(DataError, match=r"20 columns .* 'c11' … \(20 in all\); choose"):
        names(f"day,{columns}\n2024-01-01{',5.5' * 20}\n")


def test_named_columns_must_exist():
    with pytest.raises(
        DataError,
        match="--target-col is 'passengers', but the columns are 'Month', 'Passengers'; did you mean 'Pass",
    ):
        names("Month,Passengers\n1949-01,112\n", targets=["passengers"])


def test_one_column_cannot_be_two_things():
    with pytest.raises(DataError, match="'ds' cannot be both time and target"):
        names("ds,y\n2024-01-01,1\n", targets=["ds"])


SHOP = "day,load,price,a,b\n2024-01-01,1,2,u,3\n2024-01-02,2,1,u,4\n"


@pytest.mark.parametrize(
    ("targets", "past"),
    [
        (["load", "price"], ["b"]),
        (["load,price"], ["b"]),
        (["load, price"], ["b"]),
        (["load,price"], ["b,a"]),
    ],
)
def test_several_columns_are_named_one_by_one_or_by_commas(targets, past):
    columns, _ = find_columns(table(SHOP), targets=targets, past=past)
    assert columns.targets == ("load", "price")
    assert columns.past == tuple(past[0].split(","))
    assert columns.covariates == columns.past


def test_a_comma_in_a_name_is_no_separator():
    frame = pd.DataFrame({"t": ["1", "2"], "price, net": ["2", "2"], "x": ["1", "5"]})
    assert find_columns(frame, targets=["price, net"], past=["x"])[0].targets == ("price, net",)


def test_covariates_are_not_guessed_as_something_else():
    columns, guessed = find_columns(table(SHOP), past=["load"], future=["price"], static=["a"])
    assert (columns.targets, guessed) == (("b",), ("time", "target"))


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (
            {"targets": ["load"], "future": ["load"]},
            "'load' cannot be both target and future; choose with --target-col and --future-col",
        ),
        ({"targets": ["load"], "past": ["a"], "static": ["a"]}, "'a' cannot be both past and static"),
        ({"targets": ["load"], "past": ["day"]}, "no column holds dates or growing integers"),
        ({"targets": ["load"], "past": ["b", "b"]}, "--past-col names column 'b' twice"),
        ({"targets": ["load,load"]}, "--target-col names column 'load' twice"),
        ({"targets": ["load"], "static": ["c"]}, "--static-col is 'c', but the columns are 'day', 'load'"),
        ({"targets": ["load"], "future": ["a,"]}, "--future-col is '', but the columns are"),
        ({"targets": ["load"], "future": ["pice"]}, "--future-col is 'pice', .* did you mean 'price'"),
    ],
    ids=["target_future", "past_static", "past_time", "twice", "target_twice", "unknown", "empty", "typo"],
)
def test_misuse_of_roles(named, said):
    text = SHOP if "day" not in named.get("past", []) else "day,load\n2024-01-01,2\n2024-01-02,1\n"
    with pytest.raises(DataError, match=said):
        find_columns(table(text), **named)


def test_a_decimal_comma_is_named_as_such():
    text = 'day,sales\n2024-01-01,"1,5"\n2024-01-02,"2,5"\n'
    with pytest.raises(DataError, match=r"'sales' has '1,5' in row 1, .* decimals with a point"):
        names(text)


def test_guessing_works_on_typed_columns():
    frame = pd.DataFrame(
        {
            "shop": [1, 1, 2, 2],
            "day": pd.to_datetime(["2024-01-01", "2024-01-02"] * 2),
            "closed": [True, False, False, False],
            "sales": [1.5, np.nan, 2.5, 3.5],
        }
    )
    assert find_columns(frame, targets=["sales"]) == (Columns("shop", "day", ("sales",)), ("time", "id"))
    typed_frame, style = typed(frame, Columns("shop", "day", ("sales",)))
    assert style is None
    pd.testing.assert_frame_equal(typed_frame, frame[["shop", "day", "sales"]])
