"""Samplers by name."""

from __future__ import annotations

import optuna

from tsseq2seq.tuning.quiet_optuna import quiet_optuna
from tsseq2seq.tuning.sampler import make_sampler


def test_samplers() -> None:
    assert isinstance(make_sampler("random", 1, several=False), optuna.samplers.RandomSampler)
    with quiet_optuna():
        for given in (None, "tpe"):
            assert isinstance(make_sampler(given, 1, several=True), optuna.samplers.TPESampler)
    own = optuna.samplers.RandomSampler()
    assert make_sampler(own, 1, several=True) is own
