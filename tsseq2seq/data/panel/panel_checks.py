"""What the parts of a stored panel must have in common: a file may hold any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from tsseq2seq.data.panel.features import Coders, FeatureCoder
from tsseq2seq.errors import ModelFileError, shown
from tsseq2seq.stored_checks import check_tensor

__all__ = ["check_panel_parts"]

_FEATURES = ("numbers", "mask", "codes")


def check_panel_parts(meta: Mapping[str, Any], tensors: Mapping[str, Tensor], coders: Coders) -> None:
    """Refuse parts that are not of one panel, before anything is made of them.

    Parameters
    ----------
    meta
        Names, starts and targets of the series.
    tensors
        Tensors by their names in the file.
    coders
        The coders of the covariates.

    Raises
    ------
    ModelFileError
        If a part differs from the others, or numbers cannot be those of series.
    """
    _check_names(meta)
    series, targets, rows = len(meta["ids"]), len(meta["targets"]), len(tensors["panel.values"])
    _check_offsets(tensors["panel.offsets"], rows, series)
    check_tensor("panel.values", tensors["panel.values"], (rows, targets), torch.float32)
    check_tensor("panel.observed", tensors["panel.observed"], (rows, targets), torch.bool)
    check_tensor("panel.location", tensors["panel.location"], (series, targets), torch.float64)
    check_tensor("panel.scale", tensors["panel.scale"], (series, targets), torch.float64)
    if (tensors["panel.scale"] <= 0).any():
        raise ModelFileError("the panel's scale is not above 0 for every series")
    for role, length in (("past", rows), ("future", rows), ("static", series)):
        _check_features(role, tensors, getattr(coders, role), length)


def _check_names(meta: Mapping[str, Any]) -> None:
    ids, targets = meta["ids"], meta["targets"]
    if not isinstance(ids, list) or not all(isinstance(name, str | int | float) for name in ids):
        raise ModelFileError(f"the panel has the names {shown(ids)}; they must be text or numbers")
    if len(set(ids)) < len(ids):
        raise ModelFileError(f"the panel has series {shown(Counter(ids).most_common(1)[0][0])} twice")
    starts = meta["starts"]["values"]
    if len(starts) != len(ids):
        raise ModelFileError(f"the panel has {len(ids)} series, and starts of {len(starts)}")
    if not isinstance(targets, list) or not all(isinstance(name, str) for name in targets):
        raise ModelFileError(f"the panel has the targets {shown(targets)}; they must be text")
    if not targets or len(set(targets)) < len(targets) or not isinstance(meta["named"], bool):
        raise ModelFileError(f"the panel has the targets {shown(targets)}, named: {shown(meta['named'])}")


def _check_offsets(offsets: Tensor, rows: int, series: int) -> None:
    whole = offsets.dtype == torch.int64 and tuple(offsets.shape) == (series + 1,)
    if not whole or offsets[0] != 0 or offsets[-1] != rows or (offsets.diff() < 1).any():
        raise ModelFileError(
            f"the panel's offsets do not divide {rows} rows among {series} series: {shown(offsets.tolist())}"
        )


def _check_features(
    role: str, tensors: Mapping[str, Tensor], coder: FeatureCoder | None, length: int
) -> None:
    there = [f"panel.{role}.{name}" in tensors for name in _FEATURES]
    if coder is None or not all(there):
        if coder is not None or any(there):
            raise ModelFileError(f"the panel's {role} covariates are not those of its coders")
        return
    for name in ("means", "spreads"):
        if len(getattr(coder, name)) != len(coder.numeric):
            raise ModelFileError(f"the {name} of the {role} covariates are not one for each number")
    if len(coder.categories) != len(coder.categorical) or len(coder.bounds) not in (0, len(coder.numeric)):
        raise ModelFileError(f"the categories or bounds of the {role} covariates are not one for each column")
    numbers, mask, codes = (tensors[f"panel.{role}.{name}"] for name in _FEATURES)
    check_tensor(f"panel.{role}.numbers", numbers, (length, len(coder.numeric)), torch.float32)
    check_tensor(f"panel.{role}.mask", mask, (length, len(coder.numeric)), torch.bool)
    check_tensor(f"panel.{role}.codes", codes, (length, len(coder.categorical)), torch.int64)
    most = torch.tensor(coder.cardinalities, dtype=torch.int64)
    if ((codes < 0) | (codes >= most)).any():
        raise ModelFileError(f"the panel's {role}.codes stand for categories that there are not")
