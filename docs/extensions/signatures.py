"""Signatures of classes that check their arguments: what ``__init__`` takes, not what the check passes on."""

from __future__ import annotations

import inspect

from sphinx.application import Sphinx
from sphinx.util.inspect import stringify_signature

from tsseq2seq.keywords import CheckedArguments


def of_init(
    app: Sphinx,
    what: str,
    name: str,
    value: object,
    options: object,
    signature: str | None,
    returned: str | None,
) -> tuple[str, None] | None:
    """Return the signature of a class that inherits ``CheckedArguments``; of others None, as it was."""
    if what != "class" or not inspect.isclass(value) or not issubclass(value, CheckedArguments):
        return None
    taken = inspect.signature(value.__init__)
    parameters = list(taken.parameters.values())[1:]
    return stringify_signature(taken.replace(parameters=parameters), show_annotation=False), None


def setup(app: Sphinx) -> dict[str, bool]:
    """Look at every signature."""
    app.connect("autodoc-process-signature", of_init)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
