"""minGRU: a gated recurrent unit whose gates do not look at the state, so that all steps run at once."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.cells.base import Cell

__all__ = ["MinGRU", "linear_scan"]


def linear_scan(
    kept: Float[Tensor, "N T H"], added: Float[Tensor, "N T H"], first: Float[Tensor, "N H"]
) -> Float[Tensor, "N T H"]:
    """Return all h[t] = kept[t] · h[t − 1] + added[t], where h[−1] is ``first``.

    Steps are joined to pairs, pairs to fours and so on, which takes log₂ T passes (Hillis and Steele 1986)::

        a b c d      a (ab) (bc) (cd)      a (ab) (abc) (abcd)

    Parameters
    ----------
    kept, added
        The share of the state that stays, and what comes to it.
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
    """One layer of minGRU: h[t] = (1 − z[t]) h[t − 1] + z[t] h̃[t], with z and h̃ read from the input alone.

    It has a third of a GRU's weights, and training needs no loop over time.

    Parameters
    ----------
    input_size, hidden_size
        Widths of what is read, and of the state.

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
        gate, candidate = self._read(inputs)
        return torch.lerp(state.to(gate.dtype), candidate, gate)

    def run(
        self, inputs: Float[Tensor, "N T I"], state: Float[Tensor, "N H"]
    ) -> tuple[Float[Tensor, "N T H"], Float[Tensor, "N H"]]:
        """Return all T states at once, and the last one."""
        gate, candidate = self._read(inputs)
        outputs = linear_scan(1 - gate, gate * candidate, state.to(gate.dtype))
        return outputs, outputs[:, -1]

    def _read(self, inputs: Float[Tensor, "*N I"]) -> tuple[Float[Tensor, "*N H"], Float[Tensor, "*N H"]]:
        # the scan multiplies many shares, for which half precision is too coarse
        numbers = self.gate_and_candidate(inputs)
        numbers = numbers.to(torch.promote_types(numbers.dtype, torch.float32))
        gate, candidate = numbers.chunk(2, dim=-1)
        return torch.sigmoid(gate), candidate
