"""Whether the tests notice a fault: small faults are put into the code, and the tests of that file are run.

    python benchmarks/mutation_score.py                    # fifteen faults a file, hours
    python benchmarks/mutation_score.py --per-file 2 --only decoding persistence
    python benchmarks/mutation_score.py --all --dry-run

A fault is one of: another operator or comparison, a bound moved by one, a constant changed, a ``not`` taken
away, ``and`` for ``or``, ``min`` for ``max``, ``None`` returned. Each runs in a fresh process, on a copy of
the tree, with the examples of the file and the tests that mirror it alone: what other tests would notice
counts as missed. What survives is listed, with the reason if it changes nothing that can be seen
(``mutation_survivors.json``: "file:line fault" to reason).
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from report import RELIABILITY, table, write_section

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("persistence", "decoding", "data", "evaluation")
REASONS = Path(__file__).with_name("mutation_survivors.json")

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "amin": "amax", "amax": "amin"}


@dataclass(frozen=True)
class Mutant:
    """A fault: where, what, and the source of the file with it."""

    file: Path
    line: int
    what: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.file.relative_to(ROOT / 'tsseq2seq')}:{self.line} {self.what}"


def mutants(file: Path, most: int | None, draw: random.Random) -> Iterator[Mutant]:
    """Return so many faults of a file, or all: each changes one place of its syntax tree."""
    text = file.read_text(encoding="utf-8")
    numbers = range(len(list(_places(ast.parse(text)))))
    for number in numbers if most is None or most >= len(numbers) else draw.sample(numbers, most):
        tree = ast.parse(text)
        line, what, change = list(_places(tree))[number]
        change()
        yield Mutant(file, line, what, ast.unparse(ast.fix_missing_locations(tree)))


def _places(tree: ast.Module) -> Iterator[tuple[int, str, Callable[[], None]]]:
    """Return line, description and the change itself of each place, but of annotations and messages."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.AnnAssign | ast.arg):
            if isinstance(node, ast.AnnAssign) and node.value is not None:
                stack.append(node.value)
            continue
        if isinstance(node, ast.FunctionDef):
            stack += [*node.args.defaults, *(one for one in node.args.kw_defaults if one), *node.body]
        else:
            stack += list(ast.iter_child_nodes(node))
        yield from _of_node(node)


def _of_node(node: ast.AST) -> Iterator[tuple[int, str, Callable[[], None]]]:
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        other = _OPERATORS[type(node.op)]
        yield node.lineno, f"{_said(node)}: {other.__name__}", _setting(node, "op", other())
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        other = _COMPARISONS[type(node.ops[0])]
        yield node.lineno, f"{_said(node)}: {other.__name__}", _setting(node, "ops", [other(), *node.ops[1:]])
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield node.lineno, f"{_said(node)}: {other.__name__}", _setting(node, "op", other())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        twice = ast.UnaryOp(ast.Not(), node.operand)
        yield node.lineno, f"{_said(node)}: without not", _setting(node, "operand", twice)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield node.lineno, f"{node.value}: {not node.value}", _setting(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield node.lineno, f"{node.value}: {node.value + 1}", _setting(node, "value", node.value + 1)
    elif isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield node.lineno, f"{_said(node)}: None", _setting(node, "value", ast.Constant(None))
    elif isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Name) and function.id in _NAMES:
            other_name = _NAMES[function.id]
            yield node.lineno, f"{_said(node)}: {other_name}", _setting(function, "id", other_name)
        elif isinstance(function, ast.Attribute) and function.attr in _NAMES:
            other_name = _NAMES[function.attr]
            yield node.lineno, f"{_said(node)}: {other_name}", _setting(function, "attr", other_name)


def _said(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 70 else f"{text[:67]}…"


def _setting(node: ast.AST, name: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, name, value)


def tests_of(file: Path) -> list[str]:
    """Return the tests that mirror a file; where there are none, those of its folder; and its docstrings."""
    relative = file.relative_to(ROOT / "tsseq2seq")
    mirror = ROOT / "tests" / relative.parent
    own = sorted(mirror.glob(f"test_{file.stem}*.py"))
    chosen = own or sorted(mirror.glob("test_*.py")) or [ROOT / "tests" / relative.parts[0]]
    examples = str(file.relative_to(ROOT))
    return [examples, *(str(one.relative_to(ROOT)) for one in chosen)]


def survives(mutant: Mutant, tree: Path, seconds: float) -> bool:
    """Run the tests of a mutant; a run past the limit counts as noticed."""
    target = tree / mutant.file.relative_to(ROOT)
    original = target.read_text(encoding="utf-8")
    target.write_text(mutant.source, encoding="utf-8")
    try:
        return _passes(tests_of(mutant.file), tree, seconds)
    finally:
        target.write_text(original, encoding="utf-8")


def _passes(tests: list[str], tree: Path, seconds: float) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1", "CI": "1"}
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, timeout=seconds, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def sampled(folders: list[str], most: int | None, seed: int) -> list[Mutant]:
    """Return the faults of all files of the folders, of each file so many."""
    draw, chosen = random.Random(seed), list[Mutant]()
    for folder in folders:
        for file in sorted((ROOT / "tsseq2seq" / folder).rglob("*.py")):
            chosen += mutants(file, most, draw)
    draw.shuffle(chosen)  # a run that is ended early has seen all folders
    return chosen


def report(tried: dict[str, tuple[int, int]], survivors: list[str], reasons: dict[str, str]) -> str:
    """Return the table of folders, and that of survivors."""
    rows: list[list[object]] = []
    for folder, (count, noticed) in tried.items():
        same = sum(one.startswith(folder) and one in reasons for one in survivors)
        score = 100 * noticed / max(1, count - same)
        rows.append([f"`{folder}`", count, noticed, same, count - noticed - same, f"{score:.0f} %"])
    head = ["folder", "faults", "noticed", "equivalent", "missed", "score"]
    body = table(head, rows)
    if survivors:
        found = [[f"`{_cell(one)}`", reasons.get(one, "**missed**")] for one in survivors]
        body += "\n\nWhat survived:\n\n" + table(["fault", "why nothing notices"], found)
    return f"{body}\n\nThe score leaves out faults that change nothing that can be seen."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Put faults in, run tests, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--per-file", type=int, default=15, help="faults of each file")
    parser.add_argument("--all", action="store_true", help="every fault of every file")
    parser.add_argument("--only", nargs="+", choices=FOLDERS, default=list(FOLDERS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=None, help="end after so long, with what was tried")
    parser.add_argument("--timeout", type=float, default=600, help="seconds of one run of tests")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--dry-run", action="store_true", help="leave RELIABILITY.md as it is")
    arguments = parser.parse_args()
    chosen = sampled(arguments.only, None if arguments.all else arguments.per_file, arguments.seed)
    begun, outcomes = time.monotonic(), dict[str, bool]()
    print(f"{len(chosen)} faults", flush=True)

    def work(mine: list[Mutant]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / "tree"
            ignored = shutil.ignore_patterns(".git", ".venv", "notebooks", ".hypothesis", "__pycache__")
            shutil.copytree(ROOT, tree, ignore=ignored)
            for mutant in mine:
                if arguments.minutes is not None and time.monotonic() - begun > 60 * arguments.minutes:
                    return
                outcomes[mutant.name] = survives(mutant, tree, arguments.timeout)
                print("SURVIVED" if outcomes[mutant.name] else "noticed ", mutant.name, flush=True)

    with ThreadPoolExecutor(arguments.jobs) as pool:
        list(pool.map(work, [chosen[job :: arguments.jobs] for job in range(arguments.jobs)]))
    tried = {}
    for folder in arguments.only:
        of_folder = [survived for name, survived in outcomes.items() if name.startswith(f"{folder}/")]
        tried[folder] = (len(of_folder), of_folder.count(False))
    reasons = json.loads(REASONS.read_text(encoding="utf-8")) if REASONS.exists() else {}
    body = report(tried, sorted(name for name, survived in outcomes.items() if survived), reasons)
    print(f"\n{body}")
    if not arguments.dry_run:
        write_section("Faults that tests notice", "benchmarks/mutation_score.py", body, page=RELIABILITY)


if __name__ == "__main__":
    main()
