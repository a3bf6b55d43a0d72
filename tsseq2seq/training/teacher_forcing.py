"""Teacher-forcing schedules: the probability of feeding the truth at each training step.

Scheduled sampling (Bengio et al. 2015, section 2.4) begins with the truth and moves to the decoder's own
outputs. A schedule is called with the training step; any other function of it can be used as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.settings import Settings, check_number

__all__ = [
    "Exponential",
    "InverseSigmoid",
    "Linear",
    "Schedule",
    "check_fed",
    "feeding_mode",
    "is_scheduled_sampling",
    "truth_probability",
]


@dataclass(frozen=True)
class Linear(Settings):
    """From ``start`` to ``end`` in a straight line, then constant.

    Parameters
    ----------
    start, end
        First and last probability.
    steps
        Training steps from ``start`` to ``end``. None: the whole training.

    Examples
    --------
    >>> [Linear(steps=4)(step) for step in (0, 2, 4, 6)]
    [1.0, 0.5, 0.0, 0.0]
    """

    start: float = 1.0
    end: float = 0.0
    steps: int | None = None

    def __post_init__(self) -> None:
        """Check the fields."""
        check_number("Linear", "start", self.start, low=0, high=1)
        check_number("Linear", "end", self.end, low=0, high=1)
        check_number("Linear", "steps", self.steps, low=1, integer=True, optional=True)

    def __call__(self, step: int, total: int | None = None) -> float:
        """Return the probability at ``step`` of a training of ``total`` steps."""
        length = self.steps if self.steps is not None else total
        if length is None:
            raise ParameterError("Linear: steps is None, so the training's total number of steps is needed")
        return self.start + (self.end - self.start) * min(1.0, step / length)


@dataclass(frozen=True)
class Exponential(Settings):
    """``k ** step``.

    Parameters
    ----------
    k
        Factor of the probability at each training step, above 0 and at most 1. With 0.999 the probability
        halves every 693 steps.

    Examples
    --------
    >>> Exponential(0.5)(3)
    0.125
    """

    k: float = 0.999

    def __post_init__(self) -> None:
        """Check the field."""
        check_number("Exponential", "k", self.k, low=0, high=1, low_open=True)

    def __call__(self, step: int, total: int | None = None) -> float:
        """Return the probability at ``step``."""
        return self.k**step


@dataclass(frozen=True)
class InverseSigmoid(Settings):
    """``k / (k + exp(step / k))``: near 1 at first, then falling to 0.

    Parameters
    ----------
    k
        At least 1; the probability is one half at training step ``k · log k``. With 200 that is step
        1,060.

    Notes
    -----
    Computed as a logistic function of ``log k − step / k``, which does not overflow.

    Examples
    --------
    >>> round(InverseSigmoid(200)(0), 3), InverseSigmoid(1)(10**9)
    (0.995, 0.0)
    """

    k: float = 200.0

    def __post_init__(self) -> None:
        """Check the field."""
        check_number("InverseSigmoid", "k", self.k, low=1)

    def __call__(self, step: int, total: int | None = None) -> float:
        """Return the probability at ``step``."""
        exponent = step / self.k - math.log(self.k)
        if exponent > 0:
            small = math.exp(-min(exponent, 746.0))
            return small / (1.0 + small)
        return 1.0 / (1.0 + math.exp(exponent))


Schedule = Linear | Exponential | InverseSigmoid | Callable[[int], float]


def is_scheduled_sampling(teacher_forcing: float | Schedule | None) -> bool:
    """Return whether some decoder steps are fed the truth, and others the network's own outputs.

    Examples
    --------
    >>> [is_scheduled_sampling(one) for one in (None, 0.0, 0.5, 1.0, Linear(), lambda step: 1.0)]
    [False, False, True, False, True, True]
    """
    return callable(teacher_forcing) or teacher_forcing not in (None, 0, 1)


def check_fed(owner: str, teacher_forcing: float | Schedule | None, unfed: str | None) -> None:
    """Refuse scheduled sampling for a decoder whose steps are fed no previous output.

    Parameters
    ----------
    owner
        Name of the estimator, for messages.
    teacher_forcing
        The setting as it was given. None, 0 and 1 are taken: they draw nothing.
    unfed
        The setting of the network because of which no previous output is fed. None: it is.

    Raises
    ------
    ParameterError
        Naming both settings.
    """
    if unfed is not None and is_scheduled_sampling(teacher_forcing):
        raise ParameterError(
            f"{owner}: training has teacher_forcing={teacher_forcing!r}, but network has {unfed}, so that "
            "its decoder steps read no previous output, be it the true one or not; leave one of them out"
        )


def truth_probability(teacher_forcing: float | Schedule, step: int, total: int) -> float:
    """Return the probability of feeding the truth at step ``step`` (from 0) of ``total``.

    Raises
    ------
    ParameterTypeError
        If a function returns something that is not a number.
    ParameterError
        If it returns a number below 0 or above 1.

    Examples
    --------
    >>> truth_probability(lambda step: 0.25, 10, 100), truth_probability(1, 10, 100)
    (0.25, 1.0)
    """
    if isinstance(teacher_forcing, Linear | Exponential | InverseSigmoid):
        return teacher_forcing(step, total)
    value = teacher_forcing(step) if callable(teacher_forcing) else teacher_forcing
    if not isinstance(value, int | float):
        raise ParameterTypeError(f"teacher_forcing({step}) returned {value!r}; it must be a number")
    if not 0 <= value <= 1:
        raise ParameterError(f"teacher_forcing({step}) returned {value!r}; it must lie between 0 and 1")
    return float(value)


def feeding_mode(probability: float) -> str:
    """Return how the decoder is fed in training, given the probability of feeding the truth.

    ``"free_running"`` (0): its own outputs. ``"teacher_forcing"`` (1): the truth. Between them, a random
    choice at each decoder step: ``"two_passes"`` from one half on, where two fused passes approximate the
    loop over the steps, and ``"sampling_loop"`` below.

    Examples
    --------
    >>> [feeding_mode(probability) for probability in (0.0, 0.3, 0.5, 1.0)]
    ['free_running', 'sampling_loop', 'two_passes', 'teacher_forcing']
    """
    if probability in (0, 1):
        return "teacher_forcing" if probability else "free_running"
    return "two_passes" if probability >= 0.5 else "sampling_loop"
