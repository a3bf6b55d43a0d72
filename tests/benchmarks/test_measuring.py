from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="resident memory is read from /proc")


@pytest.mark.parametrize("ids", ["text", "category"])
def test_the_frame_is_a_users(ids):
    from measuring import long_frame

    df = long_frame(3, 50, ids)
    assert df["unique_id"].astype(str).tolist() == np.repeat(["H000000", "H000001", "H000002"], 50).tolist()
    assert isinstance(df["unique_id"].dtype, pd.CategoricalDtype) == (ids == "category")
    assert (df.groupby("unique_id", observed=True)["ds"].diff().dropna() == pd.Timedelta("1h")).all()
    assert df["ds"].is_monotonic_increasing is False
    np.testing.assert_array_equal(df["y"], long_frame(3, 50)["y"])
    # a wave and little noise around levels of their own
    assert df.groupby("unique_id", observed=True)["y"].std().between(0.6, 0.85).all()
    assert df.groupby("unique_id", observed=True)["y"].mean().std() > 1


def test_turns_alternate_their_order_and_warm_up(monkeypatch):
    import measuring

    now, asked = [0.0], []

    def work(name, seconds):
        def call():
            asked.append(name)
            now[0] += seconds

        return call

    monkeypatch.setattr(measuring.time, "perf_counter", lambda: now[0])
    seconds = measuring.turn_about({"a": work("a", 1), "b": work("b", 3)}, 2, warm_ups=1)
    assert asked == ["b", "a", "a", "b", "b", "a"]
    assert seconds == {"a": [1, 1], "b": [3, 3]}


def test_the_ratio_is_the_median_over_rounds():
    from measuring import median_ratio

    # 1/4, 6/3 and 10/2; the quotient of the medians would be 6/3 as well, that of the means 17/9
    assert median_ratio([1, 6, 10], [4, 3, 2]) == 2
    assert median_ratio([1, 6, 8], [1, 2, 1]) == 3


@linux
def test_peak_memory_is_what_was_there_for_a_moment():
    from measuring import MIB, PeakMemory

    peak = PeakMemory()
    block = np.ones(8 * MIB)
    del block
    assert 60 < peak.beyond / MIB < 80
    # the mark begins anew
    again = PeakMemory()
    assert again.beyond / MIB < 16
    assert peak.beyond / MIB < 32


@linux
def test_a_mark_that_there_is_not():
    from measuring import resident

    with pytest.raises(OSError, match="has no VmNothing"):
        resident("VmNothing")
