"""Seasons: profiles of many kinds, which stay or change, one or several at once."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.traits import Traits

__all__ = ["profile", "repeated", "season", "season_size", "seasons"]

# From this period on a season may be a day, with a night.
_DAY = 20


def profile(traits: Traits, period: int) -> Float[np.ndarray, "N P"]:
    """Return the values of a season by their place in it: mean 0, spread 1.

    They are smooth (few harmonics), rough (each place for itself), quiet but for a few places, or, of a
    week and of a day, days off and a night.
    """
    kind = traits.choice([0.45, 0.25, 0.12, 0.18])
    rough = traits.normal(period)
    peaks = np.exp(1.5 * traits.normal(period))
    values = np.where(kind == 0, _smooth(traits, period), rough)
    values = np.where(kind == 2, peaks * np.where(traits.chance(0.8), 1, -1), values)
    if period == 7:
        off = (np.arange(7) >= 5) - 0.5 * (np.arange(7) == 5) * traits.chance(0.5)
        values = np.where(kind == 3, -off + 0.2 * rough, values)
    elif period >= _DAY:
        values = np.where(kind == 3, _day(traits, period), values)
    values = values - values.mean(axis=1, keepdims=True)
    return values / np.maximum(values.std(axis=1, keepdims=True), 1e-9)


def _smooth(traits: Traits, period: int) -> Float[np.ndarray, "N P"]:
    harmonics = np.arange(1, min(period // 2, 8) + 1)
    angles = 2 * np.pi * harmonics[:, None] * np.arange(period) / period
    fall = harmonics ** -traits.uniform(0.3, 2.5)
    waves = (traits.normal(len(harmonics)) * fall) @ np.cos(angles)
    return waves + (traits.normal(len(harmonics)) * fall) @ np.sin(angles)


def _day(traits: Traits, period: int) -> Float[np.ndarray, "N P"]:
    """Return a night without much, and one or two humps of the day."""
    hours = 24 * np.arange(period) / period
    values = np.zeros((traits.series, period))
    for low, high, share in ((7, 14, 1.0), (15, 21, 0.7)):
        distance = (hours - traits.uniform(low, high) + 12) % 24 - 12
        hump = np.exp(-0.5 * (distance / traits.uniform(1, 4)) ** 2)
        values += hump * traits.uniform(0.3, 1) * traits.chance(share)
    return values


def season_size(traits: Traits) -> Float[np.ndarray, "N 1"]:
    """Return how large seasons are beside the noise; larger where hours count: nobody misses the night."""
    return traits.log_uniform(0.4, 6) * (2.5 if traits.within_day else 1.0)


def repeated(path: Float[np.ndarray, "N P"], steps: int, first: np.ndarray) -> Float[np.ndarray, "N T"]:
    """Return a profile over and over, from the place ``first`` (series, 1) on."""
    return np.take_along_axis(path, (np.arange(steps) + first) % path.shape[1], axis=1)


def season(
    traits: Traits, period: int, steps: int, values: Float[np.ndarray, "N P"] | None = None
) -> Float[np.ndarray, "N T"]:
    """Return a season over time, of about unit spread.

    Parameters
    ----------
    traits, period, steps
        What it is drawn from, and for how long.
    values
        Its profile; None: one is drawn.

    Notes
    -----
    In three quarters of the series each place of the season wanders from season to season, in a third its
    size wanders too.
    """
    values = profile(traits, period) if values is None else values
    first = traits.rng.integers(0, period, (traits.series, 1)) * np.ones((1, 1), int)
    if traits.alike > 0:  # the series of a panel begin at the same time
        first = np.where(traits.rng.random((traits.series, 1)) < traits.alike, first[:1], first)
    count = steps // period + 2
    change = traits.log_uniform(0.02, 0.25) * traits.chance(0.75)
    if change.any() and count > 2:
        # over many seasons each wanders less, or long series would lose their season altogether
        wander = traits.rng.standard_normal((traits.series, count, period)).cumsum(axis=1)
        path = values[:, None] + change[:, :, None] * wander / np.sqrt(1 + count / 20)
        path = (path - path.mean(axis=2, keepdims=True)).reshape(traits.series, -1)
        over_time = np.take_along_axis(path, np.arange(steps) + first, axis=1)
    else:
        over_time = repeated(values, steps, first)
    growing = traits.chance(0.3)
    if growing.any():
        size = traits.log_uniform(0.1, 1) / np.sqrt(steps) * growing
        over_time = over_time * np.exp(np.cumsum(size * traits.white(steps), axis=1))
    return over_time


def seasons(traits: Traits, periods: tuple[int, ...], steps: int) -> Float[np.ndarray, "N T"]:
    """Return all seasons together, of about unit spread; zeros where there is none.

    A longer period that is a multiple of the shortest holds levels of its parts (the days of a week), and
    may make the shorter season larger on some of them than on others.
    """
    total = np.zeros((traits.series, steps))
    for place, period in enumerate(periods):
        if place == 0:
            total += season(traits, period, steps)
            continue
        shorter = periods[0]
        values = profile(traits, period)
        if period % shorter == 0:
            parts = np.repeat(profile(traits, period // shorter), shorter, axis=1)
            within = np.tile(profile(traits, shorter), period // shorter)
            values = np.where(traits.chance(0.8), parts + traits.uniform(0, 1) * parts * within, values)
        total += traits.log_uniform(0.1, 1.5) * season(traits, period, steps, values)
    return total / np.sqrt(max(1, len(periods)))
