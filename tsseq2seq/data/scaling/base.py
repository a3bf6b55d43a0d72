"""The scaling interface: how windows reach the size that a network works at, and back."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.offending_value import offending_value
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.scaling.scale import Scale
from tsseq2seq.data.scaling.statistics import without_rounding
from tsseq2seq.errors import DataError
from tsseq2seq.settings import Settings

__all__ = ["Scaling"]


@dataclass(frozen=True)
class Scaling(Settings, ABC):
    """How each context is scaled by its own statistics, so that one model serves series of any level.

    A subclass is a frozen dataclass whose fields are its parameters. It gives a name and :meth:`fit`, and
    says what differs from the defaults below. Only what lies before the cutoff may touch a statistic.

    Attributes
    ----------
    name : str
        What messages call it.
    needs_history : bool
        Whether batches must carry statistics of the whole history. False.
    capturable : bool
        Whether its statistics can be taken inside a CUDA graph: nothing that waits for the device. True.
    centred : bool
        Whether zero may become another number. True; counts need False.
    linear : bool
        Whether values are only shifted and divided, not transformed as by a logarithm. True.
    above : float
        What all values must be above. −∞: any value will do.

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
        """Refuse a class without a name, which messages would miss."""
        if not isinstance(getattr(cls, "name", None), str):
            raise TypeError(f"{cls.__name__} has no name; a scaling has a class attribute name, a str")
        super().__init_subclass__()

    @abstractmethod
    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Take the statistics of a batch's contexts.

        Returns
        -------
        scale
            One map for each row and target.
        numbers
            (B, C, Y), what :meth:`Scale.normalise <tsseq2seq.data.scaling.scale.Scale.normalise>` takes: the
            contexts, transformed already if the scale transforms, so that it is not done twice.
        """

    def scale_context(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Take the statistics of a batch's contexts, and scale the contexts by them.

        Returns
        -------
        scale
            One map for each row and target.
        context
            (B, C, Y), the contexts on the network's scale; where nothing was observed they mean nothing.
        """
        scale, numbers = self.fit(batch)
        return scale, scale.normalise(numbers)

    def check(self, panel: Panel) -> None:
        """Refuse series that cannot be scaled: by default those with a value that is not :attr:`above`.

        Raises
        ------
        DataError
            Naming the first offending value.
        """
        if self.above == -math.inf:
            return
        # what was not observed is 0 in the panel, which is the first value
        lowest = panel.unit * torch.segment_reduce(panel.values, "min", offsets=panel.offsets).double()
        low = (without_rounding(panel.origin + lowest, panel.origin) <= self.above).any(1)
        if low.any():
            series = int(low.int().argmax())
            values = panel.original(series)
            where = offending_value(panel, series, values, values <= self.above)
            raise DataError(
                f"scaling is {self.name!r}, but {where}; all values must be above {self.above:g} (any will "
                "do with scaling='window')"
            )
