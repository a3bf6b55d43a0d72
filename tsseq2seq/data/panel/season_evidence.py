"""How likely it is that noise shows as much of a season as series do: of each series, and of all."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.panel.season_contrast import SeasonContrast

__all__ = ["independent_series", "p_value_of_all", "p_values"]

# Probabilities are kept this far from 0 and 1, where their tangent has no bound.
_EDGE = 1e-15
# So many series count as independent ones at the most.
_INDEPENDENT = 10


def p_values(contrast: SeasonContrast) -> Float[np.ndarray, " series"]:
    """Return for each series the probability of such a contrast without a season; 1 where not judged.

    The tests by 1, 2, 4, … and all harmonics are combined by the mean of their Cauchy variables, which asks
    for no independence (Liu and Xie 2020).
    """
    numbers = [
        part.cpu().numpy()
        for part in (
            contrast.at_season / contrast.between,
            contrast.freedom_at_season,
            contrast.freedom_between,
        )
    ]
    return np.where(contrast.judged.cpu().numpy(), _combined(*numbers), 1.0)


def p_value_of_all(contrast: SeasonContrast, independent: float) -> float:
    """Return the probability of such a contrast of all series together; 1 where none is judged.

    Parameters
    ----------
    contrast
        The series' contrasts.
    independent
        As how many independent series they count.
    """
    judged = contrast.judged
    if not bool(judged.any()):
        return 1.0
    at_season, between, of_season, of_rest = (
        part[judged]
        for part in (
            contrast.at_season,
            contrast.between,
            contrast.freedom_at_season,
            contrast.freedom_between,
        )
    )
    # each in units of its own total, so that all series count alike
    total = (at_season * of_season + between * of_rest) / (of_season + of_rest)
    ratio = (at_season / total).mean(0) / (between / total).mean(0)
    count = min(independent, float(judged.sum()))
    numbers = [
        part.cpu().numpy()[None] for part in (ratio, count * of_season.mean(0), count * of_rest.mean(0))
    ]
    return float(_combined(*numbers)[0])


def independent_series(series: Float[Tensor, "series T"], period: float) -> float:
    """Return as how many independent series some count, at most 10: series of a panel have much in common.

    Sums of squares are as widely spread as those of N / (1 + (N - 1) ρ²) independent series, where ρ² is the
    mean squared correlation of two. It is that of changes less those a season before.
    """
    steps = round(period)
    changes = series[:, 1:] - series[:, :-1]
    changes = changes[:, steps:] - changes[:, :-steps]
    changes = changes - changes.mean(1, keepdim=True)
    size = changes.square().sum(1).sqrt()
    changes = changes[size > 0] / size[size > 0, None]
    count, length = changes.shape
    if count < 2:
        return 1.0
    squares = (changes @ changes.T).square()
    mean = float((squares.sum() - squares.diagonal().sum()) / (count * (count - 1)))
    # of series that have nothing in common it is 1 / length
    alike = max(0.0, (mean - 1 / length) / (1 - 1 / length)) if length > 1 else 1.0
    return min(_INDEPENDENT, count / (1 + (count - 1) * alike))


def _combined(ratio: np.ndarray, of_season: np.ndarray, of_rest: np.ndarray) -> np.ndarray:
    from scipy.special import fdtrc

    each = np.clip(fdtrc(of_season, of_rest, ratio), _EDGE, 1 - _EDGE)
    return 0.5 - np.arctan(np.tan((0.5 - each) * np.pi).mean(1)) / np.pi
