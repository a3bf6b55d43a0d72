"""Minimum risk training: the loss is the expected cost of translations sampled from the model.

Some translations of each source are sampled. The loss is the mean of their costs, weighted by the model's
probabilities, normalised over the sample. So a translator is trained on whole sequences of its own, and on
any cost, even one without a gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.text.edit_distance import edit_distances
from tsseq2seq.data.text.token_batch import TokenBatch
from tsseq2seq.data.text.vocabulary import EOS, PAD
from tsseq2seq.decoding.rescoring import score_candidates
from tsseq2seq.decoding.sampling import Sampling, sample_sequences
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.settings import Settings, check_choice, check_number
from tsseq2seq.translation.model import TokenModel

__all__ = ["MinimumRisk", "minimum_risk_loss"]

#: Function from a translation and its reference (and its source) to a cost (the lower the better); or a name.
Cost: TypeAlias = str | Callable[..., float]

#: Token sequences of each row; the first one is the truth.
Candidates: TypeAlias = list[list[tuple[int, ...]]]


@dataclass(frozen=True)
class MinimumRisk(Settings):
    """Settings of training on whole sequences, after cross-entropy.

    Parameters
    ----------
    cost
        ``"edit_distance"`` (edits of tokens, divided by the tokens of the truth), or a function of the texts
        of a translation and its reference, for example ``lambda found, truth: float(found != truth)``.
    reads_source
        Whether the function takes a third text, the source: for costs of a translation beside what it was
        made of, such as names that must be kept.
    share
        Share of the training steps, at the end of training, whose loss is the expected cost.
    candidates
        Translations sampled for each source. Equal ones count once, and the truth is always added.
    sharpness
        Exponent of the candidates' probabilities before they are normalised. Below 1, unlikely candidates
        have more weight.
    cross_entropy
        Weight of the cross-entropy that is added to the expected cost; it keeps the model close to the truth.

    References
    ----------
    Shen et al., "Minimum risk training for neural machine translation" (2016); Edunov et al., "Classical
    structured prediction losses for sequence to sequence learning" (2018), for the mixture.

    Examples
    --------
    >>> MinimumRisk(cost=lambda found, truth: float(found != truth)).share
    0.2
    """

    cost: Cost = "edit_distance"
    share: float = 0.2
    candidates: int = 8
    sharpness: float = 1.0
    cross_entropy: float = 0.3
    reads_source: bool = False

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        if isinstance(self.cost, str):
            check_choice("MinimumRisk", "cost", self.cost, ("edit_distance",))
        elif not callable(self.cost):
            raise ParameterTypeError(
                f"MinimumRisk: cost is {self.cost!r}; it must be 'edit_distance' or a function of two texts"
            )
        check_number("MinimumRisk", "share", self.share, low=0, high=1)
        check_number("MinimumRisk", "candidates", self.candidates, low=1, integer=True)
        check_number("MinimumRisk", "sharpness", self.sharpness, low=0, low_open=True)
        check_number("MinimumRisk", "cross_entropy", self.cross_entropy, low=0)
        check_choice("MinimumRisk", "reads_source", self.reads_source, (False, True))
        if self.reads_source and isinstance(self.cost, str):
            raise ParameterError(
                f"MinimumRisk: reads_source is True but cost is {self.cost!r}, which compares with the "
                "reference alone; give a function of three texts"
            )


def minimum_risk_loss(
    model: TokenModel,
    batch: TokenBatch,
    settings: MinimumRisk,
    *,
    decode: Callable[[list[int]], str],
    decode_source: Callable[[list[int]], str] = str,
    generator: torch.Generator | None = None,
    weights: Float[Tensor, " B"] | None = None,
) -> Float[Tensor, ""]:
    """Return the expected cost of a batch, the mean over its sentences.

    Parameters
    ----------
    model
        The model in training.
    batch
        Sources and true targets.
    settings
        The settings.
    decode, decode_source
        Functions from tokens of targets, and of sources, to text, for costs of texts.
    generator
        Generator of the random numbers. None: torch's own.
    weights
        How much each sentence counts, 1 on average over all. None: all the same.
    """
    candidates = _sample_candidates(model, batch, settings.candidates, generator)
    tokens, valid = _padded(candidates, batch.target.device)
    scores = score_candidates(
        model.network,
        model.encode(batch.source, batch.source_lengths),
        tokens,
        first=model.first(len(tokens)),
    )
    likelihood = scores.masked_fill(~valid, 0.0).sum(-1)
    likelihood = likelihood.masked_fill(~valid[:, :, 0], -torch.inf)
    weight = (settings.sharpness * likelihood).softmax(-1)
    costs = torch.zeros_like(weight)
    sources = _source_texts(batch, decode_source) if settings.reads_source else None
    costs[valid[:, :, 0]] = torch.from_numpy(_costs(candidates, settings.cost, decode, sources)).to(costs)
    expected = (weight * costs).sum(-1)
    return (expected if weights is None else weights * expected).mean()


def _sample_candidates(
    model: TokenModel, batch: TokenBatch, count: int, generator: torch.Generator | None
) -> Candidates:
    """Return the truth of each row and ``count`` samples from the model, without duplicates."""
    was_training = model.training
    model.eval()
    samples = sample_sequences(
        model.network,
        model.encode(batch.source, batch.source_lengths),
        first=model.first(len(batch.target)),
        max_length=batch.target.shape[1] + 10,
        eos_id=EOS,
        sampling=Sampling(num_samples=count),
        log_probabilities=model.writable,
        generator=generator,
    )
    model.train(was_training)
    lengths = batch.target_lengths.tolist()
    truths = [tuple(row[:length]) for row, length in zip(batch.target.tolist(), lengths, strict=True)]
    # a dict keeps the order, the truth first
    return [
        list(dict.fromkeys([truth, *(sample.tokens for sample in row)]))
        for truth, row in zip(truths, samples, strict=True)
    ]


def _padded(
    candidates: Candidates, device: torch.device
) -> tuple[Int[Tensor, "B N T"], Bool[Tensor, "B N T"]]:
    """Return the tokens of all candidates, padded, and a mask that is True at tokens."""
    most = max(len(row) for row in candidates)
    longest = max(len(tokens) for row in candidates for tokens in row)
    padded = np.full((len(candidates), most, longest), PAD)
    valid = np.zeros(padded.shape, bool)
    for row, sequences in enumerate(candidates):
        for column, tokens in enumerate(sequences):
            padded[row, column, : len(tokens)] = tokens
            valid[row, column, : len(tokens)] = True
    return torch.from_numpy(padded).to(device), torch.from_numpy(valid).to(device)


def _source_texts(batch: TokenBatch, decode: Callable[[list[int]], str]) -> list[str]:
    """Return the text of each source."""
    if batch.source.is_floating_point():
        raise ParameterError(
            "MinimumRisk: reads_source is True but sources are sequences of numbers, which have no text"
        )
    lengths = batch.source_lengths.tolist()
    return [decode(row[:length]) for row, length in zip(batch.source.tolist(), lengths, strict=True)]


def _costs(
    candidates: Candidates,
    cost: Cost,
    decode: Callable[[list[int]], str],
    sources: Sequence[str] | None = None,
) -> np.ndarray:
    """Return the costs of all candidates, row after row."""
    written = [_without_end(tokens) for row in candidates for tokens in row]
    truth = [_without_end(row[0]) for row in candidates for _ in row]
    if isinstance(cost, str):
        lengths = np.array([max(1, len(tokens)) for tokens in truth])
        return np.asarray(edit_distances(written, truth) / lengths)
    columns = [list(map(decode, map(list, written))), list(map(decode, map(list, truth)))]
    if sources is not None:
        columns.append([source for source, row in zip(sources, candidates, strict=True) for _ in row])
    return np.array([float(cost(*texts)) for texts in zip(*columns, strict=True)])


def _without_end(tokens: Sequence[int]) -> Sequence[int]:
    return tokens[:-1] if tokens and tokens[-1] == EOS else tokens
