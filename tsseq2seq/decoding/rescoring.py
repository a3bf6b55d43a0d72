"""Rescoring: log-probabilities of given sequences under teacher forcing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.decoding.stepper import FusedStepper, Stepper, expand_queries
from tsseq2seq.decoding.token_scores import log_softmax

__all__ = ["score_candidates", "score_sequences"]


def score_sequences(
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    tokens: Int[Tensor, "B T"],
    *,
    first: Tensor,
    log_probabilities: Callable[[Tensor], Tensor] = log_softmax,
    feedback: Callable[[Tensor], Tensor] = lambda tokens: tokens,
) -> Float[Tensor, "B T"]:
    """Return the log-probability of each token given those before it, by one fused pass if possible.

    Parameters
    ----------
    tokens
        One sequence for each row. Padding is scored too; the caller leaves it out.
    stepper, encoding, first, log_probabilities, feedback
        As in :func:`~tsseq2seq.decoding.beam_search.beam_search`.
    """
    if not (isinstance(stepper, FusedStepper) and stepper.fused):
        scores = score_candidates(
            stepper,
            encoding,
            tokens[:, None],
            first=first,
            log_probabilities=log_probabilities,
            feedback=feedback,
        )
        return scores[:, 0]
    state, memory = stepper.start(encoding)
    inputs = torch.cat([first, feedback(tokens)[:, :-1]], dim=1)
    output, _, _ = stepper.run(inputs, state, memory)
    return log_probabilities(output).gather(-1, tokens[..., None])[..., 0]


def score_candidates(
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    tokens: Int[Tensor, "B N T"],
    *,
    first: Tensor,
    log_probabilities: Callable[[Tensor], Tensor] = log_softmax,
    feedback: Callable[[Tensor], Tensor] = lambda tokens: tokens,
) -> Float[Tensor, "B N T"]:
    """Return the log-probability of each token of several sequences for each row, decoded as queries.

    Parameters
    ----------
    tokens
        N sequences for each row.
    stepper, encoding, first, log_probabilities, feedback
        As in :func:`score_sequences`.
    """
    queries, steps = tokens.shape[1:]
    state, memory = stepper.start(encoding)
    state = expand_queries(state, queries)
    previous = first.expand(-1, queries, *[-1] * (first.ndim - 2))
    scores = []
    for t in range(steps):
        output, state, _ = stepper.step(previous, t, state, memory)
        scores.append(log_probabilities(output).gather(-1, tokens[:, :, t, None])[..., 0])
        previous = feedback(tokens[:, :, t])
    return torch.stack(scores, dim=-1)
