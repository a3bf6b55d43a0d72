"""Every public name, of the package and of its sub-packages, stands in the reference; so does every command."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import tsseq2seq

EXTENSIONS = Path(__file__).parents[2] / "docs" / "extensions"
pytest.importorskip("sphinx", reason="Sphinx builds the site; install the extra docs")


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"of_docs_{name}", EXTENSIONS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


REFERENCE = loaded("reference")
PACKAGES = ["tsseq2seq"] + [
    found.name
    for found in pkgutil.walk_packages(tsseq2seq.__path__, "tsseq2seq.")
    if found.ispkg
    and found.name not in ("tsseq2seq.cli", "tsseq2seq.report")  # the command has a page of its own
]


@pytest.fixture(scope="module")
def documented() -> set[str]:
    """The names that the pages ask autodoc for."""
    return {
        name
        for group in REFERENCE.GROUPS.values()
        for module in group.modules
        for each in REFERENCE.public_modules(module)
        for name in REFERENCE._own_names(each)
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_of_a_package_is_in_the_reference(package: str, documented: set[str]) -> None:
    module = importlib.import_module(package)
    public = set(getattr(module, "__all__", ()))
    modules = {name for name in public if isinstance(getattr(module, name), ModuleType)}
    assert public - modules - documented == set()


def test_no_module_of_the_reference_is_misspelt() -> None:
    for group in REFERENCE.GROUPS.values():
        for module in group.modules:
            assert importlib.util.find_spec(f"tsseq2seq.{module}") is not None, module


def test_every_command_is_there_with_its_options() -> None:
    from typer.main import get_command

    from tsseq2seq.cli.app import app

    page = REFERENCE._command_line()
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert re.search(rf"^## tsseq2seq {name}( \w+)?$", page, re.MULTILINE), name
    assert "--horizon" in page


@pytest.mark.parametrize(
    ("latex", "drawn"),
    [
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", ("<mtable", "<mtr>")),
        (r"\operatorname{argmax}_y \log p", ("argmax", "log")),
        (r"\begin{cases} y & \text{if} \\ z & \text{else} \end{cases}", ("<mtable",)),
    ],
)
def test_formulas_become_mathml(latex: str, drawn: tuple[str, ...]) -> None:
    pytest.importorskip("latex2mathml", reason="latex2mathml draws formulas; install the extra docs")
    formula = loaded("mathml").drawn(latex, display="block")
    assert formula.startswith("<math")
    assert "&</mi>" not in formula
    for part in drawn:
        assert part in formula


@pytest.mark.parametrize("latex", [r"\arg\max_y p", r"a &= b"])
def test_a_formula_that_cannot_be_drawn_stops_the_build(latex: str) -> None:
    pytest.importorskip("latex2mathml", reason="latex2mathml draws formulas; install the extra docs")
    with pytest.raises(ValueError, match="MathML"):
        loaded("mathml").drawn(latex, display="block")
