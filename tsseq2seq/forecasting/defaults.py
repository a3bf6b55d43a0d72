"""Default settings of a forecaster: parameters that are None are chosen from the data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsseq2seq.data.grid.calendar import Calendar, parse_calendar
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.spread_growth import spread_exponent
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.log1p import Log1p
from tsseq2seq.data.scaling.registry import resolve_scaling
from tsseq2seq.errors import ParameterError, ParameterTypeError, TrainingWarning, warn
from tsseq2seq.forecasting.admitted_scalings import admits, admitted_scalings
from tsseq2seq.forecasting.bounds import Bounds, check_bounds, find_bounds
from tsseq2seq.forecasting.demand_output import demand_output
from tsseq2seq.forecasting.seasons import SeasonLength, check_season_length, find_seasons, seasonal_lags
from tsseq2seq.forecasting.smoothing_asked import smoothing_affordable, smoothing_asked
from tsseq2seq.forecasting.usual_spread import UsualSpread
from tsseq2seq.nn.attention import ATTENTIONS
from tsseq2seq.nn.encoder_steps import for_encoder_steps
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output, Point
from tsseq2seq.settings import check_choice, check_number, plain
from tsseq2seq.training.teacher_forcing import Linear, check_fed
from tsseq2seq.training.training import Training

__all__ = [
    "ForecasterSettings",
    "ResolvedSettings",
    "count_windows",
    "resolve_settings",
    "resolve_training",
]

# The class named in errors: these are its parameters.
_OWNER = "Seq2SeqForecaster"

# Free running is cheap up to this many decoder steps.
_SHORT_DECODER = 16

# With fewer windows than this the network is narrow, and its base is the mean of so many seasons.
_FEW_WINDOWS = 3000
# From so many windows on the width and the batch grow, and more steps than usual do no harm.
_MANY_WINDOWS = 20_000
_SEASONS = 3

# So many windows must be left where a context takes more than half of the history, to hold a season.
_LEAST_WINDOWS = 30

# Without a season nothing says where a segment ends, nor how far back to read. Single values would take as
# many decoder steps as the horizon has; segments of the horizon, or of equal parts of it, take few.
_LONGEST_WITHOUT_SEASON = 16
_HORIZONS_WITHOUT_SEASON = 8

# A narrow layer suffices for few segments, and more training steps fit into a time: M4 Hourly after 50 s of a
# core, two seeds, OWA 0.445 and 0.438; with a width of 192 0.454 and 0.443 (benchmarks/m4_hourly.py
# --validation --set network__attention=additive network__attention_size=64).
_ATTENTION_SIZE = 64

# The spread of changes grows as a power of the level: with exponent 0 it is the same at all levels, with one
# half it is that of counts (Poisson), with 1 it is proportional. Logarithms suit the last alone.
_PROPORTIONAL = 0.7

#: Weights to begin from beside new ones: those that come with the package, as they are or trained further.
WEIGHTS = ("pretrained", "fine_tuned")

#: Time steps beyond which a horizon or a context is a slip.
LONGEST = 1_000_000


@dataclass(frozen=True)
class ForecasterSettings:
    """Settings as asked for: the forecaster's parameters of the same names; None: from the data."""

    horizon: int
    context_length: int | None = None
    segment_length: int | None = None
    lags: tuple[int, ...] | None = None
    stride: int = 1
    scaling: str | Scaling | None = None
    output: Output = Point()
    network: Network = Network()
    training: Training = Training()
    calendar: Calendar | None = None
    season_length: SeasonLength = None
    floor: float | None = None
    ceiling: float | None = None
    network_share: float | None = None
    weights: str | None = None

    @classmethod
    def of(cls, estimator: Any) -> ForecasterSettings:  # noqa: ANN401 (a forecaster, of a higher layer)
        """Read the parameters of a forecaster, and refuse values that are not allowed.

        Raises
        ------
        ParameterError, ParameterTypeError
            If a parameter has a value, or a type, that is not allowed.
        """
        check_number(_OWNER, "seed", estimator.seed, low=0, high=2**63 - 1, integer=True, optional=True)
        fields = {field.name: plain(getattr(estimator, field.name)) for field in dataclasses.fields(cls)}
        if isinstance(estimator.lags, list | range | np.ndarray):  # __post_init__ refuses any other type
            fields["lags"] = plain(tuple(estimator.lags))
        return cls(**fields | {"calendar": parse_calendar(estimator.calendar)})

    def __post_init__(self) -> None:
        """Check everything that does not depend on the data."""
        check_number(_OWNER, "horizon", self.horizon, low=1, high=LONGEST, integer=True)
        for length in ("context_length", "segment_length"):
            check_number(
                _OWNER, length, getattr(self, length), low=1, high=LONGEST, integer=True, optional=True
            )
        check_number(_OWNER, "stride", self.stride, low=1, integer=True)
        self._check_lags()
        check_season_length(_OWNER, self.season_length)
        check_bounds(self.floor, self.ceiling)
        check_number(_OWNER, "network_share", self.network_share, low=0, high=1, optional=True)
        check_choice(_OWNER, "weights", self.weights, (None, *WEIGHTS))
        if self.scaling is not None:
            resolve_scaling(self.scaling, owner=_OWNER)
        for field, settings_class in (("output", Output), ("network", Network), ("training", Training)):
            value = getattr(self, field)
            if not isinstance(value, settings_class):
                raise ParameterTypeError(
                    f"{_OWNER}: {field} is {value!r}; it must be a {settings_class.__name__}"
                )
        if self.network.copy:
            raise ParameterError(
                f"{_OWNER}: network has copy=True, but a forecast copies no words; it must be False"
            )
        check_fed(_OWNER, self.training.teacher_forcing, _unfed(self.network))
        output = type(self.output).__name__
        if not admits(self.output, self.resolved_scaling):
            raise ParameterError(
                f"{_OWNER}: scaling is {self.scaling!r}, but {output} admits only "
                f"{', '.join(admitted_scalings(self.output))}"
            )
        if self.output.single_values and self.segment_length not in (None, 1):
            raise ParameterError(
                f"{_OWNER}: segment_length is {self.segment_length}, but {output} works on segments of 1"
            )

    def _check_lags(self) -> None:
        if self.lags is None:
            return
        if not isinstance(self.lags, tuple):
            raise ParameterTypeError(f"{_OWNER}: lags is {self.lags!r}; it must be a list of whole numbers")
        for lag in self.lags:
            check_number(_OWNER, "lags", lag, low=1, integer=True)
        if len(set(self.lags)) < len(self.lags):
            raise ParameterError(f"{_OWNER}: lags is {self.lags}; each may be given once only")

    @property
    def seasons(self) -> tuple[int, ...] | None:
        """The seasonal periods given, the shortest first; None: the data show them."""
        return check_season_length(_OWNER, self.season_length)

    @property
    def scaling_or_default(self) -> str | Scaling:
        """The scaling as given; None is replaced by the output's default, before the data is seen."""
        return self.output.default_scaling if self.scaling is None else self.scaling

    @property
    def resolved_scaling(self) -> Scaling:
        """The scaling itself, of which :attr:`scaling_or_default` may be the name."""
        return resolve_scaling(self.scaling_or_default)


@dataclass(frozen=True)
class ResolvedSettings:
    """Resolved settings: every None that means "from the data" is replaced.

    Attributes
    ----------
    season_length
        Seasonal period in time steps. None: no season was found.
    context_length, segment_length
        Time steps that the encoder reads, and time steps of a segment.
    scaling
        How windows are scaled: a name or a scaling, as given.
    output, network, training
        The resolved settings of these.
    lags
        Time steps back to the lagged values that are read with each time step.
    stride
        Time steps between the cutoffs of training windows.
    bounds
        The lowest and the highest value of forecasts.
    usual_spread
        How widely the training series vary.
    periods
        All seasonal periods, the shortest first.
    group_periods
        Others, which only a group of the series shows: exponential smoothing knows them, where they vanish
        from series that do not show them.
    """

    season_length: int | None
    context_length: int
    segment_length: int
    scaling: str | Scaling
    output: Output
    network: Network
    training: Training
    lags: tuple[int, ...] = ()
    stride: int = 1
    bounds: Bounds = dataclasses.field(default_factory=Bounds)
    usual_spread: UsualSpread = dataclasses.field(default_factory=UsualSpread)
    periods: tuple[int, ...] = ()
    group_periods: tuple[int, ...] = ()

    @property
    def smoothed_periods(self) -> tuple[int, ...]:
        """The seasonal periods of exponential smoothing, the shortest first."""
        return tuple(sorted({*self.periods, *self.group_periods}))

    @property
    def resolved_scaling(self) -> Scaling:
        """The scaling itself, of which ``scaling`` may be the name."""
        return resolve_scaling(self.scaling)

    def shape(self, horizon: int) -> WindowShape:
        """Return the lengths of a window."""
        return WindowShape(self.context_length, horizon, self.segment_length, self.lags)


def resolve_settings(
    panel: Panel, asked: ForecasterSettings, *, lowest: float | np.ndarray
) -> ResolvedSettings:
    """Resolve settings: choose from the data every parameter that is None.

    - The segment length is the largest divisor of the seasonal period that is at most the horizon; without a
      season the horizon, or an equal part of it of at most 16 steps; 1 for an output that works on single
      values.
    - The context is seven seasonal periods (a week of days), or as many as fit into a fifth of a typical
      history; at least three periods and two horizons; never more than half of the history, but for one
      period where 30 windows are left then. Without a season it is eight horizons.
    - A second, longer seasonal period is a lag, such as the week in hourly data; so is one that the context
      cannot hold, or that the data are too short to show.
    - Width, batch size and number of training steps grow with the data. Where attention has a hidden layer,
      its width is at most 64, unless a segment is a single value.
    - Where most values are 0, an output left open is a distribution, whose mean is forecast; see
      :func:`~tsseq2seq.forecasting.demand_output.demand_output`.
    - Where nothing of the network was chosen, it adds to exponential smoothing; see
      :func:`~tsseq2seq.forecasting.smoothing_asked.smoothing_asked`.
    - With few windows the decoder's base is the mean of three seasons rather than the last one.
    - Medians and quantiles are forecast on a logarithmic scale if no value is below 0 and changes grow with
      the level.

    Parameters
    ----------
    panel
        The data to choose from.
    asked
        The settings as asked for.
    lowest
        The lowest value of the frame (of each target, or of all), held-out steps included, which the scaling
        must allow.

    Warns
    -----
    TrainingWarning
        If the given teacher forcing makes intervals too narrow or too wide.
    """
    horizon, context_length, segment_length = asked.horizon, asked.context_length, asked.segment_length
    seasons = find_seasons(panel, asked.seasons)
    periods = seasons.of_all
    least = np.broadcast_to(lowest, panel.values.shape[1])
    asked, demand = _with_output(panel, asked, periods, float(np.fmin.reduce(least)))
    season = periods[0] if periods else None
    if segment_length is None:
        segment_length = 1 if asked.output.single_values else _segment_length(season, horizon)
    if context_length is None:
        context_length = _context_length(panel, horizon, periods, segment_length)
    windows = count_windows(panel, context_length, horizon)
    lags = seasonal_lags(panel, periods, asked.seasons, context_length, horizon)
    decoder_steps = -(-horizon // segment_length)
    return ResolvedSettings(
        season_length=season,
        context_length=context_length,
        segment_length=segment_length,
        scaling=_scaling(panel, asked, season, float(np.fmin.reduce(least))),
        output=asked.output.for_season(season),
        network=_network(_with_base(panel, asked, demand), windows, season, segment_length, context_length),
        training=resolve_training(asked, windows, decoder_steps),
        lags=lags if asked.lags is None else asked.lags,
        stride=asked.stride,
        bounds=find_bounds(least, floor=asked.floor, ceiling=asked.ceiling),
        usual_spread=UsualSpread.of(panel),
        periods=periods,
        group_periods=seasons.of_groups,
    )


def count_windows(panel: Panel, context_length: int, horizon: int) -> int:
    """Return the approximate number of training windows; at least one for each series."""
    return int((panel.lengths - context_length - horizon + 1).clamp(min=1).sum())


def _scaling(panel: Panel, asked: ForecasterSettings, season: int | None, lowest: float) -> str | Scaling:
    output = asked.output
    log_allowed = asked.scaling is None and output.equivariant and admits(output, Log1p())
    if log_allowed and lowest >= 0 and spread_exponent(panel, season) > _PROPORTIONAL:
        return Log1p.name
    return asked.scaling_or_default


def _segment_length(season: int | None, horizon: int) -> int:
    if season is None:
        return -(-horizon // -(-horizon // _LONGEST_WITHOUT_SEASON))
    return max(divisor for divisor in range(1, season + 1) if season % divisor == 0 and divisor <= horizon)


def _context_length(panel: Panel, horizon: int, periods: tuple[int, ...], segment_length: int) -> int:
    typical = int(panel.lengths.float().median())
    if periods:
        wanted = max(2 * horizon, 3 * periods[0], min(7 * periods[0], typical // 5))
    else:
        wanted = _HORIZONS_WITHOUT_SEASON * horizon
    available = max((typical - horizon) // 2, 1)
    length = min(wanted, available)
    if periods and length < periods[0] and typical - horizon - periods[0] >= _LEAST_WINDOWS:
        length = periods[0]  # else the decoder could not add to the season before
    if length > segment_length:
        length -= length % segment_length
    return length


def _with_output(
    panel: Panel, asked: ForecasterSettings, periods: tuple[int, ...], lowest: float
) -> tuple[ForecasterSettings, bool]:
    """Return the settings with an output, and whether it is one for demand, which the data chose."""
    output = demand_output(panel, asked.output, periods, lowest=lowest)
    scaling = output.default_scaling if asked.scaling is None else asked.scaling
    if output == asked.output or not admits(output, resolve_scaling(scaling, owner=_OWNER)):
        return asked, False
    return dataclasses.replace(asked, output=output), True


def _with_base(panel: Panel, asked: ForecasterSettings, demand: bool) -> Network:
    """Return the network; where nothing of it was chosen, it adds to exponential smoothing."""
    # for demand it does so however long it is trained: the last value, which else it adds to, is mostly 0
    wanted = smoothing_affordable(panel, asked) if demand else smoothing_asked(panel, asked)
    smoothed = asked.network == Network() and wanted
    return dataclasses.replace(asked.network, residual="smoothing") if smoothed else asked.network


def _network(
    network: Network, windows: int, season: int | None, segment_length: int, context_length: int
) -> Network:
    changes: dict[str, Any] = {}
    if network.hidden_size is None:
        # a wide network helps with segments of many values; with single values it is only slower. 256 is
        # slower still, and on M4 Hourly less accurate in the same time (benchmarks/m4_hourly.py --validation)
        wide = windows >= _MANY_WINDOWS and segment_length > 1
        # a wide network soon overfits few windows
        changes["hidden_size"] = 32 if windows < _FEW_WINDOWS else 192 if wide else 128
    has_layer = network.attention is not None and ATTENTIONS[network.attention].has_hidden_layer
    if has_layer and network.attention_size is None and segment_length > 1:
        width = network.decoder_hidden_size or network.hidden_size or changes["hidden_size"]
        changes["attention_size"] = min(width, _ATTENTION_SIZE)
    seasonal = season is not None and season % segment_length == 0 and season <= context_length
    if network.residual == "season" and not seasonal:
        changes |= {"residual": "segment" if segment_length > 1 and season is not None else "value"}
        changes |= {"residual_seasons": 1, "residual_weights": "equal"}
    elif network.residual_seasons is None and network.residual_weights == "learned":
        # learned weights select the seasons by themselves
        changes["residual_seasons"] = context_length // (season or 1)
    elif network.residual_seasons is None:
        # with many windows the network learns by itself how to combine seasons
        mean = network.residual == "season" and windows < _FEW_WINDOWS
        changes["residual_seasons"] = _SEASONS if mean else 1
    segments = -(-context_length // segment_length)
    longest = f"context_length is {context_length}"
    longest += f" ({segments} segments of {segment_length})" if segment_length > 1 else ""
    return for_encoder_steps(dataclasses.replace(network, **changes), segments, longest)


def resolve_training(asked: ForecasterSettings, windows: int, decoder_steps: int) -> Training:
    """Resolve :class:`Training`: replace its None values for so many windows and decoder steps.

    Warns
    -----
    TrainingWarning
        If the given teacher forcing makes intervals too narrow or too wide.
    """
    training, network, output = asked.training, asked.network, asked.output
    changes: dict[str, object] = {}
    if training.batch_size is None:
        changes["batch_size"] = 256 if windows >= _MANY_WINDOWS else 128 if windows >= 1000 else 32
    if training.teacher_forcing is not None:
        _warn_of_dishonest_intervals(training, network, output)
    elif output.sampled:
        changes["teacher_forcing"] = 1.0
    else:
        short = decoder_steps <= _SHORT_DECODER or bool(output.probabilities) or bool(_unfed(network))
        changes["teacher_forcing"] = 0.0 if short else Linear()
    no_limit = training.max_steps is None and training.epochs is None
    if no_limit and (training.max_time is None or windows < _MANY_WINDOWS):
        # small data are soon overfitted, however much time there is
        steps = 1200 if windows >= _MANY_WINDOWS else 500 if windows >= _FEW_WINDOWS else 300
        changes["max_steps"] = steps
    return dataclasses.replace(training, **changes)  # type: ignore[arg-type]


def _unfed(network: Network) -> str | None:
    """Return the setting because of which no output is read by the next decoder step."""
    # of the bases, that of smoothing alone is known for all steps beforehand
    return network.unfed(has_base=network.residual not in (None, "smoothing"))


def _warn_of_dishonest_intervals(training: Training, network: Network, output: Output) -> None:
    if network.decoding == "parallel":
        return
    name, forcing = type(output).__name__, training.teacher_forcing
    if output.probabilities and forcing != 0:
        warn(
            f"{name} are trained with teacher_forcing={forcing!r}: they learn the spread of one step, and "
            "intervals will be too narrow further on. Use teacher_forcing=0, parallel decoding, or a "
            "distribution such as Normal()",
            TrainingWarning,
        )
    if output.sampled and forcing != 1:
        warn(
            f"{name} is trained with teacher_forcing={forcing!r}: it learns the spread of several steps, to "
            "which sample paths add theirs again. Use teacher_forcing=1 or parallel decoding",
            TrainingWarning,
        )
