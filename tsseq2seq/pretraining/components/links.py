"""Links: from terms to an additive or a multiplicative world."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.traits import Traits

__all__ = ["as_factors", "either", "noise_share"]

# A factor of e in a standard deviation is about what growth over decades gives; more is absurd.
_LARGEST = 1.0
# Noise as a share of the level in monthly series; it averages out over longer steps, if not as fast as
# independent noise would.
_NOISE, _AVERAGED, _MOST_NOISE = (0.02, 0.4), 0.4, 0.6
# What is measured by the hour are large systems: loads, traffic, visits of a site.
_WITHIN_DAY = 0.4
# A factor beyond e^4 is a mistake, whatever the noise.
_FARTHEST = 4.0


def noise_share(traits: Traits) -> Float[np.ndarray, "N 1"]:
    """Return how large the noise is as a share of the level: the smaller, the longer a step is."""
    share = np.minimum(traits.log_uniform(*_NOISE) * traits.pace**-_AVERAGED, _MOST_NOISE)
    return share * (_WITHIN_DAY if traits.within_day else 1.0)


def as_factors(terms: Float[np.ndarray, "N T"], unit: Float[np.ndarray, "N 1"]) -> Float[np.ndarray, "N T"]:
    """Return ``exp(unit · terms)``: what were terms are factors, and everything is positive.

    Parameters
    ----------
    terms
        In units of the noise.
    unit
        How large the noise is as a share of the level. It is made smaller where terms would run away.
    """
    spread = terms.std(axis=1, keepdims=True)
    unit = np.minimum(unit, _LARGEST / np.maximum(spread, 1e-9))
    centred = unit * (terms - terms.mean(axis=1, keepdims=True))
    return np.exp(np.clip(centred, -_FARTHEST, _FARTHEST))


def either(
    traits: Traits,
    terms: Float[np.ndarray, "N T"],
    unit: Float[np.ndarray, "N 1"],
    multiplicative: float = 0.85,
) -> Float[np.ndarray, "N T"]:
    """Return terms around a level of 1, or in a share of the series as its factors.

    Parameters
    ----------
    traits, terms
        What chance comes from, and terms in units of the noise.
    unit
        How large the noise is as a share of the level.
    multiplicative
        Share of the series in which terms become factors.
    """
    begin = np.median(terms[:, : max(1, terms.shape[1] // 4)], axis=1, keepdims=True)
    added = 1 + unit * (terms - begin)
    return np.where(traits.chance(multiplicative), as_factors(terms, unit), added)
