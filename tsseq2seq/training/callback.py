"""Callback: what is told of a training while it runs, and may end it.

Derive from :class:`Callback`, write the methods that are wanted, and give an instance to
``Training(callbacks=[…])``; every estimator tells it the same::

    class Patience(Callback):
        def on_step(self, event):
            return event.seconds > 60 and event.loss > 1.0     # True: end the training here
"""

from __future__ import annotations

import time
from abc import ABC
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Tensor

__all__ = ["Callback", "Callbacks", "Ended", "Started", "Stepped", "Validated"]


@dataclass(frozen=True)
class Started:
    """A training begins.

    Attributes
    ----------
    label
        ``"training"``, or of several members ``"training 2"``.
    planned_steps
        Length of the schedules, in training steps.
    steps
        Training steps made before: of a training that is continued from a checkpoint.
    parameters
        Number of weights.
    settings
        The settings of the training, by name.

    Examples
    --------
    >>> Started("training", 100, 0, 5000, {"learning_rate": 0.002}).planned_steps
    100
    """

    label: str
    planned_steps: int
    steps: int
    parameters: int
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Stepped:
    """A training step was made.

    Attributes
    ----------
    step
        How many were made, from 1.
    planned_steps
        Length of the schedules, in training steps.
    seconds
        Since the training began.
    learning_rate
        Of this step.
    loss_tensor
        The loss of the batch, on its device: reading :attr:`loss` waits for a GPU.

    Examples
    --------
    >>> import torch
    >>> Stepped(1, 100, 0.5, 0.002, torch.tensor(0.25)).loss
    0.25
    """

    step: int
    planned_steps: int
    seconds: float
    learning_rate: float
    loss_tensor: Tensor

    @property
    def loss(self) -> float:
        """The loss of the batch."""
        return float(self.loss_tensor)


@dataclass(frozen=True)
class Validated:
    """The held-out part was scored.

    Attributes
    ----------
    step
        Training steps made.
    seconds
        Since the training began.
    error
        The validation error.
    best_error
        The lowest so far.

    Examples
    --------
    >>> Validated(20, 1.5, 0.4, 0.3).error
    0.4
    """

    step: int
    seconds: float
    error: float
    best_error: float


@dataclass(frozen=True)
class Ended:
    """A training is over, and the module holds the weights to use.

    Attributes
    ----------
    steps
        Training steps made.
    seconds
        Since the training began.
    stopped
        Why: ``"steps"``, ``"time"``, ``"patience"``, ``"callback"``, ``"interrupt"``, or ``"error"``.
    history
        A row for each report, as in ``history_``.

    Examples
    --------
    >>> Ended(100, 2.5, "steps", [{"step": 100, "loss": 0.2}]).history[-1]["loss"]
    0.2
    """

    steps: int
    seconds: float
    stopped: str
    history: Sequence[Mapping[str, float]]


class Callback(ABC):  # noqa: B024 (which of the methods are written is left open)
    """Base of what is told of a training; each method does nothing unless it is written.

    It has no part in the result: it is not saved with a model, and settings with other callbacks are the
    same settings. Copies of an estimator, such as those of a backtest, tell the same object; in another
    process a copy of it is told. An exception in it ends the training: a state is stored where there is a
    checkpoint, the others are told, and the exception is raised.

    Examples
    --------
    >>> from tsseq2seq import Seq2SeqForecaster, Training, datasets
    >>> class Losses(Callback):
    ...     def __init__(self):
    ...         self.seen = []
    ...     def on_step(self, event):
    ...         self.seen.append(event.loss)
    ...         return len(self.seen) == 5
    >>> losses = Losses()
    >>> training = Training(max_steps=50, callbacks=[losses], progress=False)
    >>> model = Seq2SeqForecaster(12, training=training).fit(datasets.load("air_passengers"))
    >>> len(losses.seen), model.n_steps_, model.stopped_
    (5, 5, 'callback')
    """

    def on_start(self, event: Started) -> None:  # noqa: B027 (nothing, unless it is written)
        """Be told that a training begins."""

    def on_step(self, event: Stepped) -> bool | None:
        """Be told of each training step; return True to end the training after it."""
        return None

    def on_validation(self, event: Validated) -> bool | None:
        """Be told of each validation; return True to end the training after it."""
        return None

    def on_end(self, event: Ended) -> None:  # noqa: B027 (nothing, unless it is written)
        """Be told that a training is over."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Callback:
        """Return itself: copies of settings tell the same object."""
        return self


class Callbacks:
    """Tells several callbacks of one training, and remembers whether one of them ends it.

    Parameters
    ----------
    callbacks
        Who is told.
    started
        ``time.monotonic()`` at which the training began.

    Attributes
    ----------
    stop, raised
        Whether one of them ends the training, and whether one raised an exception.
    """

    def __init__(self, callbacks: Sequence[Callback], started: float) -> None:
        self.callbacks = tuple(callbacks)
        self.started = started
        self.stop = self.raised = False

    def __bool__(self) -> bool:
        """Whether there is anyone to tell."""
        return bool(self.callbacks)

    @property
    def seconds(self) -> float:
        """Seconds since the training began."""
        return time.monotonic() - self.started

    def stepped(self, step: int, planned_steps: int, learning_rate: float, loss: Tensor) -> None:
        """Tell of a training step."""
        event = Stepped(step, planned_steps, self.seconds, learning_rate, loss.detach())
        self._ask("on_step", event)

    def validated(self, step: int, error: float, best_error: float) -> None:
        """Tell of a validation."""
        self._ask("on_validation", Validated(step, self.seconds, error, best_error))

    def _ask(self, method: str, event: Stepped | Validated) -> None:
        """Tell all of them, and note whether one ends the training, or raised."""
        try:
            answers = [getattr(callback, method)(event) for callback in self.callbacks]
        except Exception:
            self.raised = True
            raise
        self.stop |= any(answer is not None and bool(answer) for answer in answers)

    @contextmanager
    def around(self, event: Started) -> Iterator[list[Ended]]:
        """Tell that a training begins, and at the end, also after an error, that it is over.

        Yields
        ------
        list
            To be given the event of the end.
        """
        begun: list[Callback] = []
        ended: list[Ended] = []
        try:
            for callback in self.callbacks:
                begun.append(callback)
                callback.on_start(event)
            yield ended
        finally:
            last = ended[0] if ended else Ended(0, self.seconds, "error", ())
            _tell_all(begun, last)


def _tell_all(callbacks: Sequence[Callback], event: Ended) -> None:
    """Tell all of them that a training is over, whatever another one does; then raise the first error."""
    errors = []
    for callback in callbacks:
        try:
            callback.on_end(event)
        except Exception as error:
            errors.append(error)
    if errors:
        raise errors[0]
