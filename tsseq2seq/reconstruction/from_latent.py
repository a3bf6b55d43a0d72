"""FromLatent: a decoder that starts from a latent vector, wherever that comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from tsseq2seq.nn.decoder_inputs import Steps
from tsseq2seq.nn.decoder_state import DecoderState, Memory
from tsseq2seq.nn.encoder_decoder import EncoderDecoder

__all__ = ["FromLatent"]


@dataclass(frozen=True)
class FromLatent:
    """The decoder of a network with a bottleneck, as a :class:`~tsseq2seq.decoding.stepper.FusedStepper`.

    Parameters
    ----------
    network
        The network; nothing but its context vector leads from the encoder to the decoder.
    """

    network: EncoderDecoder

    @property
    def fused(self) -> bool:
        """Whether :meth:`run` may be used."""
        return self.network.fused

    @property
    def parallel(self) -> bool:
        """Whether all decoder steps run at once."""
        return self.network.parallel

    def start(self, encoding: Any) -> tuple[DecoderState, Memory]:  # noqa: ANN401 (as the protocol says)
        """Return the state before the first step; ``encoding`` is latent vectors, and covariates or None."""
        latent, covariates = encoding
        state = DecoderState(self.network.first_state(None, latent))
        return state, Memory(latent, covariates=covariates)

    def step(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B Q S"] | None]:
        """Advance every query by one decoder step."""
        return self.network.step(previous, t, state, memory)

    def run(
        self, previous: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B T S"] | None]:
        """Run decoder steps whose previous outputs are known."""
        return self.network.run(previous, state, memory)
