"""How a translator decodes: sentences of like length together, by beam search, greedy search or sampling."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

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
from tsseq2seq.translation.defaults import ResolvedTokenSettings
from tsseq2seq.translation.model import TokenModel

__all__ = ["search_tokens"]

# Sentences of a batch, times the sequences of each that are decoded side by side.
_SEARCHED = 640

Decoder: TypeAlias = Callable[..., list[list[Hypothesis]]]


def search_tokens(
    members: Sequence[TokenModel],
    resolved: ResolvedTokenSettings,
    sources: TokenSequences,
    settings: Beam | Sampling,
    *,
    max_length: int | None = None,
    prefix: Int[Tensor, "N P"] | None = None,
    generator: torch.Generator | None = None,
) -> list[list[Hypothesis]]:
    """Decode sentences by the mean probability of the members.

    Parameters
    ----------
    members
        The networks.
    resolved
        Settings with nothing left open.
    sources
        What is translated.
    settings
        Beam: a search for the likeliest; a beam of 1 is a greedy search where that finds the same.
        Sampling: draws.
    max_length
        Tokens generated at the most. None: as many as the pairs seen in training allow for a source of
        that length.
    prefix
        Tokens with which the translation of each source must begin, −1 behind shorter ones.
    generator
        Of random numbers. Of a beam it makes a sample without replacement. None: a beam searches, and
        samples are drawn from torch's own generator.

    Returns
    -------
    list of list of Hypothesis
        For each source, the best first: by score of a beam, by log-probability of samples.

    Raises
    ------
    ParameterError
        If settings, lengths and prefixes do not go together.
    """
    limits = _limits(resolved, sources, settings, max_length, prefix)
    if prefix is not None:
        check_prefix("translate", prefix, limits, EOS)
    decode, width = _decoder(settings, generator)
    stepper = EnsembleStepper([model.network for model in members], TokenModel.writable)
    found: list[list[Hypothesis]] = [[] for _ in range(len(sources))]
    for index in sources.lengths.argsort(stable=True).split(max(1, _SEARCHED // width)):
        tokens, lengths = sources.pad(index)
        rows = decode(
            stepper,
            [model.encode(tokens, lengths) for model in members],
            first=members[0].first(len(index)),
            max_length=limits[index],
            eos_id=EOS,
            log_probabilities=lambda scores: scores,
            prefix=None if prefix is None else prefix[index],
            source_mask=torch.arange(tokens.shape[1], device=tokens.device) < lengths[:, None],
        )
        for place, row, length in zip(index.tolist(), rows, lengths.tolist(), strict=True):
            found[place] = [_unpadded(hypothesis, length) for hypothesis in row]
    return found


def _limits(
    resolved: ResolvedTokenSettings,
    sources: TokenSequences,
    settings: Beam | Sampling,
    max_length: int | None,
    prefix: Int[Tensor, "N P"] | None,
) -> Int[Tensor, " N"]:
    """Return how many tokens are generated at the most for each source."""
    if max_length is not None:
        return torch.full_like(sources.lengths, max_length)
    longest = resolved.longest(sources.lengths, None if prefix is None else (prefix >= 0).sum(1))
    least = settings.min_length + 1 if isinstance(settings, Beam) else 1
    return longest.clamp(min=min(least, resolved.max_length))


def _decoder(settings: Beam | Sampling, generator: torch.Generator | None) -> tuple[Decoder, int]:
    """Choose how to decode, and return it with the number of sequences that it holds side by side."""
    if isinstance(settings, Sampling):
        return partial(_sampled, settings, generator), settings.num_samples
    if settings.is_greedy and generator is None:
        return partial(_greedy, settings), 1
    return partial(beam_search, beam=settings, generator=generator), settings.beam_size


def _sampled(
    sampling: Sampling,
    generator: torch.Generator | None,
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    source_mask: Tensor,
    **start: Any,  # noqa: ANN401 (of several types)
) -> list[list[Hypothesis]]:
    rows = sample_sequences(stepper, encoding, sampling=sampling, generator=generator, **start)
    return [sorted(row, key=lambda drawn: -drawn.score) for row in rows]


def _greedy(
    beam: Beam,
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    source_mask: Tensor,
    **start: Any,  # noqa: ANN401 (of several types)
) -> list[list[Hypothesis]]:
    return [[_ranked(found, beam)] for found in greedy_search(stepper, encoding, **start)]


def _ranked(found: Hypothesis, beam: Beam) -> Hypothesis:
    """Return a hypothesis of greedy search with the score that a beam of 1 gives it."""
    # summed step by step in float32, as the beam does, so that not a bit differs
    total = np.array(found.token_log_probabilities, np.float32).cumsum()[-1]
    divisor = length_divisor(len(found.tokens), beam.length_normalization, beam.length_penalty)
    return dataclasses.replace(found, score=float(total) / divisor)


def _unpadded(found: Hypothesis, length: int) -> Hypothesis:
    """Return a hypothesis whose alignment is as wide as its own sentence, not the widest of the batch."""
    if found.alignment is None:
        return found
    return dataclasses.replace(found, alignment=found.alignment[:, :length])
