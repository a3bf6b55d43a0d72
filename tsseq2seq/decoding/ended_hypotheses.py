"""The hypotheses of a beam search that ended: the best of each row, finished or cut."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["EndedHypotheses"]


@dataclass(frozen=True)
class EndedHypotheses:
    """The best N hypotheses of each row that ended, with the step and the beam in which they ended."""

    score: Float[Tensor, "B N"]
    step: Int[Tensor, "B N"]
    beam: Int[Tensor, "B N"]

    def insert(self, score: Float[Tensor, "B K"], step: int, count: int) -> EndedHypotheses:
        """Return the best ``count`` of these and of new ones; a score of −∞ means no hypothesis."""
        beam = torch.arange(score.shape[1], device=score.device).expand_as(score)
        scores = torch.cat([self.score, score], dim=1)
        steps = torch.cat([self.step, torch.full_like(beam, step)], dim=1)
        beams = torch.cat([self.beam, beam], dim=1)
        # the sort is stable, so of equal scores the earlier hypothesis comes first
        order = scores.argsort(dim=1, descending=True, stable=True)[:, :count]
        return EndedHypotheses(scores.gather(1, order), steps.gather(1, order), beams.gather(1, order))

    @classmethod
    def none(cls, rows: int, device: torch.device) -> EndedHypotheses:
        """Return those of each row before the first step."""
        empty = torch.zeros(rows, 0, device=device, dtype=torch.int64)
        return cls(empty.double(), empty, empty)
