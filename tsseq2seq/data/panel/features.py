"""Covariates as tensors: standardised numbers, and codes of categories.

Numeric columns are standardised by what they were in training; text, categorical and boolean ones
become codes, of which 0 stands for whatever training did not see. A missing number enters as zero
with its mask False. A column that never varied in training enters as zeros whatever it holds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.frames.column_values import read_numbers
from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.data.panel.categories import Unseen, category_codes, category_names
from tsseq2seq.data.panel.covariate_values import check_category, covariate_numbers, is_numeric_covariate
from tsseq2seq.errors import DataWarning, warn

__all__ = ["Coders", "FeatureCoder", "Features", "no_features"]

_MOST_TOLD = 5
# Squares of larger numbers overflow, and those of the smallest are 0.
_SQUARABLE = 1e150
# What is farther from the mean is no farther to a network, and would not fit into float32.
_FARTHEST = 1e30


@dataclass(frozen=True)
class Features:
    """Encoded covariates of some rows.

    Attributes
    ----------
    numbers, mask
        (…, F): standardised numbers, 0 where the mask is False.
    codes
        (…, K): codes of categories; 0 is an unknown or missing category.
    """

    numbers: Float[Tensor, "*rows F"]
    mask: Bool[Tensor, "*rows F"]
    codes: Int[Tensor, "*rows K"]

    def map(self, function: Any) -> Features:  # noqa: ANN401 (a function of tensors)
        """Apply a function to each tensor."""
        fields = [field.name for field in dataclasses.fields(self)]
        return Features(**{name: function(getattr(self, name)) for name in fields})

    def where(self, inside: Bool[Tensor, "*rows"]) -> Features:
        """Return the features, all 0 (unknown) in rows that are not inside."""
        return self.map(lambda tensor: tensor * inside[..., None])


@dataclass(frozen=True)
class FeatureCoder:
    """The map from the columns of one role to numbers and codes, fitted to the training frame.

    Attributes
    ----------
    numeric
        Names of the numeric columns.
    means, spreads
        Mean and standard deviation of each numeric column (1 for a constant column).
    categorical
        Names of the other columns.
    categories
        The names of each that training saw, in order of appearance; code 1 is the first.
    bounds
        Lowest and highest value of each numeric column. Empty in models saved before they were kept.
    unvaried
        Columns that were the same in all rows of training. Whatever they are given later, they enter as
        zeros: their weights have learned nothing.
    blank
        Categorical columns that had blank rows in training. None: not known, and blanks are not told of.
    """

    numeric: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    categorical: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    bounds: tuple[tuple[float, float], ...] = ()
    unvaried: tuple[str, ...] = ()
    blank: tuple[str, ...] | None = None

    @classmethod
    def fit(cls, frame: pd.DataFrame, columns: Sequence[str]) -> FeatureCoder:
        """Fit the coder to the rows of training.

        Raises
        ------
        DataError
            If a column holds dates, or what is neither a number nor a name.

        Examples
        --------
        >>> frame = pd.DataFrame({"price": [1.0, 3.0], "shop": ["a", "b"]})
        >>> coder = FeatureCoder.fit(frame, ["price", "shop"])
        >>> coder.means, coder.categories
        ((2.0,), (('a', 'b'),))
        """
        numeric = tuple(name for name in columns if is_numeric_covariate(frame[name]))
        categorical = tuple(name for name in columns if name not in numeric)
        values = {name: read_numbers(frame[name]) for name in numeric}
        finite = [column[np.isfinite(column)] for column in values.values()]
        bounds = tuple((float(seen.min()), float(seen.max())) if len(seen) else (0.0, 0.0) for seen in finite)
        # that of a constant is not computed: rounding would make it a little above 0
        spreads = [
            _moments(seen)[1] if low < high else 0.0 for seen, (low, high) in zip(finite, bounds, strict=True)
        ]
        names = {name: category_names(frame[name]) for name in categorical}
        varied = {name: low < high for name, (low, high) in zip(numeric, bounds, strict=True)}
        varied = {name: varied[name] or _comes_and_goes(values[name]) for name in numeric}
        categories = tuple(tuple(column.dropna().unique().tolist()) for column in names.values())
        blank = tuple(name for name, column in names.items() if column.isna().any())
        varied |= {
            name: len(values) + (name in blank) > 1 for name, values in zip(names, categories, strict=True)
        }
        return cls(
            numeric,
            tuple(_moments(seen)[0] if len(seen) else 0.0 for seen in finite),
            tuple(spread if spread > 0 else 1.0 for spread in spreads),
            categorical,
            categories,
            bounds,
            tuple(name for name in columns if not varied[name]),
            blank,
        )

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """Number of codes of each categorical column, including 0 for unknown values."""
        return tuple(len(values) + 1 for values in self.categories)

    def encode(self, frame: pd.DataFrame) -> Features:
        """Encode rows. Missing numbers and categories that training did not see are warned of.

        Raises
        ------
        DataError
            If a value is infinite (the message names the first row), or a numeric column is not numeric now.

        Warns
        -----
        DataWarning
            If numbers are missing.
        """
        numbers = np.zeros((len(frame), len(self.numeric)))
        for place, name in enumerate(self.numeric):
            numbers[:, place] = covariate_numbers(frame[name], self.bounds[place] if self.bounds else None)
        mask = ~np.isnan(numbers)
        scaled = (numbers - np.array(self.means)) / np.array(self.spreads)
        # of what never varied only its absence counts
        scaled[:, [low == high for low, high in self.bounds]] = 0.0
        counted = np.array([name not in self.unvaried for name in self.numeric], dtype=bool)
        _warn_of_missing(frame, self.numeric, mask | ~counted)
        mask &= counted
        return Features(
            torch.from_numpy(np.where(mask, scaled, 0.0).clip(-_FARTHEST, _FARTHEST).astype(np.float32)),
            torch.from_numpy(mask),
            torch.from_numpy(self._codes(frame)),
        )

    def _codes(self, frame: pd.DataFrame) -> np.ndarray:
        codes = np.zeros((len(frame), len(self.categorical)), dtype=np.int64)
        unseen: dict[str, Unseen] = {}
        for place, (name, categories) in enumerate(zip(self.categorical, self.categories, strict=True)):
            check_category(frame[name])
            found, strange = category_codes(frame[name], categories)
            if self.blank is None or name in self.blank:
                strange.pop(None, None)
            if name in self.unvaried:
                continue
            codes[:, place], unseen[name] = found, strange
        _warn_of_unseen(unseen)
        return codes


@dataclass(frozen=True)
class Coders:
    """The coder of each role of covariates (None: no columns of this role), and the calendar features.

    Attributes
    ----------
    still
        Calendar features that never varied in training, such as the flag of a holiday in weeks without one:
        they enter as zeros.
    """

    past: FeatureCoder | None = None
    future: FeatureCoder | None = None
    static: FeatureCoder | None = None
    calendar: Calendar | None = None
    still: tuple[str, ...] = ()


def no_features(coder: FeatureCoder, rows: int) -> Features:
    """Return features of rows whose covariates are all unknown."""
    width = len(coder.numeric)
    return Features(
        torch.zeros(rows, width),
        torch.zeros(rows, width, dtype=torch.bool),
        torch.zeros(rows, len(coder.categorical), dtype=torch.int64),
    )


def _moments(seen: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation, of numbers of any size."""
    largest = float(np.abs(seen).max())
    unit = 1.0 if 1 / _SQUARABLE < largest < _SQUARABLE or largest == 0 else largest
    return float((seen / unit).mean()) * unit, float((seen / unit).std()) * unit


def _comes_and_goes(column: np.ndarray) -> bool:
    """Whether a column is missing in some rows, but not in all."""
    missing = np.isnan(column)
    return bool(missing.any()) and not bool(missing.all())


def _warn_of_missing(frame: pd.DataFrame, names: Sequence[str], mask: np.ndarray) -> None:
    missing = {name: int(n) for name, n in zip(names, (~mask).sum(0), strict=True) if n}
    if missing:
        shown = ", ".join(f"{name!r} in {count} of {len(frame)} rows" for name, count in missing.items())
        warn(f"covariates are missing and were masked: {shown}", DataWarning)


def _warn_of_unseen(unseen: dict[str, Unseen]) -> None:
    told = [
        f"{column!r} is {'blank' if value is None else _shown(value)} in {count} rows"
        for column, values in unseen.items()
        for value, count in values.items()
    ]
    if told:
        more = f", and {len(told) - _MOST_TOLD} more such values" if len(told) > _MOST_TOLD else ""
        warn(
            f"covariates have values that training did not see, which count as unknown: "
            f"{', '.join(told[:_MOST_TOLD])}{more}",
            DataWarning,
        )


def _shown(value: str) -> str:
    return repr(value if len(value) <= 40 else f"{value[:37]}…")
