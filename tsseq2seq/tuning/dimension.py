"""One setting that is searched, and the values it may take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tsseq2seq.errors import ParameterError, ParameterTypeError

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution

__all__ = ["Dimension", "read_dimension"]

_AS_GIVEN = "as given"
_PLAIN = (type(None), bool, int, float, str)


@dataclass(frozen=True)
class Dimension:
    """The values of one setting.

    Attributes
    ----------
    distribution
        Of what a storage can hold.
    options
        The values behind the labels of a categorical distribution; None: the labels are the values.
    """

    distribution: BaseDistribution
    options: Mapping[str, Any] | None = None

    def suggest(self, trial: optuna.trial.BaseTrial, name: str) -> Any:  # noqa: ANN401
        """Return the value that a trial proposes."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        way = self.distribution
        if isinstance(way, IntDistribution):
            return trial.suggest_int(name, way.low, way.high, step=way.step, log=way.log)
        if isinstance(way, FloatDistribution):
            return trial.suggest_float(name, way.low, way.high, step=way.step, log=way.log)
        assert isinstance(way, CategoricalDistribution)
        return self.value(trial.suggest_categorical(name, way.choices))

    def value(self, stored: Any) -> Any:  # noqa: ANN401
        """Return the value that something in a storage stands for."""
        return stored if self.options is None else self.options[stored]

    def stored(self, value: Any) -> Any:  # noqa: ANN401
        """Return what stands for a value in a storage."""
        if self.options is None:
            return value
        return next(label for label, option in self.options.items() if _same(value, option))

    def holds(self, value: Any) -> bool:  # noqa: ANN401
        """Whether a value lies in the dimension."""
        from optuna.distributions import CategoricalDistribution

        if self.options is not None:
            return any(_same(value, option) for option in self.options.values())
        if isinstance(self.distribution, CategoricalDistribution):
            return any(_same(value, choice) for choice in self.distribution.choices)
        return _is_number(value) and self.distribution._contains(value)

    def holding(self, value: Any) -> Dimension:  # noqa: ANN401
        """Return the dimension, widened where a value lies outside; what is no number widens no range."""
        from optuna.distributions import CategoricalDistribution, IntDistribution

        if self.holds(value):
            return self
        way = self.distribution
        if isinstance(way, CategoricalDistribution):
            if self.options is None and isinstance(value, _PLAIN):
                return Dimension(CategoricalDistribution([*way.choices, value]))
            labels = self.options or _labels(way.choices)
            own = _AS_GIVEN
            while own in labels:
                own += " (own)"
            return _labelled({**labels, own: value})
        if not _is_number(value) or (isinstance(way, IntDistribution) and not isinstance(value, int)):
            return self
        return Dimension(_wider(way, value))


def read_dimension(name: str, given: object) -> Dimension:
    """Return what a space gives for a setting: a distribution, a list of values, or a dict of them.

    Raises
    ------
    ParameterError
        If there is no value.
    ParameterTypeError
        If it is something else.
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
    """Return a label for each value; those that would look alike are numbered."""
    labels: dict[str, Any] = {}
    for value in values:
        label = str(value) if str(value) not in labels else repr(value)
        labels[label if label not in labels else f"{label} ({len(labels)})"] = value
    return labels


def _labelled(options: dict[str, Any]) -> Dimension:
    from optuna.distributions import CategoricalDistribution

    return Dimension(CategoricalDistribution([*options]), options)


def _same(value: object, other: object) -> bool:
    return value is other or (type(value) is type(other) and bool(value == other))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _wider(way: Any, value: Any) -> BaseDistribution:  # noqa: ANN401
    """Return a range of numbers that reaches to a value; its steps become as fine as the value needs."""
    from optuna.distributions import FloatDistribution, IntDistribution

    low, high, log = min(way.low, value), max(way.high, value), way.log and value > 0
    if isinstance(way, FloatDistribution):
        return FloatDistribution(low, high, log=log)
    step = 1 if log else math.gcd(way.step, abs(value - way.low))
    return IntDistribution(low, high, log=log, step=step)
