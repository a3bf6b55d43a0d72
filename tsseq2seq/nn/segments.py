"""Segments: several time steps are read or written at one recurrent step (SegRNN, Lin et al. 2023).

The input of a recurrent step is the values of a segment and their mask, (length × targets) each, side by
side. A missing value is 0, with a 0 in the mask.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tsseq2seq.nn.outputs import Output

__all__ = ["SegmentEmbedding", "SegmentHead", "last_segments", "to_segments"]


def to_segments(
    values: Float[Tensor, "B T F"], mask: Bool[Tensor, "B T F"] | None, length: int
) -> Float[Tensor, "B S W"]:
    """Cut a sequence into segments of ``length`` time steps, each followed by its mask.

    Without a mask all values are valid. The number of time steps must be a multiple of ``length``.

    Examples
    --------
    >>> values = torch.tensor([[[1.0], [2.0], [3.0], [4.0]]])
    >>> to_segments(values, torch.ones_like(values, dtype=torch.bool), 2).tolist()
    [[[1.0, 2.0, 1.0, 1.0], [3.0, 4.0, 1.0, 1.0]]]
    """
    rows, steps, features = values.shape
    shape = (rows, steps // length, length * features)
    if mask is None:
        segments = values.new_ones(*shape[:2], 2 * shape[2])  # filled in place, which saves a copy
        segments[..., : shape[2]] = values.reshape(shape)
        return segments
    return torch.cat([values.reshape(shape), mask.reshape(shape).to(values.dtype)], dim=-1)


def last_segments(
    segments: Float[Tensor, "B S W"], lengths: Int[Tensor, " B"] | None, count: int
) -> Float[Tensor, "B K W"]:
    """Return the last ``count`` valid segments of each row, the oldest first.

    Rows with fewer valid segments are padded with zeros in front. Without lengths all segments are valid.

    Examples
    --------
    >>> segments = torch.tensor([[[1.0], [2.0], [9.0]]])
    >>> last_segments(segments, torch.tensor([2]), 3).flatten().tolist()
    [0.0, 1.0, 2.0]
    """
    rows, steps, width = segments.shape
    if lengths is None:
        if count <= steps:
            return segments[:, steps - count :]
        lengths = torch.full((rows,), steps, device=segments.device)
    index = lengths[:, None] - count + torch.arange(count, device=segments.device)
    last = segments.gather(1, index.clamp(min=0)[:, :, None].expand(-1, -1, width))
    return last.masked_fill((index < 0)[:, :, None], 0.0)


class SegmentEmbedding(nn.Module):
    """A linear layer with ReLU, or the segment itself.

    Parameters
    ----------
    input_size
        Width of a segment with its mask and covariates.
    width
        Width of the embedding; 0 leaves the segment as it is.
    """

    def __init__(self, input_size: int, width: int) -> None:
        super().__init__()
        self.output_size = width or input_size
        self.layers = nn.Sequential(nn.Linear(input_size, width), nn.ReLU()) if width else nn.Identity()

    def forward(self, segments: Float[Tensor, "B S I"]) -> Float[Tensor, "B S W"]:
        """Embed."""
        return self.layers(segments)


class SegmentHead(nn.Module):
    """Map a decoder state to the output's parameters for each value of a segment.

    Parameters
    ----------
    output
        The output, which turns raw numbers into its parameters.
    hidden_size
        Width of the decoder's state.
    length, targets
        Time steps of a segment, and target variables.
    """

    def __init__(self, output: Output, *, hidden_size: int, length: int, targets: int) -> None:
        super().__init__()
        self.output = output
        self.shape = (length, targets, output.size)
        self.linear = nn.Linear(hidden_size, length * targets * output.size)

    def forward(
        self, hidden: Float[Tensor, "B Q H"], base: Float[Tensor, "B Q D"] | None
    ) -> Float[Tensor, "B Q length targets P"]:
        """Return the parameters, in float32."""
        raw = self.linear(hidden).float().reshape(*hidden.shape[:2], *self.shape)
        return self.output.parameters(raw, None if base is None else base.reshape(raw.shape[:-1]))
