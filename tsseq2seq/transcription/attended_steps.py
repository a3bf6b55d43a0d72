"""Attention weights over the encoder's steps, spread over the steps of the input that they were made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.decoding.hypothesis import Hypothesis

__all__ = ["of_input_steps", "spread"]


def of_input_steps(
    hypotheses: Sequence[Hypothesis | None], lengths: Sequence[int], stride: int
) -> list[Hypothesis | None]:
    """Return hypotheses whose alignments are over the steps of their inputs.

    Parameters
    ----------
    hypotheses
        With alignments over encoder steps; None, and those without an alignment, stay as they are.
    lengths
        Number of input steps of each.
    stride
        Input steps of an encoder step; the last may have fewer.
    """
    return [
        one
        if one is None or one.alignment is None
        else dataclasses.replace(one, alignment=spread(one.alignment, length, stride))
        for one, length in zip(hypotheses, lengths, strict=True)
    ]


def spread(weights: Float[Tensor, "T S"], length: int, stride: int) -> Float[Tensor, "T steps"]:
    """Divide the weight of each encoder step equally among its input steps.

    Examples
    --------
    >>> spread(torch.tensor([[0.5, 0.25, 0.25]]), 5, 2).tolist()
    [[0.25, 0.25, 0.125, 0.125, 0.25]]
    """
    step = torch.arange(length, device=weights.device) // stride
    shares = torch.bincount(step, minlength=weights.shape[1]).clamp(min=1)
    return (weights / shares)[:, step]
