"""Markup: sections, tables and pictures as HTML. All that comes from data is escaped here."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import matplotlib.figure

__all__ = ["Section", "number", "paragraph", "picture", "table"]


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes
    ----------
    name
        The anchor, a word.
    title
        The heading.
    body
        HTML.
    """

    name: str
    title: str
    body: str


def number(value: object) -> str:
    """Return a value as a reader writes it: four digits of a float, a date without its midnight.

    Examples
    --------
    >>> number(pd.Timestamp("2024-03-01")), number(pd.Timestamp("2024-03-01 07:00"))
    ('2024-03-01', '2024-03-01 07:00:00')
    >>> number(1234.5678), number(0.00012345), number(float("nan")), number("a<b")
    ('1,235', '0.0001234', '', 'a&lt;b')
    """
    if isinstance(value, float | np.floating):
        written = float(value)
        if np.isnan(written):
            return ""
        return f"{written:,.0f}" if abs(written) >= 1000 else f"{written:.4g}"
    if isinstance(value, pd.Timestamp):
        return html.escape(str(value.date()) if value == value.normalize() else str(value))
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    return html.escape(str(value))


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph of text that is not markup."""
    return f'<p class="{kind}">{html.escape(text)}</p>' if kind else f"<p>{html.escape(text)}</p>"


def table(
    rows: pd.DataFrame, caption: str, *, headings: Sequence[str] | None = None, first: bool = True
) -> str:
    """Return a table that scrolls inside its own box.

    Parameters
    ----------
    rows
        The cells.
    caption
        What the table is of, for those who hear the page.
    headings
        Of the columns. None: their names.
    first
        Whether the first column names the rows.
    """
    names = [html.escape(str(name)) for name in (headings or rows.columns)]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(f"<tr>{_cells(list(row), first)}</tr>" for row in rows.itertuples(index=False))
    return (
        f'<div class="scroll"><table><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(row: list[Any], first: bool) -> str:
    cells = []
    for place, value in enumerate(row):
        right = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
        kind = ' class="number"' if right else ""
        tag = 'th scope="row"' if first and place == 0 else "td"
        cells.append(f"<{tag}{kind}>{number(value)}</{tag[:2]}>")
    return "".join(cells)


def picture(figure: matplotlib.figure.Figure, text: str) -> str:
    """Return a figure as a picture inside the page, with the text for those who do not see it."""
    stream = io.BytesIO()
    # without the date, so that the same forecasts give the same page
    figure.savefig(stream, format="svg", bbox_inches="tight", metadata={"Date": None})
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<img alt="{html.escape(text, quote=True)}" src="data:image/svg+xml;base64,{data}">'
