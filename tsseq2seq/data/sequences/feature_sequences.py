"""Sequences of feature vectors of different lengths, one after the other in one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.series_rows import row_offsets

__all__ = ["FeatureSequences"]


@dataclass(frozen=True)
class FeatureSequences:
    """Sequences of feature vectors, one after the other.

    They are to features what :class:`~tsseq2seq.data.text.token_pairs.TokenSequences` are to tokens: both can
    be the sources of :class:`~tsseq2seq.data.text.token_pairs.TokenPairs`.

    Attributes
    ----------
    values
        (steps, F), the vectors of all sequences.
    offsets
        (sequences + 1,), the start of each sequence; the last entry is the number of steps.

    Examples
    --------
    >>> sequences = FeatureSequences.of([np.ones((3, 2)), np.zeros((1, 2))])
    >>> values, lengths = sequences.pad(torch.tensor([1, 0]))
    >>> values.shape, lengths.tolist()
    (torch.Size([2, 3, 2]), [1, 3])
    """

    #: What its steps are called in messages, and how to have fewer than a number of them.
    unit: ClassVar[str] = "steps"
    shortening: ClassVar[str] = "give at most {} of each source"

    values: Float[Tensor, "steps F"]
    offsets: Int[Tensor, " offsets"]

    @classmethod
    def of(cls, arrays: Sequence[np.ndarray]) -> FeatureSequences:
        """Return the sequences of arrays (T, F) of numbers, as 32-bit floats.

        Parameters
        ----------
        arrays
            At least one array, all with F columns; :func:`~tsseq2seq.data.sequences.checked.checked_arrays`
            returns such.
        """
        offsets = row_offsets(np.fromiter(map(len, arrays), np.int64, len(arrays)))
        values = np.concatenate([array.astype(np.float32) for array in arrays])
        return cls(torch.from_numpy(values), torch.from_numpy(offsets))

    def __len__(self) -> int:
        """Return the number of sequences."""
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> Float[Tensor, "T F"]:
        """Return the vectors of one sequence."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"sequence {index} of {len(self)}")
        return self.values[self.offsets[index % len(self)] : self.offsets[index % len(self) + 1]]

    @property
    def lengths(self) -> Int[Tensor, " sequences"]:
        """Number of steps of each sequence."""
        return self.offsets.diff()

    @property
    def steps(self) -> int:
        """Number of steps of all sequences."""
        return len(self.values)

    @property
    def width(self) -> int:
        """Number of features F."""
        return self.values.shape[1]

    @property
    def device(self) -> torch.device:
        """The device of the vectors."""
        return self.values.device

    def pad(
        self, index: Int[Tensor, " B"], padding: str = "back"
    ) -> tuple[Float[Tensor, "B T F"], Int[Tensor, " B"]]:
        """Return some sequences padded with zeros at the back, and their lengths.

        Parameters
        ----------
        index
            Numbers of the sequences, from 0, on any device.
        padding
            Must be ``"back"``; tokens can also be padded at the front.

        Returns
        -------
        values
            (B, T, F), with T the length of the longest sequence, at least 1.
        lengths
            (B,), steps of each row without padding.
        """
        if padding != "back":
            raise ValueError(f"padding is {padding!r}; sequences of features are padded at the back")
        index = index.to(self.offsets.device)
        start = self.offsets[index]
        lengths = self.offsets[index + 1] - start
        width = max(1, int(lengths.max())) if len(index) else 1
        positions = torch.arange(width, device=index.device).expand(len(index), width)
        inside = positions < lengths[:, None]
        if not len(self.values):
            return self.values.new_zeros(*positions.shape, self.width), lengths
        rows = (start[:, None] + positions).clamp(0, len(self.values) - 1)
        return self.values[rows].masked_fill(~inside[..., None], 0.0), lengths

    def subset(self, index: Int[Tensor, " B"]) -> FeatureSequences:
        """Return some sequences, in the order of their numbers in ``index``."""
        index = index.to(self.offsets.device)
        lengths = self.lengths[index]
        offsets = torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])
        shift = (self.offsets[index] - offsets[:-1]).repeat_interleave(lengths)
        return FeatureSequences(self.values[torch.arange(len(shift), device=shift.device) + shift], offsets)

    def to(self, device: torch.device) -> FeatureSequences:
        """Return the sequences with their tensors on a device."""
        return FeatureSequences(self.values.to(device), self.offsets.to(device))
