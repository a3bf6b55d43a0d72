"""Pretrained embeddings: the first vectors of tokens, from a matrix and its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.errors import DataWarning, ParameterError, ParameterTypeError, shown, warn
from tsseq2seq.nn.token_layers import TokenEmbedding

__all__ = ["Embeddings", "Pretrained"]

#: A matrix (words, width), and the word of each row.
Embeddings: TypeAlias = tuple[Any, Sequence[str]]


class Pretrained:
    """Vectors of some tokens of a vocabulary.

    Parameters
    ----------
    name
        The argument, for messages.
    embeddings
        A matrix and its words.
    tokens
        The names of the vocabulary's tokens, in the order of their numbers.
    special
        How many of them, at the beginning, are special tokens, which no word is.
    width
        Width of the embedding layer.

    Raises
    ------
    ParameterError, ParameterTypeError
        If it is not a matrix of finite numbers with a word for each row, its width is not that of the layer,
        or none of its words is in the vocabulary.
    """

    def __init__(
        self, name: str, embeddings: Embeddings, tokens: Sequence[str], *, special: int, width: int
    ) -> None:
        matrix, words = _checked(name, embeddings)
        if matrix.shape[1] != width:
            raise ParameterError(
                f"fit: {name} has vectors of {matrix.shape[1]} numbers, but the embedding is {width} wide; "
                f"set Network(embedding_size={matrix.shape[1]})"
            )
        places = {word: place for place, word in reversed(list(enumerate(words)))}
        found = [number for number in range(special, len(tokens)) if tokens[number] in places]
        if not found:
            raise ParameterError(
                f"fit: none of the {len(words)} words of {name} is a token of the vocabulary, whose first is "
                f"{tokens[special]!r}; give words as the tokenizer writes them"
            )
        if 2 * len(found) < len(tokens) - special:
            warn(
                f"{name} has vectors of {len(found)} of the {len(tokens) - special} tokens of the "
                "vocabulary; those of the others are drawn",
                DataWarning,
            )
        self.tokens: Int[Tensor, " found"] = torch.tensor(found)
        rows = [places[tokens[number]] for number in found]
        self.vectors: Float[Tensor, "found W"] = torch.from_numpy(matrix[rows])

    @torch.no_grad()
    def write(self, layer: TokenEmbedding) -> None:
        """Have a layer return the vectors for their tokens."""
        weight = layer.weight
        vectors = self.vectors / layer.output_size**0.5  # which the layer multiplies by
        weight[self.tokens.to(weight.device)] = vectors.to(weight)


def _checked(name: str, embeddings: Embeddings) -> tuple[np.ndarray, list[str]]:
    """Return the matrix and its words."""
    if not isinstance(embeddings, list | tuple) or len(embeddings) != 2:
        raise ParameterTypeError(f"fit: {name} is {shown(embeddings)}; it must be a pair (matrix, words)")
    matrix = np.asarray(embeddings[0])
    if matrix.ndim != 2 or matrix.dtype.kind not in "fiu":
        raise ParameterTypeError(
            f"fit: {name} has a matrix of shape {matrix.shape} and type {matrix.dtype}; it must have two "
            "dimensions and hold numbers"
        )
    words = embeddings[1]
    if isinstance(words, str) or not all(isinstance(word, str) for word in words):
        raise ParameterTypeError(f"fit: the words of {name} are {shown(words)}; they must be a list of str")
    if len(matrix) != len(words):
        raise ParameterError(f"fit: {name} has {len(matrix)} vectors, but {len(words)} words; each needs one")
    if not np.isfinite(matrix).all():
        row = int(np.flatnonzero(~np.isfinite(matrix).all(axis=1))[0])
        raise ParameterError(f"fit: the vector of {words[row]!r} in {name} has a number that is not finite")
    return matrix.astype(np.float32), list(words)
