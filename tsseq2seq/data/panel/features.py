"""Covariates as tensors: standardised numbers, and codes of categories.

Numeric columns are standardised with the mean and standard deviation of training. Text, categorical and
boolean columns become codes; 0 is the code of every value that did not occur in training. A missing number
becomes 0, with its mask False.
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

from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.errors import DataError, DataWarning, warn

__all__ = ["Coders", "FeatureCoder", "Features", "no_features"]


@dataclass(frozen=True)
class Features:
    """Encoded covariates of some rows.

    Attributes
    ----------
    numbers, mask
        (*rows, F): standardised numbers, 0 where the mask is False.
    codes
        (*rows, K): codes of categories; 0 is an unknown or missing category.
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
        The values of each categorical column in training, as text, in order of appearance; the first has
        code 1.
    """

    numeric: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    categorical: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]

    @classmethod
    def fit(cls, frame: pd.DataFrame, columns: Sequence[str]) -> FeatureCoder:
        """Fit the coder to the rows of training.

        Examples
        --------
        >>> frame = pd.DataFrame({"price": [1.0, 3.0], "shop": ["a", "b"]})
        >>> coder = FeatureCoder.fit(frame, ["price", "shop"])
        >>> coder.means, coder.categories
        ((2.0,), (('a', 'b'),))
        """
        numeric = tuple(name for name in columns if _is_numeric(frame[name]))
        categorical = tuple(name for name in columns if name not in numeric)
        values = [frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in numeric]
        means, spreads = [], []
        for column in values:
            finite = column[np.isfinite(column)]
            spread = float(finite.std()) if len(finite) else 0.0
            means.append(float(finite.mean()) if len(finite) else 0.0)
            spreads.append(spread if spread > 0 else 1.0)
        categories = tuple(tuple(_text(frame[name]).dropna().unique().tolist()) for name in categorical)
        return cls(numeric, tuple(means), tuple(spreads), categorical, categories)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """Number of codes of each categorical column, including 0 for unknown values."""
        return tuple(len(values) + 1 for values in self.categories)

    def encode(self, frame: pd.DataFrame) -> Features:
        """Encode rows.

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
        for column, name in enumerate(self.numeric):
            numbers[:, column] = self._numbers(frame[name])
        codes = np.zeros((len(frame), len(self.categorical)), dtype=np.int64)
        for column, (name, values) in enumerate(zip(self.categorical, self.categories, strict=True)):
            codes[:, column] = pd.Index(values).get_indexer(pd.Index(_text(frame[name]))) + 1
        mask = ~np.isnan(numbers)
        _warn_of_missing(frame, self.numeric, mask)
        scaled = (numbers - np.array(self.means)) / np.array(self.spreads)
        return Features(
            torch.from_numpy(np.where(mask, scaled, 0.0).astype(np.float32)),
            torch.from_numpy(mask),
            torch.from_numpy(codes),
        )

    def _numbers(self, column: pd.Series) -> np.ndarray:
        if not _is_numeric(column):
            raise DataError(
                f"covariate {column.name!r} has the type {column.dtype}, but was numeric in training"
            )
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(numbers).any():
            row = int(np.argmax(np.isinf(numbers)))
            raise DataError(
                f"covariate {column.name!r} is {numbers[row]} in row {row}; it must be finite, or NaN "
                "where missing"
            )
        return numbers


@dataclass(frozen=True)
class Coders:
    """The coder of each role of covariates (None: no columns of this role), and the calendar features."""

    past: FeatureCoder | None = None
    future: FeatureCoder | None = None
    static: FeatureCoder | None = None
    calendar: Calendar | None = None


def no_features(coder: FeatureCoder, rows: int) -> Features:
    """Return features of rows whose covariates are all unknown."""
    width = len(coder.numeric)
    return Features(
        torch.zeros(rows, width),
        torch.zeros(rows, width, dtype=torch.bool),
        torch.zeros(rows, len(coder.categorical), dtype=torch.int64),
    )


def _is_numeric(column: pd.Series) -> bool:
    dtype = column.dtype
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), None).map(lambda v: None if v is None else str(v))


def _warn_of_missing(frame: pd.DataFrame, names: Sequence[str], mask: np.ndarray) -> None:
    missing = {name: int(n) for name, n in zip(names, (~mask).sum(0), strict=True) if n}
    if missing:
        shown = ", ".join(f"{name!r} in {count} of {len(frame)} rows" for name, count in missing.items())
        warn(f"covariates are missing and were masked: {shown}", DataWarning)
