"""Every name that a package makes public has an example in its docstring, which runs with the doctests."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import tsseq2seq


def public_names() -> dict[str, object]:
    """Classes and functions that packages name in ``__all__``, by where they live."""
    packages = ["tsseq2seq", "tsseq2seq.errors"]
    packages += [
        entry.name for entry in pkgutil.walk_packages(tsseq2seq.__path__, "tsseq2seq.") if entry.ispkg
    ]
    found: dict[str, object] = {}
    for package in packages:
        module = importlib.import_module(package)
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                found[f"{value.__module__}.{name}"] = value
    return found


PUBLIC = public_names()


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_it_has_an_example(name: str) -> None:
    text = inspect.getdoc(PUBLIC[name]) or ""
    assert ">>> " in text, f"{name} has no example"
    assert "Examples\n--------" in text, f"the example of {name} stands in no section of its own"


def test_there_are_many() -> None:
    assert len(PUBLIC) > 150
