"""Location attention: a convolution over the attention so far enters the score (Chorowski et al. 2015)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.attention.scored import ScoredAttention

__all__ = ["LocationAttention"]

_FILTERS, _REACH = 16, 7


class LocationAttention(ScoredAttention, name="location"):
    """The score is v · tanh(W query + U value + L f), f a convolution over the weights so far.

    The filters see where the attention has been, up to seven places to both sides of each: so a query can be
    "right of what is read already" instead of "the fifth", and reading goes on beyond the longest training
    sequence. As in Tacotron 2 the sum of all earlier weights is convolved, not the last weights alone.

    Parameters
    ----------
    query_size, value_size
        Widths of decoder and encoder states.
    attention_size
        Width of the hidden layer.

    References
    ----------
    Chorowski, Bahdanau, Serdyuk, Cho and Bengio, "Attention-based models for speech recognition", NIPS 2015,
    equation 9; Shen et al., "Natural TTS synthesis by conditioning WaveNet on mel spectrogram predictions",
    ICASSP 2018.

    Examples
    --------
    >>> attention = LocationAttention(query_size=4, value_size=6, attention_size=5)
    >>> keys, values = attention.read(torch.zeros(2, 3, 6), None)
    >>> attention(torch.zeros(2, 7, 4), keys, values, None, coverage=torch.zeros(2, 7, 3))[1].shape
    torch.Size([2, 7, 3])
    """

    has_width = True
    has_hidden_layer = True
    coverage = True

    def __init__(self, *, query_size: int, value_size: int, attention_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, attention_size)
        self.key = nn.Linear(value_size, attention_size, bias=False)
        self.energy = nn.Linear(attention_size, 1, bias=False)
        self.filters = nn.Conv1d(1, _FILTERS, 2 * _REACH + 1, padding=_REACH, bias=False)
        self.location = nn.Linear(_FILTERS, attention_size, bias=False)

    def project(self, values: Float[Tensor, "B S E"]) -> Float[Tensor, "B S A"]:
        """Return the keys, U values."""
        return self.key(values)

    def score(
        self,
        query: Float[Tensor, "B Q H"],
        keys: Float[Tensor, "B S A"],
        coverage: Float[Tensor, "B Q S"] | None = None,
    ) -> Float[Tensor, "B Q S"]:
        """Score each query against each key, given the sum of the query's weights so far."""
        assert coverage is not None
        seen = self.filters(coverage.to(keys.dtype).flatten(0, 1)[:, None])
        located = self.location(seen.transpose(1, 2)).unflatten(0, coverage.shape[:2])
        scores: Tensor = self.energy(torch.tanh(self.query(query)[:, :, None] + keys[:, None] + located))
        return scores[..., 0]
