"""with_edges: sets the edges of a binned output from its training windows."""

from __future__ import annotations

import dataclasses

import torch

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.nn.outputs import Binned, Output

__all__ = ["with_edges"]

_MOST_WINDOWS = 2048
# Share of the values below the lowest quantile, and above the highest.
_OUTSIDE = 0.001
# Margin beyond these quantiles, as a share of their distance, so that forecasts can lie somewhat outside.
_MARGIN = 0.1


def with_edges(output: Output, windows: Windows, scaling: Scaling) -> Output:
    """Return a :class:`Binned` output with edges, if it has none; any other output unchanged.

    The bins have equal widths. They extend from the 0.1 % to the 99.9 % quantile of the scaled contexts and
    targets of up to 2,048 evenly spaced windows, and a tenth of that range further on each side.

    Parameters
    ----------
    output
        The output.
    windows
        The training windows.
    scaling
        How windows are scaled.
    """
    if not isinstance(output, Binned) or output.edges is not None:
        return output
    index = evenly_spaced_tensor(len(windows), _MOST_WINDOWS, device=windows.cumulative.device)
    batch = windows.gather(index)
    scale, _ = scaling.fit(batch)
    valid = torch.cat([batch.context_mask, batch.target_mask], dim=1) & ~scale.flat
    values = scale.transform(torch.cat([batch.context, batch.target], dim=1))[valid]
    low, high = -1.0, 1.0  # if all windows are constant
    if len(values):
        # torch.quantile refuses more than 2²⁴ values
        values = values[:: max(1, len(values) // 1_000_000)]
        low, high = values.quantile(torch.tensor([_OUTSIDE, 1 - _OUTSIDE], device=values.device)).tolist()
    margin = _MARGIN * (high - low) or 1.0
    edges = torch.linspace(low - margin, high + margin, output.bins + 1, dtype=torch.float64)
    return dataclasses.replace(output, edges=tuple(edges.tolist()))
