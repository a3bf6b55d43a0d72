"""A fitted model of labels: its trained networks, how it reads, its classes and resolved settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tsseq2seq.data.text.token_batches import bucketed_batches
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.errors import DataError
from tsseq2seq.labelling.classes import Classes
from tsseq2seq.labelling.crf import LinearChainCRF
from tsseq2seq.labelling.defaults import ResolvedLabelSettings
from tsseq2seq.labelling.models import ChainModel, LabelModel, SequenceModel, StepModel
from tsseq2seq.labelling.network import build_label_network
from tsseq2seq.labelling.readers import Reader, Sequences, reader_from_parts
from tsseq2seq.memory import memory_told
from tsseq2seq.nn.network import Network
from tsseq2seq.stored_checks import check_fields
from tsseq2seq.training.saved_members import members_from_tensors, members_to_tensors

__all__ = ["FittedLabels", "build_label_model", "embedding_width"]

# Of a batch that is labelled: steps, padding included.
_STEPS = 20_000


def build_label_model(resolved: ResolvedLabelSettings, reader: Reader, classes: int) -> LabelModel:
    """Build an untrained model."""
    network = resolved.network
    width = embedding_width(network)
    built = build_label_network(
        network,
        reader.embedding(width, network.dropout),
        width=width,
        classes=classes,
        per_step=resolved.per_step,
    )
    if resolved.crf:
        return ChainModel(built, LinearChainCRF(classes))
    return StepModel(built) if resolved.per_step else SequenceModel(built)


def embedding_width(network: Network) -> int:
    """Return the width of the embedding of a resolved network."""
    return network.embedding_size or network.hidden_size or 0


@dataclass(frozen=True)
class FittedLabels:
    """Trained networks with their reader, classes and resolved settings.

    Attributes
    ----------
    members
        The networks of the ensemble, in evaluation mode.
    reader
        Reads sources as those of the fit.
    classes
        The classes.
    resolved
        The resolved settings.
    knows_unknown
        Whether the unknown token was learnt.
    """

    members: tuple[LabelModel, ...]
    reader: Reader
    classes: Classes
    resolved: ResolvedLabelSettings
    knows_unknown: bool

    @property
    def device(self) -> torch.device:
        """The device of the networks."""
        return next(self.members[0].parameters()).device

    @memory_told
    @torch.inference_mode()
    def label(self, sources: Sequences) -> tuple[list[np.ndarray], list[list[int]]]:
        """Return, for each sequence, the probabilities of the classes and the numbers of the likeliest.

        Returns
        -------
        probabilities
            An array (T, K) of each sequence, float64; T is 1 where it has one class.
        numbers
            T numbers of each sequence.
        """
        self._check_positions(sources)
        sources = sources.to(self.device)
        probabilities: list[np.ndarray] = [np.empty(0)] * len(sources)
        numbers: list[list[int]] = [[]] * len(sources)
        lengths = sources.lengths if self.resolved.per_step else torch.ones_like(sources.lengths)
        for index in _batches(sources):
            padded = sources.pad(index)
            shares, best = self.members[0].predict(self.members, *padded)
            for row, share, label, length in zip(
                index.tolist(), shares.cpu().numpy(), best.tolist(), lengths[index].tolist(), strict=True
            ):
                probabilities[row], numbers[row] = share[:length].copy(), label[:length]
        return probabilities, numbers

    def _check_positions(self, sources: Sequences) -> None:
        limit = self.resolved.network.num_positions
        if limit is None or int(sources.lengths.max()) <= limit:
            return
        row = int((sources.lengths > limit).int().argmax())
        raise DataError(
            f"X[{row}] has {int(sources.lengths[row])} {sources.unit}, but the network learned positions for "
            f"{limit}; fit with positions='sinusoidal', or on longer sequences"
        )

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Return the parts for JSON (with settings), and the tensors."""
        tensors = members_to_tensors(self.members)
        parts = {
            "reader": self.reader.to_parts(),
            "classes": list(self.classes.values),
            "members": len(self.members),
            "choices": vars(self.resolved),
            "knows_unknown": self.knows_unknown,
        }
        return parts, tensors

    @classmethod
    def from_parts(
        cls, parts: dict[str, Any], tensors: dict[str, Tensor], device: torch.device
    ) -> FittedLabels:
        """Restore what :meth:`to_parts` returned."""
        reader, classes = reader_from_parts(parts["reader"]), Classes(tuple(parts["classes"]))
        resolved = check_fields(ResolvedLabelSettings(**parts["choices"]))
        members = members_from_tensors(
            lambda: build_label_model(resolved, reader, len(classes)), parts["members"], tensors, device
        )
        return cls(members, reader, classes, resolved, parts["knows_unknown"])


def _batches(sources: Sequences) -> Iterator[Tensor]:
    """Yield the numbers of the sequences of each batch, on their device."""
    none = TokenSequences(sources.offsets.new_zeros(0), torch.zeros_like(sources.offsets))
    for index in bucketed_batches(TokenPairs(sources, none), tokens=_STEPS, generator=None, shuffle=False):
        yield index.to(sources.device)
