"""Dead ends of a search, which no token may continue, and NaN, which no search can rank.

Whoever forbids tokens gives them −∞. A row of −∞ alone has no log-softmax: 0 / 0 is NaN. Searches look for
NaN in what they have chosen, as NaN is the largest number of ``topk`` and ``argmax``; only then do they pass
over all scores with this function.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.errors import ParameterError

__all__ = ["without_dead_ends"]


def without_dead_ends(
    owner: str, t: int, output: Tensor, scores: Float[Tensor, "B Q V"], is_open: Bool[Tensor, "B Q"]
) -> Float[Tensor, "B Q V"]:
    """Return scores with −∞ in all of a dead end, and in queries that are no longer open.

    Parameters
    ----------
    owner
        Name of the calling function, for messages.
    t
        The decoder step.
    output
        The model's output (B, Q, …), of which the scores were made.
    scores
        Log-probabilities.
    is_open
        True for queries whose sequences go on.

    Raises
    ------
    ParameterError
        If an open query has NaN or +∞. The message names the first such row.

    Examples
    --------
    >>> logits = torch.full((1, 1, 2), -torch.inf)
    >>> without_dead_ends("search", 0, logits, logits.log_softmax(-1), torch.ones(1, 1, dtype=torch.bool))
    tensor([[[-inf, -inf]]])
    """
    dead = ~is_open
    if output.shape[:2] == scores.shape[:2]:
        dead = dead | (output == -torch.inf).flatten(2).all(-1)
    scores = scores.masked_fill(dead[..., None], -torch.inf)
    wrong = ~(scores < torch.inf)
    if bool(wrong.any()):
        row, query, token = wrong.nonzero()[0].tolist()
        raise ParameterError(
            f"{owner}: the log-probability of token {token} is {float(scores[row, query, token])} in row "
            f"{row} at step {t} (query {query}); it must be a number, or -inf for a token that is not "
            "allowed. The model's output may be NaN because its training diverged, or its input holds NaN"
        )
    return scores
