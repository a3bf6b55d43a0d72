"""Token layers: the embedding of tokens, and the head that scores a vocabulary."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["TokenEmbedding", "TokenHead"]


class TokenEmbedding(nn.Module):
    """A learned vector for each token, with dropout.

    Parameters
    ----------
    vocabulary
        Number of tokens.
    width
        Width of the vectors.
    dropout
        Probability of zeroing an element of a vector.

    Examples
    --------
    >>> TokenEmbedding(10, 4)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, vocabulary: int, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        # of size 1/√width, so that the logits of a tied last layer begin with a size of 1
        self.weight = nn.Parameter(torch.randn(vocabulary, width) / width**0.5)
        self.dropout = dropout
        self.output_size = width

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T W"]:
        """Return the vectors of the tokens."""
        vectors = functional.embedding(tokens, self.weight) * self.output_size**0.5
        return functional.dropout(vectors, self.dropout, self.training)


class TokenHead(nn.Module):
    """Map a decoder state to a logit for each token.

    Parameters
    ----------
    hidden_size
        Width of the decoder's state.
    vocabulary
        Number of tokens.
    embedding
        Embedding whose weights this layer shares (Press & Wolf 2017). If its width differs from the hidden
        size, a linear layer stands between. None: the layer has its own weights.

    Examples
    --------
    >>> TokenHead(8, 10)(torch.zeros(2, 3, 8), None).shape
    torch.Size([2, 3, 10])
    """

    def __init__(self, hidden_size: int, vocabulary: int, embedding: TokenEmbedding | None = None) -> None:
        super().__init__()
        width = hidden_size if embedding is None else embedding.output_size
        self.project = nn.Identity() if width == hidden_size else nn.Linear(hidden_size, width)
        self.weight = nn.Linear(width, vocabulary).weight if embedding is None else embedding.weight
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, hidden: Float[Tensor, "B Q H"], base: None) -> Float[Tensor, "B Q V"]:
        """Return the logits, in float32 at least."""
        logits = functional.linear(self.project(hidden), self.weight, self.bias)
        return logits.to(torch.promote_types(logits.dtype, torch.float32))
