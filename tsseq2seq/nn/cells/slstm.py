"""sLSTM: an LSTM with exponential gates, a normaliser and a stabiliser."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nn.cells.base import Cell

__all__ = ["SLSTM", "SLSTMState"]

_HEADS = 4
# A stabiliser so low that the first input replaces it, and still finite.
_LOWEST = -1e30


@dataclass(frozen=True)
class SLSTMState:
    """The four states of an sLSTM: (N, H) each, or (B, Q, L, H) for several layers.

    Attributes
    ----------
    hidden
        The output of the layer.
    cell, normaliser
        Gated sums of the inputs, and of the input gates; both divided by the exponential of the stabiliser.
    stabiliser
        The largest exponent of the input gates so far, reduced by the forget gates since.

    Examples
    --------
    >>> from tsseq2seq.nn.cells import SLSTM
    >>> isinstance(SLSTM(2, 3).first_state(torch.zeros(1, 2)), SLSTMState)
    True
    """

    hidden: Float[Tensor, "*N H"]
    cell: Float[Tensor, "*N H"]
    normaliser: Float[Tensor, "*N H"]
    stabiliser: Float[Tensor, "*N H"]


class SLSTM(Cell, name="slstm"):
    """One layer of sLSTM, with an exponential input gate and a sigmoid forget gate.

    The gates of a head depend on the hidden states of that head only. There are four heads if the width is a
    multiple of four, otherwise one.

    Parameters
    ----------
    input_size, hidden_size
        Widths of the inputs, and of the hidden state.

    References
    ----------
    Beck et al., "xLSTM: extended long short-term memory" (2024), equations 8 to 17.

    Examples
    --------
    >>> cell = SLSTM(3, 4)
    >>> cell.run(torch.zeros(2, 5, 3), cell.first_state(torch.zeros(2)))[0].shape
    torch.Size([2, 5, 4])
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        heads = _HEADS if hidden_size % _HEADS == 0 else 1
        width = hidden_size // heads
        self.read = nn.Linear(input_size, 4 * hidden_size)
        bound = width**-0.5
        # (heads, gates, output width, input width)
        self.kept = nn.Parameter(torch.empty(heads, 4, width, width).uniform_(-bound, bound))

    def first_state(self, like: Float[Tensor, "N ..."]) -> SLSTMState:
        """Return zeros, and a stabiliser that the first input replaces."""
        zeros = super().first_state(like)
        return SLSTMState(zeros, zeros, zeros, torch.full_like(zeros, _LOWEST))

    def step(self, inputs: Float[Tensor, "N I"], state: SLSTMState) -> SLSTMState:
        """Return the state after a step."""
        return self._advance(self.read(inputs), state)

    def run(
        self, inputs: Float[Tensor, "N T I"], state: SLSTMState
    ) -> tuple[Float[Tensor, "N T H"], SLSTMState]:
        """Run all T steps: one product for all inputs, then one step after another."""
        outputs = []
        for step_inputs in self.read(inputs).unbind(1):
            state = self._advance(step_inputs, state)
            outputs.append(state.hidden)
        return torch.stack(outputs, dim=1), state

    def within_range(self, state: SLSTMState) -> SLSTMState:
        """Bound the hidden state by tanh, the normaliser by 1 from below, and the stabiliser by ±10."""
        return SLSTMState(
            torch.tanh(state.hidden),
            state.cell,
            1 + functional.softplus(state.normaliser),
            10 * torch.tanh(state.stabiliser / 10),
        )

    def _advance(self, of_inputs: Float[Tensor, "N gates"], state: SLSTMState) -> SLSTMState:
        """Return the state after a step, from the inputs' part of the gates."""
        heads, _, width, _ = self.kept.shape
        hidden = state.hidden.to(of_inputs.dtype).unflatten(-1, (heads, width))
        of_hidden = torch.einsum("nhi,hgoi->ngho", hidden, self.kept.to(of_inputs.dtype)).flatten(1)
        # exponents need the range and the precision of float32
        gates = (of_inputs + of_hidden).to(torch.promote_types(of_inputs.dtype, torch.float32))
        new, input_gate, forget, output = gates.chunk(4, dim=-1)
        forget = functional.logsigmoid(forget) + state.stabiliser
        stabiliser = torch.maximum(forget, input_gate)
        input_gate, forget = torch.exp(input_gate - stabiliser), torch.exp(forget - stabiliser)
        cell = forget * state.cell + input_gate * torch.tanh(new)
        normaliser = forget * state.normaliser + input_gate
        return SLSTMState(torch.sigmoid(output) * cell / normaliser, cell, normaliser, stabiliser)
