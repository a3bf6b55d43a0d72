"""Reversed sources: another encoder reads each row from its last valid step to its first."""

from __future__ import annotations

import dataclasses
from typing import Any

from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.nests import Nest
from tsseq2seq.nn.encoders.base import ENCODERS, Encoded, Encoder
from tsseq2seq.nn.encoders.recurrent import reverse_valid

__all__ = ["ReversedEncoder"]


class ReversedEncoder(Encoder):
    """Let an encoder read each row backwards, and put its states back where their inputs stand.

    The beginning of a source is then the last that the encoder reads, and close to the beginning of the
    target. As the states are put back, attention weights refer to the places of the source as it was given.

    Parameters
    ----------
    encoder
        The encoder that reads the reversed rows.

    References
    ----------
    Sutskever, Vinyals and Le, "Sequence to sequence learning with neural networks", NeurIPS 2014, section
    3.3.

    Examples
    --------
    >>> import torch
    >>> from tsseq2seq.nn.encoders.recurrent import RecurrentEncoder
    >>> encoder = ReversedEncoder(RecurrentEncoder("gru", input_size=1, hidden_size=2))
    >>> encoded = encoder(torch.randn(1, 3, 1), torch.tensor([2]))
    >>> torch.equal(encoded.states[:, 0], encoded.last)
    True
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder.output_size)
        self.encoder = encoder

    @classmethod
    def from_settings(cls, network: Any, *, input_size: int) -> ReversedEncoder:  # noqa: ANN401
        """Build the encoder of a network, reversed."""
        return cls(ENCODERS[network.encoder].from_settings(network, input_size=input_size))

    def final_state(self) -> Nest:
        """Return a final state of the encoder with 0 rows."""
        return self.encoder.final_state()

    def forward(self, inputs: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None = None) -> Encoded:
        """Encode."""
        encoded: Encoded = self.encoder(reverse_valid(inputs, lengths), lengths)
        return dataclasses.replace(encoded, states=reverse_valid(encoded.states, lengths))
