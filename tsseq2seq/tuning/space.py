"""Search spaces: dimensions by nested name, or a function of the trial."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.other_libraries import names_here
from tsseq2seq.tuning.dimension import Dimension, parse_dimension

if TYPE_CHECKING:
    import optuna

__all__ = ["FunctionSpace", "NamedSpace", "Space", "parse_space"]


@runtime_checkable
class Space(Protocol):
    """A search space, which proposes settings.

    The argument ``resolved`` of some methods is the resolved settings of the estimator as given, by nested
    name.
    """

    def suggest(self, trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        """Return the settings of a trial, by name."""
        ...

    def to_storage(self, resolved: Mapping[str, Any]) -> dict[str, Any]:
        """Return the resolved settings as a storage holds them, without those outside the space."""
        ...

    def record(self, trial: optuna.trial.BaseTrial, resolved: Mapping[str, Any]) -> None:
        """Write the resolved settings into the storage, as the settings of a trial."""
        ...

    def settings_of(self, trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
        """Return the settings of a trial that has ended."""
        ...

    def as_text(self) -> dict[str, str]:
        """Return the space as texts by name; different spaces have different texts."""
        ...


@dataclass(frozen=True)
class NamedSpace:
    """A space of a dimension for each name."""

    dimensions: Mapping[str, Dimension]

    def suggest(self, trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        """Return a value for each name."""
        return {name: dimension.suggest(trial, name) for name, dimension in self.dimensions.items()}

    def to_storage(self, resolved: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that lie in their dimensions, as a storage holds them."""
        return {
            name: dimension.to_storage(resolved[name])
            for name, dimension in self.dimensions.items()
            if name in resolved and dimension.contains(resolved[name])
        }

    def record(self, trial: optuna.trial.BaseTrial, resolved: Mapping[str, Any]) -> None:
        """Let the trial propose the values of :meth:`to_storage`: Optuna stores only what trials propose."""
        for name in self.to_storage(resolved):
            self.dimensions[name].suggest(trial, name)

    def settings_of(self, trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
        """Return the values of a trial's parameters."""
        return {
            name: self.dimensions[name].from_storage(stored)
            for name, stored in trial.params.items()
            if name in self.dimensions
        }

    def as_text(self) -> dict[str, str]:
        """Return the distribution of each dimension as a text."""
        return {name: str(dimension.distribution) for name, dimension in sorted(self.dimensions.items())}

    def widened_to(self, resolved: Mapping[str, Any]) -> NamedSpace:
        """Return the space, widened to contain the resolved settings."""
        return NamedSpace(
            {
                name: dimension.widened_to(resolved[name]) if name in resolved else dimension
                for name, dimension in self.dimensions.items()
            }
        )


@dataclass(frozen=True)
class FunctionSpace:
    """A function of the trial that returns settings by name."""

    function: Callable[[Any], Mapping[str, Any]]
    accepted: Collection[str]
    fixed: Collection[str] = ()

    def suggest(self, trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        """Return the settings that the function proposes.

        Raises
        ------
        ParameterError, ParameterTypeError
            If the function does not return a dict, or returns an unknown name.
        """
        settings = self.function(trial)
        if not isinstance(settings, Mapping):
            raise ParameterTypeError(
                f"tune: space returned {settings!r}; it must return a dict of settings by name"
            )
        check_names(settings, self.accepted, self.fixed)
        return dict(settings)

    def to_storage(self, resolved: Mapping[str, Any]) -> dict[str, Any]:
        """Return an empty dict, since the function's parameters are not known."""
        return {}

    def record(self, trial: optuna.trial.BaseTrial, resolved: Mapping[str, Any]) -> None:
        """Do nothing."""

    def settings_of(self, trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
        """Return the settings that the function proposes for a trial's parameters."""
        import optuna

        return self.suggest(optuna.trial.FixedTrial(trial.params, number=trial.number))

    def as_text(self) -> dict[str, str]:
        """Return the function's name."""
        return {"function": str(getattr(self.function, "__qualname__", type(self.function).__qualname__))}


def parse_space(
    given: object, accepted: Collection[str], resolved: Mapping[str, Any], fixed: Collection[str] = ()
) -> Space:
    """Return the space of an argument of ``tune``, widened to contain the estimator's settings.

    Parameters
    ----------
    given
        A function of the trial, or a dict by name.
    accepted
        Names of the estimator's settings.
    resolved
        The resolved settings of the estimator as given, by nested name.
    fixed
        Names that cannot be searched, since they determine how the data are read.

    Raises
    ------
    ParameterError, ParameterTypeError
        If a name is unknown, or an entry cannot be used.
    """
    import optuna

    if callable(given):
        space = FunctionSpace(given, accepted, fixed)
        # called once, to check its names before training
        space.suggest(optuna.create_study().ask())
        return space
    if not isinstance(given, Mapping):
        raise ParameterTypeError(
            f"tune: space is {given!r}; it must be a dict by name, or a function of the trial"
        )
    if not given:
        raise ParameterError("tune: space is empty; it must name at least one setting")
    check_names(given, accepted, fixed)
    dimensions = {name: parse_dimension(name, entry) for name, entry in given.items()}
    return NamedSpace(dimensions).widened_to(resolved)


def check_names(names: Collection[Any], accepted: Collection[str], fixed: Collection[str] = ()) -> None:
    """Refuse names that are unknown or cannot be searched.

    Raises
    ------
    ParameterError
        With similar names, or with all names.
    """
    for name in names:
        if name in fixed:
            raise ParameterError(
                f"tune: space has the name {name!r}, but the data are read by it, once for all trials"
            )
        if name not in accepted:
            meant = _meant(str(name), accepted)
            raise ParameterError(f"tune: space has the name {name!r}, which is no setting; {meant}")


def _meant(name: str, accepted: Collection[str]) -> str:
    """Return the settings that are meant: those that another library calls so, or similar names."""
    ours = names_here(name)
    meant = [known for known in accepted if known.rpartition("__")[2] in ours]
    meant = meant or difflib.get_close_matches(name, accepted, n=3)
    return f"did you mean {' or '.join(meant)}?" if meant else f"there are {', '.join(accepted)}"
