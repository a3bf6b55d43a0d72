"""The readout: what the output layer reads besides the decoder's state (Cho et al. 2014)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["READS", "Readout", "reads"]

#: What ``Network(output_reads=…)`` chooses among; None: the output layer reads the state alone.
READS = (None, "previous", "context", "previous+context")


def reads(name: str, output_reads: str | None) -> bool:
    """Tell whether the output layer reads ``"previous"`` or ``"context"``.

    Examples
    --------
    >>> reads("context", "previous+context"), reads("context", None)
    (True, False)
    """
    return output_reads is not None and name in output_reads.split("+")


class Readout(nn.Module):
    """One hidden layer of maxout units of pairs between the decoder's state and the head.

    Parameters
    ----------
    width
        Width of the decoder's state, and of the result.
    previous_size
        Width of the embedded previous output; 0 if it is not read.
    context_size
        Width of the context vector; 0 if it is not read.

    References
    ----------
    Cho et al., "Learning phrase representations using RNN encoder–decoder for statistical machine
    translation", EMNLP 2014, appendix A.1.2.

    Examples
    --------
    >>> readout = Readout(4, previous_size=3, context_size=2)
    >>> readout(torch.zeros(5, 7, 4), torch.zeros(5, 7, 3), torch.zeros(5, 2)).shape
    torch.Size([5, 7, 4])
    """

    def __init__(self, width: int, *, previous_size: int = 0, context_size: int = 0) -> None:
        super().__init__()
        self.reads_previous = previous_size > 0
        self.reads_context = context_size > 0
        self.linear = nn.Linear(width + previous_size + context_size, 2 * width)

    def forward(
        self,
        hidden: Float[Tensor, "B Q H"],
        previous: Float[Tensor, "B Q W"] | None,
        context: Float[Tensor, "B C"],
    ) -> Float[Tensor, "B Q H"]:
        """Return what the head reads.

        Parameters
        ----------
        hidden
            The decoder's state, after the attention.
        previous
            The embedded previous output of each query.
        context
            The context vector.
        """
        parts = [hidden]
        if self.reads_previous and previous is not None:
            parts.append(previous)
        if self.reads_context:
            parts.append(context[:, None].expand(-1, hidden.shape[1], -1))
        dtype = hidden.dtype
        pairs = self.linear(torch.cat([part.to(dtype) for part in parts], dim=-1))
        return pairs.unflatten(-1, (-1, 2)).amax(-1)
