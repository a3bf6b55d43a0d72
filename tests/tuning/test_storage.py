"""Storages of studies; what cannot be one is refused in test_tune.py."""

from __future__ import annotations

from tsseq2seq.tuning.quiet_optuna import quiet_optuna
from tsseq2seq.tuning.storage import open_storage


def test_a_database_notices_dead_workers(storages) -> None:
    with quiet_optuna():
        storage = open_storage(storages.sqlite, 7.0)
    assert storage.heartbeat_interval == 7
    assert storage.grace_period == 14
