"""Writing a fitted estimator to a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tsseq2seq.errors import TsSeq2SeqWarning, warn
from tsseq2seq.persistence.classes import Storable
from tsseq2seq.persistence.encoding import encode
from tsseq2seq.persistence.write_files import write_files
from tsseq2seq.registry import class_key

__all__ = ["save"]


def save(estimator: Storable, path: str | os.PathLike[str], options: Mapping[str, Any] | None = None) -> None:
    """Write a fitted estimator to a folder.

    Parameters
    ----------
    estimator
        A fitted estimator.
    path
        The folder. The two files of a model that it holds are replaced; all else in it stays.
    options
        Passed on to the estimator's ``learned``.

    Raises
    ------
    ModelFileError
        If ``path`` holds files but no saved model, or cannot be written; what was there is left as it was.
    ParameterError
        If a parameter cannot be written as JSON.

    Examples
    --------
    >>> import os, tempfile
    >>> from tsseq2seq import Seq2SeqForecaster, Training, datasets
    >>> model = Seq2SeqForecaster(3, training=Training(max_steps=1, progress=False))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(model.fit(datasets.load("air_passengers")), f"{folder}/model", {})
    ...     sorted(os.listdir(f"{folder}/model"))
    ['model.json', 'tensors.safetensors']
    """
    learned, tensors = estimator.learned(**(options or {}))
    skipped: list[str] = []
    content = {
        "class": class_key(type(estimator)),
        "parameters": encode(estimator.get_params(deep=False), "", skipped),
        "learned": encode(learned, "", []),
        "tensors": sorted(tensors),
    }
    if skipped:
        warn(
            f"functions cannot be saved; the loaded model will have the defaults of {', '.join(skipped)}",
            TsSeq2SeqWarning,
        )
    write_files(Path(path), content, tensors)
