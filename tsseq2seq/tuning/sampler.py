"""Optuna's samplers, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tsseq2seq.settings import check_choice

__all__ = ["check_sampler", "make_sampler"]


def check_sampler(sampler: object) -> None:
    """Refuse a value that is neither a sampler nor the name of one.

    Raises
    ------
    ParameterError
        With the names of the samplers.
    """
    import optuna

    if not isinstance(sampler, optuna.samplers.BaseSampler):
        check_choice("tune", "sampler", sampler, (None, *_BY_NAME))


def make_sampler(sampler: object, seed: int | None, *, several: bool) -> Any:  # noqa: ANN401
    """Return a sampler by name, or the sampler given.

    Parameters
    ----------
    sampler
        ``"tpe"``, ``"random"`` or an Optuna sampler. None: TPE (Bergstra et al. 2011).
    seed
        Seed of the proposals. None: a random one, so that each process proposes other settings.
    several
        Whether other processes may work on the same study.

    Raises
    ------
    ParameterError
        If the name is unknown.
    """
    import optuna

    check_sampler(sampler)
    if isinstance(sampler, optuna.samplers.BaseSampler):
        if seed is None:
            sampler.reseed_rng()
        return sampler
    return _BY_NAME[str(sampler or "tpe")](None if seed is None else seed % 2**32, several)


def _tpe(seed: int | None, several: bool) -> Any:  # noqa: ANN401
    import optuna

    # running trials count as bad ones, so that workers propose different settings
    return optuna.samplers.TPESampler(seed=seed, constant_liar=several)


def _random(seed: int | None, several: bool) -> Any:  # noqa: ANN401
    import optuna

    return optuna.samplers.RandomSampler(seed=seed)


_BY_NAME: dict[str, Callable[[int | None, bool], Any]] = {"tpe": _tpe, "random": _random}
