"""``load``, with all estimators known to it, and the weights that come with the package."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tsseq2seq import (
    autoencoder,
    classifier,
    ensemble,
    forecaster,
    language_model,
    persistence,
    synthesizer,
    tagger,
    transcriber,
    translator,
)

__all__ = [
    "autoencoder",
    "classifier",
    "ensemble",
    "forecaster",
    "language_model",
    "load",
    "synthesizer",
    "tagger",
    "transcriber",
    "translator",
]

#: What ``load`` takes in the place of a folder.
_PRETRAINED = "pretrained"


def load(path: str | os.PathLike[str]) -> Any:  # noqa: ANN401 (any registered class)
    """Return the estimator that was saved in a folder, or the pretrained forecaster.

    Parameters
    ----------
    path
        The folder. ``"pretrained"``, where no folder has that name:
        :meth:`tsseq2seq.Seq2SeqForecaster.pretrained`.

    Returns
    -------
    Estimator
        What was saved, ready to use.

    Raises
    ------
    ModelFileError
        If there is no model, or it is damaged.

    Examples
    --------
    >>> load("pretrained").weights
    'pretrained'
    """
    if path == _PRETRAINED and not Path(path).exists():
        return forecaster.Seq2SeqForecaster.pretrained()
    return persistence.load(path)
