"""Links: from terms to an additive or a multiplicative world."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.traits import Traits

__all__ = ["as_factors", "either"]

# A factor of e^1.2 in a standard deviation is about what growth over decades gives; more is absurd.
_LARGEST = 1.2


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
    return np.exp(unit * (terms - terms.mean(axis=1, keepdims=True)))


def either(
    traits: Traits, terms: Float[np.ndarray, "N T"], multiplicative: float = 0.4
) -> Float[np.ndarray, "N T"]:
    """Return terms as they are, or in a share of the series as factors."""
    unit = traits.log_uniform(0.005, 0.3)
    return np.where(traits.chance(multiplicative), as_factors(terms, unit), terms)
