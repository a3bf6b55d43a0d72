from __future__ import annotations

import pytest


@pytest.fixture
def script():
    import soak

    return soak


def course(script, memory: list[float]):
    places = [(number + 1) / len(memory) for number in range(len(memory))]
    return script.Course("some", "n steps", places, [int(value * script.MIB) for value in memory])


def test_what_is_allocated_once_is_no_growth(script) -> None:
    once = course(script, [100.0] + [400.0] * 99)
    assert once.growth == 0
    assert once.flat


@pytest.mark.parametrize(("each", "flat"), [(0.01, True), (0.5, False)])
def test_growth_without_an_end_is_seen(script, each: float, flat: bool) -> None:
    found = course(script, [500 + each * number for number in range(100)])
    assert found.growth == pytest.approx(50 * each * script.MIB, rel=0.05)
    assert found.flat is flat


def test_the_report_and_the_picture(script, tmp_path) -> None:
    courses = [course(script, [500.0] * 20), course(script, [500.0 + number for number in range(100)])]
    said = script.report(courses)
    assert "| some | n steps | 500 | 500 | +0.0 |" in said
    assert "**+50.0**" in said
    assert "Memory stayed flat in 1 of 2 runs." in said
    script.draw(courses, tmp_path / "plot.svg")
    first = (tmp_path / "plot.svg").read_text()
    script.draw(courses, tmp_path / "plot.svg")
    assert first == (tmp_path / "plot.svg").read_text(), "the same each time"
    assert "resident memory" in first


def test_predictions_are_watched(script) -> None:
    found = script.over_predictions("classifier", 8)
    assert len(found.memory) == 8
    assert found.work == "8 predictions"
