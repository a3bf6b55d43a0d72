"""The interface of scalings, which bring windows to a size that networks work well with, and back."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.offending_value import describe_offending_value
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.scaling.scale import Scale
from tsseq2seq.data.scaling.statistics import without_rounding
from tsseq2seq.errors import DataError
from tsseq2seq.settings import Settings

__all__ = ["Scaling"]


@dataclass(frozen=True)
class Scaling(Settings, ABC):
    """How each window is scaled by statistics of its context, so that one model serves series of any level.

    A subclass is a frozen dataclass whose fields are its parameters. It defines a name and :meth:`fit`, and
    overrides those defaults below that do not hold. Statistics must use values before the cutoff only.

    Attributes
    ----------
    name : str
        The name in messages.
    needs_history : bool
        Whether batches must carry statistics of the whole history. False.
    capturable : bool
        Whether :meth:`fit` can run inside a CUDA graph, in which nothing may wait for the device. True.
    centred : bool
        Whether zero may become another number. True; outputs of counts need False.
    linear : bool
        Whether values are only shifted and divided, not transformed as by a logarithm. True.
    above : float
        The bound that all values must exceed. −∞: no bound.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Thousands(Scaling):
    ...     name = "thousands"
    ...     centred = False
    ...     size: float = 1000.0
    ...
    ...     def fit(self, batch):
    ...         return Scale.from_size(batch, self.size), batch.context
    >>> from tsseq2seq import Seq2SeqForecaster
    >>> Seq2SeqForecaster(12, scaling=Thousands()).set_params(scaling__size=500.0).scaling
    Thousands(size=500.0)
    """

    name: ClassVar[str]
    needs_history: ClassVar[bool] = False
    capturable: ClassVar[bool] = True
    centred: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    above: ClassVar[float] = -math.inf

    def __init_subclass__(cls) -> None:
        """Refuse a subclass without a name, which messages need."""
        if not isinstance(getattr(cls, "name", None), str):
            raise TypeError(f"{cls.__name__} has no name; a scaling has a class attribute name, a str")
        super().__init_subclass__()

    @abstractmethod
    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Compute the scale of each context of a batch.

        Returns
        -------
        scale
            One map for each row and target.
        numbers
            (B, C, Y), the contexts for :meth:`Scale.normalise
            <tsseq2seq.data.scaling.scale.Scale.normalise>`. If the scale has a transformation, they are
            already transformed, so that it is not done twice.
        """

    def scale_context(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Compute the scale of each context of a batch, and scale the contexts.

        Returns
        -------
        scale
            One map for each row and target.
        context
            (B, C, Y), the contexts as the network reads them; arbitrary numbers where the mask is False.
        """
        scale, numbers = self.fit(batch)
        return scale, scale.normalise(numbers)

    def check(self, panel: Panel) -> None:
        """Refuse series that cannot be scaled. By default, every value must exceed :attr:`above`.

        Raises
        ------
        DataError
            Naming the first offending value.
        """
        if self.above == -math.inf:
            return
        # a missing value is 0 in the panel, which stands for the first observed value, so it does no harm
        lowest = panel.unit * torch.segment_reduce(panel.values, "min", offsets=panel.offsets).double()
        low = (without_rounding(panel.origin + lowest, panel.origin) <= self.above).any(1)
        if low.any():
            series = int(low.int().argmax())
            values = panel.original(series)
            offence = describe_offending_value(panel, series, values, values <= self.above)
            raise DataError(
                f"scaling is {self.name!r}, but {offence}; all values must be above {self.above:g} "
                "(scaling='window' accepts any value)"
            )
