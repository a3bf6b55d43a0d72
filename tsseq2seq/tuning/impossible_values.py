"""Checking a search space before training: values that no estimator accepts are refused."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from sklearn.base import clone

from tsseq2seq.errors import ParameterError, TsSeq2SeqError
from tsseq2seq.tuning.dimension import Dimension
from tsseq2seq.tuning.problem import Problem
from tsseq2seq.tuning.space import NamedSpace, Space

__all__ = ["refuse_impossible_values"]

_DRAWS = 20


def refuse_impossible_values(estimator: Any, problem: Problem, space: Space) -> None:  # noqa: ANN401
    """Refuse a value that is impossible with all values of the other settings.

    Settings may need each other (an ``attention_size`` needs an ``attention``). A value that the estimator as
    given refuses is tried with values of the other settings drawn at random. Of a range both ends are tried.
    The values of a function of the trial cannot be checked here; an impossible one fails its trial.

    Raises
    ------
    ParameterError
        With the first impossible value, and why it is refused.
    """
    if not isinstance(space, NamedSpace):
        return
    generator = random.Random(0)
    for name, dimension in space.dimensions.items():
        for value in _ends(dimension):
            alone = {name: value}
            refusal = _refusal(estimator, problem, alone)
            if refusal is None:
                continue
            draws = (_draw(space, generator) for _ in range(_DRAWS))
            if all(_refusal(estimator, problem, others | alone) for others in draws):
                raise ParameterError(f"tune: space has {value!r} for {name!r}: {refusal}")


def _draw(space: NamedSpace, generator: random.Random) -> dict[str, Any]:
    return {name: generator.choice(list(_ends(dimension))) for name, dimension in space.dimensions.items()}


def _ends(dimension: Dimension) -> Iterator[Any]:
    """Return the choices, or the two ends of a range."""
    from optuna.distributions import CategoricalDistribution

    distribution = dimension.distribution
    if isinstance(distribution, CategoricalDistribution):
        return (dimension.from_storage(choice) for choice in distribution.choices)
    return iter((distribution.low, distribution.high))  # type: ignore[attr-defined]


def _refusal(estimator: Any, problem: Problem, settings: dict[str, Any]) -> str | None:  # noqa: ANN401
    try:
        problem.check(clone(estimator).set_params(**settings))
    except TsSeq2SeqError as error:
        return str(error)
    return None
