"""The result of a search: its trials, the best estimator, and saving them."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tsseq2seq.atomic_files import staging
from tsseq2seq.errors import ModelFileError, TrainingError, shown
from tsseq2seq.settings import check_number
from tsseq2seq.tuning.completed_trials import best_first, completed_trials, greater_is_better, rank
from tsseq2seq.tuning.quiet_optuna import quiet_optuna
from tsseq2seq.tuning.space import Space
from tsseq2seq.tuning.trial_attributes import AS_GIVEN, ERROR
from tsseq2seq.tuning.trial_estimators import TrialEstimators

if TYPE_CHECKING:
    import optuna

__all__ = ["Tuning", "best_trial", "result_of", "trial_frame"]

_MEASURED = ("seconds", "size", "steps")
# Told beside the objectives where a problem measured it, though trials are not compared by it.
_BESIDE = ("perplexity",)


@dataclass(frozen=True, repr=False)
class Tuning:
    """The result of :func:`~tsseq2seq.tune`.

    Attributes
    ----------
    study : optuna.Study
        The study, for Optuna's plots, importances and dashboard.
    trials : pandas.DataFrame
        A row for each trial: ``number``, ``state``, the objectives, ``seconds`` (of training), ``size``
        (number of weights), ``steps`` (training steps), ``as_given`` (whether it was the estimator as given),
        ``error``, and the settings (the text "None" for None). A trial that repeats the settings of another
        has its results.
    best_estimator
        The estimator with the best settings, fitted on all data unless ``refit`` was False.
    best_params : dict
        The best settings by name; empty if the estimator as given was the best.
    objectives : tuple of str
        Names of the objectives; the first decides what is best.
    estimators : TrialEstimators
        Makes the estimator of a trial.
    """

    study: optuna.Study
    trials: pd.DataFrame
    best_estimator: Any
    best_params: Mapping[str, Any]
    objectives: tuple[str, ...]
    estimators: TrialEstimators

    def __repr__(self) -> str:
        """Return how the trials ended, the best of them and its settings, on a few lines."""
        states = self.trials["state"].value_counts()
        ended = ", ".join(f"{count} {state}" for state, count in states.items())
        best = best_trial(self.study)
        reached = zip(self.objectives, best.values, strict=True)
        settings = [f"{name}={shown(value)}" for name, value in self.best_params.items()]
        lines = [
            f"Tuning of {type(self.best_estimator).__name__}: {len(self.trials)} trials ({ended})",
            f"best trial {best.number}: {', '.join(f'{name} {value:.4g}' for name, value in reached)}",
            *textwrap.wrap(f"settings: {', '.join(settings) or 'as given'}", 100),
        ]
        return "\n".join(lines)

    @property
    def front(self) -> pd.DataFrame:
        """The Pareto front: trials that no other trial beats in all objectives, sorted by the first."""
        numbers = [trial.number for trial in self.study.best_trials]
        kept = self.trials[self.trials["number"].isin(numbers)]
        ascending = not greater_is_better(self.study)
        return kept.sort_values(self.objectives[0], ascending=ascending).reset_index(drop=True)

    def best_estimators(self, count: int = 5) -> list[Any]:
        """Return unfitted estimators of the best trials by the first objective, the best first.

        They can be passed to :class:`~tsseq2seq.Seq2SeqEnsemble`.

        Parameters
        ----------
        count
            Largest number of estimators. Trials that repeat the settings of another are left out.
        """
        check_number("best_estimators", "count", count, low=1, integer=True)
        distinct: list[optuna.trial.FrozenTrial] = []
        for trial in best_first(self.study):
            if all(trial.params != other.params for other in distinct):
                distinct.append(trial)
        return [self.estimators.estimator_of(trial) for trial in distinct[:count]]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a folder: ``best_estimator`` (for :func:`tsseq2seq.load`), ``trials.csv``, ``study.db``.

        ``optuna.load_study(study_name=…, storage="sqlite:///…/study.db")`` reads the study again, and
        Optuna's dashboard shows it.

        Raises
        ------
        ModelFileError
            If the path exists already, or cannot be written; then there is no folder.
        """
        from sqlalchemy.exc import SQLAlchemyError

        folder = Path(path)
        if folder.exists():
            raise ModelFileError(f"{folder} exists already; a search is saved to a folder of its own")
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with staging(folder.parent) as staged:
                self._write(staged / "search")
                (staged / "search").rename(folder)
        except (OSError, SQLAlchemyError) as error:
            raise ModelFileError(f"{folder} cannot be written: {error}") from error

    def _write(self, folder: Path) -> None:
        import optuna
        from sqlalchemy.engine import URL

        folder.mkdir()
        self.trials.to_csv(folder / "trials.csv", index=False)
        with quiet_optuna():
            optuna.copy_study(
                from_study_name=self.study.study_name,
                from_storage=self.study._storage,
                to_storage=URL.create("sqlite", database=str(folder / "study.db")).render_as_string(),
            )
        if hasattr(self.best_estimator, "fitted_"):
            self.best_estimator.save(folder / "best_estimator")


def result_of(study: optuna.Study, estimator: Any, space: Space, objectives: tuple[str, ...]) -> Tuning:  # noqa: ANN401
    """Return the result of a study; the best estimator is not fitted yet.

    Parameters
    ----------
    study
        The study, after its trials.
    estimator
        The estimator as given.
    space
        The search space.
    objectives
        Names of the objectives.

    Raises
    ------
    TrainingError
        If no trial was completed.
    """
    best, estimators = best_trial(study), TrialEstimators(estimator, space)
    return Tuning(
        study,
        trial_frame(study, objectives),
        estimators.estimator_of(best),
        estimators.settings_of(best),
        objectives,
        estimators,
    )


def best_trial(study: optuna.Study) -> optuna.trial.FrozenTrial:
    """Return the trial of the Pareto front with the best first objective.

    Raises
    ------
    TrainingError
        If no trial was completed.
    """
    if not completed_trials(study):
        failed = [trial for trial in study.trials if ERROR in trial.user_attrs]
        reason = f"; the first: {failed[0].user_attrs[ERROR]}" if failed else ""
        raise TrainingError(
            f"tune: none of {len(study.trials)} trials ended well, {len(failed)} failed{reason}"
        )
    return min(study.best_trials, key=rank(study))


def trial_frame(study: optuna.Study, objectives: Sequence[str]) -> pd.DataFrame:
    """Return a frame with a row for each trial of a study; see :class:`Tuning`."""
    import optuna

    rows = []
    for trial in study.get_trials(deepcopy=False):
        # the values of a pruned trial are not final
        completed = trial.state == optuna.trial.TrialState.COMPLETE
        values = trial.values if completed else [float("nan")] * len(objectives)
        row: dict[str, Any] = {"number": trial.number, "state": trial.state.name.lower()}
        row |= dict(zip(objectives, values, strict=True))
        row |= {name: trial.user_attrs.get(name, float("nan")) for name in _MEASURED}
        row |= {
            name: trial.user_attrs[name] for name in _BESIDE if name in trial.user_attrs and name not in row
        }
        row["as_given"] = bool(trial.user_attrs.get(AS_GIVEN, False))
        row["error"] = trial.user_attrs.get(ERROR)
        # None would look like a missing value
        rows.append(row | {name: "None" if value is None else value for name, value in trial.params.items()})
    return pd.DataFrame(rows)
