"""Nothing from a file reaches the terminal raw, is too long for it, or becomes a formula."""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq import cli
from tsseq2seq.cli import outputs
from tsseq2seq.cli.terminal import harmless
from tsseq2seq.errors import DataError

ESCAPE = "\x1b]0;owned\x07\x1b[2J"


@given(st.text())
def test_no_control_character_is_left(text):
    shown = harmless(text)
    assert all(c in "\n\t" or c.isprintable() or ord(c) > 0x9F for c in shown)
    assert not set(shown) & set("\x1b\x9b\u202e\r\x08")


@pytest.mark.parametrize("where", ["name", "series", "cell"])
def test_escape_sequences_in_a_file(run, where):
    names = {place: ESCAPE if place == where else place for place in ("name", "series", "cell")}
    lines = [f"{names['series']},2024-01-{day:02},{day}\n" for day in range(1, 31)]
    if where == "cell":
        lines[20] = f"series,{ESCAPE},5\n"
    Path("data.csv").write_text(f"shop,day,{names['name']}\n" + "".join(lines))
    done = run("forecast", "data.csv", "--horizon", 2, "--id-col", "shop", "--max-steps", 2)
    assert done.status == (2 if where == "cell" else 0)
    assert "\x1b" not in done.out + done.err
    assert "\\x1b" in done.out + done.err


@pytest.mark.parametrize(
    "text",
    [
        "day,y\n2024-01-01,1\n2024-01-02," + "x" * 300_000 + "\n",
        "day," + "y" * 100_000 + "\n2024-01-01,a\n2024-01-02,b\n",
        ",".join(f"column_{n}_{'x' * 50}" for n in range(5000)) + "\n" + ",".join(["a"] * 5000) + "\n",
        "sep=;;;" * 20_000 + "\na,b\n",
        "1" * 200_000 + "\n2\n",
    ],
    ids=["cell", "name", "names", "first_line", "number"],
)
def test_a_refusal_is_short(run, text):
    Path("data.csv").write_text(text)
    done = run("forecast", "data.csv", "--horizon", 2)
    assert done.status == 2
    assert 0 < len(done.err) < 1200


def test_messages_of_the_library_are_short():
    assert len(str(DataError("x" * 10_000))) <= 1000
    assert DataError("x" * 10_000).args == ("x" * 10_000,)


def test_a_header_beyond_the_sample(run):
    names = [f"c{number:05}" for number in range(20_000)]  # 140 kB
    rows = [",".join([f"2024-01-{day:02}", *["1"] * len(names)]) for day in range(1, 4)]
    Path("data.csv").write_text("\n".join([",".join(["day", *names]), *rows, ""]))
    done = run("diagnose", "data.csv", "--horizon", 1, "--target-col", "no such column")
    assert "'day', 'c00000'" in done.err


def test_standard_input(run, airline, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(airline.read_bytes())))
    done = run("forecast", "-", "--horizon", 2, "--max-steps", 2)
    assert done.status == 0, done
    assert "standard input: 60 rows" in done.err
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    assert "standard input is empty" in run("forecast", "-", "--horizon", 2).err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_alike(run, airline, monkeypatch, sent):
    before = signal.getsignal(signal.SIGTERM)

    def stop(*_: object, **__: object) -> None:
        os.kill(os.getpid(), sent)
        for _ in range(10**6):
            pass

    monkeypatch.setattr(cli, "_run", stop)
    done = run("forecast", airline, "--horizon", 2)
    assert (done.status, done.err) == (130, "error: interrupted\n")
    assert signal.getsignal(signal.SIGTERM) is before


@given(name=st.text("=+-@ab1 ", min_size=1, max_size=5))
def test_formulas_are_written_as_text_on_request(tmp_path_factory, name):
    path = tmp_path_factory.mktemp("out") / "f.csv"
    frame = pd.DataFrame({"shop": [name], "y": [-1.5]})
    outputs.write_table(frame, path)
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert raw["shop"].iloc[0] == name
    outputs.write_table(frame, path, formulas_as_text=True)
    safe = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert safe["shop"].iloc[0] == (f"'{name}" if name[0] in "=+-@" else name)
    assert safe["y"].iloc[0] == "-1.5"


def test_a_wide_file_is_refused_in_no_time(run):
    import time

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(0, 1000, (600, 400))).add_prefix("c")
    frame.insert(0, "day", pd.date_range("2020-01-01", periods=600).strftime("%Y-%m-%d"))
    frame.to_csv("data.csv", index=False)
    start = time.perf_counter()
    done = run("forecast", "data.csv", "--horizon", 2)
    assert "400 columns hold numbers" in done.err
    assert "--target-col" in done.err
    assert "--wide" in done.err
    assert time.perf_counter() - start < 20  # it took minutes when each column was read for each other one
