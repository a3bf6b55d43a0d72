"""build_forecaster: an encoder–decoder that reads and writes segments of series."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from tsseq2seq.nn.composing import compose
from tsseq2seq.nn.decoder_inputs import DecoderCovariates, FeedBase, Position, PreviousOutput
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output
from tsseq2seq.nn.residuals import Residual, build_residual
from tsseq2seq.nn.segments import SegmentEmbedding, SegmentHead

__all__ = ["SeriesShape", "build_forecaster"]


@dataclass(frozen=True)
class SeriesShape:
    """Sizes of the series that a forecaster reads and writes.

    Attributes
    ----------
    segment_length
        Time steps of a segment.
    steps
        Decoder steps: segments of the horizon.
    targets
        Number of targets.
    season_segments
        Segments of a seasonal period, which are the lag of a ``"season"`` residual.
    encoder_covariates, decoder_covariates
        Number of covariate inputs of each encoder or decoder step.
    """

    segment_length: int
    steps: int
    targets: int = 1
    season_segments: int = 1
    encoder_covariates: int = 0
    decoder_covariates: int = 0

    @property
    def segment_width(self) -> int:
        """Numbers in a segment: its values and its mask."""
        return 2 * self.segment_length * self.targets


def build_forecaster(network: Network, output: Output, shape: SeriesShape) -> EncoderDecoder:
    """Compose an encoder–decoder for series.

    Parameters
    ----------
    network
        The architecture; ``hidden_size`` must be set.
    output
        The form of a forecast.
    shape
        Sizes of the series.

    Examples
    --------
    >>> import torch
    >>> from tsseq2seq.nn.outputs import Point
    >>> shape = SeriesShape(segment_length=12, steps=2)
    >>> model = build_forecaster(Network(hidden_size=16), Point(), shape)
    >>> state, memory = model.start(model.encode(torch.zeros(5, 3, 24)))
    >>> parameters, state, _ = model.step(torch.zeros(5, 1, 24), 0, state, memory)
    >>> parameters.shape      # rows, queries, segment length, targets, parameters
    torch.Size([5, 1, 12, 1, 1])
    """
    width = network.hidden_size or 0
    decoder_width = network.decoder_hidden_size or width
    embedding_size = network.embedding_size
    if embedding_size is None:
        embedding_size = width if shape.segment_length > 1 else 0
    embedding = SegmentEmbedding(shape.segment_width + shape.encoder_covariates, embedding_size)
    parallel = network.decoding == "parallel"
    inputs: list[tuple[nn.Module, int]] = []
    if parallel:
        inputs.append((Position(shape.steps, decoder_width), decoder_width))
    elif network.feed_output:
        previous = SegmentEmbedding(shape.segment_width, embedding_size)
        inputs.append((PreviousOutput(previous), previous.output_size))
    if network.feed_base:
        inputs.append((FeedBase(), shape.segment_length * shape.targets))
    if shape.decoder_covariates:
        inputs.append((DecoderCovariates(), shape.decoder_covariates))
    length, targets = shape.segment_length, shape.targets
    return compose(
        network,
        embedding=embedding,
        embedding_size=embedding.output_size,
        inputs=inputs,
        head=SegmentHead(output, hidden_size=decoder_width, length=length, targets=targets),
        residual=_residual(network, shape),
        parallel=parallel,
    )


def _residual(network: Network, shape: SeriesShape) -> Residual | None:
    """Return the module that computes the bases, to which the decoder's outputs are added; None: no base."""
    if network.residual is None:
        return None
    lag = shape.season_segments
    return build_residual(
        network.residual,
        lag=lag,
        length=shape.segment_length,
        targets=shape.targets,
        seasons=network.residual_seasons or 1,
        weights=network.residual_weights,
        ahead=-(-shape.steps // lag) if network.decoding == "parallel" else 1,
    )
