"""The recurrent encoder, unidirectional or bidirectional.

Sequences are not packed, because packed sequences miss torch's fast kernels. In each row the valid steps come
first, and the final state is the state at the last valid step.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nests import Nest, first_leaf, map_nest
from tsseq2seq.nn.cells import RecurrentLayers, build_layers
from tsseq2seq.nn.encoders.base import Encoded, Encoder, length_mask

__all__ = ["RecurrentEncoder", "reverse_valid", "run_to_lengths"]


def reverse_valid(
    values: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None
) -> Float[Tensor, "B S I"]:
    """Reverse the valid steps of each row; padding stays at the end.

    Examples
    --------
    >>> reverse_valid(torch.tensor([[[1.0], [2.0], [0.0]]]), torch.tensor([2])).flatten().tolist()
    [2.0, 1.0, 0.0]
    """
    if lengths is None:
        return values.flip(1)
    step = torch.arange(values.shape[1], device=values.device)
    mirrored = lengths[:, None] - 1 - step
    index = torch.where(mirrored >= 0, mirrored, step)
    return values.gather(1, index[:, :, None].expand_as(values))


def run_to_lengths(
    layers: RecurrentLayers, inputs: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None
) -> tuple[Float[Tensor, "B S H"], Nest]:
    """Run layers from their first state, each row up to its length.

    Without lengths all steps are valid, and one fused call suffices. Otherwise there is one call for each
    distinct length, the shortest first; rows that have reached their length are left out of later calls.

    Returns
    -------
    outputs
        States of the highest layer; 0 at padding.
    final
        State of all layers at the last valid step of each row; the first state in rows of length 0.
    """
    if lengths is None:
        return layers.run(inputs, layers.first_state(inputs))
    order = torch.argsort(lengths, descending=True, stable=True)
    ordered_lengths, ordered = lengths[order], inputs[order]
    state = layers.first_state(ordered)
    pieces: list[Tensor] = []
    finals: list[Nest] = [_rows(state, ordered_lengths == 0)]
    steps_done = 0
    state = _rows(state, ordered_lengths > 0)
    for length in torch.unique(ordered_lengths[ordered_lengths > 0]).tolist():
        rows = int((ordered_lengths >= length).sum())
        outputs, state = layers.run(ordered[:rows, steps_done:length], state)
        pieces.append(functional.pad(outputs, (0, 0, 0, 0, 0, len(ordered) - rows)))
        ends_here = ordered_lengths[:rows] == length
        finals.insert(0, _rows(state, ends_here))
        state = _rows(state, ~ends_here)
        steps_done = length
    if steps_done < inputs.shape[1]:
        pieces.append(ordered.new_zeros(len(ordered), inputs.shape[1] - steps_done, layers.hidden_size))
    inverse = torch.argsort(order)
    final = map_nest(lambda *parts: torch.cat([part.to(inputs.dtype) for part in parts])[inverse], *finals)
    return torch.cat([piece.to(inputs.dtype) for piece in pieces], dim=1)[inverse], final


def _rows(state: Nest, chosen: Bool[Tensor, " B"]) -> Nest:
    return map_nest(lambda leaf: leaf[chosen], state)


class RecurrentEncoder(Encoder, name="recurrent"):
    """One or several recurrent layers, unidirectional or bidirectional.

    Parameters
    ----------
    cell
        Name of the cell, such as ``"lstm"``.
    input_size, hidden_size, num_layers
        Sizes; ``hidden_size`` is the width of one direction.
    bidirectional
        Whether each layer also reads the valid steps of each row backwards.
    dropout
        Dropout between layers while training.

    Examples
    --------
    >>> encoder = RecurrentEncoder("lstm", input_size=3, hidden_size=4, bidirectional=True)
    >>> encoded = encoder(torch.zeros(2, 5, 3), torch.tensor([5, 3]))
    >>> encoded.states.shape, encoded.final.hidden.shape, encoded.mask.sum().item()
    (torch.Size([2, 5, 8]), torch.Size([2, 1, 1, 8]), 8)
    """

    takes = frozenset({"bidirectional", "reversed_source"})

    def __init__(
        self,
        cell: str,
        *,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(hidden_size * (2 if bidirectional else 1))
        self.dropout = dropout
        if not bidirectional:
            layers = build_layers(cell, input_size, hidden_size, num_layers, dropout=dropout)
            self.forwards, self.backwards = nn.ModuleList([layers]), nn.ModuleList()
            return
        # one module a layer, as each layer reads both directions of the one below
        widths = [input_size] + [2 * hidden_size] * (num_layers - 1)
        self.forwards, self.backwards = (
            nn.ModuleList([build_layers(cell, width, hidden_size) for width in widths]) for _ in range(2)
        )

    @classmethod
    def from_settings(cls, network: Any, *, input_size: int) -> RecurrentEncoder:  # noqa: ANN401
        """Build the encoder from the settings of a network."""
        return cls(
            network.cell,
            input_size=input_size,
            hidden_size=network.hidden_size,
            num_layers=network.num_layers,
            bidirectional=network.bidirectional,
            dropout=network.dropout,
        )

    def final_state(self) -> Nest:
        """Return a final state with 0 rows."""
        forwards = [layers.first_state(torch.empty(0, 1)) for layers in self.forwards]  # type: ignore[operator]
        if not self.backwards:
            return forwards[0]
        backwards = [layers.first_state(torch.empty(0, 1)) for layers in self.backwards]  # type: ignore[operator]
        return _joined(forwards, backwards)

    def forward(self, inputs: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None = None) -> Encoded:
        """Encode."""
        mask = None if lengths is None else length_mask(lengths, inputs.shape[1])
        if not self.backwards:
            layers: RecurrentLayers = self.forwards[0]  # type: ignore[assignment]
            states, final = run_to_lengths(layers, inputs, lengths)
            return Encoded(states, mask, layers.output(final)[:, 0], final)
        states = inputs
        lasts, firsts = [], []
        for layer, (forwards, backwards) in enumerate(zip(self.forwards, self.backwards, strict=True)):
            if layer > 0:
                states = functional.dropout(states, self.dropout, self.training)
            ahead, last = run_to_lengths(forwards, states, lengths)  # type: ignore[arg-type]
            behind, first = run_to_lengths(backwards, reverse_valid(states, lengths), lengths)  # type: ignore[arg-type]
            states = torch.cat([ahead, reverse_valid(behind, lengths)], dim=-1)
            lasts.append(last)
            firsts.append(first)
        final = _joined(lasts, firsts)
        return Encoded(states, mask, first_leaf(final)[:, 0, -1], final)


def _joined(forwards: list[Nest], backwards: list[Nest]) -> Nest:
    """Concatenate the widths of the two directions of each layer, and stack the layers."""
    layers = [
        map_nest(lambda *leaves: torch.cat(leaves, dim=-1), *pair)
        for pair in zip(forwards, backwards, strict=True)
    ]
    return map_nest(lambda *each: torch.cat(each, dim=2), *layers)
