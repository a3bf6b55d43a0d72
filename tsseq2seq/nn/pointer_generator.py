"""The pointer-generator: tokens are written from the vocabulary, or copied from the source (See et al. 2017).

At each decoder step a switch gives the probability of generating, p. The extended vocabulary is that of the
targets and, behind it, the words of the row's own source that it lacks. A token w has the probability::

    P(w) = p · P_vocabulary(w) + (1 − p) · Σ attention weights of the source's places at which w stands

The switch is a part of the decoder, which lays its result and the attention's weights beside the state that
the head reads; the head mixes the two distributions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nn.token_layers import TokenEmbedding, TokenHead

__all__ = ["Copyable", "CopyableEmbedding", "GenerationSwitch", "PointerHead"]


@dataclass(frozen=True)
class Copyable:
    """What can be copied of the sources of a batch.

    Attributes
    ----------
    numbers
        (B, S), the number of each source token in the extended vocabulary.
    missing
        (B, X), True for numbers behind the vocabulary that stand for no word of the row's source; X is the
        largest number of a source's own words.

    Examples
    --------
    >>> Copyable.of(torch.tensor([[4, 9, 10], [5, 5, 0]]), vocabulary=9).missing.tolist()
    [[False, False], [True, True]]
    """

    numbers: Int[Tensor, "B S"]
    missing: Bool[Tensor, "B X"]

    @classmethod
    def of(cls, numbers: Int[Tensor, "B S"], vocabulary: int) -> Copyable:
        """Return what can be copied, given the number of tokens of the target vocabulary."""
        own = (numbers.amax(1) + 1 - vocabulary).clamp(min=0)
        most = int(own.max()) if len(own) else 0
        return cls(numbers, torch.arange(most, device=numbers.device) >= own[:, None])

    def of_rows(self, rows: Int[Tensor, " N"]) -> Copyable:
        """Return what can be copied of some rows, which may occur several times."""
        return Copyable(self.numbers[rows], self.missing[rows])


class CopyableEmbedding(TokenEmbedding):
    """An embedding of tokens of the extended vocabulary: those that were copied are read as unknown.

    Parameters
    ----------
    vocabulary, width, dropout
        As of :class:`~tsseq2seq.nn.token_layers.TokenEmbedding`.
    unknown
        The number of the unknown token.
    """

    def __init__(self, vocabulary: int, width: int, dropout: float = 0.0, *, unknown: int) -> None:
        super().__init__(vocabulary, width, dropout)
        self.unknown = unknown

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T W"]:
        """Return the vectors of the tokens."""
        return super().forward(tokens.masked_fill(tokens >= len(self.weight), self.unknown))


class GenerationSwitch(nn.Module):
    """The log-odds of generating a token rather than copying one.

    Parameters
    ----------
    hidden_size, value_size, input_size
        Widths of what it reads: the recurrent layers' output, what was attended to, and the embedded previous
        token (0 if that is not fed).
    """

    def __init__(self, hidden_size: int, value_size: int, input_size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(hidden_size + value_size + input_size, 1)

    def forward(
        self,
        hidden: Float[Tensor, "B Q H"],
        attended: Float[Tensor, "B Q E"],
        previous: Float[Tensor, "B Q W"] | None,
    ) -> Float[Tensor, "B Q 1"]:
        """Return the log-odds."""
        parts = [hidden, attended] if previous is None else [hidden, attended, previous]
        return self.linear(torch.cat([part.to(hidden.dtype) for part in parts], dim=-1))


class PointerHead(TokenHead):
    """Map a decoder state, the switch and the attention to log-probabilities of the extended vocabulary.

    Parameters
    ----------
    hidden_size, vocabulary, embedding
        As of :class:`~tsseq2seq.nn.token_layers.TokenHead`.
    unknown
        The number of the unknown token.

    References
    ----------
    See, Liu and Manning, "Get to the point: summarization with pointer-generator networks", ACL 2017.

    Examples
    --------
    >>> head = PointerHead(4, 9, unknown=3)
    >>> state, switch = torch.zeros(1, 1, 4), torch.zeros(1, 1, 1)
    >>> weights = torch.tensor([[[0.5, 0.25, 0.25]]])
    >>> scores = head(torch.cat([state, switch, weights], -1), Copyable.of(torch.tensor([[9, 9, 4]]), 9))
    >>> round(scores.exp().sum().item(), 5), round(scores[0, 0, 9].exp().item(), 5)
    (1.0, 0.375)
    """

    def __init__(
        self, hidden_size: int, vocabulary: int, embedding: TokenEmbedding | None = None, *, unknown: int
    ) -> None:
        super().__init__(hidden_size, vocabulary, embedding)
        self.hidden_size = hidden_size
        self.unknown = unknown

    def forward(  # type: ignore[override]
        self, hidden: Float[Tensor, "B Q R"], base: Copyable
    ) -> Float[Tensor, "B Q VX"]:
        """Return the log-probabilities, in float32 at least; −∞ where the source has no such word.

        Parameters
        ----------
        hidden
            The decoder's state, the log-odds of generating and the weights of the source's places, side by
            side: R = H + 1 + S.
        base
            What the places can be copied as.
        """
        scores, generate, copy, mass, _ = self._parts(hidden, base)
        own = base.missing.shape[-1]
        if own:
            scores = functional.pad(scores, (0, own), value=-torch.inf)
        mixed = torch.logaddexp(scores + generate, _log(mass) + copy)
        if not own:
            return mixed
        missing = functional.pad(base.missing, (len(self.bias), 0), value=False)
        return mixed.masked_fill(missing[:, None], -torch.inf)

    def losses(
        self,
        hidden: Float[Tensor, "N R"],
        base: Copyable,
        truth: Int[Tensor, " N"],
        label_smoothing: float,
    ) -> Float[Tensor, " N"]:
        """Return the cross-entropy of each token, as of :meth:`forward`, with the mixture at few words alone.

        Smoothing spreads over the vocabulary: all other words are those of some sources.
        """
        scores, generate, copy, mass, numbers = (part[:, 0] for part in self._parts(hidden[:, None], base))
        size = len(self.bias)

        def mixed(words: Int[Tensor, "N W"]) -> tuple[Tensor, Tensor]:
            # a word outside the vocabulary is not generated
            generated = scores.gather(1, words.clamp(max=size - 1)) + generate
            generated = generated.masked_fill(words >= size, -torch.inf)
            return torch.logaddexp(generated, _log(mass.gather(1, words)) + copy), generated

        true = -mixed(truth[:, None])[0][:, 0]
        if not label_smoothing:
            return true
        # words of the source have more than what is generated; each counts once, wherever it stands
        times = torch.zeros_like(mass).scatter_add(1, numbers, mass.new_ones(numbers.shape))
        both, generated = mixed(numbers)
        outside = numbers >= size
        more = (both - generated.masked_fill(outside, 0.0)) / times.gather(1, numbers)
        more = more.masked_fill(outside, 0.0)
        spread = -(scores.mean(-1) + generate[:, 0] + more.sum(-1) / size)
        return true + label_smoothing * (spread - true)

    def _parts(
        self, hidden: Float[Tensor, "B Q R"], base: Copyable
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Return log-probabilities of tokens, generating and copying; mass by word; the places' words."""
        places = hidden.shape[-1] - self.hidden_size - 1
        state, switch, weights = hidden.split([self.hidden_size, 1, places], dim=-1)
        scores = super().forward(state, None).log_softmax(-1)
        switch, weights = switch.to(scores.dtype), weights.to(scores.dtype)
        numbers = base.numbers[:, None].expand(weights.shape)
        mass = scores.new_zeros(*scores.shape[:-1], len(self.bias) + base.missing.shape[-1])
        mass = mass.scatter_add(-1, numbers, weights)
        # an empty source, or a window beyond the source's end, has nothing to copy
        is_nothing = weights.detach().sum(-1, keepdim=True) <= 0
        generate = functional.logsigmoid(switch).masked_fill(is_nothing, 0.0)
        least = math.log(torch.finfo(scores.dtype).tiny)
        copy = functional.logsigmoid(-switch).masked_fill(is_nothing, least)
        return scores, generate, copy, mass, numbers

    def within_vocabulary(self, scores: Float[Tensor, "*B VX"]) -> Float[Tensor, "*B V"]:
        """Return log-probabilities of the vocabulary alone: what is copied from outside it is unknown."""
        size = len(self.bias)
        inside, outside = scores[..., :size], scores[..., size:].exp().sum(-1)
        unknown = (inside[..., self.unknown].exp() + outside).clamp(min=torch.finfo(scores.dtype).tiny).log()
        is_unknown = torch.arange(size, device=scores.device) == self.unknown
        return torch.where(is_unknown, unknown[..., None], inside)


def _log(mass: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Return logarithms, of 0 that of the smallest number, which has a gradient."""
    return mass.clamp(min=torch.finfo(mass.dtype).tiny).log()
