"""The site builds without a complaint, and its pages are whole, readable and linked."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"of_docs_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CHECK = loaded(DOCS / "check_site.py")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; building it fails on any warning."""
    for package in ("sphinx", "furo", "myst_nb", "numpydoc", "latex2mathml", "sphinx_copybutton"):
        pytest.importorskip(package, reason=f"{package} builds the site; install the extra docs")
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = base / "site"
    # Workers share one build: it takes a minute, and writes pages into docs/ that two would write at once.
    with FileLock(base / "site.lock"):
        if not (base / "site.built").exists():
            _build(folder)
            (base / "site.built").touch()
    return folder


def _build(folder: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", str(folder)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr[-3000:]


def test_no_link_is_dead_and_every_page_is_whole(site: Path) -> None:
    assert CHECK.faults(site) == []
    assert len(list(site.rglob("*.html"))) > 100


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    import tsseq2seq

    text = "".join(page.read_text() for page in (site / "reference").glob("*.html"))
    anchors = {anchor.rpartition(".")[2] for anchor in re.findall(r'id="(tsseq2seq\.[\w.]+)"', text)}
    missing = set(tsseq2seq.__all__) - {"datasets", "errors"} - anchors
    assert not missing
    assert {"DataError", "load"} <= anchors


def test_formulas_are_drawn_by_the_browser_itself(site: Path) -> None:
    page = (site / "how_it_works" / "cells.html").read_text()
    assert page.count("<math") >= 3
    assert "def lstm_cell(" in re.sub(r"<[^>]+>", "", page)  # the lines that compute them
    assert "<mtable" in page  # equations below one another
    assert not re.search(r"<script[^>]*mathjax", page, re.IGNORECASE)  # a class of that name is MyST's


def test_pictures_of_the_gallery_are_there(site: Path) -> None:
    page = (site / "gallery" / "plots.html").read_text()
    assert page.count("<img") >= 5


def test_every_chapter_is_there(site: Path) -> None:
    for notebook in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        assert (site / "chapters" / f"{notebook.stem}.html").exists()


# --- the checker itself, and what it cannot see ---


def test_the_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "one.html").write_text(
        '<html><head><title>x</title></head><body><h1>a</h1><h3>b</h3><img src="p.png">'
        '<a href="two.html">c</a><a href="#nowhere">d</a><script src="https://elsewhere/x.js"></script>'
        "</body></html>"
    )
    told = "\n".join(CHECK.faults(tmp_path))
    for fault in (
        "no language",
        "no viewport",
        "no description",
        "p.png",
        "level 3",
        "two.html",
        "#nowhere",
        "elsewhere/x.js",
    ):
        assert fault in told
    assert CHECK.faults(tmp_path / "nothing") == [f"{tmp_path / 'nothing'} has no pages"]


def test_colours_can_be_read() -> None:
    assert CHECK.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert CHECK.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    text = (DOCS / "conf.py").read_text()
    light, dark = (re.search(rf'"{kind}_css_variables": {{"color-brand-primary": "(#\w+)"', text) for kind in ("light", "dark"))  # fmt: skip
    assert light is not None
    assert dark is not None
    assert CHECK.contrast(light.group(1), "#ffffff") >= 4.5
    assert CHECK.contrast(dark.group(1), "#131416") >= 4.5


# --- files that programs read ---


def test_what_the_guides_name_is_there() -> None:
    for name in re.findall(r"\]\(([^)]+)\)", (ROOT / "AGENTS.md").read_text()):
        assert (ROOT / name).exists(), name
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([\w./]+)`", (ROOT / "AGENTS.md").read_text()):
        assert re.search(rf"^{re.escape(target.replace('.venv', '$(VENV)'))}:", makefile, re.MULTILINE), (
            target
        )
    for page in re.findall(r"\]\(([^)]+)\.html\)", (DOCS / "llms.txt").read_text()):
        made = page.startswith(("reference/", "chapters/"))
        assert made or (DOCS / f"{page}.md").exists(), page


def test_the_citation_is_of_this_version() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML reads CITATION.cff")
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= set(cited)
    project = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{cited["version"]}"' in project
    assert f'license = "{cited["license"]}"' in project
