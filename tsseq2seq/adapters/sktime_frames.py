"""sktime's containers as the library's long frames: index levels become columns, and names are made unique.

sktime keeps series and time in the index, in target and covariates apart, under names that may be numbers and
may be the same in both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Sequence

import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import DataError, shown

__all__ = ["Names", "covariates_ahead", "history_frame", "ids_of", "series_of"]

_ID, _TIME = str(Columns().id), Columns().time


@dataclasses.dataclass(frozen=True)
class Names:
    """What the columns of y and X are called in a long frame.

    Parameters
    ----------
    targets, covariates
        The names in the long frame, in the order of the columns of y and of X.
    """

    targets: tuple[str, ...]
    covariates: tuple[str, ...] = ()

    @classmethod
    def of(cls, y: pd.DataFrame, X: pd.DataFrame | None) -> Names:
        """Choose names: covariates keep theirs, as text, and nothing has the name of something else.

        Examples
        --------
        >>> Names.of(pd.DataFrame({0: [1.0]}), pd.DataFrame({0: [1.0], "ds": [2.0]}))
        Names(targets=('y',), covariates=('0', 'ds_'))
        """
        covariates = _unique([] if X is None else [str(name) for name in X.columns], {_ID, _TIME})
        wanted = ["y"] if y.shape[1] == 1 else [str(name) for name in y.columns]
        return cls(_unique(wanted, {_ID, _TIME, *covariates}), covariates)


def _unique(wanted: Sequence[str], taken: Iterable[str]) -> tuple[str, ...]:
    taken, names = set(taken), []
    for name in wanted:
        while name in taken:
            name += "_"
        taken.add(name)
        names.append(name)
    return tuple(names)


def series_of(index: pd.Index) -> pd.Index | None:
    """Return the names of the series of a panel or a hierarchy, in their order. None: there is one series."""
    return index.droplevel(-1).unique() if isinstance(index, pd.MultiIndex) else None


def history_frame(
    y: pd.DataFrame, X: pd.DataFrame | None, names: Names, *, cutoff: object = None
) -> pd.DataFrame:
    """Return targets and covariates as a long frame.

    Parameters
    ----------
    y, X
        What sktime gives: time in the index, behind the levels of the series.
    names
        The names of the columns.
    cutoff
        The last time stamp to return. A series that ends before is missing from there on, so that all are
        forecast from the same one. None: all rows.

    Raises
    ------
    DataError
        If X lacks rows of y.
    """
    if cutoff is not None:
        y = _until(y, cutoff)
    frame = y.set_axis(list(names.targets), axis=1)
    if X is not None:
        absent = y.index.intersection(y.index.difference(X.index))
        if len(absent):
            raise DataError(
                f"X has no row for {_shown_row(absent[0])}, where y has one; X must have a row for each of y"
            )
        frame = pd.concat([frame, X.reindex(y.index).set_axis(list(names.covariates), axis=1)], axis=1)
    return _long(frame if cutoff is None else frame.reindex(_with_last(frame.index, cutoff)))


def _shown_row(row: object) -> str:
    return ", ".join(shown(part) for part in (row if isinstance(row, tuple) else (row,)))


def _until(y: pd.DataFrame, cutoff: object) -> pd.DataFrame:
    return y[y.index.get_level_values(-1) <= cutoff]


def _with_last(index: pd.Index, cutoff: object) -> pd.Index:
    series = series_of(index)
    if series is None:
        return index.union(pd.Index([cutoff], dtype=index.dtype))
    last = [(*(one if isinstance(one, tuple) else (one,)), cutoff) for one in series]
    return index.union(pd.MultiIndex.from_tuples(last, names=index.names))


def _long(frame: pd.DataFrame) -> pd.DataFrame:
    index, long = frame.index, frame.reset_index(drop=True)
    if isinstance(index, pd.MultiIndex):
        long.insert(0, _ID, ids_of(index.droplevel(-1)))
    long.insert(0, _TIME, index.get_level_values(-1))
    return long


def ids_of(series: Iterable[Hashable]) -> list[str]:
    """Return the names of series in a long frame."""
    return [repr(one) for one in series]


def covariates_ahead(
    template: pd.DataFrame, X: pd.DataFrame, names: Names, wanted: Sequence[object]
) -> pd.DataFrame:
    """Return the future covariates of a forecast: the rows of the template, with the values of X.

    Parameters
    ----------
    template
        The rows that are needed, as :meth:`~tsseq2seq.Seq2SeqForecaster.future_frame` returns them.
    X, names
        The covariates, and the names of their columns.
    wanted
        The time stamps that are asked for. X must have them; others are missing where X has no row.

    Raises
    ------
    DataError
        If X lacks columns, or rows that are asked for.
    """
    if X.shape[1] != len(names.covariates):
        raise DataError(f"X has {X.shape[1]} columns, but the model was fitted with {len(names.covariates)}")
    rows = _long(X.set_axis(list(names.covariates), axis=1))
    keys = [name for name in (_ID, _TIME) if name in template]
    values = [name for name in template if name not in keys]
    merged = template[keys].merge(rows[[*keys, *values]], on=keys, how="left", indicator=True)
    absent = merged["_merge"].eq("left_only")
    asked = absent & merged[_TIME].isin(pd.Index(wanted))
    if asked.any():
        first = merged.loc[asked, keys].iloc[0].tolist()
        raise DataError(
            f"X has no row for {', '.join(map(shown, first))}, which is asked for; X must have a row for "
            "each series and time stamp of the horizon"
        )
    return merged.drop(columns="_merge")
