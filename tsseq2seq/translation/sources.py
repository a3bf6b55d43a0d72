"""What a network that writes tokens may read: tokens, or anything else that says how it is embedded."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, Protocol, runtime_checkable

from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.token_layers import TokenEmbedding
from tsseq2seq.translation.network import SourceLayers, embedding_width

__all__ = ["Source", "source_layers"]


@runtime_checkable
class Source(Protocol):
    """A kind of source as a fit has measured it: the tokeniser of sentences, say.

    To add a kind, write such a class and register its layers with :func:`source_layers`. No other place of
    the engine asks which kind it serves.
    """

    def to_parts(self) -> dict[str, Any]:
        """Return the parts for JSON."""
        ...


@singledispatch
def source_layers(source: Source, network: Network) -> SourceLayers:
    """Return untrained layers that read sources of a kind.

    Parameters
    ----------
    source
        The kind.
    network
        The architecture; ``hidden_size`` must be set.

    Raises
    ------
    TypeError
        If no layers are registered for the kind.

    Examples
    --------
    >>> from tsseq2seq.data.text.tokenizers import build_tokenizer
    >>> source_layers(build_tokenizer("char", ["ab"]), Network(hidden_size=8)).embedding.weight.shape
    torch.Size([6, 8])
    """
    raise TypeError(f"no layers are registered for sources of the kind {type(source).__name__}")


@source_layers.register
def _of_tokens(source: TextTokenizer, network: Network) -> SourceLayers:
    embedding = TokenEmbedding(source.vocabulary_size, embedding_width(network), network.dropout)
    return SourceLayers(embedding, embedding.output_size)
