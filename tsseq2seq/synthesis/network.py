"""The network of a synthesizer: tokens are encoded, and frames are decoded, several a step."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.composing import compose
from tsseq2seq.nn.decoder_inputs import PreviousOutput
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.token_layers import TokenEmbedding

__all__ = ["FrameHead", "PreNet", "build_synthesis_network", "check_synthesis_network"]


class PreNet(nn.Module):
    """Two linear layers with ReLU and dropout, through which the last frame enters the next decoder step.

    A frame is much like the one before it. Dropout makes it hard to copy, so that the decoder has to attend
    to the text.

    Parameters
    ----------
    features
        Numbers of a frame, F.
    width
        Width of both layers.
    dropout
        Probability of zeroing an activation in training.

    References
    ----------
    Wang et al., "Tacotron: towards end-to-end speech synthesis", Interspeech 2017, section 3.3.

    Examples
    --------
    >>> import torch
    >>> PreNet(3, 8, 0.5)(torch.zeros(2, 5, 3)).shape
    torch.Size([2, 5, 8])
    """

    def __init__(self, features: int, width: int, dropout: float) -> None:
        super().__init__()
        self.first = nn.Linear(features, width)
        self.second = nn.Linear(width, width)
        self.dropout = dropout

    def forward(self, frames: Float[Tensor, "B T F"]) -> Float[Tensor, "B T W"]:
        """Return the embedded frames."""
        hidden = frames
        for layer in (self.first, self.second):
            hidden = functional.dropout(functional.relu(layer(hidden)), self.dropout, self.training)
        return hidden


class FrameHead(nn.Module):
    """Map a decoder state to the frames of a step, each with a logit of being the last of its text.

    Parameters
    ----------
    hidden_size
        Width of the decoder's state.
    features
        Numbers of a frame, F.
    frames_per_step
        Frames of a decoder step, r (Wang et al. 2017, section 3.3).

    Examples
    --------
    >>> import torch
    >>> FrameHead(8, features=3, frames_per_step=2)(torch.zeros(2, 5, 8), None).shape
    torch.Size([2, 5, 2, 4])
    """

    def __init__(self, hidden_size: int, *, features: int, frames_per_step: int) -> None:
        super().__init__()
        self.linear = nn.Linear(hidden_size, frames_per_step * (features + 1))
        self.frames_per_step = frames_per_step

    def forward(self, hidden: Float[Tensor, "B Q H"], base: None) -> Float[Tensor, "B Q r values"]:
        """Return F numbers of each frame, and behind them its logit, in float32 at least."""
        outputs: Tensor = self.linear(hidden).unflatten(-1, (self.frames_per_step, -1))
        return outputs.float() if outputs.element_size() < 4 else outputs


def build_synthesis_network(
    network: Network, *, vocabulary: int, features: int, frames_per_step: int, prenet_dropout: float
) -> EncoderDecoder:
    """Compose an encoder–decoder from tokens to frames.

    Parameters
    ----------
    network
        The architecture; ``hidden_size`` must be set. Embedding and pre-net have this width if
        ``embedding_size`` is None.
    vocabulary
        Number of tokens.
    features, frames_per_step
        As of :class:`FrameHead`.
    prenet_dropout
        Dropout of the :class:`PreNet`.

    Examples
    --------
    >>> import torch
    >>> model = build_synthesis_network(
    ...     Network(hidden_size=8), vocabulary=9, features=3, frames_per_step=2, prenet_dropout=0.5
    ... )
    >>> state, memory = model.start(model.encode(torch.ones(5, 4, dtype=torch.int64)))
    >>> model.step(torch.zeros(5, 1, 3), 0, state, memory)[0].shape
    torch.Size([5, 1, 2, 4])
    """
    width = network.embedding_size or network.hidden_size or 0
    embedding = TokenEmbedding(vocabulary, width, network.dropout)
    decoder_width = network.decoder_hidden_size or network.hidden_size or 0
    return compose(
        network,
        embedding=embedding,
        embedding_size=width,
        inputs=[(PreviousOutput(PreNet(features, width, prenet_dropout)), width)],
        head=FrameHead(decoder_width, features=features, frames_per_step=frames_per_step),
    )


def check_synthesis_network(owner: str, network: Network) -> None:
    """Refuse settings that frames written one after another from texts cannot have.

    Raises
    ------
    ParameterError
        Naming the first.
    """
    if network.decoding == "parallel":
        raise ParameterError(f"{owner}: network has decoding='parallel'; it must be 'autoregressive'")
    if not network.feed_output:
        raise ParameterError(
            f"{owner}: network has feed_output=False, but each frame goes on from the one before; it must be "
            "True"
        )
    if network.embedding_size == 0:
        raise ParameterError(
            f"{owner}: network has embedding_size=0, but tokens are embedded; it must be at least 1, or None"
        )
    if network.copy:
        raise ParameterError(
            f"{owner}: network has copy=True, but frames are no words that could be copied; it must be False"
        )
    usual = Network()
    for field in ("residual", "residual_seasons", "residual_weights"):
        value = getattr(network, field)
        if value is not None and value != getattr(usual, field):
            raise ParameterError(
                f"{owner}: network has {field}={value!r}, but frames are added to no base; leave it out"
            )
