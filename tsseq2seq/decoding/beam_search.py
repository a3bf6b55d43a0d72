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

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_trace import Trace
from tsseq2seq.decoding.constraints import blocked_tokens
from tsseq2seq.decoding.dead_ends import without_dead_ends
from tsseq2seq.decoding.gumbel import condition_on_maximum
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.penalties import coverage_score, length_divisor
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
from tsseq2seq.decoding.stepper_checks import Step, check_input, check_state, checked_start, checked_step
from tsseq2seq.decoding.token_scores import log_softmax
from tsseq2seq.decoding.top_indices import top_indices
from tsseq2seq.errors import ParameterError
from tsseq2seq.nests import map_nest

__all__ = ["beam_search"]


@dataclass(frozen=True)
class _Open:
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


@dataclass(frozen=True)
class _Ranked:
    """The best N hypotheses of each row that ended, with the step and the beam in which they ended."""

    score: Float[Tensor, "B N"]
    step: Int[Tensor, "B N"]
    beam: Int[Tensor, "B N"]

    def insert(self, score: Float[Tensor, "B K"], step: int, count: int) -> _Ranked:
        """Return the best ``count`` of these and of new ones; a score of −∞ means no hypothesis."""
        beam = torch.arange(score.shape[1], device=score.device).expand_as(score)
        scores = torch.cat([self.score, score], dim=1)
        steps = torch.cat([self.step, torch.full_like(beam, step)], dim=1)
        beams = torch.cat([self.beam, beam], dim=1)
        # the sort is stable, so of equal scores the earlier hypothesis comes first
        order = scores.argsort(dim=1, descending=True, stable=True)[:, :count]
        return _Ranked(scores.gather(1, order), steps.gather(1, order), beams.gather(1, order))


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
    stochastic = generator is not None
    check_first("beam_search", first)
    check_generator("beam_search", generator)
    rows, device = first.shape[0], first.device
    check_source_mask("beam_search", source_mask, rows)
    limits, eos_id = length_limits("beam_search", max_length, rows, device), end_token("beam_search", eos_id)
    check_search(beam, limits=limits, eos_id=eos_id, stochastic=stochastic)
    if prefix is not None:
        check_prefix("beam_search", prefix, limits, eos_id)
    state, memory = checked_start("beam_search", stepper, encoding, rows)
    groups = beam.groups
    candidates = beam.n_best * groups  # each group may find the same hypotheses
    current = _Open(
        state=expand_queries(state, groups),
        log_probability=torch.zeros(rows, groups, 1, device=device),
        rank=torch.zeros(rows, groups, 1, device=device),
        coverage=None,
        history=None,
    )
    empty = torch.zeros(rows, 0, device=device, dtype=torch.int64)
    finished = unfinished = _Ranked(empty.double(), empty, empty)
    largest_divisors = _largest_divisors(limits, beam)
    previous = first.expand(-1, groups, *[-1] * (first.ndim - 2))
    trace = Trace()
    lengths = set(limits.tolist())
    step: Step | None = None
    for t in range(max(lengths, default=0)):
        step = checked_step(
            "beam_search",
            stepper,
            previous,
            t,
            current.state,
            memory,
            log_probabilities=log_probabilities,
            before=step,
        )
        scores, weights = step.scores, step.weights
        if t == 0:
            check_vocabulary("beam_search", step.vocabulary, eos_id, prefix)
            check_places("beam_search", source_mask, weights)
        blocked = blocked_tokens(scores, current.history, t, beam=beam, eos_id=eos_id, prefix=prefix)
        allowed = scores if blocked is None else scores.masked_fill(blocked, -torch.inf)
        chosen, tokens, parents = _select(current, allowed, beam, generator)
        if bool((~(chosen[0] < torch.inf)).any()):
            is_open = current.rank.flatten(1) > -torch.inf
            allowed = without_dead_ends("beam_search", t, step.output, allowed, is_open)
            chosen, tokens, parents = _select(current, allowed, beam, generator)
        current = _advance(chosen, step, t, tokens, parents, current, beam)
        trace.append(tokens, parents, scores, weights)
        length = t + 1
        if eos_id is not None and bool((ended := tokens.eq(eos_id)).any()):
            score = _scores(current, length, beam, source_mask, stochastic)
            finished = finished.insert(score.masked_fill(~ended, -torch.inf), t, candidates)
            current = _without(current, ended)
        done = _done(current, finished, beam, candidates, largest_divisors, stochastic)
        if done or length in lengths:
            row_ends = torch.ones_like(limits, dtype=torch.bool) if done else limits == length
            score = _scores(current, length, beam, source_mask, stochastic)
            unfinished = unfinished.insert(score.masked_fill(~row_ends[:, None], -torch.inf), t, candidates)
            current = _without(current, row_ends[:, None].expand_as(tokens))
        if done:
            break
        previous = feedback(tokens)
        check_input("beam_search", t, previous, *tokens.shape)
    return trace.hypotheses(
        (finished.score, finished.step, finished.beam),
        (unfinished.score, unfinished.step, unfinished.beam),
        n_best=beam.n_best,
        has_end_token=eos_id is not None,
        ranked_together=stochastic,
    )


def _select(
    current: _Open,
    scores: Float[Tensor, "B Q V"],
    beam: Beam,
    generator: torch.Generator | None,
) -> tuple[tuple[Tensor, Tensor], Int[Tensor, "B K"], Int[Tensor, "B K"]]:
    """Return log-probability and rank (B, G, q) of the best continuations, and their tokens and parents."""
    rows, vocabulary = scores.shape[0], scores.shape[-1]
    groups, beams = current.rank.shape[1:]
    scores = scores.reshape(rows, groups, beams, vocabulary)
    if generator is not None:
        # renormalised, as hypotheses with many blocked continuations would be drawn too seldom otherwise
        mass = scores.logsumexp(-1, keepdim=True)
        scores = torch.where(mass == -torch.inf, -torch.inf, scores - mass)
    total = current.log_probability[..., None].to(scores.dtype) + scores
    rank = total
    if generator is not None:
        rank = condition_on_maximum(total, current.rank.to(scores.dtype), generator)
        # NaN has no rank: it is chosen, so that it is seen
        rank = rank.masked_fill(~(mass < torch.inf), torch.nan)
    count = min(beam.beam_size // groups, beams * vocabulary)
    # number of beams of earlier groups that chose each token
    times_chosen = scores.new_zeros(rows, vocabulary if beam.diversity else 0)
    indices: list[Tensor] = []
    for group in range(groups):
        key = rank[:, group]
        if beam.diversity:
            key = key - beam.diversity * times_chosen[:, None]
        index = top_indices(key.flatten(1), count)
        indices.append(index)
        if beam.diversity:
            # if fewer than count continuations are allowed, blocked ones are among the top; they do not count
            allowed = rank[:, group].flatten(1).gather(1, index) > -torch.inf
            times_chosen = times_chosen.scatter_add(1, index % vocabulary, allowed.to(times_chosen.dtype))
    index = torch.stack(indices, dim=1)
    chosen = total.flatten(2).gather(2, index), rank.flatten(2).gather(2, index)
    tokens = index % vocabulary
    offset = torch.arange(groups, device=index.device)[:, None] * beams
    parents = torch.div(index, vocabulary, rounding_mode="floor") + offset
    return chosen, tokens.flatten(1), parents.flatten(1)


def _advance(
    chosen: tuple[Tensor, Tensor],
    step: Step,
    t: int,
    tokens: Int[Tensor, "B K"],
    parents: Int[Tensor, "B K"],
    before: _Open,
    beam: Beam,
) -> _Open:
    """Return the chosen continuations, each with the state of its parent."""
    rows = torch.arange(len(parents), device=parents.device)[:, None]
    weights, reordered = step.weights, 0

    def reorder(leaf: Tensor) -> Tensor:
        nonlocal reordered
        reordered += 1
        if leaf.shape[:2] != step.scores.shape[:2]:
            check_state("beam_search", f"step {t}", step.state, *step.scores.shape[:2])
        # index_select copies whole rows, where gather would copy single numbers
        index = (rows * leaf.shape[1] + parents).flatten()
        return leaf.flatten(0, 1).index_select(0, index).unflatten(0, parents.shape)

    coverage = history = None
    if beam.coverage_penalty:
        if weights is None:
            raise ParameterError(
                f"beam_search: coverage_penalty is {beam.coverage_penalty}, but the model gives no attention"
            )
        coverage = reorder(weights if before.coverage is None else before.coverage + weights)
    if beam.no_repeat_ngram:
        history = tokens[:, :, None]
        if before.history is not None:
            history = torch.cat([reorder(before.history), history], dim=2)
    reordered = 0
    state = map_nest(reorder, step.state)
    if reordered != before.leaves:
        # something may have taken the place of a tensor
        check_state("beam_search", f"step {t}", step.state, *step.scores.shape[:2])
    return _Open(state, chosen[0], chosen[1], coverage, history, reordered)


def _scores(
    current: _Open, length: int, beam: Beam, source_mask: Tensor | None, stochastic: bool
) -> Float[Tensor, "B K"]:
    """Return the score of each open hypothesis if it ended here; −∞ for beams without one."""
    if stochastic:
        return current.rank.flatten(1).double()
    divisor = length_divisor(length, beam.length_normalization, beam.length_penalty)
    score = current.log_probability.flatten(1).double() / divisor
    if current.coverage is not None:
        score = score + beam.coverage_penalty * coverage_score(current.coverage, source_mask)
        # beams without a hypothesis may have attention weights of NaN
        score = score.masked_fill(current.rank.flatten(1) == -torch.inf, -torch.inf)
        if bool(score.isnan().any()):
            raise ParameterError(
                f"beam_search: attention weights are NaN in row {int(score.isnan().nonzero()[0, 0])} at step "
                f"{length - 1}; coverage_penalty is {beam.coverage_penalty} and needs numbers"
            )
    return score


def _without(current: _Open, ended: Bool[Tensor, "B K"]) -> _Open:
    """Return the open hypotheses without those that ended."""
    closed = ended.reshape(current.rank.shape)
    return dataclasses.replace(
        current,
        log_probability=current.log_probability.masked_fill(closed, -torch.inf),
        rank=current.rank.masked_fill(closed, -torch.inf),
    )


def _largest_divisors(limits: Int[Tensor, " B"], beam: Beam) -> Float[Tensor, " B"]:
    """Return the length divisor of the longest possible sequence of each row."""
    divisors = [
        length_divisor(limit, beam.length_normalization, beam.length_penalty) for limit in limits.tolist()
    ]
    return torch.tensor(divisors, dtype=torch.float64, device=limits.device)


def _done(
    current: _Open,
    finished: _Ranked,
    beam: Beam,
    candidates: int,
    largest_divisors: Float[Tensor, " B"],
    stochastic: bool,
) -> bool:
    """Whether no open hypothesis can become better than those that its row would return."""
    best = current.rank.flatten(1).amax(1)
    row_is_open = best > -torch.inf
    if beam.stop == "full" or finished.score.shape[1] < candidates:
        return not bool(row_is_open.any())
    # log-probabilities only fall, divisors only grow, and the coverage score is 0 at most
    bound = best.double()
    if not stochastic:
        bound = current.log_probability.flatten(1).amax(1).double() / largest_divisors
    return not bool((row_is_open & (bound > finished.score[:, -1])).any())
