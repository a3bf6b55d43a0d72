"""Greedy search: the likeliest token at each decoder step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.independent import decode_independently
from tsseq2seq.decoding.stepper import Stepper
from tsseq2seq.decoding.token_scores import log_softmax

__all__ = ["greedy_search"]


def greedy_search(
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    first: Tensor,
    max_length: int | Tensor,
    eos_id: int | None = None,
    log_probabilities: Callable[[Tensor], Tensor] = log_softmax,
    feedback: Callable[[Tensor], Tensor] = lambda tokens: tokens,
    prefix: Tensor | None = None,
) -> list[Hypothesis]:
    """Choose the likeliest token at each decoder step, until all rows have ended.

    Parameters
    ----------
    stepper, encoding, first, max_length, eos_id, log_probabilities, feedback, prefix
        As in :func:`~tsseq2seq.decoding.beam_search.beam_search`. Its result with a beam of 1 is the same.

    Returns
    -------
    list of Hypothesis
        One for each row; its score is its log-probability. At a dead end, where all tokens have −∞, a
        sequence is cut and is not finished.

    Raises
    ------
    ParameterError
        If a length, a prefix or the end token is invalid, what the model returns has a wrong shape, or a
        log-probability is NaN or +∞.
    """
    rows = decode_independently(
        "greedy_search",
        _likeliest,
        stepper,
        encoding,
        first=first,
        max_length=max_length,
        eos_id=eos_id,
        queries=1,
        log_probabilities=log_probabilities,
        feedback=feedback,
        prefix=prefix,
    )
    return [row[0] for row in rows]


def _likeliest(scores: Float[Tensor, "B Q V"]) -> Int[Tensor, "B Q"]:
    """Return the likeliest token; among equally likely tokens, the first."""
    return scores.max(-1).indices
