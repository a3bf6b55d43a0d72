"""How far the pretrained network corrects exponential smoothing on a user's series."""

from __future__ import annotations

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.forecasting.correction import Correction
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.judging import last_windows
from tsseq2seq.forecasting.network_share import Evidence, share_by, windows_truth
from tsseq2seq.forecasting.pretrained_weights import pretrained_model
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.cutoff_forecasts import CutoffForecasts

__all__ = ["USUAL_SHARE", "correction_asked", "earned_share", "learned_correction", "share_as_it_came"]

#: Share of the pretrained network, beside exponential smoothing alone, without any evidence.
USUAL_SHARE = 0.75
# Horizons at the end of each series on which it is judged, and of how many series: beside what all series
# share in a horizon it matters little whether they are 256 or a thousand.
_JUDGED, _MOST_JUDGED = 2, 256


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


def learned_correction(fitted: FittedSeries, base: SmoothingBase) -> Correction:
    """Return the correction, with the share that it earns on the last horizons, which it never saw.

    Parameters
    ----------
    fitted
        The series.
    base
        Exponential smoothing, with what it learned of them.
    """
    correction = Correction(pretrained_model().to(fitted.panel.values.device), USUAL_SHARE)
    judged = last_windows(fitted, each=_JUDGED, most=_MOST_JUDGED)
    if not len(judged):
        return correction
    horizon = judged.shape.horizon
    smoothed = CutoffForecasts.of(base, judged, (), steps=correction.steps(horizon))
    corrected = correction.forecasts(smoothed, judged, ())
    evidence = Evidence(corrected[..., 0], smoothed.read((), horizon)[..., 0], windows_truth(judged), _JUDGED)
    return correction.with_share(share_by(evidence, usual=USUAL_SHARE))


def share_as_it_came(adapted: FittedSeries) -> float:
    """Return the share that the pretrained network earns on the last horizons, where it forecasts itself."""
    judged = last_windows(adapted, each=_JUDGED, most=_MOST_JUDGED)
    return earned_share(adapted, adapted.with_forecasts(judged), horizons=_JUDGED)


def earned_share(series: FittedSeries, judged: Windows, *, horizons: int) -> float:
    """Return the share that a network earns beside the smoothing that it adds to.

    Parameters
    ----------
    series
        The network, which has seen none of what judges it.
    judged, horizons
        Windows whose targets are known, and how many horizons those of a series cover.
    """
    assert series.smoothing is not None
    if not len(judged):
        return USUAL_SHARE
    evidence = Evidence.of(series, judged, series.smoothing, horizons=horizons)
    return share_by(evidence, usual=USUAL_SHARE)
