"""What the parts of a stored panel must have in common: a file may hold any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tsseq2seq.data.panel.features import Coders, FeatureCoder, Features
from tsseq2seq.errors import ModelFileError, shown
from tsseq2seq.stored_checks import check_tensor

if TYPE_CHECKING:
    from tsseq2seq.data.panel.panel import Panel

__all__ = ["check_offsets", "check_panel"]


def check_offsets(offsets: Tensor, rows: int, series: int) -> None:
    """Refuse first rows of series that do not divide the rows among them.

    Raises
    ------
    ModelFileError
        If they do not; before a calendar is computed for as many rows as they say.
    """
    whole = offsets.dtype == torch.int64 and tuple(offsets.shape) == (series + 1,)
    if not whole or offsets[0] != 0 or offsets[-1] != rows or (offsets.diff() < 1).any():
        raise ModelFileError(
            f"the panel's offsets do not divide {rows} rows among {series} series: {shown(offsets.tolist())}"
        )


def check_panel(panel: Panel, coders: Coders) -> None:
    """Refuse a panel whose parts are not of one size, or whose numbers cannot be values of series.

    Raises
    ------
    ModelFileError
        If a part differs from the others.
    """
    rows, series, targets = len(panel.values), panel.count, len(panel.targets)
    check_tensor("panel.values", panel.values, (rows, targets), torch.float32)
    check_tensor("panel.observed", panel.observed, (rows, targets), torch.bool)
    check_tensor("panel.location", panel.origin, (series, targets), torch.float64)
    check_tensor("panel.scale", panel.unit, (series, targets), torch.float64)
    if (panel.unit <= 0).any():
        raise ModelFileError("the panel's scale is not above 0 for every series")
    if len(panel.starts) != series:
        raise ModelFileError(f"the panel has {series} series, and starts of {len(panel.starts)}")
    if not panel.ids.is_unique:
        raise ModelFileError(f"the panel has series {shown(panel.ids[panel.ids.duplicated()][0])} twice")
    if not isinstance(panel.named, bool) or len(set(panel.targets)) < targets or not targets:
        raise ModelFileError(f"the panel has the targets {shown(panel.targets)}, named: {shown(panel.named)}")
    for role, length in (("past", rows), ("future", rows), ("static", series)):
        _check_features(role, getattr(panel, role), getattr(coders, role), length)


def _check_features(role: str, features: Features | None, coder: FeatureCoder | None, length: int) -> None:
    if features is None or coder is None:
        if (features is None) != (coder is None):
            raise ModelFileError(f"the panel's {role} covariates are not those of its coders")
        return
    for name in ("means", "spreads"):
        if len(getattr(coder, name)) != len(coder.numeric):
            raise ModelFileError(f"the {name} of the {role} covariates are not one for each number")
    if len(coder.categories) != len(coder.categorical) or len(coder.bounds) not in (0, len(coder.numeric)):
        raise ModelFileError(f"the categories or bounds of the {role} covariates are not one for each column")
    check_tensor(f"panel.{role}.numbers", features.numbers, (length, len(coder.numeric)), torch.float32)
    check_tensor(f"panel.{role}.mask", features.mask, (length, len(coder.numeric)), torch.bool)
    check_tensor(f"panel.{role}.codes", features.codes, (length, len(coder.categorical)), torch.int64)
    most = torch.tensor(coder.cardinalities, dtype=torch.int64)
    if ((features.codes < 0) | (features.codes >= most)).any():
        raise ModelFileError(f"the panel's {role}.codes stand for categories that there are not")
