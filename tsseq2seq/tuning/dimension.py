"""A dimension of a search space: one setting and its possible values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.tuning.value_as_text import value_as_text

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution

__all__ = ["Dimension", "parse_dimension"]

_AS_GIVEN = "as given"
_PLAIN = (type(None), bool, int, float, str)


@dataclass(frozen=True)
class Dimension:
    """The possible values of one setting.

    Attributes
    ----------
    distribution
        Optuna distribution of the values, as a storage holds them.
    options
        Values by label, if the distribution is one of labels. None: a storage holds the values themselves.
    """

    distribution: BaseDistribution
    options: Mapping[str, Any] | None = None

    def suggest(self, trial: optuna.trial.BaseTrial, name: str) -> Any:  # noqa: ANN401
        """Return the value that a trial proposes."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        distribution = self.distribution
        if isinstance(distribution, IntDistribution):
            return trial.suggest_int(
                name, distribution.low, distribution.high, step=distribution.step, log=distribution.log
            )
        if isinstance(distribution, FloatDistribution):
            return trial.suggest_float(
                name, distribution.low, distribution.high, step=distribution.step, log=distribution.log
            )
        assert isinstance(distribution, CategoricalDistribution)
        return self.from_storage(trial.suggest_categorical(name, distribution.choices))

    def from_storage(self, stored: Any) -> Any:  # noqa: ANN401
        """Return the value of a storage's entry."""
        return stored if self.options is None else self.options[stored]

    def to_storage(self, value: Any) -> Any:  # noqa: ANN401
        """Return the storage's entry for a value."""
        if self.options is None:
            return value
        return next(label for label, option in self.options.items() if _same(value, option))

    def contains(self, value: Any) -> bool:  # noqa: ANN401
        """Return whether a value lies in the dimension."""
        from optuna.distributions import CategoricalDistribution

        if self.options is not None:
            return any(_same(value, option) for option in self.options.values())
        if isinstance(self.distribution, CategoricalDistribution):
            return any(_same(value, choice) for choice in self.distribution.choices)
        return _is_number(value) and self.distribution._contains(value)

    def widened_to(self, value: Any) -> Dimension:  # noqa: ANN401
        """Return the dimension, widened so that it contains a value.

        A range is widened by numbers only, a range of integers by integers only; for other values it is
        returned as it is.
        """
        from optuna.distributions import CategoricalDistribution, IntDistribution

        if self.contains(value):
            return self
        distribution = self.distribution
        if isinstance(distribution, CategoricalDistribution):
            if self.options is None and isinstance(value, _PLAIN):
                return Dimension(CategoricalDistribution([*distribution.choices, value]))
            labels = self.options or _labels(distribution.choices)
            label = _AS_GIVEN
            while label in labels:
                label += " (own)"
            return _labelled({**labels, label: value})
        needs_integers = isinstance(distribution, IntDistribution)
        if not _is_number(value) or (needs_integers and not isinstance(value, int)):
            return self
        return Dimension(_wider(distribution, value))


def parse_dimension(name: str, given: object) -> Dimension:
    """Return the dimension of a distribution, a list of values, or a dict of values by label.

    Raises
    ------
    ParameterError
        If the list or the dict is empty.
    ParameterTypeError
        If the entry is of another type.
    """
    from optuna.distributions import BaseDistribution, CategoricalDistribution

    if isinstance(given, BaseDistribution):
        return Dimension(given)
    if not isinstance(given, Mapping | list | tuple):
        raise ParameterTypeError(
            f"tune: space has {given!r} for {name!r}; it must be an Optuna distribution, a list of values, "
            "or a dict of values by label"
        )
    if not given:
        raise ParameterError(f"tune: space has no value for {name!r}")
    if isinstance(given, Mapping):
        return _labelled({str(label): value for label, value in given.items()})
    if all(isinstance(value, _PLAIN) for value in given):
        return Dimension(CategoricalDistribution(list(given)))
    return _labelled(_labels(given))


def _labels(values: Sequence[Any]) -> dict[str, Any]:
    """Return the values by label; labels that would be equal are numbered."""
    labels: dict[str, Any] = {}
    for value in values:
        label = str(value) if str(value) not in labels else repr(value)
        # the address of a function changes from run to run
        label = value_as_text(value) if " at 0x" in label else label
        labels[label if label not in labels else f"{label} ({len(labels)})"] = value
    return labels


def _labelled(options: dict[str, Any]) -> Dimension:
    from optuna.distributions import CategoricalDistribution

    return Dimension(CategoricalDistribution([*options]), options)


def _same(value: object, other: object) -> bool:
    return value is other or (type(value) is type(other) and bool(value == other))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _wider(distribution: Any, value: Any) -> BaseDistribution:  # noqa: ANN401
    """Return a range widened to contain a value, with a step that fits the value."""
    from optuna.distributions import FloatDistribution, IntDistribution

    low, high, log = (
        min(distribution.low, value),
        max(distribution.high, value),
        distribution.log and value > 0,
    )
    if isinstance(distribution, FloatDistribution):
        return FloatDistribution(low, high, log=log)
    step = 1 if log else math.gcd(distribution.step, abs(value - distribution.low))
    return IntDistribution(low, high, log=log, step=step)
