"""Beam search: the likeliest output sequences of any stepper, for tokens and for binned series alike.

One step of the loop, for one row with a beam of K = 3 and the end token ∎::

    open hypotheses          K · V continuations         best K
    a ─┐                     a·x   a·y   a·∎             b·∎ ──▶ finished, ranked by score
    b ─┼── stepper.step ──▶  b·x   b·y   b·∎ ── top K ─▶ a·x ─┐
    c ─┘                     c·x   c·y   c·∎             a·y ─┴▶ open, each with the state of its parent
                                                         tokens ∎ x y and parents b a a ──▶ trace

The loop ends when no open hypothesis can become better than the finished ones. Then the parents are followed
once, from the last token of each hypothesis to its first. The state is reordered by one copy of each of its
tensors; the memory is never copied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_trace import Trace
from tsseq2seq.decoding.constraints import blocked_tokens
from tsseq2seq.decoding.continuations import Chosen, choose_continuations
from tsseq2seq.decoding.dead_ends import without_dead_ends
from tsseq2seq.decoding.ended_hypotheses import EndedHypotheses
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.open_hypotheses import OpenHypotheses
from tsseq2seq.decoding.penalties import length_divisor
from tsseq2seq.decoding.search_checks import (
    check_first,
    check_generator,
    check_places,
    check_prefix,
    check_search,
    check_source_mask,
    check_vocabulary,
    end_token,
    length_limits,
)
from tsseq2seq.decoding.stepper import Stepper, expand_queries
from tsseq2seq.decoding.stepper_checks import Step, check_input, checked_start, checked_step
from tsseq2seq.decoding.token_scores import log_softmax

__all__ = ["beam_search"]

_OWNER = "beam_search"


@torch.no_grad()
def beam_search(
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    first: Tensor,
    max_length: int | Tensor,
    eos_id: int | None = None,
    beam: Beam = Beam(),
    log_probabilities: Callable[[Tensor], Tensor] = log_softmax,
    feedback: Callable[[Tensor], Tensor] = lambda tokens: tokens,
    source_mask: Bool[Tensor, "B S"] | None = None,
    prefix: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> list[list[Hypothesis]]:
    """Search for the likeliest sequences.

    Parameters
    ----------
    stepper, encoding
        The model, any object with ``start`` and ``step`` (see
        :class:`~tsseq2seq.decoding.stepper.Stepper`), and the argument of its ``start``.
    first
        (B, 1, …), input of the first decoder step.
    max_length
        Most tokens of a sequence, the end token included; one number for all rows, or one for each. An exact
        search ends sooner with a lower number.
    eos_id
        The end token. None: all sequences have ``max_length`` tokens.
    beam
        The settings.
    log_probabilities
        Function from a step's output to log-probabilities (B, Q, V); by default the log-softmax of logits.
        A token with −∞ is never chosen. A hypothesis of which all continuations have −∞ is a dead end, and is
        not returned.
    feedback
        Function from tokens (B, Q) to the input of the next step (B, Q, …); by default the tokens themselves.
    source_mask
        True at source positions that are not padding, for the coverage penalty. None: all.
    prefix
        Tokens with which each sequence must begin, padded with −1. Their log-probabilities count.
    generator
        Generator of random numbers for a stochastic search (Kool et al. 2019): the sequences returned are a
        sample from the model without replacement, ``beam.beam_size`` at most. None: a deterministic search.

    Returns
    -------
    list of list of Hypothesis
        Up to ``beam.n_best`` for each row, the best first. Hypotheses that reached ``max_length`` unfinished
        come after all finished ones; in a sample both are ranked together.

    Raises
    ------
    ParameterError
        If lengths or settings contradict each other, what the model returns has a wrong shape, or a
        log-probability of an open hypothesis is NaN or +∞.
    ParameterTypeError
        If its state holds what is no tensor, nest or number.

    References
    ----------
    Graves, "Sequence transduction with recurrent neural networks" (2012); Wu et al. (2016), section 7;
    Vijayakumar et al., "Diverse beam search" (2018); Kool et al., "Stochastic beams and where to find
    them" (2019).

    Examples
    --------
    A model given by the probabilities of each token after another:

    >>> class Bigrams:
    ...     table = torch.tensor([[0.1, 0.6, 0.3], [0.5, 0.1, 0.4], [0.3, 0.3, 0.4]]).log()
    ...     def start(self, encoding):
    ...         return {}, None
    ...     def step(self, previous, t, state, memory):
    ...         return self.table[previous], state, None
    >>> first = torch.tensor([[0]])
    >>> best = beam_search(Bigrams(), None, first=first, max_length=4, eos_id=2, beam=Beam(n_best=2))
    >>> [hypothesis.tokens for hypothesis in best[0]]
    [(1, 0, 1, 2), (1, 2)]
    """
    check_first(_OWNER, first)
    task = _checked_task(first, max_length, eos_id, beam, source_mask, prefix, generator)
    rows, device = first.shape[0], first.device
    state, memory = checked_start(_OWNER, stepper, encoding, rows)
    current = OpenHypotheses.beginning(expand_queries(state, beam.groups), rows, beam.groups, device)
    finished = unfinished = EndedHypotheses.none(rows, device)
    previous = first.expand(-1, beam.groups, *[-1] * (first.ndim - 2))
    trace, lengths = Trace(), set(task.limits.tolist())
    step: Step | None = None
    for t in range(max(lengths, default=0)):
        step = checked_step(
            _OWNER, stepper, previous, t, current.state, memory,
            log_probabilities=log_probabilities, before=step,
        )  # fmt: skip
        if t == 0:
            check_vocabulary(_OWNER, step.vocabulary, task.eos_id, prefix)
            check_places(_OWNER, source_mask, step.weights)
        chosen = task.choose(current, step, t)
        current = current.advanced(chosen, step, t, beam)
        trace.append(chosen.tokens, chosen.parents, step.scores, step.weights)
        current, finished = task.finish(current, finished, chosen.tokens, t)
        done = task.is_done(current, finished)
        if done or t + 1 in lengths:
            current, unfinished = task.cut(current, unfinished, t, all_rows=done)
        if done:
            break
        previous = feedback(chosen.tokens)
        check_input(_OWNER, t, previous, *chosen.tokens.shape)
    return trace.hypotheses(
        (finished.score, finished.step, finished.beam),
        (unfinished.score, unfinished.step, unfinished.beam),
        n_best=beam.n_best,
        has_end_token=eos_id is not None,
        ranked_together=generator is not None,
    )


@dataclass(frozen=True)
class _Task:
    """What stays the same in all steps of a search; the attributes are those of :func:`beam_search`.

    Attributes
    ----------
    limits
        Most tokens of each row.
    divisors
        The length divisor of the longest possible sequence of each row.
    """

    beam: Beam
    eos_id: int | None
    prefix: Int[Tensor, "B P"] | None
    source_mask: Bool[Tensor, "B S"] | None
    generator: torch.Generator | None
    limits: Int[Tensor, " B"]
    divisors: Float[Tensor, " B"]

    @property
    def candidates(self) -> int:
        """Number of ended hypotheses to keep: each group may find the same."""
        return self.beam.n_best * self.beam.groups

    def choose(self, current: OpenHypotheses, step: Step, t: int) -> Chosen:
        """Return the best continuations that are allowed."""
        blocked = blocked_tokens(
            step.scores, current.history, t, beam=self.beam, eos_id=self.eos_id, prefix=self.prefix
        )
        allowed = step.scores if blocked is None else step.scores.masked_fill(blocked, -torch.inf)
        options = (self.beam, self.generator)
        chosen = choose_continuations(current.log_probability, current.rank, allowed, *options)
        if not bool((~(chosen.log_probability < torch.inf)).any()):
            return chosen
        is_open = current.rank.flatten(1) > -torch.inf
        allowed = without_dead_ends(_OWNER, t, step.output, allowed, is_open)
        return choose_continuations(current.log_probability, current.rank, allowed, *options)

    def finish(
        self, current: OpenHypotheses, finished: EndedHypotheses, tokens: Int[Tensor, "B K"], t: int
    ) -> tuple[OpenHypotheses, EndedHypotheses]:
        """Move the hypotheses that chose the end token to the finished ones."""
        if self.eos_id is None or not bool((ended := tokens.eq(self.eos_id)).any()):
            return current, finished
        score = self._scores(current, t).masked_fill(~ended, -torch.inf)
        return current.without(ended), finished.insert(score, t, self.candidates)

    def cut(
        self, current: OpenHypotheses, unfinished: EndedHypotheses, t: int, *, all_rows: bool
    ) -> tuple[OpenHypotheses, EndedHypotheses]:
        """Move open hypotheses, of rows at their maximum length or of all rows, to the unfinished ones."""
        ends = (torch.ones_like(self.limits, dtype=torch.bool) if all_rows else self.limits == t + 1)[:, None]
        score = self._scores(current, t).masked_fill(~ends, -torch.inf)
        return current.without(ends.expand_as(score)), unfinished.insert(score, t, self.candidates)

    def is_done(self, current: OpenHypotheses, finished: EndedHypotheses) -> bool:
        """Return whether no open hypothesis can become better than those that its row would return."""
        best = current.rank.flatten(1).amax(1)
        row_is_open = best > -torch.inf
        if self.beam.stop == "full" or finished.score.shape[1] < self.candidates:
            return not bool(row_is_open.any())
        # log-probabilities only fall, divisors only grow, and the coverage score is 0 at most
        bound = best.double()
        if self.generator is None:
            bound = current.log_probability.flatten(1).amax(1).double() / self.divisors
        return not bool((row_is_open & (bound > finished.score[:, -1])).any())

    def _scores(self, current: OpenHypotheses, t: int) -> Float[Tensor, "B K"]:
        return current.scores(t + 1, self.beam, self.source_mask, stochastic=self.generator is not None)


def _checked_task(
    first: Tensor,
    max_length: int | Tensor,
    eos_id: int | None,
    beam: Beam,
    source_mask: Bool[Tensor, "B S"] | None,
    prefix: Tensor | None,
    generator: torch.Generator | None,
) -> _Task:
    """Check the arguments of a search and return its task."""
    check_generator(_OWNER, generator)
    check_source_mask(_OWNER, source_mask, len(first))
    limits, eos_id = length_limits(_OWNER, max_length, len(first), first.device), end_token(_OWNER, eos_id)
    check_search(beam, limits=limits, eos_id=eos_id, stochastic=generator is not None)
    if prefix is not None:
        check_prefix(_OWNER, prefix, limits, eos_id)
    divisors = [
        length_divisor(limit, beam.length_normalization, beam.length_penalty) for limit in limits.tolist()
    ]
    longest = torch.tensor(divisors, dtype=torch.float64, device=limits.device)
    return _Task(beam, eos_id, prefix, source_mask, generator, limits, longest)
