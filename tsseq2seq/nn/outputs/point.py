"""Point: one number for each value, without a distribution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.nn.losses import LOSSES, HorizonLoss
from tsseq2seq.nn.outputs.base import Output
from tsseq2seq.settings import check_choice

__all__ = ["Point"]


@dataclass(frozen=True)
class Point(Output):
    """Forecast one number for each value.

    Parameters
    ----------
    loss
        ``"mae"`` (its minimiser is the median, which is robust to outliers), ``"mse"``, ``"huber"``, a
        function of (forecast, truth) that returns elementwise losses, or a
        :class:`~tsseq2seq.nn.losses.HorizonLoss`, computed from all forecasts of a window. None: ``"mae"``,
        and the output as a whole is left open: where most values are 0, and so is their median,
        :class:`~tsseq2seq.Seq2SeqForecaster` forecasts the mean of a distribution instead.

    Examples
    --------
    >>> import torch
    >>> Point("mse").elementwise_loss(torch.tensor([[3.0]]), torch.tensor([1.0])).tolist()
    [4.0]
    """

    loss: str | Callable[[Tensor, Tensor], Tensor] | HorizonLoss | None = None

    def __post_init__(self) -> None:
        """Check the loss."""
        if self.loss is not None and not callable(self.loss) and not isinstance(self.loss, HorizonLoss):
            check_choice("Point", "loss", self.loss, tuple(LOSSES))

    @property
    def equivariant(self) -> bool:
        """Whether the loss is the absolute error, whose minimiser is the median."""
        return self.loss in (None, "mae")

    @property
    def size(self) -> int:
        """One number for each value."""
        return 1

    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Return the number, the base added."""
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
        if isinstance(self.loss, HorizonLoss):
            raise TypeError(
                f"{type(self.loss).__name__} is the loss of a whole horizon, not of single values"
            )
        loss = "mae" if self.loss is None else self.loss
        function = LOSSES[loss] if isinstance(loss, str) else loss
        return function(parameters[..., 0], truth)

    def losses(
        self,
        parameters: Float[Tensor, "B horizon targets P"],
        truth: Float[Tensor, "B horizon targets"],
        valid: Bool[Tensor, "B horizon targets"],
        unit: Float[Tensor, "B 1 targets"] | None = None,
    ) -> tuple[Float[Tensor, "B *shape"], Bool[Tensor, "B *shape"]]:
        """Return the losses of all values; of a horizon loss, those of all windows with a valid value."""
        if isinstance(self.loss, HorizonLoss):
            return self.loss.windows(parameters[..., 0], truth, valid), valid.any(dim=2).any(dim=1)
        return self.elementwise_loss(parameters, truth, unit), valid
