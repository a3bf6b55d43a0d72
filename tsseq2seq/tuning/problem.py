"""Protocols of a search: estimators that can be tuned, and the data their trials are run on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

__all__ = ["Outcome", "Problem", "Tunable", "Watch"]

# : Called during training with the first metric and the percent of training done; it may raise to end the
# trial.
Watch: TypeAlias = Callable[[float, int], None]


@dataclass(frozen=True)
class Outcome:
    """The result of a trial.

    Attributes
    ----------
    scores
        Scores on the held-out data, by metric.
    seconds
        Time of training.
    size
        Number of weights of all members.
    steps
        Number of training steps of all members.
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
        Names of the metrics, and whether each is maximised.
    metric
        Name of the default metric.
    identity
        What scores depend on apart from the settings: the data, and the part held out.
    fixed
        Names of settings that cannot be searched, since they determine how the data are read.
    """

    metrics: Mapping[str, bool]
    metric: str
    identity: Mapping[str, Any]
    fixed: Collection[str]

    def resolved_settings(self) -> dict[str, Any]:
        """Return the resolved settings of the estimator as given, by nested name."""
        ...

    def default_space(self) -> dict[str, Any]:
        """Return the default space."""
        ...

    def check(self, estimator: Any) -> None:  # noqa: ANN401
        """Refuse an estimator that cannot be trained on the data, without training."""
        ...

    def run(self, estimator: Any, metrics: Sequence[str], watch: Watch | None) -> Outcome:  # noqa: ANN401
        """Train with an estimator's settings and score it on the held-out data."""
        ...


@runtime_checkable
class Tunable(Protocol):
    """An estimator whose settings can be searched."""

    seed: int | None

    def fit(self, *data: Any) -> Any:  # noqa: ANN401
        """Fit on all data."""
        ...

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the settings by nested name."""
        ...

    def set_params(self, **params: Any) -> Any:  # noqa: ANN401
        """Change settings by nested name."""
        ...

    def tuning_problem(self, *data: Any, windows: int | None = None, step: int | None = None) -> Problem:  # noqa: ANN401
        """Read the data and hold out a part."""
        ...
