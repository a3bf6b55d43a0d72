"""An encoder of your own: one convolution over three segments at a time, in place of a recurrence."""

import torch
from torch import nn
from torch.nn import functional

from tsseq2seq import Network, Seq2SeqForecaster, datasets, load
from tsseq2seq.nn.encoders import Encoded, Encoder, length_mask


class Windowed(Encoder, name="windowed"):
    """Each state sees a segment and the two before it."""

    @classmethod
    def from_settings(cls, network: Network, *, input_size: int) -> "Windowed":
        """Return the encoder that a network's settings describe."""
        return cls(input_size, network.hidden_size)

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__(output_size)
        self.layer = nn.Conv1d(input_size, output_size, kernel_size=3)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor | None = None) -> Encoded:
        """Encode (B, T, I); what lies after the length of a row is padding, and must not be read."""
        mask = None if lengths is None else length_mask(lengths, inputs.shape[1])
        known = inputs if mask is None else inputs.masked_fill(~mask[:, :, None], 0.0)
        padded = functional.pad(known.transpose(1, 2), (2, 0))
        return Encoded.of(torch.relu(self.layer(padded)).transpose(1, 2), mask)


df = datasets.load("air_passengers")
network = Network(encoder="windowed", hidden_size=32, attention="general")
model = Seq2SeqForecaster(horizon=12, network=network).fit(df)
model.save("windowed")
print(load("windowed").predict().head())  # where this class is defined, its models can be loaded
