"""Lines of digits: no picture is in both parts, texts are those of the pictures, and the bars are met."""

from __future__ import annotations

import numpy as np
import pytest

SHARES = {"3 to 5": 0.5, "7": 0.5}


@pytest.fixture
def digit_lines():
    import digit_lines

    return digit_lines


@pytest.mark.parametrize("seed", [0, 1])
def test_no_picture_is_trained_on_and_tested(digit_lines, seed) -> None:
    (known, known_digits), (held_out, held_out_digits) = digit_lines.split_pictures(seed)
    assert (len(known), len(held_out)) == (1437, 360) == (len(known_digits), len(held_out_digits))
    assert not {picture.tobytes() for picture in known} & {picture.tobytes() for picture in held_out}


def test_lines_are_glued_column_by_column_and_named(digit_lines) -> None:
    pictures = np.stack([np.full((8, 8), value / 10) for value in range(10)])
    lines = digit_lines.glue(pictures, np.arange(10), 30, (3, 5), seed=0)
    assert {len(digits) for digits in lines.digits} == {3, 5}
    for line, digits in zip(lines.pictures, lines.digits, strict=True):
        np.testing.assert_allclose(line[:, 0], np.repeat(digits, 8) / 10)
    assert lines.texts("numbers")[0] == "".join(map(str, lines.digits[0]))
    assert lines.texts("words")[0].split() == [digit_lines.WORDS[digit] for digit in lines.digits[0]]


def test_pictures_are_changed_a_little_for_training(digit_lines) -> None:
    (pictures, _), _ = digit_lines.split_pictures(0)
    changed = digit_lines.changed(pictures[0], np.random.default_rng(0))
    assert changed.shape == (8, 8)
    assert 0 <= changed.min() <= changed.max() <= 1
    assert 0.02 < np.abs(changed - pictures[0]).mean() < 0.3


def test_shares_below_their_bar_are_marked(digit_lines) -> None:
    shares = {"3 to 5": 0.99, "7": 0.5}
    assert digit_lines.row("words", "x", 1, shares, barred=True) == ["words", "x", 1, "99.0 %", "50.0 % ✗"]
    assert digit_lines.row("words", "x", 1, shares, barred=False)[4] == "50.0 %"


def test_one_run_makes_every_row(digit_lines, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(digit_lines, "measure", lambda *what, **how: done.append((what, how)) or SHARES)
    rows = [work.row() for work in digit_lines.works(splits=3, count=20_000, steps=4000, compare=True)]
    assert [found[:3] for found in rows] == [
        *(["numbers", "convolutions, location attention", split] for split in (0, 1, 2)),
        ["words", "convolutions, location attention", 0],
        *(["numbers", name, 0] for name in digit_lines.OTHERS),
        ["numbers", "the first, 12,000 lines, 2,500 steps", 1],
    ]
    assert [(how["count"], how["steps"]) for _, how in done] == [(20_000, 4000)] * 7 + [(12_000, 2500)]
    # those that know positions are no attempt at the bars
    assert [found[3].endswith("✗") for found in rows] == [True] * 4 + [False] * 3 + [True]
    assert "20,000 lines of 3 to 5 digits, 4,000 training steps" in digit_lines.section(rows, 20_000, 4000)
    assert len(digit_lines.works(splits=2, count=1, steps=1, compare=False)) == 3


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("form", ["numbers", "words"])
def test_lines_of_other_pictures_and_longer_lines_are_read(digit_lines, form) -> None:
    count, steps = digit_lines.SHORTER
    shares = digit_lines.measure(form, digit_lines.DEFAULT, steps=steps, seed=0, count=count)
    for name, bar in digit_lines.BARS.items():
        assert shares[name] >= bar, name
