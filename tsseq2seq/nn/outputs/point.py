"""Point: one number for each value, without a distribution."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.nn.losses import LOSSES, WINDOW_LOSSES, ContextLoss, HorizonLoss
from tsseq2seq.nn.outputs.base import Output
from tsseq2seq.settings import check_choice

__all__ = ["Point"]


@dataclass(frozen=True)
class Point(Output):
    """Forecast one number for each value.

    Parameters
    ----------
    loss
        Of single values: ``"mae"`` (its minimiser is the median, which is robust to outliers), ``"mse"``,
        ``"huber"``, or a function of (forecast, truth) that returns elementwise losses. Of whole windows:
        ``"difference"`` (:class:`~tsseq2seq.nn.losses.DifferenceLoss`) and ``"soft_dtw"``
        (:class:`~tsseq2seq.nn.losses.SoftDTW`) on the window's scale; ``"smape"``
        (:class:`~tsseq2seq.nn.losses.SMAPE`) and ``"mase"`` (:class:`~tsseq2seq.nn.losses.MASE`) in original
        units; one of these classes with settings; or a :class:`~tsseq2seq.nn.losses.HorizonLoss` or
        :class:`~tsseq2seq.nn.losses.ContextLoss` of your own. None: ``"mae"``, and the output as a whole is
        left open: where most values are 0, and so is their median, :class:`~tsseq2seq.Seq2SeqForecaster`
        forecasts the mean of a distribution instead.

    Examples
    --------
    >>> import torch
    >>> Point("mse").elementwise_loss(torch.tensor([[3.0]]), torch.tensor([1.0])).tolist()
    [4.0]
    """

    loss: str | Callable[[Tensor, Tensor], Tensor] | HorizonLoss | ContextLoss | None = None

    def __post_init__(self) -> None:
        """Check the loss."""
        known = self.loss is None or callable(self.loss) or isinstance(self.loss, HorizonLoss | ContextLoss)
        if not known:
            check_choice("Point", "loss", self.loss, (*LOSSES, *WINDOW_LOSSES))

    @property
    def equivariant(self) -> bool:
        """Whether the loss is the absolute error, whose minimiser is the median."""
        return self.loss in (None, "mae")

    @property
    def elementwise(self) -> bool:
        """Whether the loss is one of single values, known by name."""
        return self.loss is None or (isinstance(self.loss, str) and self.loss in LOSSES)

    @property
    def of_windows(self) -> bool:
        """Whether the loss is one of whole windows."""
        return self._window_loss is not None

    @property
    def context_loss(self) -> ContextLoss | None:
        """The loss, if it reads the context and is in original units."""
        loss = self._window_loss
        return loss if isinstance(loss, ContextLoss) else None

    @property
    def _window_loss(self) -> HorizonLoss | ContextLoss | None:
        """The loss, if it is one of whole windows."""
        if isinstance(self.loss, str):
            return WINDOW_LOSSES.get(self.loss)
        return self.loss if isinstance(self.loss, HorizonLoss | ContextLoss) else None

    def for_season(self, season: int | None) -> Point:
        """Return the output with a loss that knows the seasonal period, if it wants to."""
        loss = self.context_loss
        resolved = None if loss is None else loss.for_season(season)
        return self if resolved is loss else dataclasses.replace(self, loss=resolved)

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
        loss = self._window_loss
        if loss is not None:
            raise TypeError(f"{type(loss).__name__} is the loss of a whole horizon, not of single values")
        chosen = "mae" if self.loss is None else self.loss
        function = LOSSES[chosen] if isinstance(chosen, str) else chosen
        return function(parameters[..., 0], truth)  # type: ignore[operator]

    def losses(
        self,
        parameters: Float[Tensor, "B horizon targets P"],
        truth: Float[Tensor, "B horizon targets"],
        valid: Bool[Tensor, "B horizon targets"],
        unit: Float[Tensor, "B 1 targets"] | None = None,
    ) -> tuple[Float[Tensor, "B *shape"], Bool[Tensor, "B *shape"]]:
        """Return the losses of all values; of a horizon loss, those of all windows with a valid value."""
        loss = self._window_loss
        if isinstance(loss, HorizonLoss):
            return loss.windows(parameters[..., 0], truth, valid), valid.any(dim=2).any(dim=1)
        return self.elementwise_loss(parameters, truth, unit), valid
