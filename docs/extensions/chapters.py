"""The notebooks as chapters: copied beside the pages at each build, with their links turned to the site's."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

_NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
# Where the site has what a notebook links to in the tree; other links of the tree become their words.
_PAGES = {
    "../benchmarks/RESULTS.md": "../benchmarks.md",
    "../docs/generated_series.md": "../generated_series.md",
}


def copy_notebooks(app: Sphinx) -> None:
    """Write the chapters, and the list of them."""
    folder = Path(app.srcdir) / "chapters"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    names = []
    for notebook in sorted(_NOTEBOOKS.glob("[0-9]*.ipynb")):
        (folder / notebook.name).write_text(_relinked(notebook.read_text(encoding="utf-8")), encoding="utf-8")
        names.append(notebook.stem)
    listed = "\n".join(names)
    text = (
        "# Chapters\n\nTwelve notebooks, with the outputs of their last run. Each can be read by itself; the "
        f"first two are the beginning.\n\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
    )
    (folder / "index.md").write_text(text, encoding="utf-8")


def _relinked(text: str) -> str:
    def link(found: re.Match[str]) -> str:
        words, target = found.groups()
        if not target.startswith("../"):
            return found.group(0)
        page, _, _ = target.partition("#")
        return f"[{words}]({_PAGES[page]})" if page in _PAGES else words

    return re.sub(r"\[([^\]\[]+)\]\(([^)\s]+)\)", link, text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Copy the notebooks before anything is read."""
    app.connect("builder-inited", copy_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
