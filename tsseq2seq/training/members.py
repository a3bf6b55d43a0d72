"""Training the members of an ensemble, one after the other; a single network is an ensemble of one."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd
import torch

from tsseq2seq.training.loop import Observer, train
from tsseq2seq.training.objective import Objective
from tsseq2seq.training.record import Record
from tsseq2seq.training.seeding import seeded
from tsseq2seq.training.training import Training

__all__ = ["history_of", "train_members"]

# Two members must not draw the same batches.
_SEEDS_APART = 1_000_003

AnyObjective = TypeVar("AnyObjective", bound=Objective)


def train_members(
    build: Callable[[int, int], AnyObjective],
    training: Training,
    *,
    device: torch.device,
    seed: int | None,
    started: float,
    optimizer_states: Sequence[dict[str, Any]] = (),
    observe: Callable[[AnyObjective], Observer] | None = None,
) -> tuple[list[AnyObjective], list[Record]]:
    """Train ``training.members`` networks.

    Parameters
    ----------
    build
        Makes a network and its objective, given the number of the member and a seed.
    training
        The settings; ``max_time`` is shared.
    device
        Where to train.
    seed
        Of the first member; None: drawn.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    optimizer_states
        Of each member, to go on with; empty: the optimisers start anew.
    observe
        Makes an observer of the first member's training, see :func:`~tsseq2seq.training.loop.train`.

    Returns
    -------
    objectives, records
        Of each member; after an interrupt only of those that were begun.
    """
    objectives: list[AnyObjective] = []
    records: list[Record] = []
    for place in range(training.members):
        with seeded(None if seed is None else seed + place * _SEEDS_APART, device) as drawn:
            objective = build(place, drawn)
            record = train(
                objective,
                _share(training, place, started),
                started=started if place == 0 else None,
                optimizer_state=optimizer_states[place] if optimizer_states else None,
                observe=observe(objective) if observe is not None and place == 0 else None,
                label="training" if training.members == 1 else f"training {place + 1}",
            )
        started += record.looked
        objectives.append(objective)
        records.append(record)
        if record.stopped == "interrupt":
            break
    return objectives, records


def _share(training: Training, place: int, started: float) -> Training:
    """Return the settings of one member: of the time that is left, as much as for each of the others."""
    if training.max_time is None or training.members == 1:
        return training
    gone = time.monotonic() - started
    left = max(training.max_time - gone, 1e-3) / (training.members - place)
    return dataclasses.replace(training, max_time=left + (gone if place == 0 else 0.0))


def history_of(records: Sequence[Record]) -> tuple[int, str, pd.DataFrame]:
    """Return the steps made (of several members the fewest), why training ended, and its history.

    The history has a column ``member`` where there are several.
    """
    frames = [pd.DataFrame(record.history).assign(member=place) for place, record in enumerate(records)]
    history = pd.concat(frames, ignore_index=True)
    if len(records) == 1:
        history = history.drop(columns="member")
    return min(record.steps for record in records), records[-1].stopped, history
