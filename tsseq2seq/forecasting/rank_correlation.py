"""The correlation of ranks over a horizon: who is above the forecast at one step is likely so at the next.

A rank is where an outcome lies among the quantiles of its forecast, as a normal score. The ranks of earlier
forecasts have some correlation over the steps of the horizon. Few forecasts say little of so many pairs of
steps; then a form with a single number takes over, between errors that are new at each step and errors that
add up, as those of a random walk::

    correlation of steps i < j  =  a · √(i / j)
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

__all__ = ["rank_correlation", "usual_correlation"]

# The share of errors that add up, and how many pairs of ranks it takes to move it as far as they say.
_USUAL, _USUAL_PAIRS = 0.5, 50.0
# So many forecasts for each step of the horizon it takes for the pairs to count as much as the form.
_FORECASTS_PER_STEP = 4.0
# Ranks further out say how far off a forecast was, and not how steps go together.
_FURTHEST = 3.0


def usual_correlation(steps: int, share: float = _USUAL) -> Float[np.ndarray, "H H"]:
    """Return the correlation by the form above, 1 on the diagonal.

    Parameters
    ----------
    steps
        Steps of the horizon.
    share
        a, from 0 to 1.

    Examples
    --------
    >>> usual_correlation(4, 0.8)[0].round(2).tolist()
    [1.0, 0.57, 0.46, 0.4]
    """
    ahead = np.arange(1, steps + 1)
    added = np.sqrt(np.minimum.outer(ahead, ahead) / np.maximum.outer(ahead, ahead))
    return share * added + (1 - share) * np.eye(steps)


def rank_correlation(scores: Float[np.ndarray, "B H"]) -> Float[np.ndarray, "H H"]:
    """Return the correlation of normal scores over the steps of a horizon; positive definite.

    Parameters
    ----------
    scores
        A row for each earlier forecast; NaN where the outcome is missing. Without rows: the usual form.

    Examples
    --------
    >>> scores = np.random.default_rng(0).normal(size=(2000, 1)).repeat(3, axis=1)
    >>> bool(rank_correlation(scores)[0, 2] > 0.95)
    True
    """
    known = ~np.isnan(scores)
    held = np.where(known, scores, 0.0).clip(-_FURTHEST, _FURTHEST)
    products, counts = _pairs(held, known)
    formed = usual_correlation(scores.shape[1], _share(products, counts))
    weight = _FORECASTS_PER_STEP * scores.shape[1]
    mixed = (counts * products + weight * formed) / (counts + weight)
    return _positive(mixed)


def _pairs(
    scores: Float[np.ndarray, "B H"], known: Bool[np.ndarray, "B H"]
) -> tuple[Float[np.ndarray, "H H"], Float[np.ndarray, "H H"]]:
    """Return the correlation about 0 of each pair of steps, from what both have, and how many have both."""
    counts = known.astype(float).T @ known
    squares = (scores**2).T @ known  # of the first step, where the second is known as well
    scale = np.sqrt(squares * squares.T)
    products = np.divide(scores.T @ scores, scale, out=np.eye(len(counts)), where=scale > 0)
    return products, counts


def _share(products: Float[np.ndarray, "H H"], counts: Float[np.ndarray, "H H"]) -> float:
    """Return a of the form with the least squared error, drawn to the usual one by few pairs."""
    above = np.triu_indices(len(products), 1)
    form, found, weight = usual_correlation(len(products), 1.0)[above], products[above], counts[above]
    near = _USUAL_PAIRS
    share = ((weight * form * found).sum() + near * _USUAL) / ((weight * form**2).sum() + near)
    return float(np.clip(share, 0.0, 1.0))


def _positive(matrix: Float[np.ndarray, "H H"]) -> Float[np.ndarray, "H H"]:
    """Return the nearest correlation matrix in which no eigenvalue is below a hundredth of the mean."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    raised = (vectors * values.clip(0.01)) @ vectors.T
    deviation = np.sqrt(raised.diagonal())
    return raised / np.outer(deviation, deviation)
