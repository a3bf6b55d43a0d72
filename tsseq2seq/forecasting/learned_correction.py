"""How far the pretrained network corrects exponential smoothing on a user's series."""

from __future__ import annotations

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.forecasting.blend import Blend
from tsseq2seq.forecasting.correction import Correction
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.network_share import Evidence, share_by, windows_truth
from tsseq2seq.forecasting.pretrained_weights import pretrained_model
from tsseq2seq.smoothing.base import SmoothingBase

__all__ = ["USUAL_SHARE", "correction_asked", "learned_correction"]

#: Share of the pretrained network, beside exponential smoothing alone, without any evidence.
USUAL_SHARE = 0.75


def correction_asked(fitted: FittedSeries, asked: ForecasterSettings) -> bool:
    """Return whether the pretrained network may correct the smoothing beside trained networks.

    It may where all is left to the defaults: one target, no covariates, and a forecast of medians or
    quantiles. A share that is given is one beside smoothing itself.
    """
    covariates = fitted.columns.covariates or fitted.coders.calendar is not None
    output = fitted.resolved.output
    return (
        asked.network_share is None
        and not covariates
        and len(fitted.columns.targets) == 1
        and output.equivariant
        and not output.sampled
    )


def learned_correction(
    fitted: FittedSeries, base: SmoothingBase, judged: Windows, *, horizons: int
) -> Correction:
    """Return the correction, with the share that it earns on windows that the pretrained network never saw.

    Parameters
    ----------
    fitted
        The series.
    base
        Exponential smoothing, with what it learned of them.
    judged
        Windows whose targets are known.
    horizons
        How many horizons, one after the other, those of a series cover.
    """
    correction = Correction(pretrained_model("small").to(fitted.panel.values.device), USUAL_SHARE)
    if not len(judged):
        return correction
    smoothed = Blend(base, 0.0).base_forecasts(judged, ())
    corrected = correction.forecasts(base, judged, ())
    evidence = Evidence(corrected[..., 0], smoothed[..., 0], windows_truth(judged), horizons)
    return correction.with_share(share_by(evidence, usual=USUAL_SHARE))
