"""Which metrics can be compared between the trials of a search.

A perplexity depends on the vocabulary: where rare words are unknown, few tokens are hard to guess. A search
over settings that decide what is counted would find the translator that writes least.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tsseq2seq.errors import ParameterError, TsSeq2SeqWarning, warn
from tsseq2seq.tuning.problem import Problem
from tsseq2seq.tuning.space import NamedSpace, Space
from tsseq2seq.tuning.value_as_text import value_as_text

__all__ = ["check_comparable", "default_metric", "refuse_incomparable"]


def default_metric(problem: Problem, space: Space) -> str:
    """Return the problem's metric; if the space makes it incomparable, the next one, with a warning.

    Parameters
    ----------
    problem
        The data of the search.
    space
        The space.
    """
    searched = _searched(problem, problem.metric, space)
    if not searched:
        return problem.metric
    chosen = next(name for name in problem.metrics if name not in _incomparable(problem))
    warn(
        f"tune: space has {searched[0]!r}, with which {problem.metric!r} counts different tokens; the "
        f"metric is {chosen!r} instead",
        TsSeq2SeqWarning,
    )
    return chosen


def refuse_incomparable(objectives: Sequence[str], problem: Problem, space: Space) -> None:
    """Refuse metrics that a search over the space cannot compare.

    Raises
    ------
    ParameterError
        With the first one, and those that can be compared.
    """
    for name in objectives:
        searched = _searched(problem, name, space)
        if searched:
            raise ParameterError(_message(name, f"space has {searched[0]!r}", problem))


def check_comparable(
    objectives: Collection[str],
    problem: Problem,
    given: Any,  # noqa: ANN401
    settings: Mapping[str, Any],
) -> None:
    """Refuse a trial whose settings make a metric another one than for the estimator as given.

    A function of the trial tells its settings no sooner. Those that it leaves as they are cannot differ.

    Raises
    ------
    ParameterError
        With the first metric and the first setting.
    """
    own = given.get_params(deep=True)
    changed = [name for name, value in settings.items() if value_as_text(own[name]) != value_as_text(value)]
    for metric in objectives:
        for name in changed:
            if _decides(name, _incomparable(problem).get(metric, ())):
                raise ParameterError(_message(metric, f"the trial has another {name!r}", problem))


def _incomparable(problem: Problem) -> Mapping[str, Collection[str]]:
    """Return the settings that change what a metric counts, by metric; most problems have none."""
    found: Mapping[str, Collection[str]] = getattr(problem, "incomparable", {})
    return found


def _searched(problem: Problem, metric: str, space: Space) -> list[str]:
    """Return the names in a space that change what a metric counts."""
    if not isinstance(space, NamedSpace):
        return []
    settings = _incomparable(problem).get(metric, ())
    return [
        name
        for name, dimension in space.dimensions.items()
        if _decides(name, settings) and not dimension.distribution.single()
    ]


def _decides(name: str, settings: Collection[str]) -> bool:
    """Return whether a nested name is that of such a setting, or of a part of it."""
    return name in settings or name.partition("__")[0] in settings


def _message(metric: str, why: str, problem: Problem) -> str:
    others = ", ".join(repr(name) for name in problem.metrics if name not in _incomparable(problem))
    return (
        f"tune: metric is {metric!r}, but {why}, with which it counts other tokens and cannot be compared; "
        f"it must be one of {others}"
    )
