"""An encoder–decoder without its head: its outputs are the hidden states that the head would read.

The head of a large vocabulary costs more than all other layers. In training it is applied once, to all
tokens that are not padding, or only to a sample of the vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from tsseq2seq.nn.decoder_alone import DecoderAlone
from tsseq2seq.nn.decoder_inputs import Steps
from tsseq2seq.nn.decoder_state import DecoderState, Memory
from tsseq2seq.nn.encoder_decoder import EncoderDecoder

__all__ = ["Headless"]


@dataclass(frozen=True)
class Headless:
    """A network up to its head, as a :class:`~tsseq2seq.decoding.stepper.FusedStepper`.

    Parameters
    ----------
    network
        The network; its decoder must have no residual.

    Raises
    ------
    TypeError
        If the decoder has a residual: the head would add its output to the base.

    Examples
    --------
    >>> import torch
    >>> from tsseq2seq.nn.network import Network
    >>> from tsseq2seq.translation.network import TokenShape, build_translator
    >>> network = build_translator(Network(hidden_size=8, residual=None), TokenShape(20, 30))
    >>> states = Headless(network)
    >>> state, memory = states.start(network.encode(torch.ones(5, 3, dtype=torch.int64)))
    >>> states.step(torch.ones(5, 1, dtype=torch.int64), 0, state, memory)[0].shape
    torch.Size([5, 1, 8])
    """

    network: EncoderDecoder | DecoderAlone

    def __post_init__(self) -> None:
        """Refuse a network with a residual."""
        if self.network.decoder.residual is not None:
            raise TypeError("the network adds its head's output to a residual; it must have residual=None")

    @property
    def fused(self) -> bool:
        """Whether :meth:`run` may be used."""
        return self.network.fused

    @property
    def parallel(self) -> bool:
        """Whether all decoder steps run at once."""
        return self.network.parallel

    def start(self, encoding: Any) -> tuple[DecoderState, Memory]:  # noqa: ANN401 (as the protocol says)
        """Return the state before the first decoder step, and the memory."""
        return self.network.start(encoding)

    def step(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Float[Tensor, "B Q H"], DecoderState, Float[Tensor, "B Q S"] | None]:
        """Advance every query by one decoder step."""
        return self.network.decoder.hidden_step(previous, t, state, memory)

    def run(
        self, previous: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Float[Tensor, "B T H"], DecoderState, Float[Tensor, "B T S"] | None]:
        """Run decoder steps whose previous outputs are known."""
        return self.network.decoder.hidden_run(previous, state, memory)
