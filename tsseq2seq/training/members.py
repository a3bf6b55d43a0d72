"""Training the members of an ensemble, one after the other; a single network is an ensemble of one."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd
import torch

from tsseq2seq.training.keeper import Keeper
from tsseq2seq.training.loop import train
from tsseq2seq.training.objective import Objective
from tsseq2seq.training.outcome import warn_of_outcome
from tsseq2seq.training.record import Record
from tsseq2seq.training.run import Observer
from tsseq2seq.training.seeding import seeded
from tsseq2seq.training.state import State, module_state
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
    optimizer_states: Sequence[State] = (),
    observe: Callable[[AnyObjective], Observer] | None = None,
    keeper: Keeper | None = None,
    state: State | None = None,
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
    keeper
        Keeps states of all members' training together.
    state
        Such a state, to go on from: members that are through are not trained again.

    Returns
    -------
    objectives, records
        Of each member; after an interrupt only of those that were begun.

    Warns
    -----
    TrainingWarning
        If they should not be used as they are, see :func:`~tsseq2seq.training.outcome.warn_of_outcome`.
    """
    objectives: list[AnyObjective] = []
    records: list[Record] = []
    through: list[State] = []
    if state is not None:
        through = list(state["through"])
        started = time.monotonic() - state["seconds"]
    for member, before in enumerate(through):
        objective, record = _through_before(build, member, before, device)
        objectives.append(objective)
        records.append(record)
    first = len(through)
    for member in range(first, training.members):
        own_seed = None if seed is None else seed + member * _SEEDS_APART
        resumed = state if member == first else None
        with seeded(own_seed if resumed is None else resumed["seed"], device) as drawn:
            objective = build(member, drawn)
            record = train(
                objective,
                _share(training, member, started),
                started=started if member == 0 else None,
                optimizer_state=optimizer_states[member] if optimizer_states else None,
                observe=observe(objective) if observe is not None and member == 0 else None,
                keeper=None if keeper is None else _MemberKeeper(keeper, through, drawn, started),
                state=None if resumed is None else resumed["run"],
                label="training" if training.members == 1 else f"training {member + 1}",
            )
        started += record.observer_seconds
        objectives.append(objective)
        records.append(record)
        if record.stopped == "interrupt":
            break
        if keeper is not None:
            weights = module_state(objective.module)
            through.append({"seed": drawn, "module": weights, "record": record.state()})
    warn_of_outcome(records, training)
    return objectives, records


@dataclass(frozen=True)
class _MemberKeeper:
    """Keeps the state of one member's training together with the members that are through.

    Attributes
    ----------
    keeper
        Who keeps the states of all.
    through
        Seed, weights and record of each member that is through.
    seed
        Of the member that is trained.
    started
        When ``max_time`` began.
    """

    keeper: Keeper
    through: list[State]
    seed: int
    started: float

    def due(self, steps: int) -> bool:
        """Ask the keeper of all."""
        return self.keeper.due(steps)

    def keep(self, state: State) -> None:
        """Hand on the state of all."""
        seconds = time.monotonic() - self.started
        self.keeper.keep({"through": list(self.through), "seed": self.seed, "seconds": seconds, "run": state})


def _through_before(
    build: Callable[[int, int], AnyObjective], member: int, before: State, device: torch.device
) -> tuple[AnyObjective, Record]:
    """Return a member that was through before the training was put down."""
    with seeded(before["seed"], device) as drawn:
        objective = build(member, drawn)
    objective.module.load_state_dict(before["module"])
    objective.module.eval()
    record = Record(before["record"]["planned_steps"])
    record.load_state(before["record"])
    return objective, record


def _share(training: Training, member: int, started: float) -> Training:
    """Return the settings of one member: of the time that is left, as much as for each of the others."""
    if training.max_time is None or training.members == 1:
        return training
    gone = time.monotonic() - started
    left = max(training.max_time - gone, 1e-3) / (training.members - member)
    return dataclasses.replace(training, max_time=left + (gone if member == 0 else 0.0))


def history_of(records: Sequence[Record]) -> tuple[int, str, pd.DataFrame]:
    """Return the steps made (of several members the fewest), why training ended, and its history.

    The history has a column ``member`` where there are several.
    """
    frames = [pd.DataFrame(record.history).assign(member=member) for member, record in enumerate(records)]
    history = pd.concat(frames, ignore_index=True)
    if len(records) == 1:
        history = history.drop(columns="member")
    return min(record.steps for record in records), records[-1].stopped, history
