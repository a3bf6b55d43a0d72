"""Making a study, or joining one that other processes work on."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tsseq2seq.errors import ParameterError
from tsseq2seq.tuning.study_identity import check_same_identity
from tsseq2seq.tuning.trial_attributes import AS_GIVEN, ERROR

if TYPE_CHECKING:
    import optuna

__all__ = ["Direction", "open_study"]

Direction: TypeAlias = Literal["minimize", "maximize"]

_IDENTITY = "tsseq2seq"
# Another process that has made the study tells it of the estimator as given within this time.
_PATIENCE_SECONDS = 5.0
_POLL_SECONDS = 0.1


def open_study(
    storage: Any,  # noqa: ANN401
    name: str,
    *,
    identity: Mapping[str, Any],
    directions: Sequence[Direction],
    sampler: Any,  # noqa: ANN401
    pruner: Any,  # noqa: ANN401
    first: Sequence[Mapping[str, Any]],
    names: Sequence[str],
) -> tuple[optuna.Study, bool]:
    """Make a study, or join one that was made for the same.

    Parameters
    ----------
    storage, name
        Where it is, and what it is called.
    identity
        What it belongs to.
    directions
        ``"minimize"`` or ``"maximize"`` for each objective.
    sampler, pruner
        Of this worker.
    first
        What is tried first: of the estimator as it was given, then others.
    names
        Of the objectives, for plots.

    Returns
    -------
    study, is_new
        And whether it was made just now.

    Raises
    ------
    ParameterError
        If the study was made for something else.
    """
    import optuna

    options = {"storage": storage, "sampler": sampler, "pruner": pruner}
    try:
        study = optuna.create_study(study_name=name, directions=list(directions), **options)
    except optuna.exceptions.DuplicatedStudyError:
        study = optuna.load_study(study_name=name, **options)
        is_enqueued = _wait_for_first(study, name)
        if _IDENTITY not in study.user_attrs:
            study.set_user_attr(_IDENTITY, dict(identity))
        check_same_identity(study.user_attrs[_IDENTITY], identity, name)
        if not is_enqueued:
            _enqueue(study, first)
        return study, False
    study.set_user_attr(_IDENTITY, dict(identity))
    study.set_metric_names(list(names))
    _enqueue(study, first)
    return study, True


def _wait_for_first(study: optuna.Study, name: str) -> bool:
    """Wait for the estimator as given to be among the trials.

    False: who made the study has died before, or the trial was interrupted, so that it must be run again.

    Raises
    ------
    ParameterError
        If the study is none of ours.
    """
    from optuna.trial import TrialState

    alive = (TrialState.WAITING, TrialState.RUNNING, TrialState.COMPLETE)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        # its maker marks it before it has a trial: what has trials and no mark later is another's
        trials = study.get_trials(deepcopy=False)
        if trials and _IDENTITY not in study.user_attrs:
            raise ParameterError(f"tune: the study {name!r} was not made by tune; choose another study_name")
        given = [trial for trial in trials if trial.user_attrs.get(AS_GIVEN)]
        if given:
            # one that failed by itself would fail again
            return any(trial.state in alive or ERROR in trial.user_attrs for trial in given)
        time.sleep(_POLL_SECONDS)
    return False


def _enqueue(study: optuna.Study, first: Sequence[Mapping[str, Any]]) -> None:
    for number, params in enumerate(first):
        study.enqueue_trial(dict(params), user_attrs={AS_GIVEN: True} if number == 0 else None)
