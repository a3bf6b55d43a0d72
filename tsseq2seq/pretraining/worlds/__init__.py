"""Worlds: families of series, one a file, behind the protocol of ``base.py``."""

from __future__ import annotations

from tsseq2seq.pretraining.worlds.autoregression import Autoregression
from tsseq2seq.pretraining.worlds.base import World, WorldShape
from tsseq2seq.pretraining.worlds.calendar_effects import CalendarEffects
from tsseq2seq.pretraining.worlds.changing_seasons import ChangingSeasons
from tsseq2seq.pretraining.worlds.eventful import Eventful
from tsseq2seq.pretraining.worlds.exponential_smoothing import ExponentialSmoothing
from tsseq2seq.pretraining.worlds.gaussian_process import GaussianProcess
from tsseq2seq.pretraining.worlds.intermittent import Intermittent
from tsseq2seq.pretraining.worlds.mixture import Mixture
from tsseq2seq.pretraining.worlds.multiplicative import Multiplicative
from tsseq2seq.pretraining.worlds.random_walk import RandomWalk
from tsseq2seq.pretraining.worlds.saturation import Saturation
from tsseq2seq.pretraining.worlds.stopping_trend import StoppingTrend
from tsseq2seq.pretraining.worlds.structural import Structural
from tsseq2seq.pretraining.worlds.volatile import Volatile

__all__ = ["WORLDS", "World", "WorldShape"]

_MIXED: tuple[World, ...] = (
    ExponentialSmoothing(),
    Structural(),
    Multiplicative(),
    Autoregression(),
    GaussianProcess(),
    ChangingSeasons(),
    CalendarEffects(),
    RandomWalk(),
    Saturation(),
    StoppingTrend(),
    Eventful(),
    Volatile(),
)

#: All families by name.
WORLDS: dict[str, World] = {world.name: world for world in (*_MIXED, Intermittent(), Mixture(_MIXED))}
