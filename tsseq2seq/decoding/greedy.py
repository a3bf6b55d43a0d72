"""Greedy search: the likeliest token at each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.sampling import spell
from tsseq2seq.decoding.stepper import Stepper
from tsseq2seq.decoding.token_scores import log_softmax, widened
from tsseq2seq.settings import check_number

__all__ = ["greedy_search"]


@torch.no_grad()
def greedy_search(
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    first: Tensor,
    max_length: int,
    eos_id: int | None = None,
    log_probabilities: Callable[[Tensor], Tensor] = log_softmax,
    feedback: Callable[[Tensor], Tensor] = lambda tokens: tokens,
) -> list[Hypothesis]:
    """Take the likeliest token at each step, until all rows have ended.

    Parameters
    ----------
    stepper, encoding, first, max_length, eos_id, log_probabilities, feedback
        As in :func:`~tsseq2seq.decoding.beam_search.beam_search`, which finds the same with a beam of 1.

    Returns
    -------
    list of Hypothesis
        One for each row; its score is its log-probability.
    """
    check_number("greedy_search", "max_length", max_length, low=1, integer=True)
    state, memory = stepper.start(encoding)
    previous = first
    open_ = torch.ones(first.shape[0], 1, dtype=torch.bool, device=first.device)
    tokens, chosen, weights = [], [], []
    for t in range(max_length):
        output, state, attention = stepper.step(previous, t, state, memory)
        best = widened(log_probabilities(output)).max(-1)
        tokens.append(best.indices)
        chosen.append(best.values)
        weights.append(attention)
        if eos_id is not None:
            open_ = open_ & (best.indices != eos_id)
            if not bool(open_.any()):
                break
        previous = feedback(best.indices)
    return [row[0] for row in spell(tokens, chosen, weights, eos_id)]
