"""Optuna's pruners, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tsseq2seq.settings import check_choice

__all__ = ["make_pruner"]


def make_pruner(pruner: object) -> Any:  # noqa: ANN401
    """Return a pruner by name, or the pruner given.

    Parameters
    ----------
    pruner
        ``"median"``, ``"hyperband"`` (Li et al. 2018), ``"none"`` or an Optuna pruner. None: the median.

    Raises
    ------
    ParameterError
        If the name is unknown.
    """
    import optuna

    if isinstance(pruner, optuna.pruners.BasePruner):
        return pruner
    check_choice("tune", "pruner", pruner, (None, *_BY_NAME))
    return _BY_NAME[str(pruner or "median")]()


def _median() -> Any:  # noqa: ANN401
    import optuna

    return optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=30)


def _hyperband() -> Any:  # noqa: ANN401
    import optuna

    # resources are percent of the training
    return optuna.pruners.HyperbandPruner(min_resource=10, max_resource=100)


def _no_pruning() -> Any:  # noqa: ANN401
    import optuna

    return optuna.pruners.NopPruner()


_BY_NAME: dict[str, Callable[[], Any]] = {"median": _median, "hyperband": _hyperband, "none": _no_pruning}
