"""Fitted networks that write tokens, with what they read, their tokeniser and resolved settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.text.token_batches import bucketed_batches
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer, tokenizer_from_parts
from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.decoding.sampling import Sampling
from tsseq2seq.errors import DataError
from tsseq2seq.stored_checks import check_fields
from tsseq2seq.training.saved_members import members_from_tensors, members_to_tensors
from tsseq2seq.translation.defaults import ResolvedTokenSettings
from tsseq2seq.translation.model import TokenModel
from tsseq2seq.translation.network import build_writer
from tsseq2seq.translation.search import search_tokens
from tsseq2seq.translation.sources import Source, source_layers
from tsseq2seq.translation.training_losses import TrainingLosses

__all__ = ["FittedTokens", "ModelBuilder", "build_token_model"]

#: Function from resolved settings, two tokenisers and losses to an untrained model.
ModelBuilder: TypeAlias = Callable[..., TokenModel]

# Of a batch that is scored: tokens, padding included; and logits, one for each of the vocabulary.
_SCORED = 20_000
_LOGITS = 100_000_000


def build_token_model(
    resolved: ResolvedTokenSettings,
    source: Source,
    target: TextTokenizer,
    losses: TrainingLosses | None = None,
) -> TokenModel:
    """Build an untrained model for a kind of source and a vocabulary; ``losses`` for its training."""
    network = build_writer(
        resolved.network,
        source_layers(source, resolved.network),
        target.vocabulary_size,
        tied=bool(resolved.output.tied),
    )
    return TokenModel(network, resolved.output, losses)


@dataclass(frozen=True)
class FittedTokens:
    """Trained networks with their kind of source, their tokeniser and resolved settings.

    Attributes
    ----------
    members
        The networks of the ensemble, in evaluation mode.
    source
        The kind of source: the tokeniser of sentences, say.
    target
        The tokeniser of targets.
    resolved
        The resolved settings.
    """

    members: tuple[TokenModel, ...]
    source: Source
    target: TextTokenizer
    resolved: ResolvedTokenSettings

    @property
    def device(self) -> torch.device:
        """The device of the networks."""
        return next(self.members[0].parameters()).device

    @torch.inference_mode()
    def search(
        self,
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
        """Translate sentences; see :func:`~tsseq2seq.translation.search.search_tokens`.

        Raises
        ------
        DataError
            If a source is longer than the positions that were learned.
        """
        self._check_positions(sources)
        return search_tokens(
            self.members,
            self.resolved,
            sources,
            settings,
            max_length=max_length,
            prefix=prefix,
            generator=generator,
            unknown=unknown,
            alignment=alignment,
            caller=caller,
        )

    @torch.inference_mode()
    def score(self, pairs: TokenPairs) -> list[Tensor]:
        """Return the log-probability of each token of each target, under the members' mean probability."""
        scores: list[Tensor] = [torch.empty(0)] * len(pairs)
        for index in self._scored_batches(pairs):
            batch = pairs.batch(index)
            by_member = torch.stack([model.score(batch) for model in self.members])
            batch_scores = (by_member.logsumexp(0) - math.log(len(self.members))).cpu()
            lengths = batch.target_lengths.tolist()
            for row, padded, length in zip(index.tolist(), batch_scores, lengths, strict=True):
                scores[row] = padded[:length]
        return scores

    @torch.inference_mode()
    def accuracy_and_perplexity(self, pairs: TokenPairs) -> tuple[float, float]:
        """Return the share of tokens that are the likeliest under teacher forcing, and the perplexity."""
        correct, count, total = 0, 0, 0.0
        for index in self._scored_batches(pairs):
            batch = pairs.batch(index)
            by_member = torch.stack([model.decode(batch).log_softmax(-1) for model in self.members])
            scores = by_member.logsumexp(0) - math.log(len(self.members))
            truth = scores.gather(-1, batch.target[..., None])[..., 0]
            correct += int(((scores.argmax(-1) == batch.target) & batch.target_mask).sum())
            count += int(batch.target_mask.sum())
            total += float(truth.double().masked_fill(~batch.target_mask, 0.0).sum())
        return correct / count, _exponential(-total / count)

    def _check_positions(self, sources: TokenSequences | FeatureSequences) -> None:
        limit = self.resolved.network.num_positions
        if limit is None or not len(sources) or int(sources.lengths.max()) <= limit:
            return
        row = int((sources.lengths > limit).int().argmax())
        raise DataError(
            f"sources[{row}] has {int(sources.lengths[row])} {sources.unit}, but the network learned "
            f"positions for {limit}; {sources.shortening.format(limit)}, or fit with positions='sinusoidal'"
        )

    def _scored_batches(self, pairs: TokenPairs) -> Iterator[Int[Tensor, " B"]]:
        self._check_positions(pairs.sources)
        tokens = max(1, min(_SCORED, _LOGITS // self.target.vocabulary_size))
        return bucketed_batches(pairs, tokens=tokens, generator=None, shuffle=False)

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Return the parts for JSON (with settings), and the tensors."""
        tensors = members_to_tensors(self.members)
        parts = {
            "source": self.source.to_parts(),
            "target": self.target.to_parts(),
            "members": len(self.members),
            "choices": vars(self.resolved),
        }
        return parts, tensors

    @classmethod
    def from_parts(
        cls,
        parts: dict[str, Any],
        tensors: dict[str, Tensor],
        device: torch.device,
        *,
        read_source: Callable[[dict[str, Any]], Source] = tokenizer_from_parts,
        build_model: ModelBuilder = build_token_model,
    ) -> FittedTokens:
        """Restore what :meth:`to_parts` returned; ``read_source`` restores the kind of source."""
        source, target = read_source(parts["source"]), tokenizer_from_parts(parts["target"])
        resolved = check_fields(ResolvedTokenSettings(**parts["choices"]))
        members = members_from_tensors(
            lambda: build_model(resolved, source, target), parts["members"], tensors, device
        )
        return cls(members, source, target, resolved)


def _exponential(number: float) -> float:
    """Return e to the power of a number; infinity where a network has diverged so far that it overflows."""
    try:
        return math.exp(number)
    except OverflowError:
        return math.inf
