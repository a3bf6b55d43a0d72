"""Segments: several values are read or written at one recurrent step (SegRNN, Lin et al. 2023).

A step's input is the segment's values and their mask, (length × targets) each, side by side; a
missing value enters as zero with its mask 0.
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
    """Cut a sequence into segments, with the mask as further channels; None: all is valid.

    Examples
    --------
    >>> values = torch.tensor([[[1.0], [2.0], [3.0], [4.0]]])
    >>> to_segments(values, torch.ones_like(values, dtype=torch.bool), 2).tolist()
    [[[1.0, 2.0, 1.0, 1.0], [3.0, 4.0, 1.0, 1.0]]]
    """
    rows, steps, features = values.shape
    shape = (rows, steps // length, length * features)
    if mask is None:
        segments = values.new_ones(*shape[:2], 2 * shape[2])  # written in place, not put side by side
        segments[..., : shape[2]] = values.reshape(shape)
        return segments
    return torch.cat([values.reshape(shape), mask.reshape(shape).to(values.dtype)], dim=-1)


def last_segments(
    segments: Float[Tensor, "B S W"], lengths: Int[Tensor, " B"] | None, count: int
) -> Float[Tensor, "B K W"]:
    """Take each row's last ``count`` valid segments, oldest first; zeros where there are fewer.

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
    place = lengths[:, None] - count + torch.arange(count, device=segments.device)
    index = place.clamp(min=0)[:, :, None].expand(-1, -1, width)
    return segments.gather(1, index).masked_fill((place < 0)[:, :, None], 0.0)


class SegmentEmbedding(nn.Module):
    """A linear layer with ReLU; with a width of 0 the segment enters as it is.

    Parameters
    ----------
    input_size
        Width of a segment with its mask (and covariates).
    width
        Width of the embedding, or 0.
    """

    def __init__(self, input_size: int, width: int) -> None:
        super().__init__()
        self.output_size = width or input_size
        self.layers = nn.Sequential(nn.Linear(input_size, width), nn.ReLU()) if width else nn.Identity()

    def forward(self, segments: Float[Tensor, "B S I"]) -> Float[Tensor, "B S W"]:
        """Embed."""
        return self.layers(segments)


class SegmentHead(nn.Module):
    """From a decoder state to the output's parameters of each value of a segment.

    Parameters
    ----------
    output
        What the parameters mean.
    hidden_size
        Width of the decoder's state.
    length, targets
        Values of a segment, and target variables.
    """

    def __init__(self, output: Output, *, hidden_size: int, length: int, targets: int) -> None:
        super().__init__()
        self.output = output
        self.shape = (length, targets, output.size)
        self.linear = nn.Linear(hidden_size, length * targets * output.size)

    def forward(
        self, hidden: Float[Tensor, "B Q H"], base: Float[Tensor, "B Q D"] | None
    ) -> Float[Tensor, "B Q G Y P"]:
        """Give the parameters, in float32."""
        raw = self.linear(hidden).float().reshape(*hidden.shape[:2], *self.shape)
        return self.output.parameters(raw, None if base is None else base.reshape(raw.shape[:-1]))
