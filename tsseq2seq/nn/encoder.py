"""The recurrent encoder: reads a padded batch of sequences into one state a step.

Sequences are never packed: packing leaves the fast kernels. Valid steps stand first in each row,
and the state is taken at the last valid one.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nn.recurrent import RecurrentStack, RecurrentState

__all__ = ["Encoded", "RecurrentEncoder", "length_mask", "reverse_valid", "run_to_lengths"]


@dataclass(frozen=True)
class Encoded:
    """What an encoder leaves to the decoder.

    Attributes
    ----------
    states
        (B, S, E), zero where ``mask`` is False.
    mask
        (B, S), True at valid steps; None where all are.
    final
        State at each row's last valid step, (B, 1, L, E): the directions side by side.
    """

    states: Float[Tensor, "B S E"]
    mask: Bool[Tensor, "B S"] | None
    final: RecurrentState


def length_mask(lengths: Int[Tensor, " B"], steps: int) -> Bool[Tensor, "B S"]:
    """Return a mask that is True at the first ``lengths[b]`` of ``steps`` places.

    Examples
    --------
    >>> length_mask(torch.tensor([2, 0]), 3).tolist()
    [[True, True, False], [False, False, False]]
    """
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def reverse_valid(
    values: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None
) -> Float[Tensor, "B S I"]:
    """Reverse each row's valid part and leave its padding behind it.

    Examples
    --------
    >>> reverse_valid(torch.tensor([[[1.0], [2.0], [0.0]]]), torch.tensor([2])).flatten().tolist()
    [2.0, 1.0, 0.0]
    """
    if lengths is None:
        return values.flip(1)
    place = torch.arange(values.shape[1], device=values.device)
    mirrored = lengths[:, None] - 1 - place
    index = torch.where(mirrored >= 0, mirrored, place)
    return values.gather(1, index[:, :, None].expand_as(values))


def run_to_lengths(
    stack: RecurrentStack, inputs: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None
) -> tuple[Float[Tensor, "B S H"], RecurrentState]:
    """Run a stack from zeros and take each row's state at its last valid step.

    With ``lengths`` None all steps are valid and it is one fused call. Otherwise the rows advance
    together from one distinct length to the next, and those that have ended drop out.

    Returns
    -------
    outputs
        States of the highest layer; zero after a row's end.
    final
        All layers' state at the row's last valid step; zero where the length is 0.
    """
    if lengths is None:
        return stack.run(inputs, stack.zeros(inputs))
    order = torch.argsort(lengths, descending=True, stable=True)
    ordered_lengths, ordered = lengths[order], inputs[order]
    state = stack.zeros(ordered)
    pieces: list[Tensor] = []
    ended: list[RecurrentState] = [_rows(state, ordered_lengths == 0)]
    done = 0
    state = _rows(state, ordered_lengths > 0)
    for length in torch.unique(ordered_lengths[ordered_lengths > 0]).tolist():
        alive = int((ordered_lengths >= length).sum())
        outputs, state = stack.run(ordered[:alive, done:length], state)
        pieces.append(functional.pad(outputs, (0, 0, 0, 0, 0, len(ordered) - alive)))
        ends_here = ordered_lengths[:alive] == length
        ended.insert(0, _rows(state, ends_here))
        state = _rows(state, ~ends_here)
        done = length
    if done < inputs.shape[1]:
        pieces.append(ordered.new_zeros(len(ordered), inputs.shape[1] - done, stack.hidden_size))
    back = torch.argsort(order)
    hidden = torch.cat([part.hidden.to(inputs.dtype) for part in ended])[back]
    cells = [part.cell.to(inputs.dtype) for part in ended if part.cell is not None]
    cell = torch.cat(cells)[back] if cells else None
    return torch.cat([p.to(inputs.dtype) for p in pieces], dim=1)[back], RecurrentState(hidden, cell)


def _rows(state: RecurrentState, chosen: Bool[Tensor, " B"]) -> RecurrentState:
    return RecurrentState(state.hidden[chosen], None if state.cell is None else state.cell[chosen])


class RecurrentEncoder(nn.Module):
    """One or several recurrent layers, forwards or in both directions.

    Parameters
    ----------
    cell
        ``"lstm"``, ``"gru"`` or ``"rnn"``.
    input_size, hidden_size, num_layers
        Sizes; ``hidden_size`` is that of one direction.
    bidirectional
        Whether each layer also reads each row's valid part backwards.
    dropout
        Dropout between layers while training.

    Examples
    --------
    >>> encoder = RecurrentEncoder("lstm", input_size=3, hidden_size=4, bidirectional=True)
    >>> encoded = encoder(torch.zeros(2, 5, 3), torch.tensor([5, 3]))
    >>> encoded.states.shape, encoded.final.hidden.shape, encoded.mask.sum().item()
    (torch.Size([2, 5, 8]), torch.Size([2, 1, 1, 8]), 8)
    """

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
        super().__init__()
        self.dropout = dropout
        self.output_size = hidden_size * (2 if bidirectional else 1)
        if not bidirectional:
            self.forwards = nn.ModuleList(
                [RecurrentStack(cell, input_size=input_size, hidden_size=hidden_size,
                                num_layers=num_layers, dropout=dropout)]
            )  # fmt: skip
            self.backwards = nn.ModuleList()
            return
        widths = [input_size] + [2 * hidden_size] * (num_layers - 1)
        self.forwards, self.backwards = (
            nn.ModuleList([RecurrentStack(cell, input_size=w, hidden_size=hidden_size) for w in widths])
            for _ in range(2)
        )

    def forward(self, inputs: Float[Tensor, "B S I"], lengths: Int[Tensor, " B"] | None = None) -> Encoded:
        """Encode.

        Parameters
        ----------
        inputs
            Embedded segments or tokens; what stands after a row's end must be finite.
        lengths
            Number of valid steps of each row, which stand first. None: all of them.
        """
        mask = None if lengths is None else length_mask(lengths, inputs.shape[1])
        if not self.backwards:
            states, final = run_to_lengths(self.forwards[0], inputs, lengths)  # type: ignore[arg-type]
            return Encoded(states, mask, final)
        states, finals = inputs, []
        for layer, (forwards, backwards) in enumerate(zip(self.forwards, self.backwards, strict=True)):
            if layer > 0:
                states = functional.dropout(states, self.dropout, self.training)
            ahead, last = run_to_lengths(forwards, states, lengths)  # type: ignore[arg-type]
            behind, first = run_to_lengths(backwards, reverse_valid(states, lengths), lengths)  # type: ignore[arg-type]
            states = torch.cat([ahead, reverse_valid(behind, lengths)], dim=-1)
            finals.append(_side_by_side(last, first))
        return Encoded(states, mask, _stack_layers(finals))


def _side_by_side(left: RecurrentState, right: RecurrentState) -> RecurrentState:
    hidden = torch.cat([left.hidden, right.hidden], dim=-1)
    if left.cell is None or right.cell is None:
        return RecurrentState(hidden, None)
    return RecurrentState(hidden, torch.cat([left.cell, right.cell], dim=-1))


def _stack_layers(states: list[RecurrentState]) -> RecurrentState:
    hidden = torch.cat([state.hidden for state in states], dim=2)
    cells = [state.cell for state in states if state.cell is not None]
    return RecurrentState(hidden, torch.cat(cells, dim=2) if cells else None)
