"""The README runs as written: its commands and its code, in an empty folder, with little training."""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest

from tsseq2seq.cli import main
from tsseq2seq.training import loop
from tsseq2seq.training.pace import Pace

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# Two rows of months, a network of two steps: what is warned of is not the README's.
pytestmark = pytest.mark.filterwarnings("ignore::tsseq2seq.errors.TsSeq2SeqWarning", "ignore::FutureWarning")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def quick(text: str) -> str:
    """Return code or commands with few trials, each in this process."""
    text = re.sub(r"timeout=\d+", "trials=2", text)
    text = re.sub(r"(trials[ =])\d+", r"\g<1>2", text)
    return re.sub(r"jobs=\d+", "jobs=1", text)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A folder with what a clone has, where trainings take two steps."""
    shutil.copytree(ROOT / "datasets", tmp_path / "datasets")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(loop, "_plan_pace", lambda *_, **__: Pace(2, 2))
    return tmp_path


def test_the_commands_run_one_after_the_other(folder, monkeypatch, capsys) -> None:
    Path("pairs.tsv").write_text("Good day.\tΚαλημέρα.\nHow are you?\tΤι κάνεις;\n", encoding="utf-8")
    Path("lines").mkdir()
    for name in "ab":
        np.save(f"lines/{name}.npy", np.eye(8))
    Path("texts.csv").write_text("file,text\na.npy,31\nb.npy,4\n")
    lines = [line for block in blocks("sh") for line in block.splitlines() if "tsseq2seq " in line]
    commands = [line.partition("tsseq2seq ")[2] for line in lines if "activate" not in line]
    assert len(commands) >= 12
    for command in commands:
        arguments = shlex.split(quick(command), comments=True)
        if "-" in arguments:  # what a pipe would bring
            Path("sentences.txt").write_text("Good day.\nHow are you?\n")
            arguments[arguments.index("-")] = "sentences.txt"
        status = main(arguments)
        assert status == 0, (arguments, capsys.readouterr().err)
    for name in ("forecast.png", "forecast.csv", "backtest.png", "best.json", "airline", "greek"):
        assert Path(name).exists()


def test_the_code_runs_one_block_after_the_other(folder) -> None:
    namespace: dict[str, object] = {"__name__": "readme"}
    code = blocks("python")
    assert len(code) >= 6
    for block in code:
        exec(compile(quick(block), "README.md", "exec", dont_inherit=True), namespace)
    assert Path("airline").is_dir()


def test_what_it_names_is_there() -> None:
    for name in re.findall(r"\]\(((?!http)[^)#]+)\)", README):
        assert (ROOT / name).exists(), name
    table = README[README.index("| topic |") : README.index("## The course")]
    for name in re.findall(r"`([\w/]+(?:\.py|/))`", table):
        assert (ROOT / "tsseq2seq" / name).exists() or (ROOT / name).exists(), name
    targets = re.findall(r"\bmake ([\w.-]+(?:/[\w.]+)?)", " ".join(re.findall(r"`([^`\n]+)`", README)))
    makefile = (ROOT / "Makefile").read_text()
    for target in [*targets, "forecast"]:
        stem = target.replace(".venv", "$(VENV)")
        assert re.search(rf"^{re.escape(stem)}\b.*:", makefile, re.MULTILINE) or "bench" in target, target


def test_every_extra_is_in_the_table() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    table = README[README.index("| extra |") : README.index("## When not")]
    known = set(project["optional-dependencies"]) - {"dev"}
    assert set(re.findall(r"`([a-z]+)`(?=[^|]*[|])", table)) >= known
