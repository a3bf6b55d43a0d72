"""Covariates as numbers and codes.

Numeric columns are standardised by what they were in training; text, categorical and boolean ones
become codes, of which 0 stands for whatever training did not see. A missing number enters as zero
with its mask False.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.errors import DataError, DataWarning

__all__ = ["Coders", "FeatureCoder", "Features", "no_features"]


@dataclass(frozen=True)
class Features:
    """Encoded covariates of some rows.

    Attributes
    ----------
    numbers, mask
        (*rows, F): standardised numbers, 0 where the mask is False.
    codes
        (*rows, K): categories; 0 is unknown.
    """

    numbers: Float[Tensor, "*rows F"]
    mask: Bool[Tensor, "*rows F"]
    codes: Int[Tensor, "*rows K"]

    def map(self, function: Any) -> Features:  # noqa: ANN401 (a function of tensors)
        """Apply a function to each tensor."""
        fields = [field.name for field in dataclasses.fields(self)]
        return Features(**{name: function(getattr(self, name)) for name in fields})

    def where(self, inside: Bool[Tensor, "*rows"]) -> Features:
        """Blank the rows that are not inside."""
        return self.map(lambda tensor: tensor * inside[..., None])


@dataclass(frozen=True)
class FeatureCoder:
    """How the columns of one role become numbers and codes; learned from the training frame.

    Attributes
    ----------
    numeric
        Numeric columns.
    means, spreads
        Mean and standard deviation of each (1 for a constant column).
    categorical
        The other columns.
    categories
        The values of each that training saw, as text, in order of appearance; code 1 is the first.
    """

    numeric: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    categorical: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]

    @classmethod
    def fit(cls, frame: pd.DataFrame, columns: Sequence[str]) -> FeatureCoder:
        """Learn from the rows of training.

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
            seen = column[np.isfinite(column)]
            spread = float(seen.std()) if len(seen) else 0.0
            means.append(float(seen.mean()) if len(seen) else 0.0)
            spreads.append(spread if spread > 0 else 1.0)
        categories = tuple(tuple(_text(frame[name]).dropna().unique().tolist()) for name in categorical)
        return cls(numeric, tuple(means), tuple(spreads), categorical, categories)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """Number of codes of each categorical column, the unknown one included."""
        return tuple(len(values) + 1 for values in self.categories)

    def encode(self, frame: pd.DataFrame) -> Features:
        """Encode rows.

        Raises
        ------
        DataError
            If a column is infinite or has changed its kind; it names the first row.
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
    """The coder of each role, None where no column has it; and which calendar features there are."""

    past: FeatureCoder | None = None
    future: FeatureCoder | None = None
    static: FeatureCoder | None = None
    calendar: Calendar | None = None


def no_features(coder: FeatureCoder, rows: int) -> Features:
    """Return features of rows of which nothing is known."""
    width = len(coder.numeric)
    return Features(
        torch.zeros(rows, width),
        torch.zeros(rows, width, dtype=torch.bool),
        torch.zeros(rows, len(coder.categorical), dtype=torch.int64),
    )


def _is_numeric(column: pd.Series) -> bool:
    kind = column.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), None).map(lambda v: None if v is None else str(v))


def _warn_of_missing(frame: pd.DataFrame, names: Sequence[str], mask: np.ndarray) -> None:
    missing = {name: int(n) for name, n in zip(names, (~mask).sum(0), strict=True) if n}
    if missing:
        shown = ", ".join(f"{name!r} in {count} of {len(frame)} rows" for name, count in missing.items())
        warnings.warn(f"covariates are missing and were masked: {shown}", DataWarning, stacklevel=2)
