"""Default settings of an autoencoder: parameters that are None are chosen from the data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tsseq2seq.data.grid.calendar import Calendar, parse_calendar
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.seasonality import seasonal_periods
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.registry import resolve_scaling
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError, shown
from tsseq2seq.nn.encoder_steps import for_encoder_steps
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Point
from tsseq2seq.reconstruction.levels import typical_spread_of_windows
from tsseq2seq.settings import check_choice, check_number, plain
from tsseq2seq.training.continued import with_earlier
from tsseq2seq.training.teacher_forcing import check_fed
from tsseq2seq.training.training import Training

__all__ = ["AutoencoderSettings", "ResolvedWindows", "count_windows", "resolve_windows"]

_OWNER = "Seq2SeqAutoencoder"
_LONGEST = 100_000

# A window is the longest season of which a typical series has so many, up to a length that is quickly read.
_LEAST_PERIODS, _LONGEST_DEFAULT = 8, 512
# A shorter season is taken several times, and without a season a window has so many steps.
_SHORTEST_DEFAULT, _WITHOUT_SEASON = 24, 32
# Recurrent steps of a window at the least: fewer leave the recurrence nothing to do.
_LEAST_SEGMENTS = 6

# Of a week of half-hours 4 numbers keep what is usual. A window without a calendar has its phase too.
_LATENT, _WITHOUT_CALENDAR, _FOR_EACH_TARGET, _MOST = 4, 8, 2, 32
_HIDDEN = 64
# At half or twice the steps fewer of the known days stand out (benchmarks/anomalies.py): too little of the
# usual is known, or holidays are learnt by heart.
_STEPS, _BATCH = 600, 128

# A level that moves so that windows vary by less than this share of the series is no part of what is usual.
_WANDERING = 0.5


@dataclass(frozen=True)
class AutoencoderSettings:
    """Settings as asked for: the autoencoder's parameters of the same names; None: from the data."""

    window_length: int | None = None
    segment_length: int | None = None
    latent_size: int | None = None
    order: str = "forward"
    noise: float = 0.0
    false_alarms: float = 0.01
    scaling: str | Scaling | None = None
    calendar: object = "auto"
    loss: Any = "mae"
    network: Network = Network()
    training: Training = Training()

    @classmethod
    def of(cls, estimator: Any) -> AutoencoderSettings:  # noqa: ANN401 (an autoencoder, of a higher layer)
        """Read the parameters of an autoencoder, and refuse values that are not allowed.

        Raises
        ------
        ParameterError, ParameterTypeError
            If a parameter has a value, or a type, that is not allowed.
        """
        check_number(_OWNER, "seed", estimator.seed, low=0, high=2**63 - 1, integer=True, optional=True)
        return cls(**{field.name: plain(getattr(estimator, field.name)) for field in dataclasses.fields(cls)})

    def __post_init__(self) -> None:
        """Check everything that does not depend on the data."""
        check_number(
            _OWNER, "window_length", self.window_length, low=2, high=_LONGEST, integer=True, optional=True
        )
        check_number(
            _OWNER, "segment_length", self.segment_length, low=1, high=_LONGEST, integer=True, optional=True
        )
        check_number(_OWNER, "latent_size", self.latent_size, low=1, integer=True, optional=True)
        check_choice(_OWNER, "order", self.order, ("forward", "reversed"))
        check_number(_OWNER, "noise", self.noise, low=0, high=0.99)
        check_number(_OWNER, "false_alarms", self.false_alarms, low=0, high=0.5, low_open=True)
        if self.scaling is not None:
            resolve_scaling(self.scaling, owner=_OWNER)
        for field, settings_class in (("network", Network), ("training", Training)):
            value = getattr(self, field)
            if not isinstance(value, settings_class):
                raise ParameterTypeError(
                    f"{_OWNER}: {field} is {value!r}; it must be a {settings_class.__name__}"
                )
        if Point(self.loss).context_loss is not None:
            raise ParameterError(
                f"{_OWNER}: loss is {self.loss!r}, which sees the context of a forecast, but a window is its "
                "own context; take a loss such as 'mae', 'difference' or 'soft_dtw'"
            )
        self._check_calendar()
        self._check_network()
        if self.window_length is not None and self.segment_length is not None:
            check_segments(self.window_length, self.segment_length)

    def with_window(self, window_length: int) -> AutoencoderSettings:
        """Return the settings for windows of this length."""
        return dataclasses.replace(self, window_length=window_length)

    def with_choices(self, earlier: ResolvedWindows) -> AutoencoderSettings:
        """Return the settings in which what is left open is as an earlier fit chose it."""
        names = ("window_length", "segment_length", "latent_size", "scaling")
        open_ = {name: getattr(earlier, name) for name in names if getattr(self, name) is None}
        return dataclasses.replace(self, network=with_earlier(self.network, earlier.network), **open_)

    @property
    def asked_calendar(self) -> Calendar | None:
        """The calendar as given; None for none, and for one that is chosen from the data."""
        return None if self.calendar == "auto" else parse_calendar(self.calendar)

    def _check_calendar(self) -> None:
        if not (isinstance(self.calendar, str) and self.calendar == "auto"):
            parse_calendar(self.calendar)

    def _check_network(self) -> None:
        network = self.network
        check_fed(_OWNER, self.training.teacher_forcing, network.unfed())
        if network.attention is not None:
            raise ParameterError(
                f"{_OWNER}: network has attention={network.attention!r}, which reads every encoder state, so "
                "that nothing would have to pass through the latent vector; it must be None"
            )
        if network.residual not in (None, "season"):
            raise ParameterError(
                f"{_OWNER}: network has residual={network.residual!r}, but a reconstruction adds to nothing; "
                "it must be None"
            )
        if network.context_size is not None and self.latent_size not in (None, network.context_size):
            raise ParameterError(
                f"{_OWNER}: latent_size is {self.latent_size}, but network has "
                f"context_size={network.context_size}; give one of them"
            )


@dataclass(frozen=True)
class ResolvedWindows:
    """Resolved settings: every None that means "from the data" is replaced.

    Attributes
    ----------
    window_length, segment_length, latent_size
        Time steps of a window and of a segment, and numbers of a latent vector.
    season_length
        The seasonal period that the window was chosen by. None: no season was found, or none looked for.
    order, noise, false_alarms, scaling, loss, network, training
        As of :class:`AutoencoderSettings`.
    """

    window_length: int
    segment_length: int
    latent_size: int
    season_length: int | None
    order: str
    noise: float
    false_alarms: float
    scaling: str | Scaling
    loss: Any
    network: Network
    training: Training

    @property
    def resolved_scaling(self) -> Scaling:
        """The scaling itself, of which ``scaling`` may be the name."""
        return resolve_scaling(self.scaling)

    @property
    def output(self) -> Point:
        """What the decoder writes: a number for each value."""
        return Point(self.loss)

    @property
    def shape(self) -> WindowShape:
        """The lengths of a window; nothing is forecast after it."""
        return WindowShape(self.window_length, 0, self.segment_length)

    @property
    def stride(self) -> int:
        """Time steps between the windows whose reconstructions are merged: each step lies in eight."""
        return max(1, self.window_length // 8)


def check_segments(window_length: int, segment_length: int) -> None:
    """Refuse a segment that does not divide the window.

    Raises
    ------
    ParameterError
        Naming the lengths that do.
    """
    if window_length % segment_length:
        fit = [length for length in range(1, window_length + 1) if window_length % length == 0]
        raise ParameterError(
            f"{_OWNER}: segment_length is {segment_length}, which does not divide window_length "
            f"{window_length}; it must be one of {', '.join(map(str, fit[:20]))}"
        )


def resolve_windows(panel: Panel, asked: AutoencoderSettings, *, stride: int = 1) -> ResolvedWindows:
    """Replace every None that means "from the data"; ``stride`` steps lie between training windows.

    - The window is the longest season found of which a typical series has eight, and which is at most 512
      steps long: a week where days differ by weekday. A season of fewer than 24 steps is repeated until the
      window has so many. Without a season it has 32 steps. It is never more than a quarter of a typical
      series.
    - The segment is the largest divisor of the shortest season that leaves six segments in a window.
    - The latent vector has 4 numbers, 2 more for each further target; 8 where there is no calendar, so that
      the window's phase must be among them.
    - ``"series"`` is the scaling where windows vary nearly as much as the whole series does; otherwise its
      level wanders, and it is ``"window"``.

    Raises
    ------
    DataError
        If no series is as long as the window that is asked for.
    """
    periods: tuple[int, ...] = ()
    if asked.window_length is None or asked.segment_length is None:
        periods = seasonal_periods(panel, panel.frequency.exact_seasons())
    window = _window_length(panel, periods) if asked.window_length is None else asked.window_length
    check_long_enough(panel, window)
    segment = _segment_length(window, periods) if asked.segment_length is None else asked.segment_length
    check_segments(window, segment)
    latent = asked.latent_size or asked.network.context_size
    if latent is None:
        least = _WITHOUT_CALENDAR if panel.calendar is None else _LATENT
        latent = min(least + _FOR_EACH_TARGET * (len(panel.targets) - 1), _MOST)
    scaling = asked.scaling
    if scaling is None:
        share = typical_spread_of_windows(panel, window)
        scaling = "window" if share < _WANDERING else "series"
    changes: dict[str, Any] = {"residual": None, "context_size": latent}
    if asked.network.hidden_size is None:
        changes["hidden_size"] = _HIDDEN
    steps = window // segment
    network = for_encoder_steps(
        dataclasses.replace(asked.network, **changes),
        steps,
        f"window_length is {window} ({steps} segments of {segment})",
    )
    return ResolvedWindows(
        window_length=window,
        segment_length=segment,
        latent_size=latent,
        season_length=periods[0] if periods else None,
        order=asked.order,
        noise=float(asked.noise),
        false_alarms=float(asked.false_alarms),
        scaling=scaling,
        loss=asked.loss,
        network=network,
        training=_training(asked.training, count_windows(panel, window, stride=stride)),
    )


def count_windows(panel: Panel, window_length: int, *, stride: int = 1) -> int:
    """Return the number of windows of a panel, so many steps apart."""
    later = torch.div(panel.lengths - window_length, stride, rounding_mode="floor")
    return int((later + 1).clamp(min=0).sum())


def check_long_enough(panel: Panel, window_length: int) -> None:
    """Refuse series of which none holds a window.

    Raises
    ------
    DataError
        Naming the longest series.
    """
    longest = int(panel.lengths.argmax())
    length = int(panel.lengths[longest])
    if length < window_length:
        name = f", {shown(panel.ids[longest])}," if panel.named else ""
        raise DataError(
            f"window_length is {window_length}, but the longest series{name} has {length} steps; take a "
            f"window_length of at most {length}, or longer series"
        )


def _window_length(panel: Panel, periods: tuple[int, ...]) -> int:
    typical = int(np.median(panel.lengths.cpu().numpy()))
    enough = [p for p in periods if p <= min(_LONGEST_DEFAULT, typical // _LEAST_PERIODS)]
    season = max(enough) if enough else min(periods, default=0)
    wanted = season * -(-_SHORTEST_DEFAULT // season) if season else _WITHOUT_SEASON
    most = max(2, typical // 4)
    if wanted > most:
        wanted = most - most % season if 0 < season <= most else most
    return max(2, wanted)


def _segment_length(window: int, periods: tuple[int, ...]) -> int:
    whole = periods[0] if periods and window % periods[0] == 0 else window
    return max(
        d for d in range(1, whole + 1) if whole % d == 0 and (d == 1 or window // d >= _LEAST_SEGMENTS)
    )


def _training(training: Training, windows: int) -> Training:
    changes: dict[str, Any] = {}
    if training.batch_size is None:
        changes["batch_size"] = max(8, min(_BATCH, windows // 4))
    if training.teacher_forcing is None:
        changes["teacher_forcing"] = 0.0
    if training.max_steps is None and training.epochs is None:
        changes["max_steps"] = _STEPS
    return dataclasses.replace(training, **changes)
