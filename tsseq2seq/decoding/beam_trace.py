"""The trace of a beam search: tokens and back-pointers of each step, and the hypotheses they lead to."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.decoding.hypothesis import Hypothesis

__all__ = ["Trace"]


class Trace:
    """Tokens, back-pointers, scores and attention weights of all steps of a search."""

    def __init__(self) -> None:
        self.tokens: list[Tensor] = []
        self.parents: list[Tensor] = []
        self.scores: list[Tensor] = []
        self.weights: list[Tensor] = []

    def append(
        self,
        tokens: Int[Tensor, "B K"],
        parents: Int[Tensor, "B K"],
        scores: Float[Tensor, "B Q V"],
        weights: Float[Tensor, "B Q S"] | None,
    ) -> None:
        """Add a step.

        Parameters
        ----------
        tokens, parents
            The chosen tokens, and the query before that each of them continues.
        scores
            Log-probabilities of all continuations.
        weights
            Attention weights of the queries; None without attention.
        """
        self.tokens.append(tokens)
        self.parents.append(parents)
        chosen = scores.flatten(1).gather(1, parents * scores.shape[-1] + tokens)
        self.scores.append(chosen)
        if weights is not None:
            self.weights.append(weights)

    def hypotheses(
        self,
        finished: tuple[Float[Tensor, "B N"], Int[Tensor, "B N"], Int[Tensor, "B N"]],
        unfinished: tuple[Float[Tensor, "B M"], Int[Tensor, "B M"], Int[Tensor, "B M"]],
        *,
        n_best: int,
        has_end_token: bool,
        ranked_together: bool = False,
    ) -> list[list[Hypothesis]]:
        """Return the best hypotheses of each row.

        Parameters
        ----------
        finished
            Score, and last step and beam, of the finished hypotheses; a score of −∞ means no hypothesis.
        unfinished
            The same for hypotheses that were open at the maximum length, or when the search ended.
        n_best
            Most hypotheses of a row.
        has_end_token
            Whether there is an end token. Without one, all hypotheses count as finished.
        ranked_together
            Whether finished and unfinished hypotheses are ranked together, as in a sample; else the finished
            ones come first.
        """
        score, step, beam = (torch.cat(pair, dim=1) for pair in zip(finished, unfinished, strict=True))
        tokens, log_probabilities, weights = self._follow(step, beam)
        count = finished[0].shape[1]
        order = torch.arange(score.shape[1]).expand_as(score)
        if ranked_together:
            order = score.argsort(dim=1, descending=True, stable=True)
        rows: list[list[Hypothesis]] = []
        for row in range(len(score)):
            hypotheses: dict[tuple[int, ...], Hypothesis] = {}  # several groups may find the same
            for column in order[row].tolist():
                if len(hypotheses) == n_best or score[row, column] == -torch.inf:
                    continue
                length = int(step[row, column]) + 1
                sequence = tuple(tokens[row, column, :length].tolist())
                if sequence in hypotheses:
                    continue
                each = log_probabilities[row, column, :length]
                hypotheses[sequence] = Hypothesis(
                    tokens=sequence,
                    log_probability=float(each.double().sum()),
                    score=float(score[row, column]),
                    token_log_probabilities=tuple(each.tolist()),
                    alignment=None if weights is None else weights[row, column, :length],
                    finished=column < count or not has_end_token,
                )
            rows.append(list(hypotheses.values()))
        return rows

    def _follow(
        self, step: Int[Tensor, "B N"], beam: Int[Tensor, "B N"]
    ) -> tuple[Int[Tensor, "B N T"], Float[Tensor, "B N T"], Float[Tensor, "B N T S"] | None]:
        """Follow the back-pointers of hypotheses that end at ``step`` in ``beam``.

        Returns
        -------
        tokens, log_probabilities, weights
            Of each step; entries after the end of a hypothesis are arbitrary.
        """
        pointer = beam
        tokens, log_probabilities, weights = [], [], []
        for t in reversed(range(len(self.tokens))):
            # the pointer of a hypothesis moves from its last step on
            current = torch.where(step >= t, pointer, 0)
            tokens.append(self.tokens[t].gather(1, current))
            log_probabilities.append(self.scores[t].gather(1, current))
            parent = self.parents[t].gather(1, current)
            if self.weights:
                index = parent[..., None].expand(-1, -1, self.weights[t].shape[2])
                weights.append(self.weights[t].gather(1, index))
            pointer = torch.where(step >= t, parent, pointer)
        stacked = torch.stack(weights[::-1], dim=2) if weights else None
        return torch.stack(tokens[::-1], dim=2), torch.stack(log_probabilities[::-1], dim=2), stacked
