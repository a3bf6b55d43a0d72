"""Messages of the command speak its language: no Python in them, whoever wrote them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

import tsseq2seq
from tsseq2seq.cli.wording import as_options

ROOT = Path(__file__).parents[2] / "tsseq2seq"
QUICK = ("--max-steps", 2)
CLASSES = (
    "Seq2SeqForecaster|Seq2SeqTranslator|Network|Training|Calendar|DataFrame|DateOffset|Timestamp|MultiIndex"
)
# What only who writes Python understands.
PYTHON = re.compile(
    rf"\w=['\"\w\[(]|\b(pd|np|pandas|numpy)\.|\bdf\b|\.dt\.|\.astype|\w\(\)|\b(fit|predict|append)\(|"
    rf"\b({CLASSES})\b|\bNone\b|\bNaN\b|\bpandas\b|(?<!-)\bfreq\b|\b(season_length|target_col|id_col|time_col|max_time|max_steps)\b"
)
# Who may raise in a command that forecasts. What they say of frames that are no tables is for Python alone.
REACHED = (
    "data/frames/long_frame.py data/frames/series_names.py data/frames/target_numbers.py data/grid data/panel "
    "evaluation/backtest.py evaluation/rolling_origins.py evaluation/baselines/base.py forecasting/bounds.py "
    "forecasting/conformal.py forecasting/cutoffs.py forecasting/defaults.py forecasting/enough_windows.py "
    "forecasting/forecast_columns.py forecasting/history_end.py reconstruction/calibration.py "
    "reconstruction/defaults.py reconstruction/fitting.py reconstruction/held_back.py reconstruction/reading.py "
    "forecasting/seasons.py forecasting/training_task.py training/outcome.py tuning/study_identity.py settings.py"
)
# These cannot be reached from a file: the command makes the frame, and calls what it knows.
NOT_REACHED = re.compile(
    "must be a pandas|long pandas DataFrame|estimator is|freq is|warm_start|refit is None|Calendar: features|"
    "series names must be text|beyond 64-bit|has no parameters of its own|positions must|its type is|"
    "Conformal: scores|months and years need|it must be a [{]|lags is|mixes time zones|sample: |scenarios|"
    "^pandas does not know it$|reads every encoder state|a reconstruction adds to nothing|has no statistics|target_col is|it must be one column|country is|levels is"
)


def templates() -> list[tuple[str, str]]:
    """Return the messages in the source, with a word for each value that they are given."""
    found = []
    for place in REACHED.split():
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                call = node.exc if isinstance(node, ast.Raise) else node
                if not isinstance(call, ast.Call) or not call.args:
                    continue
                name = getattr(call.func, "id", getattr(call.func, "attr", ""))
                if name.endswith("Error") or name in ("warn", "_warn"):
                    text = _as_text(call.args[0])
                    if text and not NOT_REACHED.search(text):
                        found.append((f"{file.name}:{node.lineno}", text))
    return found


def _as_text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_as_text(value) for value in node.values)
    return "7" if isinstance(node, ast.FormattedValue) else ""


def test_every_message_of_the_library_is_translated() -> None:
    every = templates()
    assert len(every) > 80
    python = {where: as_options(text) for where, text in every if PYTHON.search(as_options(text))}
    assert not python


@pytest.fixture
def files(tmp_path) -> Path:
    """Files that are wrong in one way each."""
    days = pd.date_range("2024-01-01", periods=40)
    good = pd.DataFrame({"shop": "a", "day": days, "sold": range(40), "price": [n % 3 for n in range(40)]})

    def write(name: str, frame: pd.DataFrame) -> None:
        frame.to_csv(tmp_path / f"{name}.csv", index=False)

    write("good", good)
    write("short", good[:4])
    write("one", good[:1])
    write("constant", good.assign(sold=1, price=2))
    write("empty", good.assign(sold=None))
    write("weekly", good.assign(day=pd.date_range("2024-01-07", periods=40, freq="W")))
    write("jitter", good.assign(day=days + pd.to_timedelta([n * 7 % 5 for n in range(40)], "s")))
    write("events", good.assign(day=days + pd.to_timedelta([n * n * 977 % 1440 for n in range(40)], "min")))
    write("semi", good.assign(day=pd.date_range("2024-01-01", periods=40, freq="SMS")))
    weeks = pd.to_datetime("2020-01-26") + pd.to_timedelta([7 * (4 * n + n // 3) for n in range(40)], "D")
    write("calendar445", good.assign(day=weeks))
    write("month", good.assign(day=[202301 + n % 12 + 100 * (n // 12) for n in range(40)]))
    write("holes", good.assign(day=[n * n * n for n in range(40)]))
    write("dates", good.assign(price=days))
    write("twice", pd.concat([good, good[-1:]]))
    write("infinite", good.assign(sold=[*range(39), "inf"]))
    write("text", good.assign(sold=[*range(39), "closed"]))
    write("negative", good.assign(sold=[n - 20 for n in range(40)]))
    write("future", pd.DataFrame({"shop": "a", "day": ["2024-02-10"], "price": [1]}))
    write("future_name", pd.DataFrame({"shop": "b", "day": ["2024-02-10", "2024-02-11"], "price": [1, 1]}))
    write(
        "future_zone",
        pd.DataFrame({"shop": "a", "day": ["2024-02-10T00:00Z", "2024-02-11T00:00Z"], "price": 1}),
    )
    good.assign(day=[int(f"{day:%Y%m%d}") for day in days]).to_parquet(tmp_path / "days.parquet")
    return tmp_path


ROLES = ("--target-col", "sold", "--id-col", "shop")
OPTIONS = [
    ("--context-length", 0), ("--horizon", 0), ("--horizon", 999), ("--horizon", "1e30"), ("--season", 0),
    ("--season", "week"), ("--season", "7,7"), ("--season", 10**9), ("--lag", 0), ("--lag", "3,3"), ("--lag", 1.5),
    ("--stride", 10**12), ("--members", 10**12), ("--max-time", 0), ("--max-time", "inf"), ("--max-time", "nan"),
    ("--max-steps", 10**20), ("--seed", 10**20), ("--freq", "fortnightly"), ("--freq", 0), ("--floor", "nan"),
    ("--floor", 5, "--ceiling", 1), ("--ceiling", "-inf"), ("--levels", "0.8"), ("--levels", "99.99999999999"),
    ("--device", "warp"), ("--country", "Atlantis"), ("--country", "DE-XX"), ("--segment-length", 5, "--distribution", "binned"),
    ("--static-col", "price"), ("--past-col", "nothing"), ("--future-col", "price"),
    ("--distribution", "negative-binomial"), ("--context-length", 10**20), ("--segment-length", 10**20),
]  # fmt: skip


@pytest.mark.filterwarnings("always::tsseq2seq.errors.TsSeq2SeqWarning")
class TestWrongCalls:
    """Each call says something; no line of it is Python."""

    @staticmethod
    def check(done: object) -> None:
        status, out, err = done
        assert status in (0, 1, 2)
        for line in [*err.splitlines(), *(out.splitlines() if "remark" in out else [])]:
            said = re.sub(r"'[^']*'", "''", line)  # names are the user's own
            assert not PYTHON.search(said), line

    @pytest.mark.parametrize(
        "name",
        [
            "good.csv", "short.csv", "one.csv", "constant.csv", "empty.csv", "weekly.csv", "jitter.csv", "events.csv",
            "semi.csv", "calendar445.csv", "month.csv", "holes.csv", "dates.csv", "twice.csv", "infinite.csv",
            "text.csv", "negative.csv", "days.parquet", "none.csv",
        ],
    )  # fmt: skip
    def test_files(self, run, files, name) -> None:
        for command in ("forecast", "diagnose", "backtest"):
            self.check(run(command, files / name, "--horizon", 2, *ROLES, "--past-col", "price", *QUICK))
        self.check(run("forecast", files / name, "--horizon", 2, *ROLES, "--calendar", *QUICK))
        self.check(run("forecast", files / name, "--horizon", 2, *ROLES, "--model-name", "theta"))

    @pytest.mark.parametrize("options", OPTIONS, ids=lambda options: " ".join(map(str, options)))
    def test_options(self, run, files, options) -> None:
        horizon = () if "--horizon" in options else ("--horizon", 2)
        quick = () if "--max-steps" in options else QUICK
        self.check(run("forecast", files / "negative.csv", *ROLES, *horizon, *quick, *options))

    def test_saved_models(self, run, files) -> None:
        roles = ("--horizon", 2, *ROLES, "--future-col", "price", *QUICK)
        assert run("fit", files / "good.csv", *roles, "--model", "M").status == 0
        for future in ("future", "future_name", "future_zone", "good", "none", "dates"):
            done = run("predict", "--model", "M", "--future", files / f"{future}.csv")
            assert done.status == 2
            self.check(done)
        for name in ("weekly", "month", "short", "one", "empty", "dates", "jitter", "text", "holes"):
            self.check(
                run("predict", "--model", "M", files / f"{name}.csv", "--future", files / "future.csv")
            )
            self.check(run("calibrate", "--model", "M", files / f"{name}.csv"))
        for options in (("--levels", 80), ("--levels", 0.8), ("--horizon", 0), ("--horizon", 10**9), ()):
            self.check(run("predict", "--model", "M", *options))

    def test_studies(self, run, files) -> None:
        good = (files / "good.csv", "--horizon", 2, *ROLES, *QUICK)
        for options in (
            ("--windows", 99),
            ("--windows", 10**20),
            ("--step", 10**20),
            ("--refit-every", 10**20),
        ):
            for command in ("backtest", "leaderboard"):
                self.check(
                    run(command, *good, *options, *(("--models", "seq2seq") if command[0] == "l" else ()))
                )
        for options in (("--trials", 10**20, "--timeout", "nan"), ("--timeout", 0), ("--windows", 99), ("--jobs", 10**20),
                        ("--heartbeat", 0), ("--metric", "msae"), ("--storage", "study.db"), ("--metric", "seconds,size")):  # fmt: skip
            self.check(run("tune", *good, *options))
        for number in ("inf", "1e300"):
            self.check(run("tune", *good, "--trials", 1, "--timeout", number, "--heartbeat", number))

    def test_a_training_that_fails(self, run, files, monkeypatch) -> None:
        Path("s.json").write_text('{"training__learning_rate": 1e30}')
        self.check(run("forecast", files / "good.csv", "--horizon", 2, *ROLES, "--settings", "s.json"))
        Path("s.json").write_text('{"training__teacher_forcing": 1.0}')
        self.check(
            run("forecast", files / "good.csv", "--horizon", 2, *ROLES, "--settings", "s.json", *QUICK)
        )

        def full(*_: object, **__: object) -> None:
            raise MemoryError

        monkeypatch.setattr(tsseq2seq.Seq2SeqForecaster, "fit", full)
        done = run("forecast", files / "good.csv", "--horizon", 2, *ROLES)
        assert done.status == 1
        assert done.err.splitlines()[-1].startswith("error: out of memory")


@pytest.mark.parametrize(
    "message",
    [
        "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 800 bytes",
        "CUDA OOM",
    ],
)
def test_memory_that_torch_lacks(run, airline, monkeypatch, message) -> None:
    import torch

    kind = torch.OutOfMemoryError if "CUDA" in message else RuntimeError

    def full(*_: object, **__: object) -> None:
        raise kind(message)

    monkeypatch.setattr(tsseq2seq.Seq2SeqForecaster, "fit", full)
    done = run("forecast", airline, "--horizon", 2)
    assert (done.status, done.out) == (1, "")
    assert done.err.splitlines()[-1].startswith("error: out of memory")
