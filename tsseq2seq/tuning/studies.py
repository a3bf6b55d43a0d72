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

__all__ = ["AS_GIVEN", "ERROR", "SAME_AS", "find_pruner", "find_sampler", "open_storage", "open_study"]

#: Attributes of trials: whether it is the estimator as it was given; why it failed; whose results it has.
AS_GIVEN, ERROR, SAME_AS = "as_given", "error", "same_as"

Direction: TypeAlias = Literal["minimize", "maximize"]

_IDENTITY = "tsseq2seq"
_JOURNAL = "journal://"
# Another process that has made the study tells it of the estimator as given within this time.
_PATIENCE_SECONDS = 5.0
_POLL_SECONDS = 0.1
_RETRIES = 3
_TRIES = 5
_WANTED = "a URL such as 'sqlite:///study.db', 'postgresql+psycopg://user@host/db' or 'journal:///study.log'"


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
    if url in ("sqlite://", "sqlite:///:memory:"):
        raise ParameterError(f"tune: storage is {url!r}; for a study in memory leave it out")
    if url.startswith(_JOURNAL):
        return _open_journal(optuna, url)
    if "://" not in url:
        raise ParameterError(f"tune: storage is {url!r}; it must be {_WANTED}")
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    # several workers write to one file in turn
    patience = {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {"pool_pre_ping": True}
    for again in reversed(range(_TRIES)):
        try:
            opened = optuna.storages.RDBStorage(
                url,
                engine_kwargs=patience,
                heartbeat_interval=max(1, round(heartbeat)),
                grace_period=max(2, round(2 * heartbeat)),
                heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(_RETRIES),
            )
            break
        except (ArgumentError, SQLAlchemyError, ImportError, ValueError) as error:
            # another worker is making the tables at this moment
            if again and ("already exists" in str(error) or "UNIQUE constraint" in str(error)):
                time.sleep(0.5)
                continue
            raise _unreachable(_without_password(url), str(error)) from error
    if url.startswith("sqlite"):
        _write_in_turn(opened.engine)
    return opened


def _unreachable(storage: str, why: str) -> ParameterError:
    first = (why.strip() or "no reason is given").splitlines()[0]
    return ParameterError(f"tune: storage {storage!r} cannot be reached: {first}. It must be {_WANTED}")


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
        raise _unreachable(url, f"there is no folder {folder!r}")
    try:
        return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(path))
    except (OSError, AssertionError, ValueError) as error:
        raise _unreachable(url, f"it is no journal ({error or type(error).__name__})") from error


def _without_password(url: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return url.rpartition("@")[2] if "@" in url else url


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
        begun = _wait_for_first(study, name)
        if _IDENTITY not in study.user_attrs:
            study.set_user_attr(_IDENTITY, dict(identity))
        check_same(study.user_attrs[_IDENTITY], identity, name)
        if not begun:
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
        # it is marked before it has a trial
        if _IDENTITY not in study.user_attrs and study.get_trials(deepcopy=False):
            raise ParameterError(f"tune: the study {name!r} was not made by tune; choose another study_name")
        given = [trial for trial in study.get_trials(deepcopy=False) if trial.user_attrs.get(AS_GIVEN)]
        if given:
            # one that failed by itself would fail again
            return any(trial.state in alive or ERROR in trial.user_attrs for trial in given)
        time.sleep(_POLL_SECONDS)
    return False


def _enqueue(study: optuna.Study, first: Sequence[Mapping[str, Any]]) -> None:
    for place, params in enumerate(first):
        study.enqueue_trial(dict(params), user_attrs={AS_GIVEN: True} if place == 0 else None)


def find_sampler(sampler: object, seed: int | None, *, several: bool) -> Any:  # noqa: ANN401
    """Return a sampler, given itself or its name; None: TPE (Bergstra et al. 2011).

    Without a seed, it proposes what no other worker proposes.
    """
    import optuna

    if isinstance(sampler, optuna.samplers.BaseSampler):
        if seed is None:
            sampler.reseed_rng()
        return sampler
    check_choice("tune", "sampler", sampler, (None, "tpe", "random"))
    seed = None if seed is None else seed % 2**32
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
