"""Point: one number for each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from tsseq2seq.nn.losses import LOSSES
from tsseq2seq.nn.outputs.base import Output
from tsseq2seq.settings import check_choice

__all__ = ["Point"]


@dataclass(frozen=True)
class Point(Output):
    """Forecast one number for each step.

    Parameters
    ----------
    loss
        ``"mae"`` (the default: it gives the median and shrugs off outliers), ``"mse"``,
        ``"huber"``, or a function of (forecast, truth) that returns elementwise losses.

    Examples
    --------
    >>> import torch
    >>> Point("mse").elementwise_loss(torch.tensor([[3.0]]), torch.tensor([1.0])).tolist()
    [4.0]
    """

    loss: str | Callable[[Tensor, Tensor], Tensor] = "mae"

    def __post_init__(self) -> None:
        """Check the loss."""
        if not callable(self.loss):
            check_choice("Point", "loss", self.loss, tuple(LOSSES))

    @property
    def equivariant(self) -> bool:
        """The absolute error leads to the median."""
        return self.loss == "mae"

    @property
    def size(self) -> int:
        """One number for each value."""
        return 1

    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Add the base."""
        return raw if base is None else raw + base[..., None]

    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the number."""
        return parameters[..., 0]

    def elementwise_loss(
        self,
        parameters: Float[Tensor, "*shape P"],
        truth: Float[Tensor, "*shape"],
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Return the loss of each value."""
        function = LOSSES[self.loss] if isinstance(self.loss, str) else self.loss
        return function(parameters[..., 0], truth)
