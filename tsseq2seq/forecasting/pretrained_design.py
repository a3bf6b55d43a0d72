"""The pretrained network: how it is built, and what it reads of series of any frequency.

One network serves every series, so nothing in it may depend on a seasonal period, a horizon or a unit. It
reads segments of eight values, each on the scale of its window. What repeats reaches it in two ways: each
step is read together with the values one, two and three seasons before it, and its forecasts are added to
exponential smoothing, which it also reads::

    last 192 values, in segments of 8 ─┐
    values 1, 2 and 3 seasons before  ─┼─▶ LSTM ─▶ state ─▶ LSTM ─▶ attention ─▶ + base ─▶ eleven quantiles
    value one long season before      ─┘                     ▲
                                       base, and values of the seasons before each step ahead
"""

from __future__ import annotations

from collections.abc import Sequence

from tsseq2seq.data.scaling.registry import resolve_scaling
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.forecasting.usual_spread import UsualSpread
from tsseq2seq.nn.covariate_inputs import CovariateInputs
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Quantiles

__all__ = [
    "CONTEXT_LENGTH",
    "DEFAULT_SIZE",
    "LONGEST_TRAINED",
    "OUTPUT",
    "PRETRAINED_SIZES",
    "SCALING",
    "SEGMENT_LENGTH",
    "build_pretrained",
    "pretrained_lags",
]

#: Time steps that the encoder reads; exponential smoothing reads further back.
CONTEXT_LENGTH = 192
#: Time steps of a segment.
SEGMENT_LENGTH = 8
#: The form of a forecast.
OUTPUT = Quantiles((0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95), interpolated=True)
#: The longest horizon of pretraining.
LONGEST_TRAINED = 96
#: How each window is scaled.
SCALING = "window"
#: The size that is taken where none is named.
DEFAULT_SIZE = "small"
#: The architecture of each size.
PRETRAINED_SIZES = {
    "small": Network(
        hidden_size=256,
        attention="scaled",
        residual="smoothing",
        feed_output=False,
        feed_base=True,
    ),
}

# Seasons before a step whose values are read with it.
_SEASONS = 3
# A lag that reaches before every series, so that its value is masked everywhere.
_NO_LAG = 9_000_000


def pretrained_lags(periods: Sequence[int]) -> tuple[int, ...]:
    """Return the lags of the values that each step is read with; of a season that there is not, none exists.

    Parameters
    ----------
    periods
        Seasonal periods, the shortest first; empty: none.

    Examples
    --------
    >>> pretrained_lags([24, 168])
    (24, 48, 72, 168)
    """
    missing = [_NO_LAG + number for number in range(_SEASONS + 1)]
    if not periods:
        return tuple(missing)
    short = [periods[0] * (number + 1) for number in range(_SEASONS)]
    longest = periods[-1] if len(periods) > 1 else missing[-1]
    return (*short, longest)


def build_pretrained(network: Network) -> SeriesModel:
    """Build the network, with weights that are not trained.

    Parameters
    ----------
    network
        One of :data:`PRETRAINED_SIZES`.
    """
    covariates = CovariateInputs(
        past=None, future=None, static=None, segment_length=SEGMENT_LENGTH, lagged=_SEASONS + 1
    )
    shape = SeriesShape(
        segment_length=SEGMENT_LENGTH,
        steps=1,  # a decoder that goes from step to step has no number of them
        encoder_covariates=covariates.encoder_size,
        decoder_covariates=covariates.decoder_size,
    )
    return SeriesModel(
        build_forecaster(network, OUTPUT, shape),
        covariates=covariates,
        output=OUTPUT,
        scaling=resolve_scaling(SCALING),
        segment_length=SEGMENT_LENGTH,
        usual_spread=UsualSpread(),
    )
