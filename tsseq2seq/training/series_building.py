"""Building the model of a forecaster from its settings and the shape of its data."""

from __future__ import annotations

from tsseq2seq.data.features import Coders, FeatureCoder
from tsseq2seq.data.windows import WindowShape
from tsseq2seq.nn.covariate_inputs import CovariateInputs, FeatureShape
from tsseq2seq.nn.encoder_decoder import SeriesShape, build_forecaster
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output
from tsseq2seq.training.series import SeriesModel

__all__ = ["build_series_model"]


def build_series_model(
    network: Network,
    output: Output,
    scaling: str,
    *,
    shape: WindowShape,
    targets: int,
    season_length: int | None,
    coders: Coders,
) -> SeriesModel:
    """Build an untrained model.

    Parameters
    ----------
    network
        The architecture, with nothing left open.
    output, scaling
        What is forecast, and how windows are scaled.
    shape
        Lengths of context, horizon and segment.
    targets
        Number of target variables.
    season_length
        Seasonal period in steps, for ``residual="season"``.
    coders
        Of the covariates.
    """
    covariates = None
    if coders != Coders():
        covariates = CovariateInputs(
            past=_feature_shape(coders.past),
            future=_feature_shape(coders.future),
            static=_feature_shape(coders.static),
            segment_length=shape.segment_length,
        )
    sizes = SeriesShape(
        segment_length=shape.segment_length,
        steps=shape.horizon_segments,
        targets=targets,
        season_segments=max(1, (season_length or 1) // shape.segment_length),
        encoder_covariates=0 if covariates is None else covariates.encoder_size,
        decoder_covariates=0 if covariates is None else covariates.decoder_size,
    )
    return SeriesModel(
        build_forecaster(network, output, sizes),
        covariates=covariates,
        output=output,
        scaling=scaling,
        segment_length=shape.segment_length,
    )


def _feature_shape(coder: FeatureCoder | None) -> FeatureShape | None:
    return None if coder is None else FeatureShape(len(coder.numeric), coder.cardinalities)
