"""Sampling sequences: temperature, top-k and top-p (nucleus)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.stepper import Stepper, expand_queries
from tsseq2seq.decoding.token_scores import log_softmax, widened
from tsseq2seq.settings import check_number

__all__ = ["sample_sequences", "spell", "truncated"]

# Float32 knows no number much smaller; at this temperature sampling is greedy.
_LEAST_TEMPERATURE = 1e-30


@torch.no_grad()
def sample_sequences(
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    first: Tensor,
    max_length: int,
    eos_id: int | None = None,
    count: int = 1,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
    log_probabilities: Callable[[Tensor], Tensor] = log_softmax,
    feedback: Callable[[Tensor], Tensor] = lambda tokens: tokens,
) -> list[list[Hypothesis]]:
    """Draw sequences, each token from the model's distribution given those before it.

    Parameters
    ----------
    stepper, encoding, first, max_length, eos_id, log_probabilities, feedback
        As in :func:`~tsseq2seq.decoding.beam_search.beam_search`.
    count
        Sequences for each row, drawn side by side as queries of it.
    temperature
        Log-probabilities are divided by it: below 1 likely tokens become likelier, above 1 less so.
    top_k
        Only so many of the likeliest tokens are drawn from. None: all.
    top_p
        Only the fewest likeliest tokens whose probabilities add up to this (Holtzman et al. 2020). None:
        all.
    generator
        Of random numbers.

    Returns
    -------
    list of list of Hypothesis
        ``count`` for each row, in the order drawn. Log-probabilities are the model's own, whatever the
        temperature.
    """
    check_number("sample", "max_length", max_length, low=1, integer=True)
    check_number("sample", "count", count, low=1, integer=True)
    check_number("sample", "temperature", temperature, low=0, low_open=True)
    check_number("sample", "top_k", top_k, low=1, integer=True, optional=True)
    check_number("sample", "top_p", top_p, low=0, low_open=True, high=1, optional=True)
    state, memory = stepper.start(encoding)
    state = expand_queries(state, count)
    previous = first.expand(-1, count, *[-1] * (first.ndim - 2))
    open_ = torch.ones(first.shape[0], count, dtype=torch.bool, device=first.device)
    tokens, chosen, weights = [], [], []
    for t in range(max_length):
        output, state, attention = stepper.step(previous, t, state, memory)
        scores = widened(log_probabilities(output))
        # the likeliest token's score is 0, however small the temperature
        heated = (scores - scores.amax(-1, keepdim=True)) / max(temperature, _LEAST_TEMPERATURE)
        allowed = truncated(heated, top_k, top_p)
        flat = allowed.softmax(-1).flatten(0, 1)
        drawn = torch.multinomial(flat, 1, generator=generator).reshape(scores.shape[:2])
        tokens.append(drawn)
        chosen.append(scores.gather(-1, drawn[..., None])[..., 0])
        weights.append(attention)
        if eos_id is not None:
            open_ = open_ & (drawn != eos_id)
            if not bool(open_.any()):
                break
        previous = feedback(drawn)
    return spell(tokens, chosen, weights, eos_id)


def truncated(scores: Float[Tensor, "*B V"], top_k: int | None, top_p: float | None) -> Float[Tensor, "*B V"]:
    """Set the log-probabilities of tokens that may not be drawn to −∞.

    The likeliest token may always be drawn.

    Examples
    --------
    >>> truncated(torch.tensor([0.5, 0.3, 0.2]).log(), None, 0.6).exp().round(decimals=1).tolist()
    [0.5, 0.30000001192092896, 0.0]
    """
    if top_k is not None and top_k < scores.shape[-1]:
        # by place, not by value: equally likely tokens are no more than top_k
        kept = scores.topk(top_k, dim=-1).indices
        dropped = torch.ones_like(scores, dtype=torch.bool).scatter(-1, kept, False)
        scores = scores.masked_fill(dropped, -torch.inf)
    if top_p is not None and top_p < 1:
        ordered, order = scores.softmax(-1).sort(dim=-1, descending=True, stable=True)
        # a token is needed if those before it do not reach top_p
        dropped = ordered.cumsum(-1) - ordered >= top_p
        scores = scores.masked_fill(torch.zeros_like(dropped).scatter(-1, order, dropped), -torch.inf)
    return scores


def spell(
    tokens: list[Int[Tensor, "B Q"]],
    chosen: list[Float[Tensor, "B Q"]],
    weights: list[Tensor | None],
    eos_id: int | None,
) -> list[list[Hypothesis]]:
    """Make hypotheses of tokens, their log-probabilities and attention by step; cut after the end token."""
    rows, queries = tokens[0].shape
    token = torch.stack(tokens, dim=-1).cpu()
    score = torch.stack(chosen, dim=-1).cpu()
    attention = None
    if weights[0] is not None:
        attention = torch.stack([weight for weight in weights if weight is not None], dim=2)
    found: list[list[Hypothesis]] = []
    for row in range(rows):
        found.append([])
        for query in range(queries):
            sequence = token[row, query].tolist()
            ended = eos_id in sequence
            length = sequence.index(eos_id) + 1 if ended else len(sequence)
            each = tuple(score[row, query, :length].tolist())
            total = float(score[row, query, :length].double().sum())
            found[-1].append(
                Hypothesis(
                    tokens=tuple(sequence[:length]),
                    log_probability=total,
                    score=total,
                    token_log_probabilities=each,
                    alignment=None if attention is None else attention[row, query, :length],
                    finished=ended or eos_id is None,
                )
            )
    return found
