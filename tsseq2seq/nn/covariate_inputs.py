"""Covariates as further inputs of encoder and decoder steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

__all__ = ["CovariateInputs", "FeatureEmbedding", "FeatureShape"]

_WIDEST_EMBEDDING = 16

Triple = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class FeatureShape:
    """How many numbers, and how many codes each categorical column has."""

    numbers: int = 0
    cardinalities: tuple[int, ...] = ()


class FeatureEmbedding(nn.Module):
    """Numbers and their masks as they are, codes through an embedding each.

    An embedding is half as wide as it has codes, up to 16. Code 0, the unknown, is learned too: in
    training every thirtieth known code is replaced by it, so that a category never seen has a sense.

    Parameters
    ----------
    shape
        What comes in.

    Examples
    --------
    >>> embed = FeatureEmbedding(FeatureShape(2, (5,)))
    >>> numbers, mask = torch.zeros(3, 2), torch.ones(3, 2, dtype=torch.bool)
    >>> embed(numbers, mask, torch.zeros(3, 1, dtype=torch.long)).shape
    torch.Size([3, 7])
    """

    def __init__(self, shape: FeatureShape) -> None:
        super().__init__()
        widths = [min(_WIDEST_EMBEDDING, (codes + 1) // 2) for codes in shape.cardinalities]
        self.embeddings = nn.ModuleList(
            [nn.Embedding(codes, width) for codes, width in zip(shape.cardinalities, widths, strict=True)]
        )
        self.output_size = 2 * shape.numbers + sum(widths)

    def forward(
        self, numbers: Float[Tensor, "*B F"], mask: Bool[Tensor, "*B F"], codes: Int[Tensor, "*B K"]
    ) -> Float[Tensor, "*B W"]:
        """Embed."""
        if self.training and codes.numel():
            codes = codes.masked_fill(torch.rand(codes.shape, device=codes.device) < 1 / 30, 0)
        embedded = [embedding(codes[..., place]) for place, embedding in enumerate(self.embeddings)]
        return torch.cat([numbers, mask.to(numbers.dtype), *embedded], dim=-1)


class CovariateInputs(nn.Module):
    """Cut covariates into segments, for the encoder's steps and for the decoder's.

    The encoder sees the past and the future ones over the context, the decoder the future ones over
    the horizon; calendar and lagged values belong to the future ones, and the static ones enter every
    step of both.

    Parameters
    ----------
    past, future, static
        What comes in by role; None where there is none.
    segment_length
        Values of a segment.
    calendar
        Number of calendar features.
    lagged
        Number of lagged values.
    """

    def __init__(
        self,
        *,
        past: FeatureShape | None,
        future: FeatureShape | None,
        static: FeatureShape | None,
        segment_length: int,
        calendar: int = 0,
        lagged: int = 0,
    ) -> None:
        super().__init__()
        self.past = None if past is None else FeatureEmbedding(past)
        self.future = None if future is None else FeatureEmbedding(future)
        self.static = None if static is None else FeatureEmbedding(static)
        self.segment_length = segment_length
        past_size, future_size, static_size = (
            0 if part is None else part.output_size for part in (self.past, self.future, self.static)
        )
        ahead_size = future_size + calendar + 2 * lagged
        self.encoder_size = segment_length * (past_size + ahead_size) + static_size
        self.decoder_size = segment_length * ahead_size + static_size

    def forward(
        self,
        past: Triple | None,
        future: Triple | None,
        static: Triple | None,
        calendar: Float[Tensor, "B L F"] | None = None,
        lagged: tuple[Float[Tensor, "B L G"], Bool[Tensor, "B L G"]] | None = None,
        *,
        context: int,
        steps: int,
    ) -> tuple[Float[Tensor, "B S J"] | None, Float[Tensor, "B T K"] | None]:
        """Embed and cut.

        Parameters
        ----------
        past, future, static
            Numbers (…, F), their masks, and codes (…, K): (B, C, …), (B, C + H, …) and (B, …).
        calendar
            Calendar features of all steps, (B, C + H, F).
        lagged
            Lagged values of all steps, (B, C + H, G), and their mask.
        context
            Steps of the context, C.
        steps
            Decoder steps, T.

        Returns
        -------
        encoder, decoder
            What enters each step; None where nothing does.
        """
        ahead: list[Tensor] = []
        behind: list[Tensor] = []
        if self.past is not None and past is not None:
            behind.append(self._segments(self.past(*past)))
        known_ahead = [] if self.future is None or future is None else [self.future(*future)]
        if calendar is not None:
            known_ahead.append(calendar)
        if lagged is not None:
            numbers, mask = lagged
            known_ahead.append(torch.cat([numbers, mask.to(numbers.dtype)], dim=-1))
        for known in known_ahead:
            behind.append(self._segments(known[:, :context]))
            ahead.append(self._segments(known[:, context:]))
        if self.static is not None and static is not None:
            constant = self.static(*static)[:, None]
            behind.append(constant.expand(-1, context // self.segment_length, -1))
            ahead.append(constant.expand(-1, steps, -1))
        return _joined(behind), _joined(ahead)

    def _segments(self, values: Float[Tensor, "B T F"]) -> Float[Tensor, "B S W"]:
        rows, steps, width = values.shape
        return values.reshape(rows, steps // self.segment_length, self.segment_length * width)


def _joined(parts: Sequence[Tensor]) -> Tensor | None:
    return torch.cat(list(parts), dim=-1) if parts else None
