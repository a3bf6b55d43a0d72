"""The convolutional encoder: residual blocks of dilated convolutions over time."""

from __future__ import annotations

from typing import Any

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nn.encoders.base import Encoded, Encoder, length_mask, without_padding

__all__ = ["KERNEL_SIZE", "ConvolutionalEncoder", "receptive_field"]

#: The kernel size that is meant where a network leaves it open.
KERNEL_SIZE = 3


def receptive_field(num_layers: int, kernel_size: int) -> int:
    """Return from how many steps a state is computed: 1 + 2 (kernel size − 1) (2^layers − 1).

    Examples
    --------
    >>> [receptive_field(layers, 3) for layers in (1, 2, 3, 4)]
    [5, 13, 29, 61]
    """
    return 1 + 2 * (kernel_size - 1) * (2**num_layers - 1)


class ConvolutionalEncoder(Encoder, name="convolutional"):
    """Residual blocks of two dilated convolutions each; the dilation doubles from block to block.

    This is the temporal convolutional network, with each step normalised before a block (layer norm) in place
    of weight normalisation, which lets deep stacks train at the learning rates of recurrent networks. Nothing
    is normalised over a batch or over time, so that a row does not depend on other rows or on padding. The
    state of a step depends on 1 + 2 (kernel size − 1) (2^blocks − 1) steps: those up to it if the encoder is
    causal, otherwise those around it.

    Parameters
    ----------
    input_size, hidden_size
        Widths of the inputs and of the states.
    num_layers
        Number of blocks.
    kernel_size
        Steps that one convolution combines.
    causal
        Whether a state depends on earlier steps alone.
    dropout
        Dropout behind each convolution while training.

    References
    ----------
    Bai, Kolter and Koltun, "An empirical evaluation of generic convolutional and recurrent networks for
    sequence modeling" (2018).

    Examples
    --------
    >>> import torch
    >>> encoder = ConvolutionalEncoder(input_size=3, hidden_size=4, num_layers=2)
    >>> encoded = encoder(torch.zeros(2, 5, 3), torch.tensor([5, 3]))
    >>> encoded.states.shape, encoded.final is None
    (torch.Size([2, 5, 4]), True)
    """

    takes = frozenset({"kernel_size", "causal", "reversed_source"})
    is_recurrent = False
    least_width = 2

    def __init__(
        self,
        *,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        kernel_size: int = KERNEL_SIZE,
        causal: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(hidden_size)
        self.read = nn.Identity() if input_size == hidden_size else nn.Linear(input_size, hidden_size)
        self.blocks = nn.ModuleList(
            [
                _Block(hidden_size, kernel_size, dilation=2**layer, causal=causal, dropout=dropout)
                for layer in range(num_layers)
            ]
        )
        self.norm = nn.LayerNorm(hidden_size)

    @classmethod
    def from_settings(cls, network: Any, *, input_size: int) -> ConvolutionalEncoder:  # noqa: ANN401
        """Build the encoder from the settings of a network."""
        return cls(
            input_size=input_size,
            hidden_size=network.hidden_size,
            num_layers=network.num_layers,
            kernel_size=network.kernel_size or KERNEL_SIZE,
            causal=network.causal,
            dropout=network.dropout,
        )

    @classmethod
    def steps_seen(cls, network: Any) -> int:  # noqa: ANN401
        """Return how many steps the state of the last one depends on; half of the field if not causal."""
        kernel_size = network.kernel_size or KERNEL_SIZE
        if network.causal:
            return receptive_field(network.num_layers, kernel_size)
        reaches = ((kernel_size - 1) * 2**layer for layer in range(network.num_layers))
        return 1 + 2 * sum(reach - reach // 2 for reach in reaches)

    def forward(self, inputs: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None = None) -> Encoded:
        """Encode."""
        mask = None if lengths is None else length_mask(lengths, inputs.shape[1])
        states = self.read(without_padding(inputs, mask))
        for block in self.blocks:
            states = block(states, mask)
        return Encoded.of(self.norm(states), mask)


class _Block(nn.Module):
    """Add to the states what two convolutions of the normalised states give, with a ReLU between them."""

    def __init__(self, width: int, kernel_size: int, *, dilation: int, causal: bool, dropout: float) -> None:
        super().__init__()
        self.taps, self.dilation, self.causal = kernel_size, dilation, causal
        self.norm = nn.LayerNorm(width)
        self.first, self.second = (nn.Conv1d(width, width, kernel_size) for _ in range(2))
        self.dropout = dropout

    def forward(
        self, states: Float[Tensor, "B S E"], mask: Bool[Tensor, "B S"] | None
    ) -> Float[Tensor, "B S E"]:
        """Return the states after the block; what padding holds is unspecified."""
        change = functional.relu(self._convolved(self.first, self.norm(states), mask))
        change = functional.dropout(change, self.dropout, self.training)
        change = self._convolved(self.second, change, mask)
        return states + functional.dropout(change, self.dropout, self.training)

    def _convolved(
        self, layer: nn.Conv1d, states: Float[Tensor, "B S E"], mask: Bool[Tensor, "B S"] | None
    ) -> Float[Tensor, "B S E"]:
        states = without_padding(states, mask)  # it reads as what lies beyond the end of a row alone
        # with twice as many steps as there are, all taps but one read zeros already; more only take memory
        dilation = min(self.dilation, 2 * states.shape[1])
        reach = (self.taps - 1) * dilation
        ahead = 0 if self.causal else reach // 2
        padded = functional.pad(states.transpose(1, 2), (reach - ahead, ahead))
        return functional.conv1d(padded, layer.weight, layer.bias, dilation=dilation).transpose(1, 2)
