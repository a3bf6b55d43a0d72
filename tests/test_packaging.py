"""The package as a user gets it: what is in the wheel, what an import costs, what the project file says."""

from __future__ import annotations

import ast
import email
import importlib.metadata
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import jaxtyping
import pytest

import tsseq2seq
from tsseq2seq.errors import require
from tsseq2seq.forecasting.pretrained_design import PRETRAINED_SIZES

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def run_python(code: str, **environment: str) -> str:
    """Run code in a fresh interpreter, in which warnings are errors, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **environment},
        cwd=environment.get("PYTHONPATH", ROOT),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def build(target: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


def test_wheel_holds_the_pretrained_weights(wheel):
    sizes = {Path(one.filename).name: one.file_size for one in zipfile.ZipFile(wheel).infolist()}
    shipped = {f"{size}.safetensors" for size in PRETRAINED_SIZES}
    assert shipped == {name for name in sizes if name.endswith(".safetensors")}
    assert sum(sizes[name] for name in shipped) <= 8_000_000


def test_wheel_holds_the_package_and_the_series(wheel):
    files = set(zipfile.ZipFile(wheel).namelist())
    tops = {file.partition("/")[0] for file in files}
    assert tops == {"tsseq2seq", f"tsseq2seq-{PROJECT['version']}.dist-info"}
    shipped = {path.name for path in (ROOT / "datasets").iterdir() if path.suffix in (".csv", ".md")}
    assert {Path(file).name for file in files if file.startswith("tsseq2seq/_datasets/")} == shipped
    assert {"tsseq2seq/__init__.py", "tsseq2seq/py.typed", "tsseq2seq/datasets/__init__.py"} <= files
    assert not [file for file in files if re.match(r"(conf)?tests?\b|test_", Path(file).name.lower())]
    assert not [file for file in files if {"tests", "benchmarks"} & set(Path(file).parts)]


def test_wheel_reads_its_own_series(wheel, tmp_path):
    """Unpacked elsewhere, away from the checkout, as pip would install it."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import tsseq2seq.datasets as d; print(d.__file__); print(int(d.load('air_passengers')['y'].sum()))"
    )
    file, total = run_python(code, PYTHONPATH=str(tmp_path)).splitlines()
    assert Path(file).is_relative_to(tmp_path)
    assert total == "40363"


def test_sdist_can_build_the_same_wheel(tmp_path):
    with tarfile.open(build("sdist", tmp_path)) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "LICENSE",
        "tsseq2seq/errors.py",
        "datasets/make.py",
        "datasets/co2.csv",
        "README.md",
        "conftest.py",
        "constraints-lowest.txt",
        "tests/test_packaging.py",
        "tests/adapters/test_sktime.py",
    } <= files
    assert not [file for file in files if file.startswith("notebooks/")]


def test_wheel_says_what_it_is(wheel):
    """What an index shows: the README as description, the licence, the versions of Python."""
    archive = zipfile.ZipFile(wheel)
    info = f"tsseq2seq-{PROJECT['version']}.dist-info"
    said = email.message_from_string(archive.read(f"{info}/METADATA").decode())
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_payload().strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()
    assert said["License-Expression"] == "MIT"
    assert f"{info}/licenses/LICENSE" in archive.namelist()
    versions = {f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)}
    assert versions <= set(said.get_all("Classifier"))


@pytest.mark.parametrize("heavy", ["torch", "pandas", "numpy", "sklearn", "matplotlib"])
def test_importing_the_package_loads_nothing_heavy(heavy):
    assert run_python(f"import sys, tsseq2seq; print({heavy!r} in sys.modules)") == "False"


def test_version_is_the_one_in_the_project_file():
    assert tsseq2seq.__version__ == PROJECT["version"]


def test_the_extra_named_in_a_message_exists():
    """Every ``require(..., extra="x")`` in the sources names an extra of the project file."""
    sources = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tsseq2seq").rglob("*.py"))
    named = set(re.findall(r"extra=\"(\w+)\"", sources))
    assert {"fetch", "text"} <= named <= set(PROJECT["optional-dependencies"])


def test_extra_all_is_the_union_of_the_users_extras():
    """All but sktime, which would hold pandas back for everybody, and the tools of those who work on this."""
    extras = set(PROJECT["optional-dependencies"]) - {"all", "test", "dev", "docs", "sktime"}
    (union,) = PROJECT["optional-dependencies"]["all"]
    assert set(re.fullmatch(r"tsseq2seq\[(.+)\]", union)[1].split(",")) == extras


def test_every_dependency_is_pinned_in_the_constraints():
    """So that ``make`` installs the same versions tomorrow; each pin also satisfies its lower bound."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    required = [
        *PROJECT["dependencies"],
        *(entry for extra in PROJECT["optional-dependencies"].values() for entry in extra),
    ]
    for requirement in required:
        name, lower = re.match(r"([\w-]+)(?:>=([\d.]+))?", requirement).groups()
        if name == "tsseq2seq":
            continue
        assert name in pins, name
        assert [int(part) for part in lower.split(".")] <= [
            int(part) for part in re.findall(r"\d+", pins[name])
        ]


def test_the_lowest_versions_are_the_lower_bounds():
    """What ``make lowest`` tests is what pip may choose."""
    lines = (ROOT / "constraints-lowest.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines[: lines.index("")] if not line.startswith("#"))
    users = [
        *PROJECT["dependencies"],
        *(
            entry
            for extra, entries in PROJECT["optional-dependencies"].items()
            if extra not in ("all", "test", "dev", "docs")
            for entry in entries
        ),
    ]
    bounds = dict(requirement.split(">=") for requirement in users)
    assert bounds.keys() == pins.keys()
    for name, bound in bounds.items():
        zeros = ".0" * (pins[name].count(".") - bound.count("."))
        assert bound + zeros == pins[name], name


def distributions(requirements: list[str]) -> set[str]:
    """Names of packages, written as the index writes them."""
    names = {re.match(r"[\w.-]+", requirement)[0] for requirement in requirements}
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


CORE = distributions(PROJECT["dependencies"])
OPTIONAL = distributions(
    [
        entry
        for extra, entries in PROJECT["optional-dependencies"].items()
        if extra not in ("all", "test", "dev", "docs")
        for entry in entries
    ]
)
INSTALLED = importlib.metadata.packages_distributions()


def packages(nodes: list[ast.AST]) -> set[str]:
    """Names of the third-party packages that are imported, or asked for with ``require``."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "require" and node.args:
            names |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    tops = {name.partition(".")[0] for name in names}
    return tops - {"tsseq2seq", "None"} - set(sys.stdlib_module_names)


def declared(package: str, among: set[str]) -> bool:
    return bool(distributions(INSTALLED.get(package, [package])) & among)


@pytest.mark.parametrize("file", sorted((ROOT / "tsseq2seq").rglob("*.py")), ids=lambda file: file.stem)
def test_what_is_imported_is_declared(file):
    """Nothing hangs on what another package happens to bring; what a module imports on top is no extra."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for package in packages(list(ast.walk(tree))):
        assert declared(package, CORE | OPTIONAL), package
    # what is named after a library needs it: importing such a module says that it is wanted
    adapted = {file.stem} & OPTIONAL if file.parent.name == "adapters" else set()
    for package in packages(tree.body):
        assert declared(package, CORE | adapted), package


def test_every_module_is_imported_without_any_extra():
    """With the optional packages taken away: nothing imports one before it is asked for."""
    names = {
        name for name, homes in INSTALLED.items() if distributions(homes) & OPTIONAL and name.isidentifier()
    }
    names -= {"cloudpickle"}  # joblib, which is no extra, imports it where it is installed
    assert {"matplotlib", "optuna", "statsmodels", "polars", "pyarrow"} <= names
    code = f"""
import importlib, pkgutil, sys
sys.modules.update(dict.fromkeys({sorted(names | {"sktime"})!r}))
import tsseq2seq
from tsseq2seq.errors import MissingDependencyError
for module in pkgutil.walk_packages(tsseq2seq.__path__, "tsseq2seq."):
    if module.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(module.name)
    except MissingDependencyError as error:
        print(module.name, "tsseq2seq[sktime]" in str(error))
for name in tsseq2seq.__all__:
    getattr(tsseq2seq, name)
"""
    assert run_python(code) == "tsseq2seq.adapters.sktime True"


def test_another_library_is_imported_by_its_adapter_alone():
    importers = {
        file.relative_to(ROOT / "tsseq2seq").as_posix()
        for file in (ROOT / "tsseq2seq").rglob("*.py")
        if "sktime" in packages(list(ast.walk(ast.parse(file.read_text(encoding="utf-8")))))
    }
    assert importers == {"adapters/sktime.py"}


def test_what_is_declared_is_imported():
    """A package that is no longer used goes from the project file; drivers and plug-ins are used by name."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "tsseq2seq").rglob("*.py")]
    used = packages([node for tree in trees for node in ast.walk(tree)])
    names = {name for package in used for name in INSTALLED.get(package, [package])}
    unused = (CORE | OPTIONAL) - distributions(sorted(names))
    assert unused == {"psycopg", "psycopg-binary"}


def test_annotations_are_checked_while_testing():
    with pytest.raises(jaxtyping.TypeCheckError):
        require(3, extra="text", purpose="This")
