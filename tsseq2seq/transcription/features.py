"""The source of a transcriber: feature vectors, standardised as in training, perhaps through patches."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.sequences.standardisation import Standardisation
from tsseq2seq.nn.feature_layers import FeatureEmbedding
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.patches import PatchedEncoder, Patches, PatchLayers
from tsseq2seq.translation.network import SourceLayers, embedding_width
from tsseq2seq.translation.sources import source_layers

__all__ = ["FeatureSource", "encode_features"]


@dataclass(frozen=True)
class FeatureSource:
    """Feature vectors as a :class:`~tsseq2seq.translation.sources.Source`.

    Attributes
    ----------
    standardisation
        Mean and standard deviation of each feature in training.
    patches
        Convolutions in front of the encoder. None: a linear layer for each step.
    """

    standardisation: Standardisation
    patches: Patches | None = None

    @classmethod
    def of(cls, sequences: FeatureSequences, patches: Patches | None = None) -> FeatureSource:
        """Measure the sequences of a fit; patches see neighbouring features, which then share their scale."""
        return cls(Standardisation.of(sequences, shared=patches is not None), patches)

    @property
    def width(self) -> int:
        """Number of features F."""
        return self.standardisation.width

    @property
    def stride(self) -> int:
        """Input steps that one step of the encoder was made of."""
        return 1 if self.patches is None else self.patches.stride

    def to_parts(self) -> dict[str, Any]:
        """Return the parts for JSON."""
        patches = None if self.patches is None else dataclasses.asdict(self.patches)
        return {"standardisation": self.standardisation.to_parts(), "patches": patches}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> FeatureSource:
        """Restore what :meth:`to_parts` returned."""
        patches = None if parts["patches"] is None else Patches(**parts["patches"])
        return cls(Standardisation.from_parts(parts["standardisation"]), patches)


def encode_features(arrays: Sequence[np.ndarray], source: FeatureSource) -> FeatureSequences:
    """Return the sequences of checked arrays, of which there may be none.

    Parameters
    ----------
    arrays
        Arrays (T, F) of numbers.
    source
        The kind, for the number of features.
    """
    if len(arrays):
        return FeatureSequences.of(arrays)
    return FeatureSequences(torch.zeros(0, source.width), torch.zeros(1, dtype=torch.int64))


@source_layers.register
def _of_features(source: FeatureSource, network: Network) -> SourceLayers:
    width, dropout = embedding_width(network), network.dropout
    mean, std = source.standardisation.mean, source.standardisation.std
    if source.patches is None:
        return SourceLayers(FeatureEmbedding(mean, std, width, dropout), width)
    layers = PatchLayers(source.patches, mean, std, width=width, dropout=dropout)
    return SourceLayers(nn.Identity(), width, around=partial(PatchedEncoder, layers))
