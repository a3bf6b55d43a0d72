"""The conda recipe asks for what pyproject.toml asks for, and the release script refuses before it builds."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RECIPE = (ROOT / "recipe" / "meta.yaml").read_text()
#: What conda calls otherwise.
RENAMED = {"torch": "pytorch"}


def asked(section: str) -> dict[str, str]:
    """Return what a section of the requirements asks for, by package."""
    block = RECIPE.split(f"  {section}:\n")[1].split("\n  ")[0:]
    lines = []
    for line in "\n  ".join(block).splitlines():
        found = re.fullmatch(r"    - (\S+)(?: (.+))?", line)
        if found is None:
            break
        lines.append(found)
    return {found[1]: found[2] or "" for found in lines}


def test_the_recipe_asks_for_the_same() -> None:
    wanted = {}
    for dependency in PROJECT["dependencies"]:
        found = re.fullmatch(r"([\w-]+)(>=.+)", dependency)
        assert found is not None
        wanted[RENAMED.get(found[1], found[1])] = found[2]
    found = asked("run")
    assert found.pop("python") == PROJECT["requires-python"]
    assert found == wanted
    assert f'set version = "{PROJECT["version"]}"' in RECIPE
    assert f"license: {PROJECT['license']}" in RECIPE
    assert PROJECT["scripts"]["tsseq2seq"] in RECIPE


@pytest.mark.parametrize(("version", "named"), [("9.9.9", "pyproject.toml"), ("", "version")])
def test_the_release_script_refuses_before_it_builds(version: str, named: str) -> None:
    ran = subprocess.run(
        ["bash", ".ci/release.sh", *([version] if version else [])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode != 0
    assert named in ran.stderr
