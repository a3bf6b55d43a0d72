"""The open hypotheses of a beam search: their state, what they have read and written, and their scores."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.continuations import Chosen
from tsseq2seq.decoding.penalties import coverage_score, length_divisor
from tsseq2seq.decoding.stepper_checks import Step, check_state
from tsseq2seq.errors import ParameterError
from tsseq2seq.nests import map_nest

__all__ = ["OpenHypotheses"]


@dataclass(frozen=True)
class OpenHypotheses:
    """The open hypotheses, in G groups of q beams. A beam without an open hypothesis has log-probability −∞.

    Attributes
    ----------
    state
        State of the stepper, with Q = G·q queries.
    log_probability
        (B, G, q), of the tokens so far.
    rank
        (B, G, q), by which continuations are selected: the log-probability, perturbed in a stochastic search.
    coverage
        (B, Q, S), sum of the attention weights so far; None without a coverage penalty.
    history
        (B, Q, t), the tokens so far; None if n-grams may be repeated.
    leaves
        Number of tensors of the state.
    """

    state: Any
    log_probability: Float[Tensor, "B G q"]
    rank: Float[Tensor, "B G q"]
    coverage: Float[Tensor, "B Q S"] | None
    history: Int[Tensor, "B Q t"] | None
    leaves: int = 0

    @classmethod
    def beginning(cls, state: Any, rows: int, groups: int, device: torch.device) -> OpenHypotheses:  # noqa: ANN401
        """Return one empty hypothesis for each group of each row."""
        zeros = torch.zeros(rows, groups, 1, device=device)
        return cls(state, log_probability=zeros, rank=zeros, coverage=None, history=None)

    def advanced(self, chosen: Chosen, step: Step, t: int, beam: Beam) -> OpenHypotheses:
        """Return the chosen continuations, each with the state of its parent."""
        parents = chosen.parents
        rows = torch.arange(len(parents), device=parents.device)[:, None]
        queries, reordered = step.scores.shape[:2], 0

        def reorder(leaf: Tensor) -> Tensor:
            nonlocal reordered
            reordered += 1
            if leaf.shape[:2] != queries:
                check_state("beam_search", f"step {t}", step.state, *queries)
            # index_select copies whole rows, where gather would copy single numbers
            index = (rows * leaf.shape[1] + parents).flatten()
            return leaf.flatten(0, 1).index_select(0, index).unflatten(0, parents.shape)

        state, leaves = map_nest(reorder, step.state), reordered
        if leaves != self.leaves:
            # something may have taken the place of a tensor
            check_state("beam_search", f"step {t}", step.state, *queries)
        coverage = history = None
        if beam.coverage_penalty:
            coverage = reorder(self._covered(step.weights, beam))
        if beam.no_repeat_ngram:
            history = chosen.tokens[:, :, None]
            if self.history is not None:
                history = torch.cat([reorder(self.history), history], dim=2)
        return OpenHypotheses(state, chosen.log_probability, chosen.rank, coverage, history, leaves)

    def _covered(self, weights: Float[Tensor, "B Q S"] | None, beam: Beam) -> Float[Tensor, "B Q S"]:
        if weights is None:
            raise ParameterError(
                f"beam_search: coverage_penalty is {beam.coverage_penalty}, but the model gives no attention"
            )
        return weights if self.coverage is None else self.coverage + weights

    def without(self, ended: Bool[Tensor, "B K"]) -> OpenHypotheses:
        """Return the open hypotheses without those that ended."""
        closed = ended.reshape(self.rank.shape)
        return dataclasses.replace(
            self,
            log_probability=self.log_probability.masked_fill(closed, -torch.inf),
            rank=self.rank.masked_fill(closed, -torch.inf),
        )

    def scores(
        self, length: int, beam: Beam, source_mask: Bool[Tensor, "B S"] | None, *, stochastic: bool
    ) -> Float[Tensor, "B K"]:
        """Return the score of each open hypothesis if it ended here; −∞ for beams without one."""
        if stochastic:
            return self.rank.flatten(1).double()
        divisor = length_divisor(length, beam.length_normalization, beam.length_penalty)
        score = self.log_probability.flatten(1).double() / divisor
        if self.coverage is None:
            return score
        score = score + beam.coverage_penalty * coverage_score(self.coverage, source_mask)
        # beams without a hypothesis may have attention weights of NaN
        score = score.masked_fill(self.rank.flatten(1) == -torch.inf, -torch.inf)
        if bool(score.isnan().any()):
            raise ParameterError(
                f"beam_search: attention weights are NaN in row {int(score.isnan().nonzero()[0, 0])} at step "
                f"{length - 1}; coverage_penalty is {beam.coverage_penalty} and needs numbers"
            )
        return score
