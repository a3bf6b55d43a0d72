"""Formulas as MathML, which browsers draw themselves: no script is fetched."""

from __future__ import annotations

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

__all__ = ["drawn"]

_FUNCTION = re.compile(r"\\(exp|log|tanh|max|min)\s+(?=[A-Za-z\\])")


def drawn(latex: str, *, display: str) -> str:
    """Return a formula as MathML; ``display`` is ``inline`` or ``block``.

    Raises
    ------
    ValueError
        If the converter leaves a mark of alignment or a command of LaTeX in the text.
    """
    # latex2mathml knows align* only, and sets no space between a function's name and a letter.
    spaced = _FUNCTION.sub(r"\\\1\\, ", latex.replace("{aligned}", "{align*}"))
    formula = convert(spaced, display=display)
    if re.search(r">\s*(&|&amp;|\\\w+)\s*<", formula):
        raise ValueError(f"this formula cannot be drawn as MathML: {latex}")
    return formula


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(drawn(node.astext(), display="inline"))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.math_block) -> None:
    formula = drawn(node.astext(), display="block")
    # A box that scrolls can be reached with the keyboard.
    translator.body.append(f'<div class="formula" tabindex="0">{formula}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer, under the name that conf.py gives."""
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
