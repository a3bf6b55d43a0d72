"""Which versions the tests were run with: interpreters are named on the command line, each with its packages.

python benchmarks/versions.py tested=.venv/bin/python lowest=.lowest/bin/python

An interpreter of this name takes the place of what the last run of that name said; others stay.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from report import machine, table

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "benchmarks" / "records" / "versions.json"
RELIABILITY = ROOT / "benchmarks" / "RELIABILITY.md"
PACKAGES = (
    "torch",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "narwhals",
    "typer",
    "pyarrow",
    "statsmodels",
    "sktime",
)

#: A quick part: frames of all kinds, scalings, scikit-learn's checks of every estimator, sktime's adapter.
TESTS = (
    "tests/data/frames",
    "tests/data/scaling",
    "tests/test_estimator_contract.py",
    "tests/adapters/test_sktime.py",
)
#: What could not be tried where these were.
NOT_TRIED = (
    "Python 3.12: no interpreter was at hand. The sources compile without a warning on 3.11 and 3.13.",
    "`pip-audit`: the index at hand serves no advisories to compare with; `make audit` elsewhere.",
)
_ASK = """
import importlib.metadata, json, platform, sys
found = {}
for name in json.loads(sys.argv[1]):
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found[name] = "—"
print(json.dumps({"Python": platform.python_version(), **found}))
"""


def tried(python: str) -> dict[str, object]:
    """Ask an interpreter for its versions, and run the tests with it."""
    asked = subprocess.run(
        [python, "-c", _ASK, json.dumps(PACKAGES)], check=True, capture_output=True, text=True, cwd=ROOT
    )
    begun = time.perf_counter()
    run = subprocess.run(
        [python, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", *TESTS],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    print(run.stdout[-6000:])
    last = run.stdout.strip().splitlines()[-1]
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", last)}
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
    return {
        "versions": json.loads(asked.stdout),
        **{word: counts.get(word, 0) for word in ("passed", "failed", "error", "skipped")},
        "names of failed": failed,
        "seconds": round(time.perf_counter() - begun),
        "machine": machine(),
    }


def section(records: dict[str, dict]) -> str:
    """Return the section: versions, and what the tests said."""
    names = list(records)
    rows: list[list[object]] = [
        [package, *(records[name]["versions"].get(package, "—") for name in names)]
        for package in ("Python", *PACKAGES)
    ]
    rows += [
        [f"tests {word}", *(f"{records[name][word]:,}" for name in names)]
        for word in ("passed", "failed", "error", "skipped")
    ]
    rows.append(["seconds", *(f"{records[name]['seconds']:,}" for name in names)])
    lines = [table(["", *names], rows), "", f"The tests: {', '.join(f'`{path}`' for path in TESTS)}."]
    for name in names:
        failed = records[name]["names of failed"]
        where = records[name]["machine"].split("; ")
        lines += ["", f"{name}: {where[0]}; {where[-1]}."]
        lines += [f"Failed: {', '.join(f'`{one}`' for one in failed)}."] if failed else []
    return "\n".join([*lines, "", "Not tried:", "", *(f"- {line}" for line in NOT_TRIED)])


def write(body: str) -> None:
    """Put the section into RELIABILITY.md, in place of the one of the same name."""
    heading = "## Versions installed"
    text = RELIABILITY.read_text(encoding="utf-8") if RELIABILITY.exists() else "# Reliability\n"
    before, _, after = text.partition(heading)
    after = "".join(after.partition("\n## ")[1:])
    text = f"{before.rstrip()}\n\n{heading}\n\n`benchmarks/versions.py`\n\n{body.strip()}\n{after}"
    RELIABILITY.write_text(text.rstrip() + "\n", encoding="utf-8")


def main() -> None:
    """Try each interpreter, keep what was found, and report."""
    found = {name: tried(python) for name, _, python in (one.partition("=") for one in sys.argv[1:])}
    records = {**(json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}), **found}
    RECORD.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    body = section(records)
    print(body)
    write(body)
    sys.exit(any(record["failed"] or record["error"] for record in records.values()))


if __name__ == "__main__":
    main()
