"""Independent decoding of queries: one token is chosen for each query at every decoder step.

Greedy search and sampling differ only in how the token is chosen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.decoding.constraints import forced_tokens
from tsseq2seq.decoding.dead_ends import without_dead_ends
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.search_checks import (
    check_first,
    check_prefix,
    check_vocabulary,
    end_token,
    length_limits,
)
from tsseq2seq.decoding.stepper import Stepper, expand_queries
from tsseq2seq.decoding.stepper_checks import Step, check_input, checked_start, checked_step

__all__ = ["decode_independently", "make_hypotheses"]


@torch.no_grad()
def decode_independently(
    owner: str,
    choose: Callable[[Tensor], Tensor],
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    first: Tensor,
    max_length: int | Tensor,
    eos_id: int | None,
    queries: int,
    log_probabilities: Callable[[Tensor], Tensor],
    feedback: Callable[[Tensor], Tensor],
    prefix: Tensor | None,
) -> list[list[Hypothesis]]:
    """Choose a token for each query at each decoder step, until all have ended.

    Parameters
    ----------
    owner
        Name of the calling function, for messages.
    choose
        Function from a step's log-probabilities (B, Q, V) to tokens (B, Q).
    stepper, encoding, first, max_length, eos_id, log_probabilities, feedback, prefix
        As in :func:`~tsseq2seq.decoding.beam_search.beam_search`.
    queries
        Number of sequences of each row.

    Returns
    -------
    list of list of Hypothesis
        ``queries`` for each row, in their order; the score of each is its log-probability.

    Raises
    ------
    ParameterError
        If a length, a prefix or the end token is invalid.
    """
    check_first(owner, first)
    rows = first.shape[0]
    limits, eos_id = length_limits(owner, max_length, rows, first.device), end_token(owner, eos_id)
    if prefix is not None:
        check_prefix(owner, prefix, limits, eos_id)
    state, memory = checked_start(owner, stepper, encoding, rows)
    state = expand_queries(state, queries)
    previous = first.expand(-1, queries, *[-1] * (first.ndim - 2))
    open_ = torch.ones(rows, queries, dtype=torch.bool, device=first.device)
    tokens, chosen, weights = [], [], []
    step: Step | None = None
    for t in range(max(limits.tolist(), default=1)):
        step = checked_step(
            owner, stepper, previous, t, state, memory, log_probabilities=log_probabilities, before=step
        )
        scores, state = step.scores, step.state
        if t == 0:
            check_vocabulary(owner, step.vocabulary, eos_id, prefix)
        token = choose(scores)
        forced = forced_tokens(prefix, t)
        if forced is not None:
            token = torch.where(forced >= 0, forced, token)
        score = scores.gather(-1, token[..., None])[..., 0]
        is_number = score.abs() < torch.inf
        if not bool(is_number.all()):
            scores = without_dead_ends(owner, t, step.output, scores, open_)
            score = scores.gather(-1, token[..., None])[..., 0]
        tokens.append(token)
        chosen.append(score)
        weights.append(step.weights)
        open_ = open_ & is_number & (limits[:, None] > t + 1)
        if eos_id is not None:
            open_ = open_ & (token != eos_id)
        if not bool(open_.any()):
            break
        previous = feedback(token)
        check_input(owner, t, previous, *token.shape)
    return make_hypotheses(tokens, chosen, weights, eos_id, limits)


def make_hypotheses(
    tokens: list[Int[Tensor, "B Q"]],
    chosen: list[Float[Tensor, "B Q"]],
    weights: list[Tensor | None],
    eos_id: int | None,
    limits: Int[Tensor, " B"] | None = None,
) -> list[list[Hypothesis]]:
    """Return the hypotheses of each row, from the tokens of each step.

    They are cut after the end token, at the maximum length of their row, and before a token with
    log-probability −∞: there was a dead end, which no token may continue.

    Parameters
    ----------
    tokens, chosen, weights
        Tokens of each step, their log-probabilities and attention weights.
    eos_id
        The end token. None: there is none.
    limits
        Maximum length of each row. None: the number of steps.
    """
    rows, queries = tokens[0].shape
    token = torch.stack(tokens, dim=-1).cpu()
    score = torch.stack(chosen, dim=-1).cpu()
    attention = None
    if weights[0] is not None:
        attention = torch.stack([weight for weight in weights if weight is not None], dim=2)
    longest = [len(tokens)] * rows if limits is None else limits.tolist()
    hypotheses: list[list[Hypothesis]] = []
    for row in range(rows):
        hypotheses.append([])
        for query in range(queries):
            sequence = token[row, query, : longest[row]].tolist()
            each = score[row, query, : longest[row]].tolist()
            possible = each.index(-math.inf) if -math.inf in each else len(each)
            ended = eos_id in sequence[:possible]
            length = sequence.index(eos_id) + 1 if ended else possible
            total = float(score[row, query, :length].double().sum())
            hypotheses[-1].append(
                Hypothesis(
                    tokens=tuple(sequence[:length]),
                    log_probability=total,
                    score=total,
                    token_log_probabilities=tuple(each[:length]),
                    alignment=None if attention is None else attention[row, query, :length],
                    finished=ended or (eos_id is None and possible == len(each)),
                )
            )
    return hypotheses
