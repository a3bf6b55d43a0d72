from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

needs_data = pytest.mark.skipif("TSSEQ2SEQ_DATA" not in os.environ, reason="TSSEQ2SEQ_DATA names no data")


@pytest.fixture
def made(monkeypatch):
    """Put a set of two series, of 40 and of 20 values, into the suite: quarterly, horizon 8."""
    import unfamiliar_sets
    from peers.protocol import Series

    whole = unfamiliar_sets.Whole(
        Series(["long", "short"], [np.arange(40.0), 100 + np.arange(20.0)]), "2001-01-01"
    )

    def put(windows=1):
        of = unfamiliar_sets.SeriesSet(lambda: whole, "QS", 4, 8, windows)
        monkeypatch.setitem(unfamiliar_sets.SETS, "made", of)
        return of

    return put


def test_the_test_takes_the_last_horizon_of_every_series(made):
    from unfamiliar_sets import cuts

    made()
    (cut,) = cuts("made", validation=False)
    assert (cut.held_out, cut.known.ids) == (8, ["long", "short"])
    assert [len(values) for values in cut.known.values] == [32, 12]
    np.testing.assert_array_equal(cut.truth, [np.arange(32.0, 40), np.arange(112.0, 120)])


def test_a_validation_takes_the_horizon_before_and_leaves_short_series_out(made):
    from unfamiliar_sets import cuts

    made()  # two seasons and a horizon ask for nine values; the short series has four left
    (cut,) = cuts("made", validation=True)
    assert (cut.held_out, cut.known.ids) == (16, ["long"])
    np.testing.assert_array_equal(cut.known.values[0], np.arange(24.0))
    np.testing.assert_array_equal(cut.truth, [np.arange(24.0, 32)])


@given(windows=st.integers(1, 6), asked=st.none() | st.integers(1, 6), horizon=st.integers(1, 50))
def test_a_validation_sees_nothing_of_the_test(windows, asked, horizon):
    from unfamiliar_sets import SeriesSet, held_out

    of = SeriesSet(lambda: None, None, 4, horizon, windows)
    test = held_out(of, validation=False)
    validation = held_out(of, validation=True, windows=asked)
    assert test == [back * horizon for back in range(windows, 0, -1)]
    assert len(validation) == (asked or windows)
    # its last horizon ends where the first of the test begins, and cutoffs are a horizon apart
    assert min(validation) - horizon == max(test)
    assert set(np.diff(validation)) <= {-horizon}


def test_where_no_series_is_long_enough_there_is_no_cutoff(made):
    from unfamiliar_sets import cuts

    made()
    assert [cut.held_out for cut in cuts("made", validation=True, windows=4)] == [24, 16]


def test_a_panel_that_is_not_there_is_named_with_the_variable(monkeypatch, tmp_path):
    from unfamiliar_sets import SETS

    monkeypatch.setenv("TSSEQ2SEQ_DATA", str(tmp_path))
    with pytest.raises(SystemExit, match=r"TSSEQ2SEQ_DATA.*panels/cif2016\.csv\.gz"):
        SETS["cif2016"].read()
    monkeypatch.delenv("TSSEQ2SEQ_DATA")
    with pytest.raises(SystemExit, match="TSSEQ2SEQ_DATA is None"):
        SETS["cif2016"].read()


@pytest.mark.parametrize("gap", [False, True])
def test_a_panel_is_read_where_it_lies_on_one_grid(monkeypatch, tmp_path, gap):
    from unfamiliar_sets import SETS

    times = pd.date_range("2000-01-01", periods=6, freq="QS")
    rows = [("b", time, 1.5) for time in times] + [("a", time, np.nan) for time in times[:3]]
    frame = pd.DataFrame(rows, columns=["unique_id", "ds", "y"])
    (tmp_path / "panels").mkdir()
    (frame.drop(index=2) if gap else frame).to_csv(tmp_path / "panels" / "m1_quarterly.csv.gz", index=False)
    monkeypatch.setenv("TSSEQ2SEQ_DATA", str(tmp_path))
    if gap:
        with pytest.raises(ValueError, match="m1_quarterly"):
            SETS["m1_quarterly"].read()
        return
    whole = SETS["m1_quarterly"].read()
    assert (whole.series.ids, whole.start) == (["b", "a"], "2000-01-01 00:00:00")
    np.testing.assert_array_equal(whole.series.values[0], [1.5] * 6)
    np.testing.assert_array_equal(whole.series.values[1], [np.nan] * 3)


@needs_data
@pytest.mark.parametrize(
    ("name", "count", "published"),
    [
        ("cif2016", 72, 1.289),
        ("tourism_monthly", 366, 1.631),
        ("tourism_quarterly", 427, 1.699),
        ("m1_monthly", 617, 1.314),
        ("m1_quarterly", 203, 2.078),
        ("m1_yearly", 181, 4.893),
        ("m4_hourly", 414, 1.193),
    ],
)
def test_seasonal_naive_has_the_error_that_is_published(name, count, published):
    from unfamiliar_scores import mase
    from unfamiliar_sets import cuts

    (cut,) = cuts(name, validation=False)
    assert len(cut.known.ids) == count
    season = cut.of.season
    naive = np.stack([np.resize(values[-season:], cut.of.horizon) for values in cut.known.values])
    assert mase(cut.known.values, cut.truth, naive, season) == pytest.approx(published, abs=5e-4)


@needs_data
def test_single_series_are_cut_where_small_series_cuts_them():
    from small_series import matches
    from unfamiliar_sets import cuts

    for validation in (False, True):
        mine = list(cuts("ausbeer", validation=validation))
        theirs = {match.cutoff: match for match in matches(["ausbeer"], 5, validation)}
        assert len(mine) == 5
        for cut in mine:
            np.testing.assert_array_equal(cut.known.values[0], theirs[len(cut.known.values[0])].known)


@needs_data
def test_etth1_is_scored_where_the_standard_task_reads_nothing():
    from unfamiliar_sets import cuts

    for validation in (False, True):
        (cut,) = cuts("etth1", validation=validation)
        assert cut.truth.shape == (7, 96)
        assert min(len(values) for values in cut.known.values) >= 14_400
