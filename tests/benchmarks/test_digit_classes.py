"""Digits by rows: every part is tested by models that have not seen it, and the table says what was found."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits


@pytest.fixture
def digit_classes():
    import digit_classes

    return digit_classes


def test_rows_are_told_apart(digit_classes) -> None:
    pictures, digits = load_digits(n_class=3, return_X_y=True)
    found = digit_classes.measure(pictures[:240], digits[:240], parts=2, steps=60)
    assert {len(parts) for parts in found.values()} == {2}
    for parts in found.values():
        assert np.mean([part["accuracy"] for part in parts]) > 0.8
        assert all(part["log_loss"] < 0.7 for part in parts)


def test_the_table_has_the_mean_and_the_worst_part(digit_classes) -> None:
    found = {"one": [{"accuracy": 0.9, "log_loss": 0.2}, {"accuracy": 1.0, "log_loss": 0.1}]}
    said = digit_classes.section(found, 1000)
    assert "| one | 95.0 % | 90.0 % | 0.150 |" in said
    assert "in 2 parts" in said
