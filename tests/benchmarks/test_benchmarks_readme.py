"""The guide to the benchmarks names every script and every section."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
GUIDE = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_script_has_a_place_and_every_other_file_is_named() -> None:
    linked = set(re.findall(r"\]\((\w+\.py)\)", GUIDE))
    scripts = {path.name for path in FOLDER.glob("*.py") if '"__main__"' in path.read_text(encoding="utf-8")}
    assert linked == scripts
    others = {path.name for path in FOLDER.glob("*.py")} - scripts
    assert others <= set(re.findall(r"`(\w+\.py)`", GUIDE))


def test_every_section_of_the_results_is_named_beside_the_script_that_writes_it() -> None:
    results = (FOLDER / "RESULTS.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)\n\n`benchmarks/(\w+\.py)", results, re.MULTILINE)
    assert len(sections) == results.count("\n## ")
    rows = {row.split("](")[1].split(")")[0]: row for row in GUIDE.splitlines() if row.startswith("| [")}
    for section, script in sections:
        assert section in rows[script].rstrip(" |").rpartition(" | ")[2], section


def test_links_lead_somewhere_and_records_are_listed() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        assert (FOLDER / target).exists(), target
    kept = {f"records/{path.name}" for path in (FOLDER / "records").iterdir()}
    assert kept == set(re.findall(r"^\| `(records/[^`]+)`", GUIDE, re.MULTILINE))


def test_no_script_has_the_name_of_a_package() -> None:
    """Scripts stand on the path beside peers, which then import a script in place of what they need."""
    packages = set(importlib.metadata.packages_distributions()) | sys.stdlib_module_names
    scripts = {script.stem for script in FOLDER.glob("*.py")}
    assert scripts & packages == set()
