"""From cells to typed columns."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.cli.typed import match_names, typed
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import DataError


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False)


def test_typed_keeps_names_and_reads_cells():
    text = "shop,day,sales,note\n007,2024-01-01,5,x\n008,2024-01-02, ,y\n"
    frame, style = typed(table(text), Columns("shop", "day", ("sales",)))
    assert frame["shop"].tolist() == ["007", "008"]
    assert frame["day"].tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02")]
    assert frame["sales"].iloc[0] == 5
    assert np.isnan(frame["sales"].iloc[1])
    assert (style, list(frame)) == ("%Y-%m-%d", ["shop", "day", "sales"])


def test_integers_are_a_time():
    frame, style = typed(table("t,y\n1,5\n2,6\n"), Columns(None, "t", ("y",)))
    assert frame["t"].dtype == np.int64
    assert style is None


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["2024-01-01"] * 19 + ["2024-01-40"], "'day' has '2024-01-40' in row 20, which is no date"),
        (["2024-01-01"] * 19 + [""], "'day' has '' in row 20, which is no date"),
        (["Monday"] * 20, "'day' holds neither dates nor integers: its first cell is 'Monday'"),
    ],
)
def test_time_stamps_that_cannot_be_read(cells, said):
    frame = pd.DataFrame({"day": cells, "y": ["1"] * 20})
    with pytest.raises(DataError, match=said):
        typed(frame, Columns(None, "day", ("y",)))


def test_text_in_the_target_is_named_with_its_row():
    cells = [str(number) for number in range(20)]
    cells[13] = "closed"
    frame = pd.DataFrame({"t": [str(number) for number in range(20)], "sales": cells})
    with pytest.raises(DataError, match=r"'sales' has 'closed' in row 14, which is no number$"):
        typed(frame, Columns(None, "t", ("sales",)))


COVARIATES = "t,y,price,promo,open\n1,5,2.5, yes ,1\n2,6,,,0\n3,7,3.5,no,1\n"
PAST = Columns(None, "t", ("y",), past=("price", "promo", "open"))


def test_covariates_are_numbers_or_categories():
    frame, _ = typed(table(COVARIATES), PAST)
    np.testing.assert_array_equal(frame["price"], [2.5, np.nan, 3.5])
    assert frame["promo"].fillna("missing").tolist() == ["yes", "missing", "no"]
    assert frame["open"].tolist() == [1, 0, 1]
    assert list(frame) == ["t", "y", "price", "promo", "open"]


def test_what_is_a_number_may_be_known():
    frame, _ = typed(table(COVARIATES), PAST, numeric=["price"])
    assert frame["open"].tolist() == ["1", "0", "1"]
    with pytest.raises(DataError, match="'promo' has ' yes ' in row 1, which is no number"):
        typed(table(COVARIATES), PAST, numeric=["promo"])


def test_an_empty_column_is_what_it_was():
    text = "t,price\n1,\n2,\n"
    columns = Columns(None, "t", (), future=("price",))
    assert typed(table(text), columns, numeric=["price"])[0]["price"].isna().all()
    assert typed(table(text), columns, numeric=["price"])[0]["price"].dtype == np.float64
    assert typed(table(text), columns, numeric=[])[0]["price"].dtype != np.float64


def test_a_covariate_with_decimal_commas_is_no_category():
    with pytest.raises(DataError, match=r"'price' has '1,5' in row 1, .* decimals with a point"):
        typed(
            pd.DataFrame({"t": ["1"], "y": ["1"], "price": ["1,5"]}),
            Columns(None, "t", ("y",), past=("price",)),
        )


def test_versions_are_categories():
    frame, _ = typed(
        pd.DataFrame({"t": ["1"], "y": ["1"], "v": ["1.2.3"]}), Columns(None, "t", ("y",), past=("v",))
    )
    assert frame["v"].tolist() == ["1.2.3"]


def test_typed_columns_stay_as_they_are():
    frame = pd.DataFrame({"t": [1, 2], "y": [1.0, 2.0], "open": [True, False], "n": [3, 4]})
    read, _ = typed(frame, Columns(None, "t", ("y",), past=("open", "n")))
    pd.testing.assert_frame_equal(read, frame)


def test_the_style_of_dates_may_be_known():
    """Three days of March, which by themselves could be days of three months."""
    frame = table("day,y\n01/03/2024,1\n02/03/2024,1\n03/03/2024,1\n")
    read, style = typed(frame, Columns(None, "day", ("y",)), style="%d/%m/%Y")
    assert read["day"].dt.month.tolist() == [3, 3, 3]
    assert style == "%d/%m/%Y"
    other = table("day,y\n2024-03-01,1\n")
    assert typed(other, Columns(None, "day", ("y",)), style="%d/%m/%Y")[1] == "%Y-%m-%d"


@pytest.mark.parametrize(
    ("names", "known", "expected"),
    [
        (["1", "2"], [1, 2], [1, 2]),
        (["1", "x"], [1, 2], ["1", "x"]),
        (["1", "2"], ["1", "2"], ["1", "2"]),
        ([1, 2], [1, 2], [1, 2]),
    ],
    ids=["numbers", "text_among_them", "text", "typed"],
)
def test_names_of_series_are_as_elsewhere(names, known, expected):
    assert match_names(pd.Series(names), pd.Index(known)).tolist() == expected


def test_names_are_one_where_no_one_sees_a_difference():
    cells = ["K\u00f6ln", "Ko\u0308ln", "K\u00f6ln\u200b", " K\u00f6ln", "Bonn"]
    table = pd.DataFrame({"day": ["2024-01-01"] * 5, "sales": ["5"] * 5, "town": cells})
    frame, _ = typed(table, Columns("town", "day", ("sales",)))
    assert frame["town"].unique().tolist() == ["K\u00f6ln", "Bonn"]
