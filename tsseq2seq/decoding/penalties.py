"""Penalties of a search: length normalisation and coverage."""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["NORMALIZATIONS", "coverage_score", "length_divisor"]

NORMALIZATIONS = (None, "average", "gnmt")

# Without it, a source position without attention would have a score of −∞.
_LEAST_COVERAGE = 1e-6


def length_divisor(length: int, normalization: str | None, strength: float) -> float:
    """Return the divisor of the log-probability of a sequence.

    Parameters
    ----------
    length
        Number of tokens, the end token included.
    normalization
        ``"average"``: length to the power of ``strength``. ``"gnmt"``: ((5 + length) / 6) to that power
        (Wu et al. 2016, equation 14). None: 1.
    strength
        The exponent; 0 for no normalisation.

    Examples
    --------
    >>> length_divisor(4, "average", 1.0), length_divisor(1, "gnmt", 0.6), length_divisor(9, None, 1.0)
    (4.0, 1.0, 1.0)
    """
    if normalization is None:
        return 1.0
    base = length if normalization == "average" else (5 + length) / 6
    return float(base**strength)


def coverage_score(
    coverage: Float[Tensor, "B Q S"], mask: Bool[Tensor, "B S"] | None
) -> Float[Tensor, "B Q"]:
    """Return the coverage score Σ log min(coverage, 1): the lower, the less of the source was attended to.

    Parameters
    ----------
    coverage
        Attention weights summed over the steps so far.
    mask
        True at source positions that are not padding. None: all.

    References
    ----------
    Wu et al., "Google's neural machine translation system" (2016), equation 14.

    Examples
    --------
    >>> import torch
    >>> coverage_score(torch.tensor([[[1.5, 1.0]]]), None).item()
    0.0
    """
    logarithm = coverage.clamp(min=_LEAST_COVERAGE, max=1.0).log()
    if mask is not None:
        logarithm = logarithm.masked_fill(~mask[:, None], 0.0)
    return logarithm.sum(-1)
