"""The steps of a search, and the sequences that they spell when back-pointers are followed."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.decoding.hypothesis import Hypothesis

__all__ = ["Trace"]


class Trace:
    """Tokens, back-pointers, scores and attention of all steps of a search."""

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
        """Keep a step.

        Parameters
        ----------
        tokens, parents
            What was chosen, and which query before it continues.
        scores
            Log-probabilities of all continuations.
        weights
            Attention of the queries.
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
        left: tuple[Float[Tensor, "B M"], Int[Tensor, "B M"], Int[Tensor, "B M"]],
        *,
        n_best: int,
        ended: bool,
        mixed: bool = False,
    ) -> list[list[Hypothesis]]:
        """Spell out what was found.

        Parameters
        ----------
        finished
            Score, step and beam of the finished ones; a score of −∞ is none.
        left
            The same of those that were still open at the greatest length.
        n_best
            How many of each row, at most.
        ended
            Whether there is an end token, so that those left are unfinished.
        mixed
            Whether finished and unfinished ones are ranked together, as they are in a sample.
        """
        score, step, beam = (torch.cat(pair, dim=1) for pair in zip(finished, left, strict=True))
        tokens, chosen, weights = self._follow(step, beam)
        count = finished[0].shape[1]
        places = torch.arange(score.shape[1]).expand_as(score)
        if mixed:
            places = score.argsort(dim=1, descending=True, stable=True)
        rows: list[list[Hypothesis]] = []
        for row in range(len(score)):
            found: list[Hypothesis] = []
            seen: set[tuple[int, ...]] = set()
            for place in places[row].tolist():
                if len(found) == n_best or score[row, place] == -torch.inf:
                    continue
                length = int(step[row, place]) + 1
                sequence = tuple(tokens[row, place, :length].tolist())
                if sequence in seen:
                    continue
                seen.add(sequence)
                each = tuple(chosen[row, place, :length].tolist())
                found.append(
                    Hypothesis(
                        tokens=sequence,
                        log_probability=float(chosen[row, place, :length].double().sum()),
                        score=float(score[row, place]),
                        token_log_probabilities=each,
                        alignment=None if weights is None else weights[row, place, :length],
                        finished=place < count or not ended,
                    )
                )
            rows.append(found)
        return rows

    def _follow(
        self, step: Int[Tensor, "B N"], beam: Int[Tensor, "B N"]
    ) -> tuple[Int[Tensor, "B N T"], Float[Tensor, "B N T"], Float[Tensor, "B N T S"] | None]:
        """Return tokens, their log-probabilities and attention; beyond a sequence's end anything."""
        place = beam
        tokens, chosen, weights = [], [], []
        for t in reversed(range(len(self.tokens))):
            # until its last step is reached, a pointer waits
            here = torch.where(step >= t, place, 0)
            tokens.append(self.tokens[t].gather(1, here))
            chosen.append(self.scores[t].gather(1, here))
            before = self.parents[t].gather(1, here)
            if self.weights:
                index = before[..., None].expand(-1, -1, self.weights[t].shape[2])
                weights.append(self.weights[t].gather(1, index))
            place = torch.where(step >= t, before, place)
        stacked = torch.stack(weights[::-1], dim=2) if weights else None
        return torch.stack(tokens[::-1], dim=2), torch.stack(chosen[::-1], dim=2), stacked
