"""Opening a study: storages, who else may work on it, and what it belongs to."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tsseq2seq.errors import ParameterError, ParameterTypeError, require
from tsseq2seq.settings import check_choice
from tsseq2seq.tuning.identity import check_same

if TYPE_CHECKING:
    import optuna

__all__ = ["AS_GIVEN", "ERROR", "find_pruner", "find_sampler", "open_storage", "open_study"]

#: Attributes of trials: whether it is the estimator as it was given; why it failed.
AS_GIVEN, ERROR = "as_given", "error"

Direction: TypeAlias = Literal["minimize", "maximize"]

_IDENTITY = "tsseq2seq"
_JOURNAL = "journal://"
# Another process that has made the study tells it of the estimator as given within this time.
_PATIENCE_SECONDS = 20.0
_RETRIES = 3
_WANTED = "a URL such as 'sqlite:///study.db', 'postgresql://user@host/db' or 'journal:///study.log'"


def open_storage(storage: object, heartbeat: float) -> Any:  # noqa: ANN401
    """Return a storage; one with a URL notices workers that died, and has their trials run again.

    Parameters
    ----------
    storage
        A URL, an Optuna storage, or None: in memory.
    heartbeat
        Seconds between signs of life of a worker, which counts as dead after twice as many.

    Raises
    ------
    ParameterError
        If it cannot be reached.
    ParameterTypeError
        If it is something else.
    """
    optuna = require("optuna", extra="search", purpose="tune")
    if storage is None:
        return optuna.storages.InMemoryStorage()
    if isinstance(storage, optuna.storages.BaseStorage):
        return storage
    if not isinstance(storage, str | os.PathLike):
        raise ParameterTypeError(f"tune: storage is {storage!r}; it must be {_WANTED}, or an Optuna storage")
    url = os.fspath(storage)
    if url.startswith(_JOURNAL):
        return _open_journal(optuna, url)
    if "://" not in url:
        raise ParameterError(f"tune: storage is {url!r}; it must be {_WANTED}")
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    # several workers write to one file in turn
    patience = {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {"pool_pre_ping": True}
    try:
        opened = optuna.storages.RDBStorage(
            url,
            engine_kwargs=patience,
            heartbeat_interval=max(1, round(heartbeat)),
            grace_period=max(2, round(2 * heartbeat)),
            heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(_RETRIES),
        )
    except (ArgumentError, SQLAlchemyError, ImportError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        raise ParameterError(
            f"tune: storage {_without_password(url)!r} cannot be reached: {first}. It must be {_WANTED}"
        ) from error
    if url.startswith("sqlite"):
        _write_in_turn(opened.engine)
    return opened


def _write_in_turn(engine: Any) -> None:  # noqa: ANN401
    """Have each transaction of SQLite lock the file at its begin.

    Otherwise two workers that look for a waiting trial at the same time both take it.
    """
    from sqlalchemy import event

    def leave_it_to_us(connection: Any, record: Any) -> None:  # noqa: ANN401
        connection.isolation_level = None

    def begin(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", leave_it_to_us)
    event.listen(engine, "begin", begin)
    engine.dispose()  # connections made before know nothing of it


def _open_journal(optuna: Any, url: str) -> Any:  # noqa: ANN401
    path = url.removeprefix(_JOURNAL)
    folder = os.path.dirname(path) or "."
    if not path or not os.path.isdir(folder):
        raise ParameterError(f"tune: storage {url!r} cannot be reached: there is no folder {folder!r}")
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(path))


def _without_password(url: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url


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
    study, made
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
        begun = _wait_for_first(study)
        check_same(study.user_attrs.get(_IDENTITY), identity, name)
        if not begun:
            _enqueue(study, first)
        return study, False
    study.set_user_attr(_IDENTITY, dict(identity))
    study.set_metric_names(list(names))
    _enqueue(study, first)
    return study, True


def _wait_for_first(study: optuna.Study) -> bool:
    """Wait for the estimator as given to be among the trials; False: who made the study has died."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if any(trial.user_attrs.get(AS_GIVEN) for trial in study.get_trials(deepcopy=False)):
            return True
        if _IDENTITY not in study.user_attrs and study.trials:
            return False  # it is none of ours
        time.sleep(0.2)
    return False


def _enqueue(study: optuna.Study, first: Sequence[Mapping[str, Any]]) -> None:
    for place, params in enumerate(first):
        study.enqueue_trial(dict(params), user_attrs={AS_GIVEN: True} if place == 0 else None)


def find_sampler(sampler: object, seed: int | None, *, several: bool) -> Any:  # noqa: ANN401
    """Return a sampler, given itself or its name; None: TPE (Bergstra et al. 2011)."""
    import optuna

    if isinstance(sampler, optuna.samplers.BaseSampler):
        return sampler
    check_choice("tune", "sampler", sampler, (None, "tpe", "random"))
    if sampler == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed, constant_liar=several)


def find_pruner(pruner: object) -> Any:  # noqa: ANN401
    """Return a pruner, given itself or its name; None: the median."""
    import optuna

    if isinstance(pruner, optuna.pruners.BasePruner):
        return pruner
    check_choice("tune", "pruner", pruner, (None, "median", "hyperband", "none"))
    if pruner == "none":
        return optuna.pruners.NopPruner()
    if pruner == "hyperband":
        return optuna.pruners.HyperbandPruner(min_resource=10, max_resource=100)
    return optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=30)
