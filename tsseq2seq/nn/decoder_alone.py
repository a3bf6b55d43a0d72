"""A decoder without an encoder, for language models."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tsseq2seq.nn.decoder import Decoder
from tsseq2seq.nn.decoder_inputs import Steps
from tsseq2seq.nn.decoder_state import DecoderState, Memory
from tsseq2seq.nn.encoder_decoder import Encoding
from tsseq2seq.nn.encoders import Encoded

__all__ = ["DecoderAlone"]


class DecoderAlone(nn.Module):
    """A decoder that starts from the first state of its cell.

    It is a :class:`~tsseq2seq.decoding.stepper.FusedStepper`, as an encoder–decoder is.

    Parameters
    ----------
    decoder
        The decoder, without attention.

    Examples
    --------
    >>> from tsseq2seq.language.network import build_language_network
    >>> from tsseq2seq.nn.network import Network
    >>> network = build_language_network(Network(hidden_size=8, residual=None), 30)
    >>> state, memory = network.start(network.encode(torch.zeros(5, 0, dtype=torch.int64)))
    >>> network.step(torch.ones(5, 1, dtype=torch.int64), 0, state, memory)[0].shape
    torch.Size([5, 1, 30])
    """

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    @property
    def fused(self) -> bool:
        """Whether :meth:`run` may be used."""
        return self.decoder.fused

    @property
    def parallel(self) -> bool:
        """Whether all decoder steps run at once."""
        return self.decoder.parallel

    def encode(self, inputs: Tensor, lengths: Int[Tensor, " B"] | None = None) -> Encoding:
        """Return one step of zeros for each row: nothing of ``inputs`` but their number is read."""
        weight = next(self.decoder.parameters())
        nothing = torch.zeros(len(inputs), 1, 1, device=inputs.device, dtype=weight.dtype)
        return Encoding(Encoded.of(nothing, None))

    def start(self, encoding: Any) -> tuple[DecoderState, Memory]:  # noqa: ANN401 (as the protocol says)
        """Return the state before the first decoder step, with one query a row, and the memory."""
        nothing = encoding.encoded.last
        return DecoderState(self.decoder.recurrent.first_state(nothing)), Memory(nothing)

    def step(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B Q S"] | None]:
        """Advance every query by one decoder step; see :meth:`Decoder.step`."""
        return self.decoder.step(previous, t, state, memory)

    def run(
        self, previous: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B T S"] | None]:
        """Run decoder steps whose previous outputs are known; see :meth:`Decoder.run`."""
        return self.decoder.run(previous, state, memory)
