"""Creating a study, or joining an existing one."""

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
# The process that creates a study enqueues the estimator as given within this time.
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
    """Create a study, or join the study of this name if its identity is the same.

    Parameters
    ----------
    storage
        An Optuna storage.
    name
        Name of the study.
    identity
        The data, estimator, space and metric of the study; see :mod:`tsseq2seq.tuning.study_identity`.
    directions
        ``"minimize"`` or ``"maximize"`` for each objective.
    sampler, pruner
        Sampler and pruner of this worker.
    first
        Parameters to try first: those of the estimator as given, then others.
    names
        Names of the objectives, for plots.

    Returns
    -------
    study, is_new
        The study, and whether this call created it.

    Raises
    ------
    ParameterError
        If the study has another identity.
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
    """Wait until the estimator as given is among the trials, and return whether it is.

    It is not if the process that created the study has died before, or if the trial was interrupted. It must
    be enqueued then.

    Raises
    ------
    ParameterError
        If the study was not created by ``tune``.
    """
    from optuna.trial import TrialState

    alive = (TrialState.WAITING, TrialState.RUNNING, TrialState.COMPLETE)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        # tune sets the identity before the first trial, so a study with trials but no identity is not its own
        trials = study.get_trials(deepcopy=False)
        if trials and _IDENTITY not in study.user_attrs:
            raise ParameterError(f"tune: the study {name!r} was not made by tune; choose another study_name")
        given = [trial for trial in trials if trial.user_attrs.get(AS_GIVEN)]
        if given:
            # a trial that failed with an error would fail again
            return any(trial.state in alive or ERROR in trial.user_attrs for trial in given)
        time.sleep(_POLL_SECONDS)
    return False


def _enqueue(study: optuna.Study, first: Sequence[Mapping[str, Any]]) -> None:
    for number, params in enumerate(first):
        study.enqueue_trial(dict(params), user_attrs={AS_GIVEN: True} if number == 0 else None)
