"""Every block of code of the site runs: the blocks of a page one after the other, in an empty folder."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tsseq2seq.cli import main
from tsseq2seq.training import loop
from tsseq2seq.training.pace import Pace

DOCS = Path(__file__).parents[2] / "docs"
FOUND = re.compile(r"^```(python|sh|python no-run)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(page for page in DOCS.rglob("*.md") if page.parent.name not in ("chapters", "reference"))

# Networks of two steps: what is warned of is not the page's.
pytestmark = pytest.mark.filterwarnings("ignore::tsseq2seq.errors.TsSeq2SeqWarning", "ignore::FutureWarning")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the language and the text of every block that is marked as code."""
    text = page.read_text(encoding="utf-8")
    if page.name in ("results.md", "reliability.md", "glossary.md"):
        return []
    return FOUND.findall(text)


def quick(text: str) -> str:
    """Return code or a command with one cutoff and few models, where it compares."""
    text = re.sub(r"windows=[2-9]", "windows=1", text)
    return re.sub(r"^leaderboard (.*)$", r"leaderboard \1 --windows 1 --models seq2seq,smoothing", text)


def named(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what a clone has, where trainings take two steps."""
    shutil.copytree(DOCS.parent / "datasets", tmp_path / "datasets")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(loop, "_plan_pace", lambda *_, **__: Pace(2, 2))
    return tmp_path


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=named)
def test_the_blocks_of_a_page_run_one_after_the_other(
    page: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    namespace: dict[str, object] = {"__name__": "page"}
    for language, block in blocks(page):
        if language == "python":
            exec(compile(quick(block), named(page), "exec", dont_inherit=True), namespace)
        elif language == "sh":
            for command in re.findall(r"^tsseq2seq (.*)$", block, re.MULTILINE):
                status = main(shlex.split(quick(command.partition("#")[0].strip())))
                assert status == 0, (command, capsys.readouterr().err)
        else:
            assert block.lstrip().startswith("# "), f"{named(page)}: a block that is not run says why"


def test_what_a_block_prints_is_asserted_where_it_is_claimed(folder: Path) -> None:
    """The one list that a page shows as a comment."""
    page = DOCS / "how_to" / "own_csv.md"
    namespace: dict[str, object] = {"__name__": "page"}
    for language, block in blocks(page):
        if language == "python":
            exec(compile(block, named(page), "exec", dont_inherit=True), namespace)
    assert namespace["forecast"].columns.tolist() == ["shop", "day", "Seq2Seq"]  # type: ignore[attr-defined]


def test_every_task_has_a_page_in_the_list() -> None:
    for folder in ("how_to", "how_it_works", "migration"):
        listed = re.findall(r"^(\w+)$", (DOCS / folder / "index.md").read_text(), re.MULTILINE)
        pages = {page.stem for page in (DOCS / folder).glob("*.md")} - {"index"}
        assert set(listed) == pages
    assert len(list((DOCS / "how_to").glob("*.md"))) >= 11
    assert len(list((DOCS / "migration").glob("*.md"))) >= 8
