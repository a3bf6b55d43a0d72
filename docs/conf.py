"""The documentation site: ``make docs`` writes it to build/site.

Sphinx, because numpydoc, stored notebooks (myst-nb) and links to the lines of code are native to it; furo,
because it is light and dark, and good on a phone. Reading a page fetches nothing: formulas are MathML.
"""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "extensions"))

os.environ.setdefault("OMP_NUM_THREADS", "1")  # small networks are no faster with more

_PROJECT = tomllib.loads((DOCS.parent / "pyproject.toml").read_text())["project"]

project = "tsseq2seq"
author = "The tsseq2seq contributors"
copyright = author
version = release = _PROJECT["version"]

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "chapters",
    "descriptions",
    "mathml",
    "reference",
    "short_names",
    "signatures",
]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".rst": "restructuredtext"}
exclude_patterns = ["extensions", "llms.txt"]
root_doc = "index"
language = "en"

html_theme = "furo"
html_title = "tsseq2seq"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["llms.txt"]
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5d8a", "color-brand-content": "#0b5d8a"},
    "dark_css_variables": {"color-brand-primary": "#7cc4f0", "color-brand-content": "#7cc4f0"},
}
pygments_style = "a11y-light"
pygments_dark_style = "a11y-dark"

myst_enable_extensions = ["dollarmath", "deflist", "attrs_inline"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(DOCS.parent / "build" / "executed")
nb_execution_excludepatterns = ["chapters/*"]
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

numpydoc_show_class_members = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # numpydoc's tables say it in words
autodoc_default_options = {
    "show-inheritance": False,
    # scikit-learn's routing of metadata, which no estimator here takes part in
    "exclude-members": "set_fit_request, set_predict_request, set_score_request, set_transform_request, "
    "set_partial_fit_request, set_inverse_transform_request, get_metadata_routing",
}
viewcode_follow_imported_members = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
suppress_warnings = ["mystnb.unknown_mime_type"]
