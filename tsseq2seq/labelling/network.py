"""The network of labels: an embedding, an encoder, and a linear layer over its states or their summary."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.context import CONTEXTS, ContextVector
from tsseq2seq.nn.encoders import ENCODERS, Encoder, ReversedEncoder
from tsseq2seq.nn.network import Network

__all__ = ["OF_DECODERS", "LabelNetwork", "build_label_network", "check_label_network"]

#: Settings of a decoder, which labels have none of.
OF_DECODERS = (
    "decoder_hidden_size",
    "decoder_num_layers",
    "initial_state",
    "feed_context",
    "feed_output",
    "feed_base",
    "output_reads",
    "attention",
    "attention_position",
    "attention_size",
    "attention_heads",
    "attention_coverage",
    "attention_alignment",
    "attention_window",
    "input_feeding",
    "copy",
    "decoding",
    "residual",
    "residual_seasons",
    "residual_weights",
)
#: Settings of the summary of a sequence, which labels of steps have none of.
_OF_SUMMARIES = ("context", "context_size")


class LabelNetwork(nn.Module):
    """Score the classes, for each sequence or for each of its steps.

    Parameters
    ----------
    embedding
        Embeds tokens or feature vectors.
    encoder
        Encodes embedded steps.
    context
        Pools the encoder's states; the scores are then of the whole sequence. None: scores of each step.
    classes
        Number of classes K.
    dropout
        Probability of zeroing an element of what the linear layer reads.
    """

    def __init__(
        self,
        *,
        embedding: nn.Module,
        encoder: Encoder,
        context: ContextVector | None,
        classes: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.encoder = encoder
        self.context = context
        self.dropout = dropout
        self.linear = nn.Linear(encoder.output_size if context is None else context.output_size, classes)

    def forward(
        self, source: Int[Tensor, "B T"] | Float[Tensor, "B T F"], lengths: Int[Tensor, " B"]
    ) -> Float[Tensor, "B *T K"]:
        """Return the scores, in float32 at least: (B, K) with a context vector, (B, T, K) without."""
        # without padding one fused call suffices
        valid = None if bool((lengths == source.shape[1]).all()) else lengths
        encoded = self.encoder(self.embedding(source), valid)
        states = encoded.states if self.context is None else self.context(encoded)
        scores = self.linear(functional.dropout(states, self.dropout, self.training))
        return scores.to(torch.promote_types(scores.dtype, torch.float32))


def build_label_network(
    network: Network, embedding: nn.Module, *, width: int, classes: int, per_step: bool
) -> LabelNetwork:
    """Build the network from its settings.

    Parameters
    ----------
    network
        The architecture; ``hidden_size`` must be set.
    embedding, width
        The embedding and its width.
    classes
        Number of classes.
    per_step
        Whether each step is scored.

    Examples
    --------
    >>> from tsseq2seq.nn.token_layers import TokenEmbedding
    >>> network = build_label_network(
    ...     Network(hidden_size=8), TokenEmbedding(10, 4), width=4, classes=3, per_step=False
    ... )
    >>> network(torch.ones(2, 5, dtype=torch.int64), torch.tensor([5, 2])).shape
    torch.Size([2, 3])
    """
    encoder_class = ReversedEncoder if network.reversed_source else ENCODERS[network.encoder]
    encoder: Encoder = encoder_class.from_settings(network, input_size=width)
    context = None
    if not per_step:
        context = CONTEXTS[network.context](value_size=encoder.output_size, context_size=network.context_size)
    return LabelNetwork(
        embedding=embedding, encoder=encoder, context=context, classes=classes, dropout=network.dropout
    )


def check_label_network(owner: str, network: Network, *, per_step: bool) -> None:
    """Refuse settings that nothing would read: those of a decoder, and for steps those of a summary.

    Raises
    ------
    ParameterError
        Naming the first that is neither left at its default nor None.
    """
    if network.embedding_size == 0:
        raise ParameterError(
            f"{owner}: network has embedding_size=0, but sequences to label are embedded; it must be at "
            "least 1, or None"
        )
    default = Network()
    unread = (*OF_DECODERS, *(_OF_SUMMARIES if per_step else ()))
    for name in unread:
        value = getattr(network, name)
        if value is not None and value != getattr(default, name):
            why = "a label for each step has no context vector" if name in _OF_SUMMARIES else "has no decoder"
            raise ParameterError(f"{owner}: network has {name}={value!r}, but {why}; leave {name} out")
