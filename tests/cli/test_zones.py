"""Time zones in files: the hour of a day is that of the clocks where the values come from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tsseq2seq import load

HOURS = pd.date_range("2024-10-20", "2024-10-27 23:00", freq="h", tz="Europe/Berlin")
WITH_OFFSETS = [stamp.isoformat() for stamp in HOURS]
BY_THE_CLOCK = [str(stamp.tz_localize(None)) for stamp in HOURS]
FIT = ("--horizon", 24, "--max-steps", 60, "--distribution", "point")


def write(stamps: list[str], hours: pd.DatetimeIndex = HOURS, name: str = "data.csv") -> str:
    rows = [f"{stamp},{100 if hour == 8 else 10}" for stamp, hour in zip(stamps, hours.hour, strict=True)]
    Path(name).write_text("\n".join(["when,load", *rows]), encoding="utf-8")
    return name


def peaks(out: str) -> list[str]:
    cells = [line.rsplit(maxsplit=1) for line in out.splitlines()[1:]]
    return [stamp for stamp, value in cells if float(value) > 60]


@pytest.mark.parametrize("stamps", [WITH_OFFSETS, BY_THE_CLOCK], ids=["offsets", "clock"])
def test_a_named_zone_is_that_of_the_season(run, stamps):
    done = run("forecast", write(stamps), *FIT, "--time-zone", "Europe/Berlin")
    assert peaks(done.out) == ["2024-10-28 08:00:00+01:00"]
    assert "--time-zone" not in done.err


def test_offsets_that_change_are_said_with_the_remedy(run):
    done = run("forecast", write(WITH_OFFSETS), *FIT, "--max-steps", 1)
    (note,) = [line for line in done.err.splitlines() if "--time-zone" in line]
    assert "+02:00, +01:00" in note


def test_a_doubled_hour_names_the_option(refused):
    assert "--time-zone" in refused("forecast", write(BY_THE_CLOCK), *FIT)


def test_one_offset_needs_no_word(run):
    done = run("fit", write(WITH_OFFSETS[:96], HOURS[:96]), *FIT, "--max-steps", 1, "--model", "model")
    assert done.status == 0
    assert "--time-zone" not in done.err
    # and newer rows with another offset are read by the same clock
    done = run("predict", "--model", "model", write(WITH_OFFSETS, name="data.csv"))
    assert done.status == 0
    assert "--time-zone" not in done.err
    assert "+02:00" in done.out


def test_a_model_keeps_its_zone(run):
    zone = ("--time-zone", "Europe/Berlin")
    assert run("fit", write(WITH_OFFSETS[:150], HOURS[:150]), *FIT, *zone, "--model", "model").status == 0
    assert str(load("model").fitted_.panel.starts.tz) == "Europe/Berlin"
    done = run("predict", "--model", "model", write(WITH_OFFSETS))
    assert peaks(done.out) == ["2024-10-28 08:00:00+01:00"]


@pytest.mark.parametrize("zone", ["Europe/Berlinn", "..", "summer"])
def test_a_zone_that_does_not_exist(refused, zone):
    assert "--time-zone" in refused("forecast", write(WITH_OFFSETS), *FIT, "--time-zone", zone)


def test_a_time_that_the_clocks_never_showed(refused):
    stamps = pd.date_range("2024-03-30", periods=60, freq="h")
    file = write([str(stamp) for stamp in stamps], stamps)
    assert "Europe/Berlin" in refused("forecast", file, *FIT, "--time-zone", "Europe/Berlin")
