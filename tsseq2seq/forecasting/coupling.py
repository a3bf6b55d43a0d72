"""How the noise of values that are drawn together is coupled: a Gaussian copula of the residuals.

A distribution head gives each value of a segment (and each target) its own margin. What it says
nothing of is how they move together; independent draws would be too rough within a segment, and
their sums too narrow. So after training the correlation of the residuals' normal scores is taken,
and paths draw their noise with it.
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
# Shrinks the correlation towards none where there are few windows for many values.
_PRIOR_WINDOWS = 2.0


@torch.inference_mode()
def fit_coupling(model: SeriesModel, windows: Windows) -> None:
    """Set a trained model's coupling from its residuals on training windows, under teacher forcing.

    Parameters
    ----------
    model
        In evaluation mode; models whose output cannot be coupled are left alone.
    windows
        What it was trained on; up to 4,096, evenly chosen, are used.
    """
    width = len(model.coupling)
    if width < 2:
        return
    index = evenly_spaced_tensor(len(windows), _MOST_WINDOWS, device=windows.cumulative.device)
    scores, valid = [], []
    for part in index.split(_CHUNK):
        score, known = model.scores(model.scaled(windows.gather(part)))
        # a segment is one observation; in parallel decoding the whole horizon is
        scores.append(score.reshape(-1, width))
        valid.append(known.reshape(-1, width))
    correlation = correlation_of_scores(torch.cat(scores), torch.cat(valid))
    model.coupling.copy_(torch.linalg.cholesky(correlation.double()).float())


def correlation_of_scores(scores: Float[Tensor, "N D"], valid: Tensor) -> Float[Tensor, "D D"]:
    """Return the correlation of rows of scores, of which some are missing; always positive definite.

    Scores are clipped at four deviations, so that a few outliers do not decide. A column without a
    valid score (beyond a cropped horizon) is not correlated with any.

    Examples
    --------
    >>> scores = torch.randn(500, 1).expand(500, 2)
    >>> bool(correlation_of_scores(scores, torch.ones(500, 2, dtype=torch.bool))[0, 1] > 0.99)
    True
    """
    known = valid.any(0)
    whole = valid[:, known].all(1)
    rows = scores[whole].double().clamp(-4, 4) * known
    width = scores.shape[1]
    identity = torch.eye(width, dtype=torch.float64, device=scores.device)
    if len(rows) < 2:
        return identity.float()
    rows = rows - rows.mean(0)
    rows = rows / rows.square().mean(0).sqrt().clamp(min=1e-6)
    correlation = rows.T @ rows / len(rows)
    # more values than windows leave the matrix singular: as many windows of no correlation are added
    prior = _PRIOR_WINDOWS + width
    mixed = (len(rows) * correlation + prior * identity) / (len(rows) + prior)
    deviation = mixed.diagonal().sqrt()
    return (mixed / deviation[:, None] / deviation).float()
