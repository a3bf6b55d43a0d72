"""Patches: small convolutions over time and features, in front of an encoder, for pictures and spectrograms.

A picture is read column by column: its columns are the steps, its height is the number of features. A
convolution sees neighbouring columns *and* neighbouring pixels of each; a linear layer would see one column.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nests import Nest
from tsseq2seq.nn.encoders import Encoded, Encoder
from tsseq2seq.nn.encoders.base import length_mask
from tsseq2seq.nn.feature_layers import Standardised
from tsseq2seq.settings import Settings, check_number

__all__ = ["PatchLayers", "PatchedEncoder", "Patches"]


@dataclass(frozen=True)
class Patches(Settings):
    """Settings of convolutions over time and features, in front of the encoder.

    Parameters
    ----------
    channels
        Filters of each layer, from the input on.
    width
        Steps and features that a filter reads, an odd number.
    stride
        Input steps that become one step of the encoder, the first layer's strongest answer among them; 1 to
        keep all. The attention's weights are of these fewer steps.

    Examples
    --------
    >>> Patches(channels=(8, 16)).steps(15)
    8
    """

    channels: Sequence[int] = (16, 32)
    width: int = 3
    stride: int = 2

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        if not isinstance(self.channels, list | tuple):
            raise ParameterTypeError(
                f"Patches: channels is {self.channels!r}; it must be the filters of each layer, like (16, 32)"
            )
        # a saved model holds lists
        object.__setattr__(self, "channels", tuple(self.channels))
        if not self.channels:
            raise ParameterError("Patches: channels is (); it must have a number for at least one layer")
        for number in self.channels:
            check_number("Patches", "channels", number, low=1, integer=True)
        check_number("Patches", "width", self.width, low=1, integer=True)
        check_number("Patches", "stride", self.stride, low=1, integer=True)
        if self.width % 2 == 0:
            raise ParameterError(
                f"Patches: width is {self.width}; it must be odd, so that a patch has a middle step"
            )

    def steps(self, length: Any) -> Any:  # noqa: ANN401 (an int, or a tensor of lengths)
        """Return the number of encoder steps of an input of some length; of many, if it is a tensor."""
        return (length + self.stride - 1) // self.stride


class PatchLayers(nn.Module):
    """Standardised vectors through convolutions over time and features, then a linear layer for each step.

    After each convolution and ReLU the largest of two neighbouring features is kept, and after the first one
    that of ``stride`` steps as well. Before each convolution padding is zero, like what lies beyond both ends
    of a sequence: a sequence has the same vectors alone and in any batch.

    Parameters
    ----------
    patches
        The settings.
    mean, std
        (F,), mean and standard deviation of each feature in training.
    width
        Width of a step's vector.
    dropout
        Probability of zeroing an element of it.

    Examples
    --------
    >>> import torch
    >>> layers = PatchLayers(Patches(channels=(4,)), torch.zeros(8), torch.ones(8), width=6)
    >>> steps, lengths = layers(torch.zeros(2, 15, 8), torch.tensor([15, 3]))
    >>> steps.shape, lengths.tolist()
    (torch.Size([2, 8, 6]), [8, 2])
    """

    def __init__(
        self,
        patches: Patches,
        mean: Float[Tensor, " F"],
        std: Float[Tensor, " F"],
        *,
        width: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.patches = patches
        self.standardised = Standardised(mean, std)
        filters = (1, *patches.channels)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(read, written, patches.width, padding=patches.width // 2)
            for read, written in itertools.pairwise(filters)
        )
        height = len(mean)
        for _ in patches.channels:
            height = (height + 1) // 2
        self.linear = nn.Linear(filters[-1] * height, width)
        self.dropout = dropout
        self.output_size = width

    def forward(
        self, values: Float[Tensor, "B T F"], lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B S W"], Int[Tensor, " B"] | None]:
        """Return the vectors of the encoder's steps, and how many of them are valid in each row.

        Parameters
        ----------
        values
            Feature vectors, valid steps first.
        lengths
            Number of valid steps of each row. None: all steps are valid.
        """
        maps = _without_padding(self.standardised(values)[:, None], lengths)
        for layer, convolution in enumerate(self.convolutions):
            steps = self.patches.stride if layer == 0 else 1
            maps = functional.relu(convolution(maps))
            maps = _without_padding(maps, lengths)
            maps = functional.max_pool2d(maps, (steps, min(2, maps.shape[3])), ceil_mode=True)
            if layer == 0 and lengths is not None:
                lengths = self.patches.steps(lengths)
        vectors = functional.relu(self.linear(maps.transpose(1, 2).flatten(2)))
        return functional.dropout(vectors, self.dropout, self.training), lengths


class PatchedEncoder(Encoder):
    """An encoder of what patches make of its inputs; its states and their mask are of the fewer steps.

    Parameters
    ----------
    patches
        The layers in front.
    encoder
        The encoder of their vectors.
    """

    def __init__(self, patches: PatchLayers, encoder: Encoder) -> None:
        super().__init__(encoder.output_size)
        self.patches = patches
        self.encoder = encoder

    @classmethod
    def from_settings(cls, network: Any, *, input_size: int) -> Encoder:  # noqa: ANN401
        """Refuse: it has no name that a network could choose it by.

        Raises
        ------
        TypeError
            Always.
        """
        raise TypeError("PatchedEncoder is built around an encoder, not from the settings of a network")

    def final_state(self) -> Nest:
        """Return a final state of the encoder with 0 rows."""
        return self.encoder.final_state()

    def forward(self, inputs: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None = None) -> Encoded:
        """Encode."""
        encoded: Encoded = self.encoder(*self.patches(inputs, lengths))
        return encoded


def _without_padding(
    maps: Float[Tensor, "B C T F"], lengths: Int[Tensor, " B"] | None
) -> Float[Tensor, "B C T F"]:
    if lengths is None:
        return maps
    return maps.masked_fill(~length_mask(lengths, maps.shape[2])[:, None, :, None], 0.0)
