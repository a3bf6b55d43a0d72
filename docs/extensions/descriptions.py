"""A description of each page for searches: the beginning of its first paragraph."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

_LENGTH = 200


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None
) -> None:
    """Add the tag to the page's head."""
    words = _first_paragraph(tree) if tree is not None else ""
    text = words or f"{context.get('title', page)}: documentation of tsseq2seq"
    short = text if len(text) <= _LENGTH else text[:_LENGTH].rpartition(" ")[0] + " …"
    context["metatags"] = (
        context.get("metatags", "") + f'\n<meta name="description" content="{escape(short)}">'
    )


def _first_paragraph(tree: nodes.document) -> str:
    for paragraph in tree.findall(nodes.paragraph):
        words = " ".join(paragraph.astext().split())
        if len(words) > 20:
            return words
    return ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Describe every page."""
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
