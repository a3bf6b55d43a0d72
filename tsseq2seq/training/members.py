"""Training the members of an ensemble one after the other; a single network is an ensemble of one."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pandas as pd
import torch

from tsseq2seq.errors import DivergenceError, TrainingWarning, warn
from tsseq2seq.training.checkpoint import NO_CHECKPOINT, Checkpoint
from tsseq2seq.training.keeper import Keeper
from tsseq2seq.training.loop import train
from tsseq2seq.training.objective import Objective
from tsseq2seq.training.outcome import warn_of_outcome
from tsseq2seq.training.record import Record
from tsseq2seq.training.run import Observer
from tsseq2seq.training.seeding import seeded
from tsseq2seq.training.state import State, module_state
from tsseq2seq.training.training import Training

__all__ = ["combine_records", "train_members"]

# The difference of two members' seeds: they must not draw the same batches.
_SEED_STEP = 1_000_003

# The columns of a history without reports.
_REPORTED = ["step", "loss", "learning_rate", "validation_error", "seconds"]

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
    checkpoint: Checkpoint = NO_CHECKPOINT,
) -> tuple[list[AnyObjective], list[Record]]:
    """Train ``training.members`` networks.

    Parameters
    ----------
    build
        Makes a network and its objective, given the number of the member (from 0) and a seed.
    training
        The settings; ``max_time`` is for all members.
    device
        Where to train.
    seed
        The seed of the first member. None: a random one.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    optimizer_states
        Optimiser state of each member to continue from. Empty: new optimisers.
    observe
        Makes an observer of the first member's training, see :func:`~tsseq2seq.training.loop.train`.
    checkpoint
        Where states are stored, each of the training of all members, and the state to continue from:
        members that it has as finished are not trained again.

    Returns
    -------
    objectives, records
        One of each for every member; after an interrupt only for those that were begun. A member that
        diverges is left out.

    Raises
    ------
    DivergenceError
        If all members diverge.

    Warns
    -----
    TrainingWarning
        If a member is left out, or they should not be used as they are; see
        :func:`~tsseq2seq.training.outcome.warn_of_outcome`.
    """
    state = checkpoint.state()
    through: _Through[AnyObjective] = _Through([], [], [], [])
    if state is not None:
        through.restore(state["through"], build, device)
        started = time.monotonic() - state["seconds"]
    first = len(through.states)
    with checkpoint.keeping() as keeper:
        for member in range(first, training.members):
            asked_seed, run = None if seed is None else seed + member * _SEED_STEP, None
            if state is not None and member == first and state["run"] is not None:
                asked_seed, run = state["seed"], state["run"]
            with seeded(asked_seed, device) as member_seed:
                objective = build(member, member_seed)
                kept = None if keeper is None else _MemberKeeper(keeper, through.states, member_seed, started)
                try:
                    record = train(
                        objective,
                        _member_training(training, member, started),
                        started=started if member == 0 else None,
                        optimizer_state=optimizer_states[member] if optimizer_states else None,
                        observe=observe(objective) if observe is not None and member == 0 else None,
                        keeper=kept,
                        state=run,
                        label="training" if training.members == 1 else f"training {member + 1}",
                    )
                except DivergenceError as error:
                    if training.members == 1:
                        raise
                    through.add_diverged(member_seed, error)
                    continue
            started += record.observer_seconds
            through.add(member_seed, objective, record, stored=kept is not None)
            if record.stopped == "interrupt":
                break
            if kept is not None:
                kept.keep(None)
    objectives, records = through.usable()
    warn_of_outcome(records, training)
    return objectives, records


@dataclass
class _Through(Generic[AnyObjective]):
    """The members whose training is over.

    Attributes
    ----------
    objectives, records
        Of those that can be used.
    states
        What a checkpoint holds of each, those that diverged included.
    errors
        Of those that diverged.
    """

    objectives: list[AnyObjective]
    records: list[Record]
    states: list[State]
    errors: list[str]

    def add(self, seed: int, objective: AnyObjective, record: Record, *, stored: bool) -> None:
        """Add a member, with its weights if states are stored."""
        self.objectives.append(objective)
        self.records.append(record)
        weights = module_state(objective.module) if stored else {}
        self.states.append({"seed": seed, "module": weights, "record": record.state() if stored else {}})

    def add_diverged(self, seed: int, error: DivergenceError) -> None:
        """Add a member that is left out."""
        self.errors.append(str(error))
        self.states.append({"seed": seed, "error": str(error)})

    def restore(
        self, states: Sequence[State], build: Callable[[int, int], AnyObjective], device: torch.device
    ) -> None:
        """Add the members of a checkpoint."""
        for member, state in enumerate(states):
            if "error" in state:
                self.errors.append(state["error"])
            else:
                objective, record = _restore_finished(build, member, state, device)
                self.objectives.append(objective)
                self.records.append(record)
            self.states.append(state)

    def usable(self) -> tuple[list[AnyObjective], list[Record]]:
        """Return the members that can be used, and say how many are left out.

        Raises
        ------
        DivergenceError
            If all diverged.
        """
        if not self.records:
            raise DivergenceError(self.errors[0])
        if self.errors:
            warn(
                f"{len(self.errors)} of {len(self.states)} members diverged and are left out: "
                f"{self.errors[0]}",
                TrainingWarning,
            )
        return self.objectives, self.records


@dataclass(frozen=True)
class _MemberKeeper:
    """Adds the finished members to the state of one member's training.

    Attributes
    ----------
    keeper
        Stores the states of all members.
    finished
        Seed, weights and record of each finished member.
    seed
        Seed of the member in training.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    """

    keeper: Keeper
    finished: list[State]
    seed: int
    started: float

    def due(self, steps: int) -> bool:
        """Ask the keeper of all members' states."""
        return self.keeper.due(steps)

    def keep(self, state: State | None) -> None:
        """Pass on the state of all members; None: the last one is finished, and the next has not begun."""
        seconds = time.monotonic() - self.started
        self.keeper.keep(
            {"through": list(self.finished), "seed": self.seed, "seconds": seconds, "run": state}
        )


def _restore_finished(
    build: Callable[[int, int], AnyObjective], member: int, state: State, device: torch.device
) -> tuple[AnyObjective, Record]:
    """Rebuild a member whose training had finished before the interruption."""
    with seeded(state["seed"], device) as member_seed:
        objective = build(member, member_seed)
    objective.module.load_state_dict(state["module"])
    objective.module.eval()
    record = Record(state["record"]["planned_steps"])
    record.load_state(state["record"])
    return objective, record


def _member_training(training: Training, member: int, started: float) -> Training:
    """Return the settings of one member, with an equal share of the time left as ``max_time``."""
    if training.max_time is None or training.members == 1:
        return training
    gone = time.monotonic() - started
    left = max(training.max_time - gone, 1e-3) / (training.members - member)
    return dataclasses.replace(training, max_time=left + (gone if member == 0 else 0.0))


def combine_records(records: Sequence[Record]) -> tuple[int, str, pd.DataFrame]:
    """Combine the records of all members.

    Returns
    -------
    n_steps : int
        Training steps made; of several members the fewest.
    stopped : str
        Why the last training ended.
    history : pandas.DataFrame
        The reports of all members; with several members it has a column ``member``.
    """
    frames = [_reports(record).assign(member=member) for member, record in enumerate(records)]
    history = pd.concat(frames, ignore_index=True)
    if len(records) == 1:
        history = history.drop(columns="member")
    return min(record.steps for record in records), records[-1].stopped, history


def _reports(record: Record) -> pd.DataFrame:
    return pd.DataFrame(record.history, columns=None if record.history else _REPORTED)
