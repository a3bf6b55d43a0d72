"""What a search knows of an estimator and its data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

__all__ = ["Outcome", "Problem", "Tunable", "Watch"]

#: Is told the first metric and which share of the training, in percent, is over; may raise to end it.
Watch: TypeAlias = Callable[[float, int], None]


@dataclass(frozen=True)
class Outcome:
    """What became of the settings of a trial.

    Attributes
    ----------
    scores
        On what was held out, by metric.
    seconds
        To train.
    size
        Weights, those of all members.
    steps
        Gradient steps made.
    fitted
        The trained networks.
    """

    scores: dict[str, float]
    seconds: float
    size: int
    steps: int
    fitted: Any


@runtime_checkable
class Problem(Protocol):
    """An estimator's data, read once for all trials, with a part held out.

    Attributes
    ----------
    metrics
        What can be measured, and whether more is better.
    metric
        Which of them counts if nothing is said.
    identity
        What the results depend on beside the settings: the data, and what is held out.
    fixed
        Settings by which the data are read: they cannot be searched.
    """

    metrics: Mapping[str, bool]
    metric: str
    identity: Mapping[str, Any]
    fixed: Collection[str]

    def resolved_settings(self) -> dict[str, Any]:
        """Return the settings of the estimator as it was given, with nothing left open."""
        ...

    def default_space(self) -> dict[str, Any]:
        """Return the space that is searched if none is given."""
        ...

    def check(self, estimator: Any) -> None:  # noqa: ANN401
        """Refuse an estimator that cannot be trained on the data; nothing is trained."""
        ...

    def run(self, estimator: Any, metrics: Sequence[str], watch: Watch | None) -> Outcome:  # noqa: ANN401
        """Train with an estimator's settings and score what was held out."""
        ...


@runtime_checkable
class Tunable(Protocol):
    """An estimator whose settings can be searched."""

    seed: int | None

    def fit(self, *data: Any) -> Any:  # noqa: ANN401
        """Learn from all data."""
        ...

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return its settings by nested name."""
        ...

    def set_params(self, **params: Any) -> Any:  # noqa: ANN401
        """Change settings by nested name."""
        ...

    def tuning_problem(self, *data: Any, windows: int | None = None, step: int | None = None) -> Problem:  # noqa: ANN401
        """Read the data and hold a part out."""
        ...
