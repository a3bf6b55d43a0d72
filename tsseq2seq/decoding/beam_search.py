"""Beam search: the likeliest output sequences of any stepper, for tokens and for binned series alike.

At each step every open hypothesis of a row is continued by every token, and the best K of all these
stay. Those that end with the end token are finished and take no further part; the others are open.
The state is reordered by one copy of each of its tensors, the memory is never touched. Tokens and
back-pointers are kept by step and followed once, at the end.
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
from tsseq2seq.decoding.gumbel import condition_on_maximum
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.penalties import coverage_score, length_divisor
from tsseq2seq.decoding.search_checks import check_prefix, check_search, check_vocabulary, read_limits
from tsseq2seq.decoding.stepper import Stepper, expand_queries, map_state
from tsseq2seq.decoding.token_scores import log_softmax, widened
from tsseq2seq.decoding.top import top_places
from tsseq2seq.errors import ParameterError

__all__ = ["beam_search"]


@dataclass(frozen=True)
class _Open:
    """The hypotheses still open, G groups of q beams; a dead place has the log-probability −∞.

    Attributes
    ----------
    state
        Of the stepper, with Q = G·q queries.
    log_probability, rank
        (B, G, q): of the tokens so far, and by what hypotheses are selected (a perturbed
        log-probability in stochastic search).
    coverage
        (B, Q, S), attention so far, or None.
    history
        (B, Q, t), tokens so far, or None.
    """

    state: Any
    log_probability: Float[Tensor, "B G q"]
    rank: Float[Tensor, "B G q"]
    coverage: Float[Tensor, "B Q S"] | None
    history: Int[Tensor, "B Q t"] | None


@dataclass(frozen=True)
class _Ranked:
    """The best hypotheses that ended: score (B, N), and step and beam at which each did."""

    score: Float[Tensor, "B N"]
    step: Int[Tensor, "B N"]
    beam: Int[Tensor, "B N"]

    def insert(self, score: Float[Tensor, "B K"], step: int, count: int) -> _Ranked:
        """Return the best ``count`` of these and of new ones; a score of −∞ is none."""
        beam = torch.arange(score.shape[1], device=score.device).expand_as(score)
        scores = torch.cat([self.score, score], dim=1)
        steps = torch.cat([self.step, torch.full_like(beam, step)], dim=1)
        beams = torch.cat([self.beam, beam], dim=1)
        # a stable sort keeps what was found first where scores are equal
        order = scores.argsort(dim=1, descending=True, stable=True)[:, :count]
        return _Ranked(scores.gather(1, order), steps.gather(1, order), beams.gather(1, order))


@torch.no_grad()
def beam_search(
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    first: Tensor,
    max_length: int | Int[Tensor, " B"],
    eos_id: int | None = None,
    beam: Beam = Beam(),
    log_probabilities: Callable[[Tensor], Tensor] = log_softmax,
    feedback: Callable[[Tensor], Tensor] = lambda tokens: tokens,
    source_mask: Bool[Tensor, "B S"] | None = None,
    prefix: Int[Tensor, "B P"] | None = None,
    generator: torch.Generator | None = None,
) -> list[list[Hypothesis]]:
    """Search for the likeliest sequences.

    Parameters
    ----------
    stepper, encoding
        The model, and what its ``start`` takes. Any object with ``start`` and ``step`` will do; see
        :class:`~tsseq2seq.decoding.stepper.Stepper`.
    first
        (B, 1, …), what enters the first step.
    max_length
        Tokens generated at the most, the end token included; one number for all rows, or one for each.
        The tighter it is, the sooner an exact search knows that nothing better can come.
    eos_id
        The end token. None: all sequences have ``max_length`` tokens.
    beam
        The settings.
    log_probabilities
        Makes log-probabilities (B, Q, V) of a step's output; a log-softmax of logits by default.
    feedback
        Makes what enters the next step, (B, Q, …), of tokens (B, Q); the tokens themselves by default.
    source_mask
        True at places of the source that are not padding, for the coverage penalty. None: all.
    prefix
        Tokens with which each sequence must begin, −1 behind shorter ones. Their log-probabilities count.
    generator
        Makes the search stochastic (Kool et al. 2019): what is returned is a sample without
        replacement from the model, of as many sequences as ``beam.beam_size`` can hold. None: a search.

    Returns
    -------
    list of list of Hypothesis
        For each row up to ``beam.n_best``, the best first. Finished ones come before those that reached
        ``max_length`` unfinished, which only fill up; in a sample they stand among the others.

    Raises
    ------
    ParameterError
        If lengths contradict each other, or settings do not go together.

    References
    ----------
    Graves, "Sequence transduction with recurrent neural networks" (2012); Wu et al. (2016), section 7;
    Vijayakumar et al., "Diverse beam search" (2018); Kool et al., "Stochastic beams and where to find
    them" (2019).

    Examples
    --------
    A model that knows how likely each token follows another, without anything learned:

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
    rows, device = first.shape[0], first.device
    stochastic = generator is not None
    limits = read_limits("beam_search", max_length, rows, device)
    check_search(beam, limits=limits, eos_id=eos_id, stochastic=stochastic)
    if prefix is not None:
        check_prefix("beam_search", prefix, limits, eos_id)
    state, memory = stepper.start(encoding)
    groups = beam.groups
    candidates = beam.n_best * groups  # each group may find the same
    current = _Open(
        state=expand_queries(state, groups),
        log_probability=torch.zeros(rows, groups, 1, device=device),
        rank=torch.zeros(rows, groups, 1, device=device),
        coverage=None,
        history=None,
    )
    nothing = torch.zeros(rows, 0, device=device, dtype=torch.int64)
    finished = unfinished = _Ranked(nothing.double(), nothing, nothing)
    longest = _longest_divisors(limits, beam)
    previous = first.expand(-1, groups, *[-1] * (first.ndim - 2))
    trace = Trace()
    lengths = set(limits.tolist())
    for t in range(max(lengths, default=0)):
        output, state, weights = stepper.step(previous, t, current.state, memory)
        scores = widened(log_probabilities(output))
        if t == 0:
            check_vocabulary("beam_search", scores.shape[-1], eos_id, prefix)
        blocked = blocked_tokens(scores, current.history, t, beam=beam, eos_id=eos_id, prefix=prefix)
        allowed = scores if blocked is None else scores.masked_fill(blocked, -torch.inf)
        chosen, tokens, parents = _select(current, allowed, beam, generator)
        current = _advance(chosen, state, weights, tokens, parents, current, beam)
        trace.append(tokens, parents, scores, weights)
        length = t + 1
        if eos_id is not None and bool((ended := tokens.eq(eos_id)).any()):
            score = _scores(current, length, beam, source_mask, stochastic)
            finished = finished.insert(score.masked_fill(~ended, -torch.inf), t, candidates)
            current = _without(current, ended)
        done = _done(current, finished, beam, candidates, longest, stochastic)
        if done or length in lengths:
            over = torch.ones_like(limits, dtype=torch.bool) if done else limits == length
            score = _scores(current, length, beam, source_mask, stochastic)
            unfinished = unfinished.insert(score.masked_fill(~over[:, None], -torch.inf), t, candidates)
            current = _without(current, over[:, None].expand_as(tokens))
        if done:
            break
        previous = feedback(tokens)
    return trace.hypotheses(
        (finished.score, finished.step, finished.beam),
        (unfinished.score, unfinished.step, unfinished.beam),
        n_best=beam.n_best,
        ended=eos_id is not None,
        mixed=stochastic,
    )


def _select(
    current: _Open,
    scores: Float[Tensor, "B Q V"],
    beam: Beam,
    generator: torch.Generator | None,
) -> tuple[tuple[Tensor, Tensor], Int[Tensor, "B K"], Int[Tensor, "B K"]]:
    """Return log-probability and rank (B, G, k) of the best continuations, their tokens and parents."""
    rows, vocabulary = scores.shape[0], scores.shape[-1]
    groups, open_ = current.rank.shape[1:]
    scores = scores.reshape(rows, groups, open_, vocabulary)
    if generator is not None:
        # what is drawn from is what is allowed: without this, hypotheses of whose continuations much is
        # blocked would be drawn too seldom
        mass = scores.logsumexp(-1, keepdim=True)
        scores = torch.where(mass > -torch.inf, scores - mass, -torch.inf)
    total = current.log_probability[..., None].to(scores.dtype) + scores
    rank = total
    if generator is not None:
        rank = condition_on_maximum(total, current.rank.to(scores.dtype), generator)
    kept = min(beam.beam_size // groups, open_ * vocabulary)
    # by how many beams of earlier groups each token was chosen
    used = scores.new_zeros(rows, vocabulary if beam.diversity else 0)
    picked: list[Tensor] = []
    for group in range(groups):
        key = rank[:, group]
        if beam.diversity:
            key = key - beam.diversity * used[:, None]
        index = top_places(key.flatten(1), kept)
        picked.append(index)
        if beam.diversity:
            # where too few are left, dead places are picked too; they choose nothing
            alive = rank[:, group].flatten(1).gather(1, index) > -torch.inf
            used = used.scatter_add(1, index % vocabulary, alive.to(used.dtype))
    index = torch.stack(picked, dim=1)
    chosen = total.flatten(2).gather(2, index), rank.flatten(2).gather(2, index)
    tokens = index % vocabulary
    offset = torch.arange(groups, device=index.device)[:, None] * open_
    parents = torch.div(index, vocabulary, rounding_mode="floor") + offset
    return chosen, tokens.flatten(1), parents.flatten(1)


def _advance(
    chosen: tuple[Tensor, Tensor],
    state: Any,  # noqa: ANN401
    weights: Float[Tensor, "B Q S"] | None,
    tokens: Int[Tensor, "B K"],
    parents: Int[Tensor, "B K"],
    before: _Open,
    beam: Beam,
) -> _Open:
    """Give each chosen continuation the state of its parent."""
    rows = torch.arange(len(parents), device=parents.device)[:, None]

    def reorder(leaf: Tensor) -> Tensor:
        # whole rows are copied, which gather would copy number by number
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
        so_far = tokens[:, :, None]
        history = so_far if before.history is None else torch.cat([reorder(before.history), so_far], dim=2)
    return _Open(map_state(state, reorder), chosen[0], chosen[1], coverage, history)


def _scores(
    current: _Open, length: int, beam: Beam, source_mask: Tensor | None, stochastic: bool
) -> Float[Tensor, "B K"]:
    """Return the score that each open hypothesis would have if it ended here; −∞ for dead places."""
    if stochastic:
        return current.rank.flatten(1).double()
    divisor = length_divisor(length, beam.length_normalization, beam.length_penalty)
    score = current.log_probability.flatten(1).double() / divisor
    if current.coverage is not None:
        score = score + beam.coverage_penalty * coverage_score(current.coverage, source_mask)
    return score


def _without(current: _Open, ended: Bool[Tensor, "B K"]) -> _Open:
    dead = ended.reshape(current.rank.shape)
    return _Open(
        current.state,
        current.log_probability.masked_fill(dead, -torch.inf),
        current.rank.masked_fill(dead, -torch.inf),
        current.coverage,
        current.history,
    )


def _longest_divisors(limits: Int[Tensor, " B"], beam: Beam) -> Float[Tensor, " B"]:
    """Return by what the log-probability of the longest sequence of each row is divided."""
    divisors = [
        length_divisor(limit, beam.length_normalization, beam.length_penalty) for limit in limits.tolist()
    ]
    return torch.tensor(divisors, dtype=torch.float64, device=limits.device)


def _done(
    current: _Open,
    finished: _Ranked,
    beam: Beam,
    candidates: int,
    longest: Float[Tensor, " B"],
    stochastic: bool,
) -> bool:
    """Whether no open hypothesis of any row can still become better than what would be returned."""
    best = current.rank.flatten(1).amax(1)
    alive = best > -torch.inf
    if beam.stop == "full" or finished.score.shape[1] < candidates:
        return not bool(alive.any())
    # log-probabilities only fall and divisors only grow; coverage costs nothing at best
    bound = best.double() if stochastic else current.log_probability.flatten(1).amax(1).double() / longest
    return not bool((alive & (bound > finished.score[:, -1])).any())
