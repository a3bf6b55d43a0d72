"""The plot of scenarios, read back from the lines drawn."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from tsseq2seq.errors import DataError
from tsseq2seq.plotting import plot_scenarios

mpl.use("Agg")
from matplotlib import pyplot as plt

MONTHS = pd.date_range("2020-01-01", periods=66, freq="MS")
STEPS = 6


@pytest.fixture(autouse=True)
def no_settings_changed_and_no_figures_left():
    before = dict(mpl.rcParams)
    plt.close("all")
    yield
    assert dict(mpl.rcParams) == before
    plt.close("all")


def history(times=MONTHS[:60], ids=("a", "b")) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"unique_id": name, "ds": times, "y": 100.0 * place + np.arange(len(times))})
        for place, name in enumerate(ids)
    ]
    return pd.concat(parts, ignore_index=True)


def scenarios(count: int = 4, times=MONTHS[60:], ids=("a", "b"), name: str = "scenario") -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "unique_id": series,
                name: number,
                "ds": times,
                "Seq2Seq": 100.0 * place + number + np.arange(STEPS),
            }
        )
        for place, series in enumerate(ids)
        for number in range(count)
    ]
    return pd.concat(parts, ignore_index=True)


def drawn(ax) -> list:
    return [line for line in ax.lines if line.get_label() != "History"]


@pytest.mark.parametrize("name", ["scenario", "sample"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_line_for_each(count: int, name: str) -> None:
    ax = plot_scenarios(history(), scenarios(count, name=name))
    lines = drawn(ax)
    assert len(lines) == count
    found = sorted(line.get_ydata().tolist() for line in lines)
    assert found == [(number + np.arange(STEPS, dtype=float)).tolist() for number in range(count)]
    assert all(line.get_xdata().tolist() == MONTHS[60:].to_numpy().tolist() for line in lines)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["History", f"{count} {name}{'' if count == 1 else 's'}"]


def test_the_likeliest_is_the_darkest_and_on_top() -> None:
    lines = drawn(plot_scenarios(history(), scenarios(4)))
    strength = {line.get_ydata()[0]: line.get_alpha() for line in lines}
    assert [strength[float(number)] for number in range(4)] == sorted(strength.values(), reverse=True)
    assert strength[0.0] == 1.0
    assert strength[3.0] > 0
    assert lines[-1].get_ydata()[0] == 0.0, "the last drawn is on top"
    samples = drawn(plot_scenarios(history(), scenarios(4, name="sample")))
    assert len({line.get_alpha() for line in samples}) == 1, "no sample is better than another"


def test_the_end_of_the_history() -> None:
    (past,) = [line for line in plot_scenarios(history(), scenarios()).lines if line.get_label() == "History"]
    assert past.get_ydata().tolist() == list(range(60 - 3 * STEPS, 60))
    past_rows, rows = (frame.sample(frac=1, random_state=0) for frame in (history(), scenarios()))
    shuffled = plot_scenarios(past_rows, rows, series="a")
    assert shuffled.lines[0].get_ydata().tolist() == past.get_ydata().tolist()
    assert all((np.diff(line.get_xdata()) > np.timedelta64(0)).all() for line in shuffled.lines)


def test_which_series() -> None:
    first, second = plot_scenarios(history(), scenarios()), plot_scenarios(history(), scenarios(), series="b")
    assert first.get_title("left") == "a (the first of 2 series)"
    assert second.get_title("left") == "b"
    assert min(line.get_ydata().min() for line in second.lines) > 99


def test_one_series_without_a_name() -> None:
    past, ahead = (
        frame.query("unique_id == 'a'").drop(columns="unique_id") for frame in (history(), scenarios())
    )
    ax = plot_scenarios(past, ahead)
    assert len(drawn(ax)) == 4
    assert ax.get_title("left") == ""


def test_other_columns_and_integers() -> None:
    times = pd.RangeIndex(66)
    names = {"unique_id": "shop", "ds": "hour", "y": "sales"}
    ax = plot_scenarios(
        history(times[:60]).rename(columns=names),
        scenarios(2, times[60:]).rename(columns=names),
        id_col="shop",
        time_col="hour",
        target_col="sales",
    )
    assert len(drawn(ax)) == 2
    assert drawn(ax)[0].get_xdata().tolist() == list(range(60, 66))


def test_time_zones() -> None:
    zoned = MONTHS.tz_localize("Europe/Athens")
    ax = plot_scenarios(history(zoned[:60]), scenarios(2, zoned[60:]))
    ax.figure.canvas.draw()
    assert len(drawn(ax)) == 2


def test_where_it_is_drawn() -> None:
    ax = Figure(layout="constrained").subplots()
    assert plot_scenarios(history(), scenarios(), ax=ax) is ax
    assert len(ax.lines) == 5
    assert not plt.get_fignums(), "pyplot knows nothing of it"


def test_frames_stay_as_they_are() -> None:
    past, ahead = history(), scenarios()
    plot_scenarios(past, ahead, series="b")
    pd.testing.assert_frame_equal(past, history())
    pd.testing.assert_frame_equal(ahead, scenarios())


def test_what_is_refused() -> None:
    with pytest.raises(DataError, match="scenarios has no rows of series 'z'"):
        plot_scenarios(history(), scenarios(), series="z")
    with pytest.raises(DataError, match="history has no rows of series 'b'"):
        plot_scenarios(history(ids=("a",)), scenarios(), series="b")
    with pytest.raises(DataError, match="scenarios has no rows"):
        plot_scenarios(history(), scenarios()[:0])
    with pytest.raises(DataError, match=r"scenarios.*'Seq2Seq'"):
        plot_scenarios(history(), scenarios().drop(columns="Seq2Seq"))
    with pytest.raises(DataError, match=r"scenarios.*'sample'"):
        plot_scenarios(history(), scenarios().drop(columns="scenario"))
    with pytest.raises(DataError, match=r"history.*'y'"):
        plot_scenarios(history().drop(columns="y"), scenarios())
