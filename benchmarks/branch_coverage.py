"""Which branches of the package no test takes.

    python benchmarks/branch_coverage.py                       # the whole suite: half an hour on two cores
    python benchmarks/branch_coverage.py --paths tests/decoding --dry-run

What counts as a branch is set in ``pyproject.toml`` under ``[tool.coverage]``; processes that tests start are
counted as well. Needs coverage.py.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from report import RELIABILITY, table, write_section

ROOT = Path(__file__).resolve().parents[1]
LEAST = 95.0
_SHOWN = 15


def measured(paths: list[str], workers: int) -> tuple[dict[str, Any], str]:
    """Run the tests; return what coverage.py says of each file, and the last line of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"COVERAGE_FILE": f"{folder}/.coverage", "CI": "1", "OMP_NUM_THREADS": "1"}
        spread = ["-n", str(workers)] if workers > 1 else []
        coverage = [sys.executable, "-m", "coverage"]
        done = subprocess.run(
            [*coverage, "run", "-m", "pytest", "-q", "-p", "no:cacheprovider", *spread, *paths],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        print(done.stdout[-2000:], flush=True)
        if done.returncode:
            raise SystemExit("the tests failed, so that what they cover says little")
        subprocess.run([*coverage, "combine", "-q"], cwd=ROOT, env=environment, check=True)
        written = Path(folder) / "coverage.json"
        subprocess.run([*coverage, "json", "-q", "-o", str(written)], cwd=ROOT, env=environment, check=True)
        return json.loads(written.read_text(encoding="utf-8")), done.stdout.strip().splitlines()[-1]


def share(covered: int, count: int) -> float:
    """Return a share in percent; of nothing, all is covered."""
    return 100 * covered / count if count else 100.0


def _said(line: int, to: int) -> str:
    return f"{line}→{'end' if to < 0 else to}"


def report(found: dict[str, Any], said: str) -> str:
    """Return the table of folders, and the files with most branches left."""
    folders: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    left: list[tuple[int, str, str]] = []
    for name, of_file in found["files"].items():
        parts, summary = Path(name).parts, of_file["summary"]
        folder = parts[1] if len(parts) > 2 else "the files beside the folders"
        counts = ("covered_branches", "num_branches", "covered_lines", "num_statements")
        for place, key in enumerate(counts):
            folders[folder][place] += summary[key]
        if summary["missing_branches"]:
            branches = ", ".join(
                f"{line}→{'end' if to < 0 else to}" for line, to in of_file["missing_branches"][:8]
            )
            left.append((summary["missing_branches"], name, branches))
    totals = [sum(counts[place] for counts in folders.values()) for place in range(4)]
    rows: list[list[object]] = [
        [f"`{name}`", of_folder[1], f"{share(*of_folder[:2]):.1f} %", f"{share(*of_folder[2:]):.1f} %"]
        for name, of_folder in sorted(folders.items())
    ]
    rows.append(["**all**", totals[1], f"**{share(*totals[:2]):.1f} %**", f"{share(*totals[2:]):.1f} %"])
    body = table(["folder", "branches", "taken", "lines run"], rows)
    if left:
        most = [[f"`{name}`", count, which] for count, name, which in sorted(left, reverse=True)[:_SHOWN]]
        body += "\n\nFiles with most branches left:\n\n" + table(["file", "branches", "the first"], most)
    verdict = "reached" if share(*totals[:2]) >= LEAST else "**not reached**"
    return f"{body}\n\nAsked for are {LEAST:g} % of the branches: {verdict}. The tests: {said.strip('= ')}"


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--paths", nargs="*", default=[], help="tests to run; default: all")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--dry-run", action="store_true", help="leave RELIABILITY.md as it is")
    arguments = parser.parse_args()
    body = report(*measured(arguments.paths, arguments.workers))
    print(f"\n{body}")
    if not arguments.dry_run:
        write_section("Branches that tests take", "benchmarks/branch_coverage.py", body, page=RELIABILITY)


if __name__ == "__main__":
    main()
