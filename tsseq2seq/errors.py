"""Every exception and warning of the library.

An error message names the argument or column, its value and the values allowed, and the first series or
row at fault. All errors derive from :class:`TsSeq2SeqError`, and from the built-in exception that fits
(``ValueError``, ``TypeError``, ``ImportError``), so that callers can catch either.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from types import ModuleType

__all__ = [
    "DataError",
    "DataWarning",
    "DeviceError",
    "DivergenceError",
    "FileFormatError",
    "FrequencyError",
    "MissingDependencyError",
    "ModelFileError",
    "OutOfMemoryError",
    "ParameterError",
    "ParameterTypeError",
    "TrainingError",
    "TrainingWarning",
    "TsSeq2SeqError",
    "TsSeq2SeqWarning",
    "require",
    "shown",
    "warn",
]

# What lies between the caller and the line that warns: this library, and who calls it on a user's behalf.
_INSIDE = frozenset(
    {"tsseq2seq", "beartype", "contextlib", "functools", "jaxtyping", "joblib", "pandas", "sklearn", "torch"}
)

_LONGEST = 1000  # characters of a message; those that hold no data are shorter


class TsSeq2SeqError(Exception):
    """Base of every error that this library raises itself.

    Examples
    --------
    >>> issubclass(ParameterError, TsSeq2SeqError) and issubclass(ParameterError, ValueError)
    True
    """

    def __str__(self) -> str:
        """Return the message; a long one, which must have data of the user in it, is cut."""
        return _cut(super().__str__(), _LONGEST)


class ParameterError(TsSeq2SeqError, ValueError):
    """An argument has a value that is not allowed.

    Examples
    --------
    >>> from tsseq2seq import Training
    >>> try:
    ...     Training(learning_rate=0)
    ... except ParameterError as error:
    ...     "learning_rate is 0" in str(error)
    True
    """


class DeviceError(ParameterError):
    """The machine has no such device as was asked for.

    Examples
    --------
    >>> from tsseq2seq.hardware.devices import resolve_device
    >>> try:
    ...     resolve_device("cuda:99")
    ... except DeviceError as error:
    ...     "cuda:99" in str(error)
    True
    """


class ParameterTypeError(TsSeq2SeqError, TypeError):
    """An argument has the wrong type.

    Examples
    --------
    >>> from tsseq2seq import Training
    >>> try:
    ...     Training(lr=0.1)
    ... except ParameterTypeError as error:
    ...     "did you mean learning_rate=" in str(error)
    True
    """


class DataError(TsSeq2SeqError, ValueError):
    """A frame cannot be used as it is: a column, a series or a row is at fault.

    Examples
    --------
    >>> import pandas as pd
    >>> from tsseq2seq import Smoothing
    >>> try:
    ...     Smoothing(3).fit(pd.DataFrame({"ds": ["2024-01-01"] * 2, "y": [1.0, 2.0]}))
    ... except DataError as error:
    ...     "2024-01-01" in str(error)
    True
    """


class FrequencyError(DataError):
    """The time stamps do not lie on one regular grid.

    Examples
    --------
    >>> issubclass(FrequencyError, DataError)
    True
    """


class FileFormatError(TsSeq2SeqError, ValueError):
    """A data file cannot be read as a table.

    Examples
    --------
    >>> issubclass(FileFormatError, TsSeq2SeqError)
    True
    """


class ModelFileError(TsSeq2SeqError, ValueError):
    """A saved model is missing, truncated, of a newer format, or of another library.

    Examples
    --------
    >>> from tsseq2seq import load
    >>> try:
    ...     load("no such folder")
    ... except ModelFileError as error:
    ...     "no such folder" in str(error)
    True
    """


class OutOfMemoryError(TsSeq2SeqError, MemoryError):
    """Memory does not suffice; the message says what to lower.

    Examples
    --------
    >>> issubclass(OutOfMemoryError, TsSeq2SeqError)
    True
    """


class TrainingError(TsSeq2SeqError, RuntimeError):
    """Training cannot go on, for example because the loss is no longer finite.

    Examples
    --------
    >>> issubclass(DivergenceError, TrainingError)
    True
    """


class DivergenceError(TrainingError):
    """The loss or the weights of a training are no longer finite, or far above where they began.

    Examples
    --------
    >>> issubclass(DivergenceError, TsSeq2SeqError)
    True
    """


class MissingDependencyError(TsSeq2SeqError, ImportError):
    """An optional package is needed; the message holds the command that installs it.

    Examples
    --------
    >>> try:
    ...     require("a_package_that_nobody_has", extra="plot", purpose="Plotting")
    ... except MissingDependencyError as error:
    ...     "tsseq2seq[plot]" in str(error)
    True
    """


class TsSeq2SeqWarning(UserWarning):
    """Base of every warning of this library.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", TsSeq2SeqWarning)  # silences this library, and nothing else
    ...     warn("the data are odd", DataWarning)
    """

    def __str__(self) -> str:
        """Return the message, cut as that of an error."""
        return _cut(super().__str__(), _LONGEST)


class DataWarning(TsSeq2SeqWarning):
    """The data were used, but something in them should be checked.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn("the data are odd", DataWarning)
    >>> caught[0].category.__name__
    'DataWarning'
    """


class TrainingWarning(TsSeq2SeqWarning):
    """Training did what was asked, but probably not what was meant.

    Examples
    --------
    >>> issubclass(TrainingWarning, TsSeq2SeqWarning)
    True
    """


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import an optional package, or raise an error with the command that installs it.

    Parameters
    ----------
    module
        Name as in an ``import`` statement.
    extra
        The extra of this package that installs it (``pip install 'tsseq2seq[extra]'``).
    purpose
        What needs it; the beginning of the message.

    Raises
    ------
    MissingDependencyError
        If the package is not installed.

    Examples
    --------
    >>> require("json", extra="plot", purpose="Plotting").__name__
    'json'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingDependencyError(
            f"{purpose} needs the package '{package}', which cannot be imported ({error}). "
            f"Install it with: pip install 'tsseq2seq[{extra}]'"
        ) from error


def shown(value: object) -> str:
    """Return a value as messages show it: its ``repr``, for numpy's numbers without their type, cut if long.

    Examples
    --------
    >>> import numpy as np
    >>> shown(np.int64(3)), shown("H1")
    ('3', "'H1'")
    >>> len(shown("H" * 1000))
    100
    """
    item = getattr(value, "item", None)
    return _cut(repr(item()) if callable(item) and getattr(value, "ndim", None) == 0 else repr(value), 100)


def _cut(text: str, most: int) -> str:
    """Take out the middle of a text that is too long."""
    if len(text) <= most:
        return text
    end = most // 4
    return f"{text[: most - end - 3]} … {text[-end:]}"


def warn(message: str, category: type[TsSeq2SeqWarning]) -> None:
    """Warn at the line of the caller's own code, however deep inside the library the reason was found.

    Parameters
    ----------
    message
        What was done, and what deserves a look.
    category
        The class of the warning.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn("one value is missing", DataWarning)
    >>> caught[0].category.__name__, str(caught[0].message)
    ('DataWarning', 'one value is missing')
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and _package(frame.f_globals) in _INSIDE:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _package(namespace: dict[str, object]) -> str:
    return str(namespace.get("__name__", "")).partition(".")[0]
