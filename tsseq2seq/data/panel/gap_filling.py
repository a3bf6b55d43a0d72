"""Series without gaps: values between two observed ones lie on the line between them."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["filled_to_the_end"]


def filled_to_the_end(
    values: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"]
) -> tuple[Float[Tensor, "series T"], Int[Tensor, " series"]]:
    """Return series without gaps that end with their last observed value, and their lengths.

    A line between its neighbours says nothing about seasons, which the value of a season before would.

    Parameters
    ----------
    values
        (series, T); any number where not observed.
    observed
        (series, T), False where a value is missing, and in padding.

    Returns
    -------
    filled
        (series, T), the last observed value of each series in the last column; the first observed one is
        repeated in front.
    lengths
        (series,), the steps from the first observed value to the last; 0 if there is none.

    Examples
    --------
    >>> values = torch.tensor([[1.0, 0.0, 3.0, 0.0]])
    >>> filled_to_the_end(values, torch.tensor([[True, False, True, False]]))
    (tensor([[1., 1., 2., 3.]]), tensor([3]))
    """
    if bool(observed.all()):
        return values, torch.full_like(observed[:, 0], values.shape[1], dtype=torch.long)
    total = values.shape[1]
    steps = torch.arange(total, device=values.device)
    seen = observed.any(1)
    last = torch.where(seen, total - 1 - observed.flip(1).byte().argmax(1), total - 1)
    # the series moves to the right, so that it ends in the last column
    source = (steps + (last - (total - 1))[:, None]).clamp(min=0)
    known = observed.gather(1, source) & (steps >= (total - 1 - last)[:, None])
    moved = values.gather(1, source)
    before = torch.where(known, steps, -1).cummax(1).values
    after = torch.where(known, steps, total).flip(1).cummin(1).values.flip(1).clamp(max=total - 1)
    before = torch.where(before < 0, after, before)
    share = (steps - before) / (after - before).clamp(min=1)
    filled = moved.gather(1, before).lerp(moved.gather(1, after), share.clamp(0, 1).to(values.dtype))
    lengths = torch.where(seen, total - known.byte().argmax(1), 0)
    return filled.masked_fill(~seen[:, None], 0.0), lengths
