"""``load``, with all estimators known to it, and the weights that come with the package."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

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
from tsseq2seq.training.training import Training

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


def load(
    path: str | os.PathLike[str],
    *,
    device: str | torch.device | None = None,
) -> Any:  # noqa: ANN401 (any registered class)
    """Return the estimator that was saved in a folder, or the pretrained forecaster.

    Parameters
    ----------
    path
        The folder. ``"pretrained"``, where no folder has that name:
        :meth:`tsseq2seq.Seq2SeqForecaster.pretrained`.
    device
        Where the estimator computes from now on: its ``training`` names this device afterwards. None: the one
        that it was saved with.

    Returns
    -------
    Estimator
        What was saved, ready to use, on the device that its ``training`` names.

    Raises
    ------
    ModelFileError
        If there is no model, or it is damaged, or its device is not on this machine.

    Examples
    --------
    >>> load("pretrained").weights
    'pretrained'
    """
    if path == _PRETRAINED and not Path(path).exists():
        return forecaster.Seq2SeqForecaster.pretrained(training=Training(device=device or "auto"))
    return persistence.load(path, device=device)
