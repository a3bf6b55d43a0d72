"""The attention encoder: blocks of self-attention and a feed-forward layer, normalised before each."""

from __future__ import annotations

from typing import Any

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.encoders.base import Encoded, Encoder, length_mask, without_padding
from tsseq2seq.nn.positions import POSITIONS

__all__ = ["AttentionEncoder"]

# The feed-forward layer of Vaswani et al. is so many times as wide as the states.
_FEEDFORWARD = 4


class AttentionEncoder(Encoder, name="attention"):
    """Self-attention over the inputs with their positions (the encoder of a Transformer).

    Each part of a block adds to the states what it makes of the normalised states ("pre-norm"), which trains
    without a long warm-up.

    Parameters
    ----------
    input_size, hidden_size
        Widths of the inputs and of the states.
    num_layers
        Number of blocks.
    heads
        Number of heads, a divisor of ``hidden_size``. None: the largest of 4, 2 and 1 that divides it.
    feedforward_size
        Width of the hidden layer of a block. None: four times ``hidden_size``.
    positions
        Name of the positions, such as ``"sinusoidal"``.
    num_positions
        How many positions there are; needed where positions are learned.
    causal
        Whether a state depends on earlier steps alone.
    dropout
        Dropout of the inputs, the attention's weights and the output of each part while training.

    Raises
    ------
    ParameterError
        If ``hidden_size`` is not a multiple of ``heads``.

    References
    ----------
    Vaswani et al., "Attention is all you need", NeurIPS 2017.
    Xiong et al., "On layer normalization in the Transformer architecture", ICML 2020.

    Examples
    --------
    >>> import torch
    >>> encoder = AttentionEncoder(input_size=3, hidden_size=4)
    >>> encoded = encoder(torch.zeros(2, 5, 3), torch.tensor([5, 3]))
    >>> encoded.states.shape, encoded.final is None
    (torch.Size([2, 5, 4]), True)
    """

    takes = frozenset(
        {"causal", "encoder_heads", "feedforward_size", "positions", "num_positions", "reversed_source"}
    )
    is_recurrent = False
    least_width = 2

    def __init__(
        self,
        *,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        heads: int | None = None,
        feedforward_size: int | None = None,
        positions: str = "sinusoidal",
        num_positions: int | None = None,
        causal: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(hidden_size)
        heads = heads or next(number for number in (4, 2, 1) if hidden_size % number == 0)
        if hidden_size % heads:
            raise ParameterError(
                f"AttentionEncoder: heads is {heads}, but hidden_size is {hidden_size}; it must be a "
                "multiple of heads"
            )
        self.causal = causal
        self.dropout = dropout
        self.read = nn.Identity() if input_size == hidden_size else nn.Linear(input_size, hidden_size)
        self.positions = POSITIONS[positions](width=hidden_size, count=num_positions)
        wide = feedforward_size or _FEEDFORWARD * hidden_size
        self.blocks = nn.ModuleList(
            [_Block(hidden_size, heads, wide, causal=causal, dropout=dropout) for _ in range(num_layers)]
        )
        self.norm = nn.LayerNorm(hidden_size)

    @classmethod
    def from_settings(cls, network: Any, *, input_size: int) -> AttentionEncoder:  # noqa: ANN401
        """Build the encoder from the settings of a network."""
        return cls(
            input_size=input_size,
            hidden_size=network.hidden_size,
            num_layers=network.num_layers,
            heads=network.encoder_heads,
            feedforward_size=network.feedforward_size,
            positions=network.positions or "sinusoidal",
            num_positions=network.num_positions,
            causal=network.causal,
            dropout=network.dropout,
        )

    def forward(self, inputs: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None = None) -> Encoded:
        """Encode."""
        mask = None if lengths is None else length_mask(lengths, inputs.shape[1])
        states = self.positions(self.read(without_padding(inputs, mask)), lengths)
        states = functional.dropout(states, self.dropout, self.training)
        seen = None
        if mask is not None and not self.causal:  # padding comes after all that causal attention sees
            seen = mask.clone()
            seen[:, 0] = True  # a softmax over nothing, in an empty row, is NaN
        for block in self.blocks:
            states = block(states, seen)
        return Encoded.of(self.norm(states), mask)


class _Block(nn.Module):
    """Self-attention, then a feed-forward layer; each adds to the states."""

    def __init__(self, width: int, heads: int, feedforward: int, *, causal: bool, dropout: float) -> None:
        super().__init__()
        self.heads, self.causal, self.dropout = heads, causal, dropout
        self.attention_norm, self.feedforward_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, feedforward), nn.Linear(feedforward, width)

    def forward(
        self, states: Float[Tensor, "B S E"], seen: Bool[Tensor, "B S"] | None
    ) -> Float[Tensor, "B S E"]:
        """Return the states after the block; ``seen`` is True at steps that may be attended to."""
        states = states + self._with_dropout(self._attended(self.attention_norm(states), seen))
        hidden = functional.relu(self.wide(self.feedforward_norm(states)))
        return states + self._with_dropout(self.narrow(self._with_dropout(hidden)))

    def _attended(
        self, states: Float[Tensor, "B S E"], seen: Bool[Tensor, "B S"] | None
    ) -> Float[Tensor, "B S E"]:
        parts = self.query_key_value(states).unflatten(-1, (3, self.heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # (B, heads, S, width of a head) each
        attended = functional.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=None if seen is None else seen[:, None, None],
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=self.causal,
        )
        return self.output(attended.transpose(1, 2).flatten(2))

    def _with_dropout(self, hidden: Tensor) -> Tensor:
        return functional.dropout(hidden, self.dropout, self.training)
