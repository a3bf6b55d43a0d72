"""Minimum risk training: the expected cost of what the model writes, rather than the next token's likelihood.

Of each source some translations are drawn, and their costs weighed by the probabilities that the
model gives them among each other. So training sees whole sequences, as the model writes them itself,
and whatever they are judged by, even where that has no gradient.
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
from tsseq2seq.errors import ParameterTypeError
from tsseq2seq.settings import Settings, check_choice, check_number
from tsseq2seq.translation.model import TokenModel

__all__ = ["MinimumRisk", "minimum_risk_loss"]

#: From texts written and their references to a cost, the lower the better.
Cost: TypeAlias = str | Callable[[str, str], float]

Candidates: TypeAlias = list[list[tuple[int, ...]]]


@dataclass(frozen=True)
class MinimumRisk(Settings):
    """How a translator is trained on whole sequences, after cross-entropy.

    Parameters
    ----------
    cost
        ``"edit_distance"`` (edits of tokens, over the number of true ones), or a function of a text written
        and its reference, for example ``lambda found, truth: found != truth``.
    share
        Share of the steps, at the end of training, in which the loss is the risk.
    candidates
        Translations drawn of each source; those drawn twice count once, and the truth is always added.
    sharpness
        Exponent of the candidates' probabilities before they are weighed against each other. Below 1 it
        lets unlikely ones count more.
    cross_entropy
        Weight of the cross-entropy in the loss, beside the risk, which keeps the model where it was.

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


def minimum_risk_loss(
    model: TokenModel,
    batch: TokenBatch,
    settings: MinimumRisk,
    *,
    decode: Callable[[list[int]], str],
    generator: torch.Generator | None = None,
) -> Float[Tensor, ""]:
    """Return the expected cost of a batch: the mean over its sentences.

    Parameters
    ----------
    model
        What is trained.
    batch
        Sources and true targets.
    settings
        The settings.
    decode
        Makes a text of tokens, for costs of texts.
    generator
        Of random numbers.
    """
    candidates = _drawn(model, batch, settings.candidates, generator)
    tokens, valid = _side_by_side(candidates, batch.target.device)
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
    costs[valid[:, :, 0]] = torch.from_numpy(_costs(candidates, settings.cost, decode)).to(costs)
    return (weight * costs).sum(-1).mean()


def _drawn(model: TokenModel, batch: TokenBatch, count: int, generator: torch.Generator | None) -> Candidates:
    """Return each row's truth, and the other sequences that the model writes, each once."""
    training = model.training
    model.eval()
    drawn = sample_sequences(
        model.network,
        model.encode(batch.source, batch.source_lengths),
        first=model.first(len(batch.target)),
        max_length=batch.target.shape[1] + 10,
        eos_id=EOS,
        sampling=Sampling(num_samples=count),
        log_probabilities=model.writable,
        generator=generator,
    )
    model.train(training)
    lengths = batch.target_lengths.tolist()
    truths = [tuple(row[:length]) for row, length in zip(batch.target.tolist(), lengths, strict=True)]
    # a dict keeps the order, the truth first
    return [
        list(dict.fromkeys([truth, *(found.tokens for found in row)]))
        for truth, row in zip(truths, drawn, strict=True)
    ]


def _side_by_side(
    candidates: Candidates, device: torch.device
) -> tuple[Int[Tensor, "B N T"], Bool[Tensor, "B N T"]]:
    most = max(len(row) for row in candidates)
    longest = max(len(tokens) for row in candidates for tokens in row)
    padded = np.full((len(candidates), most, longest), PAD)
    valid = np.zeros(padded.shape, bool)
    for place, row in enumerate(candidates):
        for number, tokens in enumerate(row):
            padded[place, number, : len(tokens)] = tokens
            valid[place, number, : len(tokens)] = True
    return torch.from_numpy(padded).to(device), torch.from_numpy(valid).to(device)


def _costs(candidates: Candidates, cost: Cost, decode: Callable[[list[int]], str]) -> np.ndarray:
    """Return the cost of all candidates, row after row."""
    found = [_without_end(tokens) for row in candidates for tokens in row]
    truth = [_without_end(row[0]) for row in candidates for _ in row]
    if isinstance(cost, str):
        lengths = np.array([max(1, len(tokens)) for tokens in truth])
        return np.asarray(edit_distances(found, truth) / lengths)
    texts = zip(map(decode, map(list, found)), map(decode, map(list, truth)), strict=True)
    return np.array([float(cost(one, other)) for one, other in texts])


def _without_end(tokens: Sequence[int]) -> Sequence[int]:
    return tokens[:-1] if tokens and tokens[-1] == EOS else tokens
