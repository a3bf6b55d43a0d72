"""Coupling: correlated noise for sample paths, by a Gaussian copula of the residuals.

A distribution output gives each value of a segment (and each target) its own marginal distribution, but not
their correlation. Independent draws would be too rough within a segment, and their sums would vary too
little. So after training the correlation of the residuals' normal scores is estimated, and paths draw noise
with this correlation.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.forecasting.model import SeriesModel

__all__ = ["correlation_of_scores", "fit_coupling"]

_MOST_WINDOWS = 4096
_CHUNK = 256
# Shrinks the correlation towards 0 where there are few windows for many values.
_PRIOR_WINDOWS = 2.0


@torch.inference_mode()
def fit_coupling(model: SeriesModel, windows: Windows) -> None:
    """Set a trained model's coupling from its residuals on training windows, under teacher forcing.

    Parameters
    ----------
    model
        The model, in evaluation mode. One whose output has no coupling is not changed.
    windows
        The training windows; up to 4,096 evenly spaced ones are used.
    """
    width = len(model.coupling)
    if width < 2:
        return
    index = evenly_spaced_tensor(len(windows), _MOST_WINDOWS, device=windows.cumulative.device)
    scores, valid = [], []
    for part in index.split(_CHUNK):
        score, mask = model.scores(model.scaled(windows.gather(part)))
        # one observation is a segment, or in parallel decoding the whole horizon
        scores.append(score.reshape(-1, width))
        valid.append(mask.reshape(-1, width))
    correlation = correlation_of_scores(torch.cat(scores), torch.cat(valid))
    model.coupling.copy_(torch.linalg.cholesky(correlation.double()).float())


def correlation_of_scores(scores: Float[Tensor, "N D"], valid: Tensor) -> Float[Tensor, "D D"]:
    """Return the correlation of the columns of scores, from rows without missing ones; positive definite.

    Scores are clipped at four standard deviations, to limit the influence of outliers. A column without a
    valid score (after the horizon, in its last segment) has a correlation of 0 with all others.

    Parameters
    ----------
    scores
        (N, D): normal scores of N observations of D values.
    valid
        (N, D), True where there is a score.

    Examples
    --------
    >>> scores = torch.randn(500, 1).expand(500, 2)
    >>> bool(correlation_of_scores(scores, torch.ones(500, 2, dtype=torch.bool))[0, 1] > 0.99)
    True
    """
    used = valid.any(0)
    complete = valid[:, used].all(1)
    rows = scores[complete].double().clamp(-4, 4) * used
    width = scores.shape[1]
    identity = torch.eye(width, dtype=torch.float64, device=scores.device)
    if len(rows) < 2:
        return identity.float()
    rows = rows - rows.mean(0)
    rows = rows / rows.square().mean(0).sqrt().clamp(min=1e-6)
    correlation = rows.T @ rows / len(rows)
    # with more values than rows the matrix is singular, so rows without correlation are added
    prior = _PRIOR_WINDOWS + width
    mixed = (len(rows) * correlation + prior * identity) / (len(rows) + prior)
    deviation = mixed.diagonal().sqrt()
    return (mixed / deviation[:, None] / deviation).float()
