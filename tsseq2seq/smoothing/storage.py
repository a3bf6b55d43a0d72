"""What smoothing learned, as values that JSON can hold and as tensors."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.error_shape import ErrorShape
from tsseq2seq.smoothing.method_weights import MethodWeights
from tsseq2seq.smoothing.methods import Methods

__all__ = ["smoothing_from_parts", "smoothing_to_parts"]


def smoothing_to_parts(base: SmoothingBase) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return all fields as values that JSON can hold, and as tensors."""
    tensors = {
        "smoothing.prior": base.weights.prior,
        "smoothing.log_sharpness": base.weights.log_sharpness,
        "smoothing.growth": base.shape.growth,
        "smoothing.distribution": base.shape.distribution,
    }
    methods = {name: list(values) for name, values in vars(base.methods).items()}
    return {"periods": list(base.periods), "horizon": base.horizon, "methods": methods}, tensors


def smoothing_from_parts(parts: dict[str, Any], tensors: dict[str, Tensor]) -> SmoothingBase:
    """Undo :func:`smoothing_to_parts`."""
    weights = MethodWeights(tensors["smoothing.prior"].cpu(), tensors["smoothing.log_sharpness"].cpu())
    shape = ErrorShape(tensors["smoothing.growth"].cpu(), tensors["smoothing.distribution"].cpu())
    methods = Methods(**{name: tuple(values) for name, values in parts["methods"].items()})
    return SmoothingBase(tuple(parts["periods"]), parts["horizon"], weights, shape, methods)
