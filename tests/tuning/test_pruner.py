"""Pruners by name."""

from __future__ import annotations

import optuna

from tsseq2seq.tuning.pruner import make_pruner
from tsseq2seq.tuning.quiet_optuna import quiet_optuna


def test_pruners() -> None:
    kinds = {
        None: optuna.pruners.MedianPruner, "median": optuna.pruners.MedianPruner,
        "hyperband": optuna.pruners.HyperbandPruner, "none": optuna.pruners.NopPruner,
    }  # fmt: skip
    with quiet_optuna():
        for name, kind in kinds.items():
            assert type(make_pruner(name)) is kind
    own = optuna.pruners.NopPruner()
    assert make_pruner(own) is own
