"""Which series are printed and drawn, under which title, and what a plot leaves out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

QUICK = ("--max-steps", 2)

# What the library warns of is to be printed; elsewhere in the tests warnings are errors.
pytestmark = pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")


@pytest.fixture
def shops(tmp_path) -> Path:
    """Eight series, one of which has a comma in its name; seven targets."""
    days = pd.date_range("2024-01-01", periods=30)
    names = ["a", "b", "c", "d", "e", "f", "g", "x, y"]
    targets = [f"t{number}" for number in range(7)]
    rows = [
        [name, f"{day:%Y-%m-%d}", *[place + n % 7 + number for number in range(7)]]
        for place, name in enumerate(names)
        for n, day in enumerate(days)
    ]
    path = tmp_path / "data_shops.csv"
    pd.DataFrame(rows, columns=["shop", "day", *targets]).to_csv(path, index=False)
    return path


@pytest.fixture
def drawn(monkeypatch) -> dict[str, object]:
    """What is drawn: the figure that is saved."""
    seen: dict[str, object] = {}
    from matplotlib.figure import Figure

    save = Figure.savefig

    def keep(figure: Figure, *arguments: object, **options: object) -> None:
        seen["titles"] = [ax.get_title(loc="left") for ax in figure.axes if ax.axison]
        legends = [*figure.legends, *[ax.get_legend() for ax in figure.axes if ax.get_legend()]]
        seen["legend"] = [legend.get_title().get_text() for legend in legends]
        seen["note"] = figure.get_supxlabel()
        save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    return seen


ROLES = ("--id-col", "shop", "--target-col", "t0", "--horizon", 2)


def test_the_first_series_are_drawn_and_the_others_said(run, shops, drawn) -> None:
    done = run("forecast", shops, *ROLES, *QUICK, "--plot", "f.png")
    assert drawn["titles"] == ["a", "b", "c", "d", "e", "f"]
    assert drawn["note"] == "the first 6 of 8 series"
    assert "note: f.png shows the first 6 of 8 series; --series NAME chooses others" in done.err
    assert [line.split()[0] for line in done.out.splitlines()[1:3]] == ["a", "a"]
    assert done.out.splitlines()[3].startswith("… and 7 more series")


def test_series_are_chosen_in_their_order(run, shops, drawn) -> None:
    options = ("--series", "g,b", "--series", "x, y", "--title", "Three of them", "--plot", "f.png")
    done = run("forecast", shops, *ROLES, *QUICK, *options)
    assert drawn["titles"] == ["g", "b", "x, y"]
    assert drawn["note"] == ""
    assert "Three of them" in drawn["legend"]
    lines = done.out.splitlines()
    assert [line.split("2024")[0].strip() for line in lines[1:7]] == ["g", "g", "b", "b", "x, y", "x, y"]
    assert lines[7].startswith("… and 5 more series")
    assert "note" not in done.err


def test_one_series_and_its_title(run, shops, drawn) -> None:
    done = run(
        "forecast", shops, *ROLES, *QUICK, "--series", "c", "--plot", "f.png", "--model-name", "seq2seq"
    )
    assert done.status == 0, done.err
    assert drawn["titles"] == ["c"]
    run("fit", shops, *ROLES, *QUICK, "--model", "M")
    run("predict", "--model", "M", "--series", "d", "--title", "My own", "--plot", "f.png")
    assert drawn["titles"] == ["My own"]


def test_targets_that_are_left_out_are_said(run, shops, drawn) -> None:
    targets = ("--target-col", ",".join(f"t{number}" for number in range(7)))
    call = ("--id-col", "shop", "--horizon", 2, *targets, *QUICK, "--plot", "f.png")
    done = run("forecast", shops, *call)
    assert drawn["note"] == "the first of 8 series, the first 6 of 7 targets"
    assert f"note: f.png shows {drawn['note']}" in done.err
    done = run("forecast", shops, *call, "--series", "e")
    assert drawn["note"] == "the first 6 of 7 targets"
    done = run("forecast", shops, *call, "--series", "e,f")
    assert drawn["note"] == "the first of 2 chosen series, the first 6 of 7 targets"


def test_more_series_are_chosen_than_are_drawn(run, shops, drawn) -> None:
    done = run("forecast", shops, *ROLES, *QUICK, "--series", "a,b,c,d,e,f,g", "--plot", "f.png")
    assert drawn["titles"] == ["a", "b", "c", "d", "e", "f"]
    assert "shows the first 6 of 7 chosen series" in done.err


def test_names_that_are_numbers(run) -> None:
    rows = [f"{shop},{day},{day % 5 + shop}" for shop in (7, 12) for day in range(30)]
    Path("d.csv").write_text("\n".join(["shop,t,y", *rows, ""]))
    call = ("--id-col", "shop", "--time-col", "t", "--horizon", 2, *QUICK)
    assert run("forecast", "d.csv", *call, "--series", 12).out.splitlines()[1].split()[0] == "12"
    run("fit", "d.csv", *call, "--model", "M")
    assert run("predict", "--model", "M", "--series", 12).out.splitlines()[1].split()[0] == "12"


def test_a_backtest_is_drawn(run, shops, drawn) -> None:
    call = ("--windows", 3, *QUICK, "--plot", "f.png")
    done = run("backtest", shops, *ROLES, *call)
    assert done.status == 0, done.err
    assert drawn["titles"] == ["a", "b", "c", "d", "e", "f"]
    assert "note: f.png shows the first 6 of 8 series" in done.err
    run("backtest", shops, *ROLES, *call, "--series", "g,b", "--title", "Two")
    assert drawn["titles"] == ["g", "b"]
    assert "Two" in drawn["legend"]
    done = run("backtest", shops, *ROLES, "--target-col", "t1", *call, "--series", "c")
    assert drawn["note"] == "the first of 2 targets"
    done = run("backtest", shops, *ROLES, "--windows", 3, "--model-name", "seasonal-naive", "--plot", "f.png")
    assert done.status == 0, done.err


def test_what_cannot_be_shown(refused, shops, airline) -> None:
    assert "did you mean 'x, y'" in refused("forecast", shops, *ROLES, "--series", "x y")
    assert "but the series are 'a', 'b'" in refused("forecast", shops, *ROLES, "--series", "zzz")
    assert "there is no --plot" in refused("forecast", shops, *ROLES, "--title", "Mine")
    assert "one series without a name" in refused("forecast", airline, "--horizon", 2, "--series", "a")
