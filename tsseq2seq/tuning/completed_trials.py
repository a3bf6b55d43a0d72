"""The completed trials of a study, and their order by the first objective."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import optuna

__all__ = ["best_first", "completed_trials", "greater_is_better", "rank"]


def completed_trials(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Return the completed trials (which have values), in the order of their numbers."""
    import optuna

    return study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.COMPLETE])


def best_first(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Return the completed trials, the best by the first objective first; equal ones by their numbers."""
    return sorted(completed_trials(study), key=rank(study))


def rank(study: optuna.Study) -> Callable[[optuna.trial.FrozenTrial], tuple[float, int]]:
    """Return the sort key of :func:`best_first`."""
    sign = -1.0 if greater_is_better(study) else 1.0
    return lambda trial: (sign * trial.values[0], trial.number)


def greater_is_better(study: optuna.Study) -> bool:
    """Return whether the first objective is maximised."""
    return study.directions[0].name == "MAXIMIZE"
