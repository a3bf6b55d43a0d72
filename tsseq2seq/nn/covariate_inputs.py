"""Covariates as inputs of encoder and decoder steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

__all__ = ["CovariateInputs", "FeatureEmbedding", "FeatureShape"]

_WIDEST_EMBEDDING = 16

# Numbers, their mask, and the codes of categories.
Features = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class FeatureShape:
    """The columns of covariates of one role.

    Attributes
    ----------
    numbers
        Numeric columns.
    cardinalities
        Codes of each categorical column, code 0 for unknown categories included.
    """

    numbers: int = 0
    cardinalities: tuple[int, ...] = ()


class FeatureEmbedding(nn.Module):
    """Numbers and their masks unchanged, and an embedding of each categorical column.

    An embedding is half as wide as the number of codes, and at most 16 wide. Code 0 stands for categories
    that were not in the training data. So that its embedding is learned, training replaces every thirtieth
    code by it, at random.

    Parameters
    ----------
    shape
        The columns.

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
        self, numbers: Float[Tensor, "*B F"], mask: Bool[Tensor, "*B F"], codes: Int[Tensor, "*B columns"]
    ) -> Float[Tensor, "*B W"]:
        """Return numbers, masks and embeddings side by side."""
        if self.training and codes.numel():
            codes = codes.masked_fill(torch.rand(codes.shape, device=codes.device) < 1 / 30, 0)
        embedded = [embedding(codes[..., column]) for column, embedding in enumerate(self.embeddings)]
        return torch.cat([numbers, mask.to(numbers.dtype), *embedded], dim=-1)


class CovariateInputs(nn.Module):
    """Embed covariates and cut them into segments, for encoder and decoder steps.

    The encoder reads past and future covariates over the context, the decoder future covariates over the
    horizon. Calendar features and lagged values count as future covariates. Static covariates enter every
    step of both.

    Parameters
    ----------
    past, future, static
        The columns of each role; None if the role has no columns.
    segment_length
        Time steps of a segment.
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
        known_size = future_size + calendar + 2 * lagged
        self.encoder_size = segment_length * (past_size + known_size) + static_size
        self.decoder_size = segment_length * known_size + static_size

    def forward(
        self,
        past: Features | None,
        future: Features | None,
        static: Features | None,
        calendar: Float[Tensor, "B time F"] | None = None,
        lagged: tuple[Float[Tensor, "B time lags"], Bool[Tensor, "B time lags"]] | None = None,
        *,
        context: int,
        steps: int,
    ) -> tuple[Float[Tensor, "B S J"] | None, Float[Tensor, "B T K"] | None]:
        """Embed covariates and cut them into segments.

        Parameters
        ----------
        past
            Numbers (B, context, F), their mask, and codes (B, context, columns).
        future
            The same for the time steps of context and horizon.
        static
            Numbers (B, F), their mask, and codes (B, columns).
        calendar
            Calendar features of all time steps of context and horizon.
        lagged
            Lagged values of these time steps, and their mask.
        context
            Time steps of the context.
        steps
            Decoder steps, T.

        Returns
        -------
        encoder, decoder
            The covariates of each encoder and each decoder step; None if it has none.
        """
        encoder: list[Tensor] = []
        decoder: list[Tensor] = []
        if self.past is not None and past is not None:
            encoder.append(self._segments(self.past(*past)))
        future_features = [] if self.future is None or future is None else [self.future(*future)]
        if calendar is not None:
            future_features.append(calendar)
        if lagged is not None:
            numbers, mask = lagged
            future_features.append(torch.cat([numbers, mask.to(numbers.dtype)], dim=-1))
        for features in future_features:
            encoder.append(self._segments(features[:, :context]))
            decoder.append(self._segments(features[:, context:]))
        if self.static is not None and static is not None:
            constant = self.static(*static)[:, None]
            encoder.append(constant.expand(-1, context // self.segment_length, -1))
            decoder.append(constant.expand(-1, steps, -1))
        return _side_by_side(encoder), _side_by_side(decoder)

    def _segments(self, features: Float[Tensor, "B time F"]) -> Float[Tensor, "B segments W"]:
        rows, steps, width = features.shape
        return features.reshape(rows, steps // self.segment_length, self.segment_length * width)


def _side_by_side(parts: Sequence[Tensor]) -> Tensor | None:
    return torch.cat(list(parts), dim=-1) if parts else None
