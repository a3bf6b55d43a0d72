"""The public names: all there, loaded when they are first used, and nothing heavy before."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tsseq2seq

ROOT = Path(__file__).parents[1]


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", tsseq2seq.__all__)
def test_every_public_name_is_there(name: str) -> None:
    value = getattr(tsseq2seq, name)
    assert value is not None
    assert vars(tsseq2seq)[name] is value, "a second use costs nothing"


def test_names_are_sorted_and_listed_once() -> None:
    """Constants (all capitals), classes, functions: as the linter sorts them."""
    expected = sorted(
        set(tsseq2seq.__all__), key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )
    assert list(tsseq2seq.__all__) == expected
    assert set(tsseq2seq._HOMES) | {"datasets", "errors"} == set(expected)


def test_dir_shows_them_before_they_are_loaded() -> None:
    assert set(tsseq2seq.__all__) <= set(dir(tsseq2seq))
    shown = run_python("import tsseq2seq; print(' '.join(dir(tsseq2seq)))").split()
    assert set(tsseq2seq.__all__) <= set(shown)


def test_a_star_import_brings_exactly_them() -> None:
    names: dict[str, object] = {}
    exec("from tsseq2seq import *", names)
    assert set(names) - {"__builtins__"} == set(tsseq2seq.__all__)


@pytest.mark.parametrize("name", ["Seq2SeqForcaster", "seq2seq", "_private", "forecast"])
def test_an_unknown_attribute_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'tsseq2seq' has no attribute '{name}'"):
        getattr(tsseq2seq, name)
    with pytest.raises(ImportError, match=name):
        exec(f"from tsseq2seq import {name}")
    assert not hasattr(tsseq2seq, name)


def test_the_package_alone_loads_neither_torch_nor_pandas() -> None:
    code = "import sys, tsseq2seq, tsseq2seq.errors; dir(tsseq2seq); print(*sys.modules)"
    loaded = set(run_python(code).split())
    assert not loaded & {"torch", "pandas", "numpy", "sklearn", "scipy", "narwhals", "safetensors"}
    assert {name for name in loaded if name.startswith("tsseq2seq")} == {"tsseq2seq", "tsseq2seq.errors"}


def test_optional_packages_are_not_loaded_by_the_forecaster() -> None:
    code = "import sys; from tsseq2seq import Seq2SeqForecaster, load; print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in run_python(code).split()}
    assert not loaded & {
        "matplotlib",
        "optuna",
        "statsmodels",
        "polars",
        "pooch",
        "tokenizers",
        "sacrebleu",
        "typer",
    }


@pytest.mark.parametrize("name", [name for name in tsseq2seq.__all__ if name[0].isupper()])
def test_classes_say_what_they_do_with_an_example(name: str) -> None:
    text = getattr(tsseq2seq, name).__doc__
    assert text
    assert ">>>" in text


def test_what_can_be_saved_is_known_to_load_in_a_fresh_process() -> None:
    code = (
        "from tsseq2seq import load; from tsseq2seq.persistence.classes import ESTIMATORS; print(*ESTIMATORS)"
    )
    known = {name.rpartition(".")[2] for name in run_python(code).split()}
    saved = {name for name in tsseq2seq.__all__ if hasattr(getattr(tsseq2seq, name), "restore")}
    assert {"Seq2SeqForecaster", "Seq2SeqTranslator"} <= saved
    assert known == saved


def test_every_module_imports_alone() -> None:
    """Each in an interpreter of its own would take a minute; in one, cycles still show at the first."""
    modules = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in sorted((ROOT / "tsseq2seq").rglob("*.py"))
        if file.name != "__main__.py"
    ]
    for module in modules:
        adapted = module.removeprefix("tsseq2seq.adapters.").partition("_")[0]
        if ".adapters." in module and importlib.util.find_spec(adapted) is None:
            continue  # what it adapts is not installed
        listed = getattr(importlib.import_module(module), "__all__", [])
        for name in listed:
            assert hasattr(importlib.import_module(module), name), f"{module}.{name}"


def test_a_module_in_the_middle_may_be_imported_first() -> None:
    run_python("import tsseq2seq.forecasting.model")
