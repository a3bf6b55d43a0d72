"""The best settings of an earlier study, which a new one tries first."""

from __future__ import annotations

from typing import Any

from tsseq2seq.errors import ParameterTypeError
from tsseq2seq.tuning.completed_trials import best_first
from tsseq2seq.tuning.space import NamedSpace, Space

__all__ = ["best_settings"]

_COUNT = 5


def best_settings(earlier: Any, space: Space) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return the five best settings of an earlier study that lie in a space, as a storage holds them.

    Parameters
    ----------
    earlier
        An Optuna study, an object whose attribute ``study`` is one, or None (for an empty list).
    space
        The space; names and values outside it are left out.

    Raises
    ------
    ParameterTypeError
        If ``earlier`` is of another type.
    """
    import optuna

    if earlier is None:
        return []
    study = getattr(earlier, "study", earlier)
    if not isinstance(study, optuna.Study):
        raise ParameterTypeError(
            f"tune: warm_from is {earlier!r}; it must be an Optuna study, or what tune returned"
        )
    distinct: list[dict[str, Any]] = []
    for trial in best_first(study):
        params = {name: value for name, value in trial.params.items() if _lies_in(space, name, value)}
        if params and params not in distinct:
            distinct.append(params)
    return distinct[:_COUNT]


def _lies_in(space: Space, name: str, stored: Any) -> bool:  # noqa: ANN401
    if not isinstance(space, NamedSpace):
        return True
    dimension = space.dimensions.get(name)
    if dimension is None:
        return False
    return stored in dimension.options if dimension.options is not None else dimension.contains(stored)
