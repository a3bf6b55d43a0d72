"""A convolution in front of a recurrence."""

from __future__ import annotations

from typing import Any

from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.nests import Nest
from tsseq2seq.nn.encoders.base import Encoded, Encoder
from tsseq2seq.nn.encoders.convolutional import KERNEL_SIZE, ConvolutionalEncoder
from tsseq2seq.nn.encoders.recurrent import RecurrentEncoder

__all__ = ["ConvolutionalRecurrentEncoder"]


class ConvolutionalRecurrentEncoder(Encoder, name="convolutional+recurrent"):
    """The convolutional encoder finds local patterns, whose order the recurrent encoder then follows.

    Parameters
    ----------
    convolution
        The encoder that reads the inputs.
    recurrence
        The encoder that reads its states.

    Examples
    --------
    >>> import torch
    >>> convolution = ConvolutionalEncoder(input_size=3, hidden_size=4)
    >>> encoder = ConvolutionalRecurrentEncoder(
    ...     convolution, RecurrentEncoder("gru", input_size=4, hidden_size=5)
    ... )
    >>> encoder(torch.zeros(2, 6, 3), torch.tensor([6, 3])).states.shape
    torch.Size([2, 6, 5])
    """

    takes = frozenset({"bidirectional", "kernel_size", "causal", "convolution_layers", "reversed_source"})
    least_width = 2

    def __init__(self, convolution: ConvolutionalEncoder, recurrence: RecurrentEncoder) -> None:
        super().__init__(recurrence.output_size)
        self.convolution = convolution
        self.recurrence = recurrence

    @classmethod
    def from_settings(cls, network: Any, *, input_size: int) -> ConvolutionalRecurrentEncoder:  # noqa: ANN401
        """Build both encoders from the settings of a network."""
        convolution = ConvolutionalEncoder(
            input_size=input_size,
            hidden_size=network.hidden_size,
            num_layers=network.convolution_layers or 1,
            kernel_size=network.kernel_size or KERNEL_SIZE,
            causal=network.causal,
            dropout=network.dropout,
        )
        return cls(convolution, RecurrentEncoder.from_settings(network, input_size=convolution.output_size))

    def final_state(self) -> Nest:
        """Return a final state of the recurrence with 0 rows."""
        return self.recurrence.final_state()

    def forward(self, inputs: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None = None) -> Encoded:
        """Encode."""
        return self.recurrence(self.convolution(inputs, lengths).states, lengths)
