"""References by a name alone: ``:class:`Network``` leads to the one public object of that name."""

from __future__ import annotations

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode


def resolved(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.reference | None:
    """Return the link, if exactly one documented object ends with the name."""
    if node.get("refdomain") != "py":
        return None
    wanted = "." + node["reftarget"].lstrip("~.").removeprefix("tsseq2seq.")
    found = {
        (entry.docname, entry.node_id)
        for name, entry in env.get_domain("py").objects.items()  # type: ignore[attr-defined]
        if name.endswith(wanted)
    }
    if len(found) != 1:
        return None
    page, anchor = found.pop()
    return make_refnode(app.builder, node["refdoc"], page, anchor, content, node["reftarget"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Look for names that Sphinx does not find itself."""
    app.connect("missing-reference", resolved)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
