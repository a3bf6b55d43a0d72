"""The setup of a study, which every worker process gets, and joining the study with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.evaluation.metrics.text import check_text_metrics
from tsseq2seq.settings import check_choice
from tsseq2seq.tuning.comparable_metrics import default_metric, refuse_incomparable
from tsseq2seq.tuning.earlier_study import best_settings
from tsseq2seq.tuning.impossible_values import refuse_impossible_values
from tsseq2seq.tuning.objective import COSTS, TrialObjective
from tsseq2seq.tuning.problem import Problem
from tsseq2seq.tuning.pruner import make_pruner
from tsseq2seq.tuning.sampler import make_sampler
from tsseq2seq.tuning.space import Space, parse_space
from tsseq2seq.tuning.storage import open_storage
from tsseq2seq.tuning.study import open_study
from tsseq2seq.tuning.study_identity import settings_as_text

if TYPE_CHECKING:
    import optuna

__all__ = ["StudySetup", "join_study"]


@dataclass(frozen=True, kw_only=True)
class StudySetup:
    """The options of ``tune`` that all processes of a study share, with the estimator and its data.

    Attributes
    ----------
    estimator
        The estimator as given.
    data
        Arguments of its ``fit``.
    space, metric, windows, step, storage, study_name, sampler, pruner, heartbeat
        As in :func:`~tsseq2seq.tune`.
    """

    estimator: Any
    data: Sequence[Any]
    space: Any
    metric: str | Sequence[str] | None
    windows: int | None
    step: int | None
    storage: Any
    study_name: str
    sampler: Any
    pruner: Any
    heartbeat: float


def join_study(setup: StudySetup, *, warm_from: Any = None) -> tuple[optuna.Study, TrialObjective]:  # noqa: ANN401
    """Read the data, open the storage, and create the study or join the existing one.

    Parameters
    ----------
    setup
        The estimator, its data and the options of the study.
    warm_from
        An earlier study, or the result of an earlier ``tune``: its best settings are tried first.

    Returns
    -------
    study, objective
        The study, and the objective that runs its trials.

    Raises
    ------
    TsSeq2SeqError
        For an unknown name or metric, an impossible value, a storage that cannot be reached, or a study with
        another identity.
    """
    storage = open_storage(setup.storage, setup.heartbeat)
    estimator = setup.estimator
    problem = estimator.tuning_problem(*setup.data, windows=setup.windows, step=setup.step)
    named = None if setup.metric is None else _parse_objectives(setup.metric, problem)
    resolved = problem.resolved_settings()
    given = problem.default_space() if setup.space is None else setup.space
    space = parse_space(given, resolved, resolved, problem.fixed)
    objectives = (default_metric(problem, space),) if named is None else named
    refuse_incomparable(objectives, problem, space)
    refuse_impossible_values(estimator, problem, space)
    study, is_new = open_study(
        storage,
        setup.study_name,
        identity={
            **problem.identity,
            "metric": list(objectives),
            **settings_as_text(estimator),
            "space": space.as_text(),
        },
        directions=["maximize" if problem.metrics.get(name) else "minimize" for name in objectives],
        sampler=None,
        pruner=make_pruner(setup.pruner),
        first=_tried_first(space, resolved, warm_from),
        names=objectives,
    )
    # workers with the same seed would propose the same settings
    seed = estimator.seed if is_new else None
    # a study in memory has no other workers
    study.sampler = make_sampler(setup.sampler, seed, several=setup.storage is not None)
    return study, TrialObjective(estimator, problem, space, resolved, objectives)


def _parse_objectives(metric: str | Sequence[str], problem: Problem) -> tuple[str, ...]:
    if not isinstance(metric, str | list | tuple):
        raise ParameterTypeError(f"tune: metric is {metric!r}; it must be a name or a list of names")
    names = (metric,) if isinstance(metric, str) else tuple(metric)
    if not names:
        raise ParameterError("tune: metric is empty; it must name at least one")
    for name in names:
        check_choice("tune", "metric", name, (*problem.metrics, *COSTS))
    if len(set(names)) < len(names):
        raise ParameterError(f"tune: metric is {list(names)}; each may be given once only")
    check_text_metrics(names, "tune")
    return names


def _tried_first(space: Space, resolved: Mapping[str, Any], warm_from: object) -> list[dict[str, Any]]:
    """Return the settings to try first: those as given, then the best of an earlier study."""
    given = space.to_storage(resolved)
    return [given, *(params for params in best_settings(warm_from, space) if params != given)]
