"""The encoder interface, and how to add an encoder.

To add one, derive from :class:`Encoder` and give it a name::

    class Averages(Encoder, name="averages"):
        @classmethod
        def from_settings(cls, network, *, input_size):
            return cls(input_size)

        def __init__(self, input_size):
            super().__init__(output_size=input_size)

        def forward(self, inputs, lengths=None):
            mask = None if lengths is None else length_mask(lengths, inputs.shape[1])
            counts = torch.arange(1, inputs.shape[1] + 1)[:, None]
            return Encoded.of(inputs.cumsum(1) / counts, mask)

Then ``Network(encoder="averages")`` uses it. All encoders read ``hidden_size``, ``num_layers``, ``cell`` and
``dropout`` of a network as they like; the settings that only some encoders read are named in
:attr:`Encoder.takes`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tsseq2seq.nests import Nest
from tsseq2seq.nn.registry import Registry

__all__ = ["ENCODERS", "Encoded", "Encoder", "length_mask", "without_padding"]

#: The encoders that ``Network(encoder=…)`` chooses among.
ENCODERS: Registry[type[Encoder]] = Registry("encoder")


def length_mask(lengths: Int[Tensor, " B"], steps: int) -> Bool[Tensor, "B S"]:
    """Return a mask of ``steps`` steps that is True at the first ``lengths[b]`` of row b.

    Examples
    --------
    >>> length_mask(torch.tensor([2, 0]), 3).tolist()
    [[True, True, False], [False, False, False]]
    """
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def without_padding(
    values: Float[Tensor, "B S I"], mask: Bool[Tensor, "B S"] | None
) -> Float[Tensor, "B S I"]:
    """Put zeros into the padding.

    Examples
    --------
    >>> without_padding(torch.ones(1, 2, 1), torch.tensor([[True, False]])).flatten().tolist()
    [1.0, 0.0]
    """
    return values if mask is None else values.masked_fill(~mask[:, :, None], 0.0)


@dataclass(frozen=True)
class Encoded:
    """The result of an encoder.

    Attributes
    ----------
    states
        (B, S, E), the state of each step; 0 at padding.
    mask
        (B, S), True at valid steps; None where all steps are valid.
    last
        (B, E), the state at each row's last valid step; of two directions, where each of them ends. 0 in an
        empty row.
    final
        The recurrent state of all layers there, a nest of (B, 1, L, W) with the directions side by side; None
        of an encoder that has none.

    Examples
    --------
    >>> states = torch.arange(6.0).reshape(1, 3, 2)
    >>> Encoded.of(states, length_mask(torch.tensor([2]), 3)).last.tolist()  # of two valid steps
    [[2.0, 3.0]]
    """

    states: Float[Tensor, "B S E"]
    mask: Bool[Tensor, "B S"] | None
    last: Float[Tensor, "B E"]
    final: Nest = None

    @classmethod
    def of(cls, states: Float[Tensor, "B S E"], mask: Bool[Tensor, "B S"] | None) -> Encoded:
        """Put zeros into the padding, and take the last valid states; there is no final state."""
        if mask is None:
            return cls(states, None, states[:, -1])
        states = without_padding(states, mask)
        index = (mask.sum(1) - 1).clamp(min=0)
        return cls(states, mask, states[torch.arange(len(index), device=index.device), index])


class Encoder(nn.Module, ABC):
    """Encode a padded batch of sequences into one state for each step.

    In each row the valid steps come first, then padding. Padding must be finite, and has no influence on the
    result.

    Parameters
    ----------
    output_size
        Width E of the states.

    Examples
    --------
    >>> from tsseq2seq.nn.network import Network
    >>> Network(encoder="convolutional", kernel_size=3).encoder in ENCODERS
    True
    """

    #: Names of the settings of a network that this encoder reads and others do not, such as
    #: ``"bidirectional"``; a network refuses those that its encoder would ignore.
    takes: ClassVar[frozenset[str]] = frozenset()

    #: Whether ``num_layers`` is the depth of a recurrence, which a decoder of unset depth then has as well.
    is_recurrent: ClassVar[bool] = True

    #: The least ``hidden_size``; a state of width 1 that is normalised over its width would be a constant.
    least_width: ClassVar[int] = 1

    def __init__(self, output_size: int) -> None:
        super().__init__()
        self.output_size = output_size

    def __init_subclass__(cls, name: str | None = None) -> None:
        """Register the class under its name. Without a name it cannot be chosen by settings."""
        super().__init_subclass__()
        if name is not None:
            ENCODERS.add(name, cls)

    @classmethod
    @abstractmethod
    def from_settings(cls, network: Any, *, input_size: int) -> Encoder:  # noqa: ANN401 (Network imports this module)
        """Build the encoder from the settings in a :class:`~tsseq2seq.nn.network.Network`."""

    @abstractmethod
    def forward(self, inputs: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None = None) -> Encoded:
        """Encode.

        Parameters
        ----------
        inputs
            Embedded segments or tokens, valid steps first.
        lengths
            Number of valid steps of each row. None: all steps are valid.
        """

    def final_state(self) -> Nest:
        """Return a final state with 0 rows, for its widths; None for an encoder without a final state."""
        return None

    @classmethod
    def steps_seen(cls, network: Any) -> int | None:  # noqa: ANN401
        """Return how many steps, the last included, the state of the last one depends on; None: on all."""
        return None
