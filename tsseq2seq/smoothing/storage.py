"""What smoothing learned, as values that JSON can hold and as tensors."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.demand import DemandWeights
from tsseq2seq.smoothing.demand_methods import DemandMethods
from tsseq2seq.smoothing.error_shape import PROBABILITIES, ErrorShape
from tsseq2seq.smoothing.method_weights import MethodWeights
from tsseq2seq.smoothing.methods import Methods
from tsseq2seq.stored_checks import check_fields, check_tensor

__all__ = ["smoothing_from_parts", "smoothing_to_parts"]

_DEMAND = ("amount", "chance")


def smoothing_to_parts(base: SmoothingBase) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return all fields as values that JSON can hold, and as tensors."""
    tensors = {
        "smoothing.prior": base.weights.prior,
        "smoothing.log_sharpness": base.weights.log_sharpness,
        "smoothing.growth": base.shape.growth,
        "smoothing.distribution": base.shape.distribution,
    }
    for kind in _DEMAND:
        weights: MethodWeights = getattr(base.demand_weights, kind)
        tensors[f"smoothing.{kind}.prior"] = weights.prior
        tensors[f"smoothing.{kind}.log_sharpness"] = weights.log_sharpness
    methods, demand_methods = (
        {name: list(values) for name, values in vars(each).items()}
        for each in (base.methods, base.demand_methods)
    )
    parts = {"periods": list(base.periods), "horizon": base.horizon}
    return {**parts, "methods": methods, "demand_methods": demand_methods}, tensors


def smoothing_from_parts(parts: dict[str, Any], tensors: dict[str, Tensor]) -> SmoothingBase:
    """Undo :func:`smoothing_to_parts`."""
    weights, *of_demand = (
        MethodWeights(tensors[f"{kind}.prior"].cpu(), tensors[f"{kind}.log_sharpness"].cpu())
        for kind in ("smoothing", *(f"smoothing.{kind}" for kind in _DEMAND))
    )
    shape = ErrorShape(tensors["smoothing.growth"].cpu(), tensors["smoothing.distribution"].cpu())
    methods, demand_methods = (
        {name: tuple(values) for name, values in parts[kind].items()}
        for kind in ("methods", "demand_methods")
    )
    base = SmoothingBase(
        tuple(parts["periods"]),
        parts["horizon"],
        weights,
        shape,
        check_fields(Methods(**methods)),
        check_fields(DemandMethods(**demand_methods)),
        DemandWeights(*of_demand),
    )
    _check(check_fields(base))
    return base


def _check(base: SmoothingBase) -> None:
    """Refuse weights of other methods than there are, and errors of another horizon."""
    for name, weights, count in (
        ("", base.weights, base.methods.count),
        ("amount.", base.demand_weights.amount, base.demand_methods.count),
        ("chance.", base.demand_weights.chance, len(base.demand_methods.probabilities)),
    ):
        check_tensor(f"smoothing.{name}prior", weights.prior, (count,), torch.float64)
        check_tensor(f"smoothing.{name}log_sharpness", weights.log_sharpness, (), torch.float64)
    check_tensor("smoothing.growth", base.shape.growth, (base.horizon,), torch.float64)
    check_tensor("smoothing.distribution", base.shape.distribution, (PROBABILITIES,), torch.float64)
