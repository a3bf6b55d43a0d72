"""The objective of a study: train with a trial's settings and return its scores."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sklearn.base import clone

from tsseq2seq.errors import TrainingError, TsSeq2SeqError
from tsseq2seq.memory import ran_out_of_memory
from tsseq2seq.tuning.comparable_metrics import check_comparable
from tsseq2seq.tuning.completed_trials import completed_trials
from tsseq2seq.tuning.problem import Outcome, Problem, Watch
from tsseq2seq.tuning.space import Space
from tsseq2seq.tuning.trial_attributes import AS_GIVEN, ERROR, SAME_AS
from tsseq2seq.tuning.trial_checkpoint import with_trial_folder

if TYPE_CHECKING:
    import optuna

__all__ = ["COSTS", "SURVIVED", "TrialObjective"]

#: Objectives that are costs of a model, not errors; both are minimised.
COSTS = ("seconds", "size")
#: Errors that fail a trial only; the search continues.
SURVIVED = (TsSeq2SeqError, MemoryError, OverflowError, FloatingPointError)


@dataclass(frozen=True)
class TrialObjective:
    """A callable that runs a trial and returns the values of the objectives.

    Attributes
    ----------
    estimator
        The estimator as given.
    problem
        Its data.
    space
        The search space.
    resolved
        The estimator's resolved settings, by nested name.
    objectives
        Names of metrics or of costs. Trials are pruned only by a single metric.
    """

    estimator: Any
    problem: Problem
    space: Space
    resolved: Mapping[str, Any]
    objectives: tuple[str, ...]

    def __call__(self, trial: optuna.Trial) -> tuple[float, ...]:
        """Run a trial.

        Raises
        ------
        TrainingError
            If an objective is not a finite number.
        MemoryError
            If memory runs out.
        """
        begun = time.monotonic()
        as_given = bool(trial.user_attrs.get(AS_GIVEN))
        settings = {} if as_given else self.space.suggest(trial)
        twin = None if as_given else _twin(trial)
        if twin is not None:
            for name, value in (twin.user_attrs | {SAME_AS: twin.number}).items():
                trial.set_user_attr(name, value)
            return tuple(twin.values)
        try:
            outcome = self._run(trial, settings, as_given=as_given)
        except SURVIVED as error:
            trial.set_user_attr(ERROR, f"{type(error).__name__}: {error}")
            raise
        finally:
            trial.set_user_attr("seconds", time.monotonic() - begun)
        values = outcome.scores | {"seconds": outcome.seconds, "size": float(outcome.size)}
        for name, value in values.items():
            trial.set_user_attr(name, value)
        trial.set_user_attr("steps", outcome.steps)
        chosen = tuple(values[name] for name in self.objectives)
        if not all(math.isfinite(value) for value in chosen):
            shown = ", ".join(f"{name} {value}" for name, value in zip(self.objectives, chosen, strict=True))
            trial.set_user_attr(ERROR, f"not finite: {shown}; another metric may suit the data")
            raise TrainingError(f"tune: trial {trial.number} gave {shown}")
        return chosen

    def _run(self, trial: optuna.Trial, settings: dict[str, Any], *, as_given: bool) -> Outcome:
        estimator = clone(self.estimator)
        if as_given:
            # its settings are only recorded; it is trained as given
            self.space.record(trial, self.resolved)
        estimator.set_params(**settings, training__progress=False)
        check_comparable(self.objectives, self.problem, self.estimator, settings)
        metrics = [name for name in self.objectives if name not in COSTS] or [self.problem.metric]
        # Optuna prunes by a single objective, and only errors can be measured during training
        watched = len(self.objectives) == 1 and self.objectives[0] not in COSTS
        watch = _watch(trial, pruned=not as_given) if watched else None
        try:
            with with_trial_folder(estimator, trial):
                return self.problem.run(estimator, metrics, watch)
        except RuntimeError as error:
            if ran_out_of_memory(error):
                raise MemoryError(str(error)) from error
            raise


def _twin(trial: optuna.Trial) -> optuna.trial.FrozenTrial | None:
    """Return a completed trial with the same settings, whose results can be copied; None: there is none."""
    for other in completed_trials(trial.study):
        if other.params == trial.params and not other.user_attrs.get(AS_GIVEN):
            return other
    return None


def _watch(trial: optuna.Trial, *, pruned: bool) -> Watch:
    """Return the function that reports a trial's scores during training, and ends it if it is pruned."""

    def watch(value: float, percent: int) -> None:
        import optuna

        if math.isnan(value):
            if pruned:
                raise TrainingError(f"tune: after {percent} % of trial {trial.number} the metric is nan")
            return
        trial.report(value, percent)
        if pruned and percent < 100 and trial.should_prune():
            raise optuna.TrialPruned

    return watch
