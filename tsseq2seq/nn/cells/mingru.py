"""minGRU: a gated recurrent unit whose gates depend on the inputs alone, so that all steps run at once."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.cells.base import Cell

__all__ = ["MinGRU", "linear_scan"]


def linear_scan(
    kept: Float[Tensor, "N T H"], added: Float[Tensor, "N T H"], first: Float[Tensor, "N H"]
) -> Float[Tensor, "N T H"]:
    """Return h[t] = kept[t] · h[t − 1] + added[t] for all t, where h[−1] is ``first``.

    Each pass combines every step with the one 1, 2, 4, … steps earlier, so log₂ T passes suffice (Hillis and
    Steele 1986)::

        a b c d      a (ab) (bc) (cd)      a (ab) (abc) (abcd)

    Parameters
    ----------
    kept, added
        Factor and summand of each step.
    first
        The state before the first step.

    Examples
    --------
    >>> half = torch.full((1, 3, 1), 0.5)
    >>> linear_scan(half, half, torch.zeros(1, 1)).flatten().tolist()
    [0.5, 0.75, 0.875]
    """
    steps, distance = kept.shape[1], 1
    while distance < steps:
        near, far = slice(distance, None), slice(None, steps - distance)
        added = torch.cat([added[:, :distance], added[:, near] + kept[:, near] * added[:, far]], dim=1)
        kept = torch.cat([kept[:, :distance], kept[:, near] * kept[:, far]], dim=1)
        distance *= 2
    return added + kept * first[:, None]


class MinGRU(Cell, name="mingru"):
    """One layer of minGRU: h[t] = (1 − z[t]) h[t − 1] + z[t] h̃[t], where z and h̃ depend on the inputs alone.

    It has a third of the weights of a GRU, and training needs no loop over time.

    Parameters
    ----------
    input_size, hidden_size
        Widths of the inputs, and of the state.

    References
    ----------
    Feng, Tung, Ahmed, Bengio and Hajimirsadeghi, "Were RNNs all we needed?" (2024), section 3.1.

    Examples
    --------
    >>> cell = MinGRU(3, 4)
    >>> cell.run(torch.zeros(2, 5, 3), cell.first_state(torch.zeros(2)))[0].shape
    torch.Size([2, 5, 4])
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.gate_and_candidate = nn.Linear(input_size, 2 * hidden_size)

    def step(self, inputs: Float[Tensor, "N I"], state: Float[Tensor, "N H"]) -> Float[Tensor, "N H"]:
        """Return the state after a step."""
        gate, candidate = self._gate_and_candidate_of(inputs)
        return torch.lerp(state.to(gate.dtype), candidate, gate)

    def run(
        self, inputs: Float[Tensor, "N T I"], state: Float[Tensor, "N H"]
    ) -> tuple[Float[Tensor, "N T H"], Float[Tensor, "N H"]]:
        """Return the states of all T steps, computed at once, and the last one."""
        gate, candidate = self._gate_and_candidate_of(inputs)
        outputs = linear_scan(1 - gate, gate * candidate, state.to(gate.dtype))
        return outputs, outputs[:, -1]

    def _gate_and_candidate_of(
        self, inputs: Float[Tensor, "*N I"]
    ) -> tuple[Float[Tensor, "*N H"], Float[Tensor, "*N H"]]:
        # the scan multiplies many gates, for which half precision is too coarse
        both = self.gate_and_candidate(inputs)
        both = both.to(torch.promote_types(both.dtype, torch.float32))
        gate, candidate = both.chunk(2, dim=-1)
        return torch.sigmoid(gate), candidate
