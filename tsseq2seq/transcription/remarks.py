"""What a transcriber says of its sequences: which of them are nothing like those of the fit."""

from __future__ import annotations

import torch

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.errors import DataWarning, warn
from tsseq2seq.transcription.features import FeatureSource

__all__ = ["warn_of_strange_features"]

# In training the root mean square of standardised features is 1.
_STRANGE = 10.0


def warn_of_strange_features(sequences: FeatureSequences, source: FeatureSource, doubt: str) -> None:
    """Warn of sequences that lie, in the mean, more than ten standard deviations from those of the fit.

    Parameters
    ----------
    sequences
        The sequences.
    source
        Mean and standard deviation of the features in training.
    doubt
        What may be wrong with what is made of them.
    """
    if not sequences.steps:
        return
    stats = source.standardisation
    squares = (((sequences.values.cpu() - stats.mean) / stats.std).double() ** 2).mean(1)
    sums = torch.cat([squares.new_zeros(1), squares.cumsum(0)])
    offsets = sequences.offsets.cpu()
    means = (sums[offsets[1:]] - sums[offsets[:-1]]) / offsets.diff().clamp(min=1)
    distance = means.clamp(min=0).sqrt()
    rows = (distance > _STRANGE).nonzero()[:, 0]
    if len(rows):
        first = int(rows[0])
        warn(
            f"{len(rows)} of {len(sequences)} sources lie far from those of the fit (the first: "
            f"sources[{first}], {float(distance[first]):.3g} standard deviations from their mean; in the fit "
            f"this is about 1): are they in other units, such as 0 to 255 for 0 to 1? {doubt}",
            DataWarning,
        )
