"""Rolling-origin splits: a cross-validator for scikit-learn's searches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import check_columns
from tsseq2seq.errors import ParameterTypeError
from tsseq2seq.evaluation.rolling_origins import read_origins
from tsseq2seq.keywords import CheckedArguments
from tsseq2seq.settings import check_number

__all__ = ["RollingOriginSplit"]


class RollingOriginSplit(CheckedArguments):
    """Split a long frame at rolling origins: train before each cutoff, test on the horizon after it.

    A cross-validator for ``GridSearchCV`` and ``RandomizedSearchCV``. Cutoffs are counted from the end
    of each series, so that series of different lengths can be in one frame.

    Parameters
    ----------
    horizon
        Time steps tested.
    windows
        Number of splits.
    step
        Time steps between cutoffs. None: the horizon.
    id_col, time_col
        Columns of series names and time stamps; a frame without ``unique_id`` is one series.
    freq
        Frequency of the grid. None: inferred.

    Examples
    --------
    >>> df = pd.DataFrame({"ds": range(10), "y": range(10)})
    >>> for train, test in RollingOriginSplit(2, windows=2).split(df):
    ...     print(len(train), test)
    6 [6 7]
    8 [8 9]
    """

    def __init__(
        self,
        horizon: int,
        windows: int = 3,
        step: int | None = None,
        *,
        id_col: str | None = "unique_id",
        time_col: str = "ds",
        freq: str | int | pd.DateOffset | None = None,
    ) -> None:
        check_number("RollingOriginSplit", "horizon", horizon, low=1, integer=True)
        check_number("RollingOriginSplit", "windows", windows, low=1, integer=True)
        check_number("RollingOriginSplit", "step", step, low=1, integer=True, optional=True)
        self.horizon = horizon
        self.windows = windows
        self.step = step
        self.id_col = id_col
        self.time_col = time_col
        self.freq = freq

    def split(
        self, X: pd.DataFrame, y: object = None, groups: object = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the positions of training and test rows, the earliest cutoff first.

        Parameters
        ----------
        X
            The frame.
        y, groups
            Not used; scikit-learn passes them.

        Raises
        ------
        DataError
            If no series is longer than the horizon, or the rows do not lie on a grid.
        """
        if not isinstance(X, pd.DataFrame):
            raise ParameterTypeError(f"X is a {type(X).__name__}; it must be a long pandas DataFrame")
        check_columns(X, [self.time_col])
        origins = read_origins(X, Columns(self.id_col, self.time_col), self.freq)
        for cutoff in origins.cutoffs(self.horizon, self.windows, self.step or self.horizon):
            yield origins.before(cutoff), origins.after(cutoff, self.horizon)

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:
        """Return the number of splits."""
        return self.windows
