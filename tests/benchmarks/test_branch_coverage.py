"""The table of branches that tests take."""

from __future__ import annotations

from typing import Any

import pytest


def of_file(taken: int, branches: int, missing: list[list[int]]) -> dict[str, Any]:
    summary = {
        "covered_branches": taken,
        "num_branches": branches,
        "missing_branches": branches - taken,
        "covered_lines": 9,
        "num_statements": 10,
    }
    return {"summary": summary, "missing_branches": missing}


@pytest.fixture
def branch_coverage():
    import branch_coverage

    return branch_coverage


@pytest.mark.parametrize(("taken", "verdict"), [(19, "reached"), (18, "**not reached**")])
def test_folders_are_summed_and_files_with_branches_left_are_named(
    branch_coverage, taken: int, verdict: str
) -> None:
    missing = [[4, 7], [8, -1]][: 20 - taken]
    files = {
        "tsseq2seq/nn/cells/gru.py": of_file(taken - 10, 10, missing),
        "tsseq2seq/nn/network.py": of_file(10, 10, []),
        "tsseq2seq/errors.py": of_file(0, 0, []),
    }
    said = branch_coverage.report({"files": files}, "== 7 passed ==")
    assert f"| `nn` | 20 | {5 * taken}.0 % | 90.0 % |" in said
    assert "| `the files beside the folders` | 0 | 100.0 % | 90.0 % |" in said
    assert f"| `tsseq2seq/nn/cells/gru.py` | {20 - taken} | 4→7" in said
    assert ("8→end" in said) == (taken == 18)
    assert f"95 % of the branches: {verdict}. The tests: 7 passed" in said
