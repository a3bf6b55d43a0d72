"""Arguments that a class or a function does not have: refused with the name that is meant, and where it is.

Python's own ``TypeError`` says only that a name is unexpected. Whoever comes from another library meets it
first (``h``, ``lr``, ``hidden``), and so does whoever gives a setting in the wrong place.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tsseq2seq.errors import ParameterTypeError
from tsseq2seq.memory import memory_told
from tsseq2seq.other_libraries import NOTES, names_here

__all__ = ["CheckedArguments", "check_methods", "checked_arguments", "did_you_mean"]

#: Where settings live: what to write, and the object of the package. The first that has a name is named.
_PLACES = {
    "Seq2SeqForecaster": "tsseq2seq:Seq2SeqForecaster",
    "Network": "tsseq2seq:Network",
    "Training": "tsseq2seq:Training",
    "predict": "tsseq2seq:Seq2SeqForecaster.predict",
    "backtest": "tsseq2seq:backtest",
    "Point": "tsseq2seq:Point",
    "Seq2SeqTranslator": "tsseq2seq:Seq2SeqTranslator",
    "Seq2SeqTranscriber": "tsseq2seq:Seq2SeqTranscriber",
    "Patches": "tsseq2seq:Patches",
    "translate": "tsseq2seq:Beam",
    "Tokens": "tsseq2seq:Tokens",
    "Seq2SeqTranslator.translate": "tsseq2seq:Seq2SeqTranslator.translate",
    "Seq2SeqTranslator.predict": "tsseq2seq.decoding.sampling:Sampling",
    "Seq2SeqTranslator.fit": "tsseq2seq:Seq2SeqTranslator.fit",
    "Cleaning": "tsseq2seq:Cleaning",
    "Calendar": "tsseq2seq:Calendar",
    "Seq2SeqForecaster.fit": "tsseq2seq:Seq2SeqForecaster.fit",
    "tune": "tsseq2seq:tune",
    "evaluate": "tsseq2seq:evaluate",
    "leaderboard": "tsseq2seq:leaderboard",
    "Seq2SeqAutoencoder": "tsseq2seq:Seq2SeqAutoencoder",
}

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])
Checked = TypeVar("Checked", bound="CheckedArguments")


class CheckedArguments:
    """Mixin of classes whose constructor names what is meant by an argument that it does not have."""

    def __new__(cls: type[Checked], *args: Any, **kwargs: Any) -> Checked:  # noqa: ANN401
        """Check the arguments of the constructor.

        Raises
        ------
        ParameterTypeError
            If one is unknown or missing.
        """
        if args or kwargs:  # unpickling and copying give none
            _check(cls.__name__, _parameters(cls), (None, *args), kwargs)
        return super().__new__(cls)


def checked_arguments(function: AnyFunction) -> AnyFunction:
    """Have a function name what is meant by an argument that it does not have; a decorator."""

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        _check(function.__name__, inspect.signature(function), args, kwargs)
        return function(*args, **kwargs)

    return checked  # type: ignore[return-value]


def check_methods(kind: type) -> None:
    """Have all public methods of a class check their arguments, and say where memory does not suffice."""
    for name, method in list(vars(kind).items()):
        if inspect.isfunction(method) and not name.startswith("_"):
            setattr(kind, name, checked_arguments(memory_told(method)))


def did_you_mean(name: str, current: Mapping[str, Any], *, nested: bool = False) -> str:
    """Return what is meant by an unknown name, as the end of a message; '' if nothing is like it.

    Parameters
    ----------
    name
        The name that is not known.
    current
        The names that are known there, with their values (or defaults): settings among them are searched
        too.
    nested
        Whether names inside settings are written ``training__max_steps``, as ``set_params`` takes them.

    Examples
    --------
    >>> from tsseq2seq.training.training import Training
    >>> did_you_mean("h", {"horizon": 1}), did_you_mean("colour", {"horizon": 1})
    ('did you mean horizon=…?', '')
    >>> did_you_mean("lr", {"training": Training()})
    'did you mean training=Training(learning_rate=…)?'
    >>> did_you_mean("lr", {"training": Training()}, nested=True)
    'did you mean training__learning_rate=…?'
    """
    theirs = names_here(name)
    note = f" ({NOTES[name]})" if name in NOTES else ""
    near = difflib.get_close_matches(name, current, n=3, cutoff=0.7)
    written = (
        [f"{ours}=…" for ours in theirs if ours in current]
        or [place for ours in [name, *theirs] for place in _inside(ours, current, nested)]
        or [f"{ours}=…" for ours in near]
        or _elsewhere([name, *theirs])
        or [place for ours in _near_inside(name, current) for place in _inside(ours, current, nested)]
    )
    return f"did you mean {' or '.join(dict.fromkeys(written))}?{note}" if written else ""


def _check(
    owner: str, signature: inspect.Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> None:
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        names = [name for name in signature.parameters if name != "self"]
        unknown = [name for name in kwargs if name not in names]
        if not unknown:
            raise ParameterTypeError(f"{owner}: {error}") from None
        defaults = {name: signature.parameters[name].default for name in names}
        meant = did_you_mean(unknown[0], defaults)
        raise ParameterTypeError(
            f"{owner} has no parameter {unknown[0]!r}; {meant or 'it has: ' + ', '.join(names)}"
        ) from None


def _parameters(kind: type) -> inspect.Signature:
    return inspect.signature(kind.__init__)  # type: ignore[misc]


def _inside(ours: str, current: Mapping[str, Any], nested: bool) -> list[str]:
    """Return how a name is written that is a field of settings among ``current``."""
    written = []
    for holder, value in current.items():
        if isinstance(value, CheckedArguments) and ours in _parameters(type(value)).parameters:
            inner = f"{holder}={type(value).__name__}({ours}=…)"
            written.append(f"{holder}__{ours}=…" if nested else inner)
    return written[:1]


def _near_inside(name: str, current: Mapping[str, Any]) -> list[str]:
    fields = [
        field
        for value in current.values()
        if isinstance(value, CheckedArguments)
        for field in _parameters(type(value)).parameters
    ]
    return difflib.get_close_matches(name, fields, n=1, cutoff=0.75)


def _elsewhere(names: list[str]) -> list[str]:
    """Return the first place of the package where one of the names is known."""
    for ours in names:
        if "=" in ours:
            return [f"Seq2SeqForecaster({ours})"]
        for shown, path in _PLACES.items():
            # by name, and only now: settings lie below estimators
            if ours in inspect.signature(pkgutil.resolve_name(path)).parameters:
                return [f"{shown}({ours}=…)"]
    return []
