"""The page: sections, style, data and scripts in one file that fetches nothing."""

from __future__ import annotations

import html
import os
import string
from importlib.resources import files
from pathlib import Path

from tsseq2seq.atomic_files import replacing
from tsseq2seq.errors import ParameterError
from tsseq2seq.report.chart_data import chart_data, embedded
from tsseq2seq.report.findings import Findings
from tsseq2seq.report.markup import Section
from tsseq2seq.report.sections import sections

__all__ = ["check_path", "page", "write_report"]

_ENDINGS = (".html", ".htm")


def check_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a page, before anything is computed for it.

    Raises
    ------
    ParameterError
        If its ending is another, it is a folder, or its folder is not there.
    """
    path = Path(path)
    if path.suffix.lower() not in _ENDINGS:
        raise ParameterError(f"report: path is {str(path)!r}; it must end in .html")
    if path.is_dir():
        raise ParameterError(f"report: path is {str(path)!r}, which is a folder; name a file")
    if not path.parent.is_dir():
        raise ParameterError(
            f"report: path is {str(path)!r}, but there is no folder {str(path.parent)!r}; make it"
        )
    return path


def write_report(findings: Findings, path: str | os.PathLike[str], *, title: str = "Forecast report") -> None:
    """Write the page; a file that is there is replaced when the new one is complete.

    Parameters
    ----------
    findings
        What it tells.
    path
        The file, ending in .html.
    title
        The heading.

    Examples
    --------
    >>> import tempfile
    >>> from tsseq2seq import Seq2SeqForecaster, datasets
    >>> model = Seq2SeqForecaster.pretrained(3)
    >>> with tempfile.TemporaryDirectory() as folder:  # finds, and writes
    ...     model.report(datasets.load("air_passengers"), f"{folder}/page.html", windows=1)
    ...     Path(f"{folder}/page.html").read_text().startswith("<!doctype html>")
    True
    """
    text = page(findings, title=title)
    with replacing(check_path(path)) as staged:
        staged.write_text(text, encoding="utf-8")


def page(findings: Findings, *, title: str = "Forecast report") -> str:
    """Return the whole page as HTML."""
    parts = sections(findings)
    return string.Template(_own("page.html")).substitute(
        title=html.escape(title),
        style=_own("uplot.min.css") + _own("page.css"),
        contents="".join(f'<li><a href="#{part.name}">{html.escape(part.title)}</a></li>' for part in parts),
        sections="\n".join(_written(part) for part in parts),
        data=embedded(chart_data(findings)),
        library=_own("uplot.min.js"),
        script=_own("page.js"),
    )


def _written(part: Section) -> str:
    return f'<section id="{part.name}"><h2>{html.escape(part.title)}</h2>{part.body}</section>'


def _own(name: str) -> str:
    return files("tsseq2seq.report").joinpath(name).read_text(encoding="utf-8")
