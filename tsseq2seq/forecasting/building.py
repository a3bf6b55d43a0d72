"""build_series_model: the untrained model of a forecaster, from its settings and the shape of its data."""

from __future__ import annotations

from tsseq2seq.data.panel.features import Coders, FeatureCoder
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.forecasting.defaults import ResolvedSettings
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.nn.covariate_inputs import CovariateInputs, FeatureShape
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output

__all__ = ["build_series_model"]


def build_series_model(panel: Panel, coders: Coders, resolved: ResolvedSettings, horizon: int) -> SeriesModel:
    """Build an untrained model.

    Parameters
    ----------
    panel
        The series; only the numbers of targets and calendar features are used.
    coders
        The coders of covariates.
    resolved
        The resolved settings.
    horizon
        Time steps to forecast.
    """
    network, output = resolved.network, resolved.output
    shape = resolved.shape(horizon)
    targets = panel.values.shape[1]
    calendar = 0 if panel.calendar is None else panel.calendar.rows.shape[1]
    feature_shapes = {role: _feature_shape(getattr(coders, role)) for role in ("past", "future", "static")}
    covariates = None
    lagged = targets * len(shape.lags)
    if calendar or lagged or any(feature_shapes.values()):
        covariates = CovariateInputs(
            **feature_shapes, segment_length=shape.segment_length, calendar=calendar, lagged=lagged
        )
    series_shape = SeriesShape(
        segment_length=shape.segment_length,
        steps=shape.horizon_segments,
        targets=targets,
        season_segments=max(1, (resolved.season_length or 1) // shape.segment_length),
        encoder_covariates=0 if covariates is None else covariates.encoder_size,
        decoder_covariates=0 if covariates is None else covariates.decoder_size,
    )
    return SeriesModel(
        build_forecaster(network, output, series_shape),
        covariates=covariates,
        output=output,
        scaling=resolved.resolved_scaling,
        segment_length=shape.segment_length,
        coupled_values=targets * _coupled_steps(network, output, shape),
        usual_spread=resolved.usual_spread,
    )


def _coupled_steps(network: Network, output: Output, shape: WindowShape) -> int:
    """Return how many time steps a path draws at once: in parallel decoding all, otherwise a segment's."""
    if not output.coupled:
        return 0
    return shape.segment_length * (shape.horizon_segments if network.decoding == "parallel" else 1)


def _feature_shape(coder: FeatureCoder | None) -> FeatureShape | None:
    return None if coder is None else FeatureShape(len(coder.numeric), coder.cardinalities)
