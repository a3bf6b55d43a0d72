"""Building the network of a language model: a decoder alone."""

from __future__ import annotations

from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.cells import build_layers
from tsseq2seq.nn.decoder import Decoder
from tsseq2seq.nn.decoder_alone import DecoderAlone
from tsseq2seq.nn.decoder_inputs import PreviousOutput
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.token_layers import TokenEmbedding, TokenHead
from tsseq2seq.translation.defaults import ResolvedTokenSettings
from tsseq2seq.translation.model import TokenModel
from tsseq2seq.translation.training_losses import TrainingLosses

__all__ = ["build_language_model", "build_language_network", "check_without_encoder"]

# Settings that say something of an encoder, or of what is read of it, with the only values that make sense.
_WITHOUT_ENCODER = {
    "encoder": "recurrent",
    "bidirectional": False,
    "attention": None,
    "context": "last",
    "context_size": None,
    "feed_context": False,
    "feed_output": True,
    "decoding": "autoregressive",
}


def check_without_encoder(network: Network) -> None:
    """Refuse settings of an encoder: a language model reads nothing but its own tokens.

    Raises
    ------
    ParameterError
        Naming the first such setting.
    """
    for name, only in _WITHOUT_ENCODER.items():
        value = getattr(network, name)
        if value != only:
            raise ParameterError(
                f"Seq2SeqLanguageModel: network has {name}={value!r}, but a language model has no encoder; "
                f"it must be {only!r}"
            )


def build_language_network(network: Network, vocabulary: int, *, tied: bool = False) -> DecoderAlone:
    """Compose a decoder alone.

    Parameters
    ----------
    network
        The architecture; ``hidden_size`` must be set. The embedding has this width if ``embedding_size`` is
        None.
    vocabulary
        Number of tokens.
    tied
        Whether the last layer shares the weights of the embedding.
    """
    width = network.decoder_hidden_size or network.hidden_size or 0
    embedding = TokenEmbedding(vocabulary, network.embedding_size or width, network.dropout)
    layers = build_layers(
        network.cell,
        embedding.output_size,
        width,
        network.decoder_num_layers or network.num_layers,
        dropout=network.dropout,
    )
    return DecoderAlone(
        Decoder(
            inputs=[PreviousOutput(embedding)],
            recurrent=layers,
            head=TokenHead(width, vocabulary, embedding if tied else None),
            dropout=network.dropout,
        )
    )


def build_language_model(
    resolved: ResolvedTokenSettings,
    source: TextTokenizer,
    target: TextTokenizer,
    losses: TrainingLosses | None = None,
) -> TokenModel:
    """Build an untrained model; there are no sources, so that ``source`` is not looked at."""
    network = build_language_network(
        resolved.network, target.vocabulary_size, tied=bool(resolved.output.tied)
    )
    return TokenModel(network, resolved.output, losses)
