"""build_window_model: the untrained model of an autoencoder, from its settings and the shape of its data."""

from __future__ import annotations

from tsseq2seq.nn.covariate_inputs import CovariateInputs
from tsseq2seq.reconstruction.defaults import ResolvedWindows
from tsseq2seq.reconstruction.model import WindowModel
from tsseq2seq.reconstruction.network import AutoencoderShape, build_autoencoder

__all__ = ["build_window_model"]


def build_window_model(resolved: ResolvedWindows, *, targets: int, calendar: int) -> WindowModel:
    """Build an untrained model.

    Parameters
    ----------
    resolved
        The resolved settings.
    targets, calendar
        Numbers of targets and of calendar features.
    """
    covariates = None
    if calendar:
        covariates = CovariateInputs(
            past=None, future=None, static=None, segment_length=resolved.segment_length, calendar=calendar
        )
    shape = AutoencoderShape(
        segment_length=resolved.segment_length,
        segments=resolved.window_length // resolved.segment_length,
        targets=targets,
        covariates=0 if covariates is None else covariates.encoder_size,
    )
    return WindowModel(
        build_autoencoder(resolved.network, resolved.output, shape),
        covariates=covariates,
        output=resolved.output,
        scaling=resolved.resolved_scaling,
        segment_length=resolved.segment_length,
        targets=targets,
        reverse=resolved.order == "reversed",
        noise=resolved.noise,
    )
