"""The estimator of a trial: the estimator as given, with the settings of the trial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sklearn.base import clone

from tsseq2seq.tuning.space import Space
from tsseq2seq.tuning.trial_attributes import AS_GIVEN

if TYPE_CHECKING:
    import optuna

__all__ = ["TrialEstimators"]


@dataclass(frozen=True)
class TrialEstimators:
    """Makes the estimators of trials.

    Attributes
    ----------
    given
        The estimator as given.
    space
        The search space.
    """

    given: Any
    space: Space

    def settings_of(self, trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
        """Return the settings of a trial by name; an empty dict for the estimator as given."""
        return {} if trial.user_attrs.get(AS_GIVEN) else self.space.settings_of(trial)

    def estimator_of(self, trial: optuna.trial.FrozenTrial) -> Any:  # noqa: ANN401
        """Return the unfitted estimator of a trial."""
        return clone(self.given).set_params(**self.settings_of(trial))
