"""Decoding of sentences, in batches of similar length: beam search, greedy search or sampling."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.vocabulary import EOS
from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_search import beam_search
from tsseq2seq.decoding.ensemble import EnsembleStepper
from tsseq2seq.decoding.greedy import greedy_search
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.penalties import length_divisor
from tsseq2seq.decoding.sampling import Sampling, sample_sequences
from tsseq2seq.decoding.search_checks import check_prefix
from tsseq2seq.decoding.stepper import Stepper
from tsseq2seq.decoding.without_weights import WithoutWeights
from tsseq2seq.nn.encoders import Encoded
from tsseq2seq.training.seeding import own_generator
from tsseq2seq.translation.defaults import ResolvedTokenSettings
from tsseq2seq.translation.model import TokenModel

__all__ = ["search_tokens"]

# At once are decoded: sequences (the sentences of a batch times the beams or samples of each); their tokens,
# read and written; and their attention weights, where they are kept. Long documents are limited by the
# latter two.
_SEARCHED = 640
_TOKENS = 320_000
_WEIGHTS = 40_000_000

Decoder: TypeAlias = Callable[..., list[list[Hypothesis]]]


def search_tokens(
    members: Sequence[TokenModel],
    resolved: ResolvedTokenSettings,
    sources: TokenSequences | FeatureSequences,
    settings: Beam | Sampling,
    *,
    max_length: int | Int[Tensor, " N"] | None = None,
    prefix: Int[Tensor, "N P"] | None = None,
    generator: torch.Generator | None = None,
    unknown: bool | None = None,
    alignment: bool = True,
    caller: str = "translate",
) -> list[list[Hypothesis]]:
    """Decode sentences by the mean probability of the members.

    Parameters
    ----------
    members
        The networks.
    resolved
        The resolved settings.
    sources
        The sentences.
    settings
        ``Beam`` for beam search (greedy search if the result is the same), ``Sampling`` for sampling.
    max_length
        Most tokens of a translation, of all or of each. None: :meth:`ResolvedTokenSettings.max_lengths` of
        the sources.
    prefix
        Tokens with which the translation of each source must begin, padded with −1.
    generator
        Generator of random numbers. In a beam search it makes the result a sample without replacement; None:
        a deterministic search. In sampling, None means torch's own.
    unknown
        Whether the unknown token may be written. None: if it occurs among the targets of the training.
    alignment
        Whether attention weights are kept, which take more memory than all else. False: hypotheses have none.
    caller
        The method that searches, for messages.

    Returns
    -------
    list of list of Hypothesis
        For each source, the best first: by score in beam search, by log-probability in sampling.

    Raises
    ------
    ParameterError
        If settings, lengths and prefixes contradict each other.
    """
    limits = _max_lengths(resolved, sources, settings, max_length, prefix)
    if prefix is not None:
        check_prefix(caller, prefix, limits, EOS)
    decode, width = _decoder(settings, generator)
    writable = partial(TokenModel.writable, unknown=resolved.writes_unknown if unknown is None else unknown)
    stepper: Stepper = EnsembleStepper([model.network for model in members], writable)
    kept = alignment or (isinstance(settings, Beam) and settings.coverage_penalty > 0)
    if not kept:
        stepper = WithoutWeights(stepper)
    translations: list[list[Hypothesis]] = [[] for _ in range(len(sources))]
    for index in _batches(sources.lengths, limits, width, with_weights=kept):
        encodings = [model.encode(*sources.pad(index)) for model in members]
        # of the encoder's steps, which may be fewer than those of the source
        valid = _valid_steps(encodings[0].encoded)
        rows = decode(
            stepper,
            encodings,
            first=members[0].first(len(index)),
            max_length=limits[index],
            eos_id=EOS,
            log_probabilities=lambda scores: scores,
            prefix=None if prefix is None else prefix[index],
            source_mask=valid,
        )
        for source, hypotheses, length in zip(index.tolist(), rows, valid.sum(1).tolist(), strict=True):
            translations[source] = [
                _unpadded(hypothesis, length if alignment else None) for hypothesis in hypotheses
            ]
    return translations


def _batches(
    lengths: Int[Tensor, " N"], limits: Int[Tensor, " N"], width: int, *, with_weights: bool
) -> Iterator[Int[Tensor, " B"]]:
    """Yield the numbers of the sources of each batch, by length; as many as the budgets allow."""
    order = lengths.argsort(stable=True)
    read, written = lengths[order].clamp(min=1).tolist(), limits[order].tolist()
    start = longest = 0
    for row, (source, target) in enumerate(zip(read, written, strict=True)):
        longest = max(longest, target)
        sequences = (row - start + 1) * width
        is_full = sequences > _SEARCHED or sequences * (source + longest) > _TOKENS
        if row > start and (is_full or (with_weights and sequences * source * longest > _WEIGHTS)):
            yield order[start:row]
            start, longest = row, target
    if len(order):
        yield order[start:]


def _valid_steps(encoded: Encoded) -> Bool[Tensor, "B S"]:
    if encoded.mask is None:
        return torch.ones(encoded.states.shape[:2], dtype=torch.bool, device=encoded.states.device)
    return encoded.mask


def _max_lengths(
    resolved: ResolvedTokenSettings,
    sources: TokenSequences | FeatureSequences,
    settings: Beam | Sampling,
    max_length: int | Int[Tensor, " N"] | None,
    prefix: Int[Tensor, "N P"] | None,
) -> Int[Tensor, " N"]:
    """Return the maximum length of the translation of each source."""
    if isinstance(max_length, Tensor):
        return max_length
    if max_length is not None:
        return torch.full_like(sources.lengths, max_length)
    max_lengths = resolved.max_lengths(sources.lengths, None if prefix is None else (prefix >= 0).sum(1))
    least = settings.min_length + 1 if isinstance(settings, Beam) else 1
    return max_lengths.clamp(min=min(least, resolved.max_length))


def _decoder(settings: Beam | Sampling, generator: torch.Generator | None) -> tuple[Decoder, int]:
    """Return the function that decodes, and the number of sequences of each sentence it decodes at once."""
    if isinstance(settings, Sampling):
        return partial(_sample, settings, generator), settings.num_samples
    if settings.is_greedy and generator is None:
        return partial(_search_greedily, settings), 1
    return partial(beam_search, beam=settings, generator=generator), settings.beam_size


def _sample(
    sampling: Sampling,
    generator: torch.Generator | None,
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    source_mask: Tensor,
    **start: Any,  # noqa: ANN401 (of several types)
) -> list[list[Hypothesis]]:
    if generator is None:  # torch's own may be that of a training in another thread
        generator = own_generator(None, source_mask.device)
    rows = sample_sequences(stepper, encoding, sampling=sampling, generator=generator, **start)
    return [sorted(row, key=lambda sample: -sample.score) for row in rows]


def _search_greedily(
    beam: Beam,
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    source_mask: Tensor,
    **start: Any,  # noqa: ANN401 (of several types)
) -> list[list[Hypothesis]]:
    return [[_with_score(best, beam)] for best in greedy_search(stepper, encoding, **start)]


def _with_score(hypothesis: Hypothesis, beam: Beam) -> Hypothesis:
    """Return a hypothesis of greedy search with its score in a beam search with a beam of 1."""
    # summed step by step in float32, as in the beam search, for the same score bit for bit
    total = np.array(hypothesis.token_log_probabilities, np.float32).cumsum()[-1]
    divisor = length_divisor(len(hypothesis.tokens), beam.length_normalization, beam.length_penalty)
    return dataclasses.replace(hypothesis, score=float(total) / divisor)


def _unpadded(hypothesis: Hypothesis, length: int | None) -> Hypothesis:
    """Return a hypothesis whose alignment has the length of its sentence; without one if that is None."""
    if hypothesis.alignment is None:
        return hypothesis
    # a copy, as a view would keep the weights of all beams of the batch in memory
    alignment = None if length is None else hypothesis.alignment[:, :length].clone()
    return dataclasses.replace(hypothesis, alignment=alignment)
