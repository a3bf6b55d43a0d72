"""Sequences that are nothing like those of the fit are said."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.errors import DataWarning
from tsseq2seq.transcription.features import FeatureSource
from tsseq2seq.transcription.remarks import warn_of_strange_features

RNG = np.random.default_rng(0)
PICTURES = [RNG.uniform(0, 1, (length, 4)) for length in (5, 1, 9)]
SOURCE = FeatureSource.of(FeatureSequences.of(PICTURES))


@pytest.mark.parametrize("row", [0, 1, 2])
def test_other_units_are_said_with_the_first_of_them(row):
    arrays = [255 * array if place == row else array for place, array in enumerate(PICTURES)]
    with pytest.warns(DataWarning, match=rf"1 of 3 sources .* sources\[{row}\].*may be made up"):
        warn_of_strange_features(FeatureSequences.of(arrays), SOURCE, "transcriptions may be made up")


@pytest.mark.parametrize("arrays", [PICTURES, [np.zeros((3, 4))], [np.ones((1, 4))]])
def test_what_may_well_be_is_not(arrays):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_strange_features(FeatureSequences.of(arrays), SOURCE, "?")
