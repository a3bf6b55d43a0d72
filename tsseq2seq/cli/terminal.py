"""Text for a terminal: no name from a file may move the cursor, change colours or hide what is written."""

from __future__ import annotations

import re

__all__ = ["harmless"]

# Control characters but for the end of a line and the tab, and marks that turn the direction of writing.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def harmless(text: str) -> str:
    r"""Return text with control characters written out.

    Examples
    --------
    >>> print(harmless("shop \x1b[31mred\x1b[0m"))
    shop \x1b[31mred\x1b[0m
    """
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
