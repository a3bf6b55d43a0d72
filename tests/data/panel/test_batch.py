"""A batch holds what its annotations say, and refuses what does not fit together."""

from __future__ import annotations

import dataclasses

import jaxtyping
import pytest
import torch

from tsseq2seq.data.panel.batch import Batch


def batch_of(**changes) -> Batch:
    parts = {
        "context": torch.zeros(2, 6, 1),
        "context_mask": torch.ones(2, 6, 1, dtype=torch.bool),
        "target": torch.zeros(2, 4, 1),
        "target_mask": torch.ones(2, 4, 1, dtype=torch.bool),
        "lengths": torch.tensor([3, 2]),
        "series": torch.tensor([0, 1]),
        "origin": torch.zeros(2, 1, dtype=torch.float64),
        "unit": torch.ones(2, 1, dtype=torch.float64),
    }
    return Batch(**(parts | changes))


def test_optional_parts_are_empty() -> None:
    batch = batch_of()
    for name in ("history_moments", "last_observed", "past", "future", "static", "calendar"):
        assert getattr(batch, name) is None


def test_it_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        batch_of().context = torch.zeros(1)  # type: ignore[misc]


@pytest.mark.parametrize(
    "changes",
    [
        {"context": torch.zeros(3, 6, 1)},  # another number of rows
        {"target_mask": torch.ones(2, 5, 1, dtype=torch.bool)},  # another horizon
        {"context_mask": torch.ones(2, 6, 1)},  # a mask of numbers
        {"origin": torch.zeros(2, 2, dtype=torch.float64)},  # another number of targets
        {"lengths": torch.tensor([3.0, 2.0])},
        {"calendar": torch.zeros(3, 10, 2)},  # another number of rows
    ],
)
def test_parts_that_do_not_fit_are_found_while_testing(changes: dict) -> None:
    with pytest.raises(jaxtyping.TypeCheckError):
        batch_of(**changes)
