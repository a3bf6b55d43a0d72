"""The commands report and demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from tsseq2seq.cli import main
from tsseq2seq.cli.pages import _picture

AIR = Path(__file__).parents[2] / "datasets" / "air_passengers.csv"


def test_report_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "page.html"
    command = ["report", str(AIR), "--horizon", "12", "--model-name", "pretrained", "--output", str(output)]
    assert main([*command, "--windows", "2", "--title", "Air & sea"]) == 0
    text = output.read_text()
    assert "<h1>Air &amp; sea</h1>" in text
    assert "from 2 earlier times" in text
    assert str(output) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--output", "page.csv"], "--output"),
        (["--output", "no/page.html"], "--output"),
        (["--output", "page.html", "--model-name", "theta"], "--model-name"),
        (["--output", "page.html", "--future-col", "y"], "--future-col"),
    ],
)
def test_what_cannot_be_is_refused(
    options: list[str],
    named: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(AIR), "--horizon", "12", *options]) != 0
    assert named in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_demo_forecasts_what_ships(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    printed = capsys.readouterr()
    assert "1961-12-01" in printed.out
    assert printed.out.count("*") == 12
    assert "tsseq2seq report" in printed.err


def test_the_picture_of_letters_goes_up_and_down() -> None:
    lines = _picture([0.0, 8.0, 4.0, 0.0], known=2).splitlines()
    assert lines[0] == "     8 | o"
    assert lines[4] == "       |  *"
    assert lines[-1] == "     0 |o  *"
