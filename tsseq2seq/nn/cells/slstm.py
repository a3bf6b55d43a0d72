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
# So low that the first input decides alone, and still a number.
_NOTHING = -1e30


@dataclass(frozen=True)
class SLSTMState:
    """The four states of an sLSTM, (N, H) each; of layers (B, Q, L, H).

    Attributes
    ----------
    hidden
        What the layer gives out.
    cell, normaliser
        Sums of inputs and of gates, both divided by the exponential of the stabiliser.
    stabiliser
        The largest exponent so far, less what was forgotten since.
    """

    hidden: Float[Tensor, "*N H"]
    cell: Float[Tensor, "*N H"]
    normaliser: Float[Tensor, "*N H"]
    stabiliser: Float[Tensor, "*N H"]


class SLSTM(Cell, name="slstm"):
    """One layer of sLSTM, with an exponential input gate and a sigmoid forget gate.

    Hidden states reach the gates within their own head only. There are four heads where the width is a
    multiple of four, otherwise one.

    Parameters
    ----------
    input_size, hidden_size
        Widths of what is read, and of the hidden state.

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
        # (heads, gates, to, from)
        self.kept = nn.Parameter(torch.empty(heads, 4, width, width).uniform_(-bound, bound))

    def first_state(self, like: Float[Tensor, "N ..."]) -> SLSTMState:
        """Return zeros, and a stabiliser that the first input replaces."""
        zeros = super().first_state(like)
        return SLSTMState(zeros, zeros, zeros, torch.full_like(zeros, _NOTHING))

    def step(self, inputs: Float[Tensor, "N I"], state: SLSTMState) -> SLSTMState:
        """Return the state after a step."""
        return self._advance(self.read(inputs), state)

    def run(
        self, inputs: Float[Tensor, "N T I"], state: SLSTMState
    ) -> tuple[Float[Tensor, "N T H"], SLSTMState]:
        """Read all inputs in one product; the gates look at the state, so that steps follow one another."""
        outputs = []
        for read in self.read(inputs).unbind(1):
            state = self._advance(read, state)
            outputs.append(state.hidden)
        return torch.stack(outputs, dim=1), state

    def within_range(self, state: SLSTMState) -> SLSTMState:
        """Bound the hidden state by tanh; the normaliser is at least 1 once something was read."""
        return SLSTMState(
            torch.tanh(state.hidden),
            state.cell,
            1 + functional.softplus(state.normaliser),
            10 * torch.tanh(state.stabiliser / 10),
        )

    def _advance(self, read: Float[Tensor, "N G"], state: SLSTMState) -> SLSTMState:
        heads, _, width, _ = self.kept.shape
        hidden = state.hidden.to(read.dtype).unflatten(-1, (heads, width))
        kept = torch.einsum("nhi,hgoi->ngho", hidden, self.kept.to(read.dtype)).flatten(1)
        # exponents need the range and the precision of float32
        gates = (read + kept).to(torch.promote_types(read.dtype, torch.float32))
        new, enter, forget, leave = gates.chunk(4, dim=-1)
        forget = functional.logsigmoid(forget) + state.stabiliser
        stabiliser = torch.maximum(forget, enter)
        enter, forget = torch.exp(enter - stabiliser), torch.exp(forget - stabiliser)
        cell = forget * state.cell + enter * torch.tanh(new)
        normaliser = forget * state.normaliser + enter
        return SLSTMState(torch.sigmoid(leave) * cell / normaliser, cell, normaliser, stabiliser)
