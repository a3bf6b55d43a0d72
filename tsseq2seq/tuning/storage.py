"""Opening the storage of a study: in memory, in a database or in a journal file."""

from __future__ import annotations

import os
import time
from typing import Any

from tsseq2seq.errors import ParameterError, ParameterTypeError, require

__all__ = ["open_storage"]

_JOURNAL = "journal://"
_RETRIES = 3
_TRIES = 5
_WANTED = "a URL such as 'sqlite:///study.db', 'postgresql+psycopg://user@host/db' or 'journal:///study.log'"


def open_storage(storage: object, heartbeat: float) -> Any:  # noqa: ANN401
    """Return a storage; a database detects workers that died, and their trials are run again.

    Parameters
    ----------
    storage
        A URL, an Optuna storage, or None: in memory.
    heartbeat
        Seconds between the signals of a worker. Without a signal for twice as long, it counts as dead.

    Raises
    ------
    ParameterError
        If the storage cannot be reached.
    ParameterTypeError
        If ``storage`` is of another type.
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
    return _open_database(optuna, url, heartbeat)


def _open_database(optuna: Any, url: str, heartbeat: float) -> Any:  # noqa: ANN401
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    sqlite = url.startswith("sqlite")
    for tries_left in reversed(range(_TRIES)):
        try:
            database = optuna.storages.RDBStorage(
                url,
                # several workers write to one file in turn
                engine_kwargs={"connect_args": {"timeout": 60}} if sqlite else {"pool_pre_ping": True},
                heartbeat_interval=max(1, round(heartbeat)),
                grace_period=max(2, round(2 * heartbeat)),
                heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(_RETRIES),
            )
            break
        except (ArgumentError, SQLAlchemyError, ImportError, ValueError) as error:
            # another worker is creating the tables at this moment
            if tries_left and ("already exists" in str(error) or "UNIQUE constraint" in str(error)):
                time.sleep(0.5)
                continue
            raise _unreachable(_without_password(url), str(error)) from error
    if sqlite:
        _write_in_turn(database.engine)
    return database


def _unreachable(storage: str, why: str) -> ParameterError:
    first = (why.strip() or "no reason is given").splitlines()[0]
    return ParameterError(f"tune: storage {storage!r} cannot be reached: {first}. It must be {_WANTED}")


def _write_in_turn(engine: Any) -> None:  # noqa: ANN401
    """Let each SQLite transaction lock the file when it begins.

    Otherwise two workers that look for a waiting trial at the same time would both take it.
    """
    from sqlalchemy import event

    def disable_driver_transactions(connection: Any, record: Any) -> None:  # noqa: ANN401
        connection.isolation_level = None

    def begin(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", disable_driver_transactions)
    event.listen(engine, "begin", begin)
    engine.dispose()  # close the connections made before


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
