"""Reading a saved estimator from a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import torch

from tsseq2seq.errors import DeviceError, MissingDependencyError, ModelFileError
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.persistence.classes import ESTIMATORS
from tsseq2seq.persistence.encoding import decode
from tsseq2seq.persistence.files import JSON
from tsseq2seq.persistence.other_device import on_device
from tsseq2seq.persistence.read_files import read_files
from tsseq2seq.registry import look_up

__all__ = ["load"]


def load(
    path: str | os.PathLike[str],
    *,
    device: str | torch.device | None = None,
) -> Any:  # noqa: ANN401 (any registered class)
    """Read a saved estimator.

    Nothing in the files is run, and they are checked before anything is built from them.

    Parameters
    ----------
    path
        The folder that ``save`` wrote.
    device
        Where the estimator computes from now on: its ``training`` names this device afterwards. None: the one
        that it was saved with.

    Returns
    -------
    Estimator
        The fitted estimator, on the device that its ``training`` names.

    Raises
    ------
    ModelFileError
        If the folder is missing, incomplete, of a newer format, no saved model, or changed since it was
        saved; or one of its classes is not registered: the module that defines it must be imported first; or
        it was saved with a device that is not here.
    DeviceError
        If ``device`` is not here.

    Examples
    --------
    >>> import tempfile
    >>> from tsseq2seq import Seq2SeqForecaster, Training, datasets
    >>> model = Seq2SeqForecaster(3, training=Training(max_steps=1, progress=False))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.fit(datasets.load("air_passengers")).save(f"{folder}/model")
    ...     type(load(f"{folder}/model")).__name__
    'Seq2SeqForecaster'
    """
    if device is not None:
        resolve_device(device)
    folder = Path(path)
    content, tensors = read_files(folder)
    with _blamed_on(folder / JSON, "model"):
        estimator_class = cast("Any", look_up(ESTIMATORS, content.get("class")))
    name = estimator_class.__name__
    if device is not None:
        content = {key: on_device(content.get(key), device) for key in ("parameters", "learned")}
    with _blamed_on(folder / JSON, name):
        estimator = estimator_class(**decode(content["parameters"]))
        learned = decode(content["learned"])
    with _blamed_on(folder, name):
        estimator.restore(learned, tensors)
    return estimator


@contextmanager
def _blamed_on(path: Path, name: str) -> Iterator[None]:
    """Tell who loads a file of the file, whatever its values made the library meet."""
    try:
        yield
    except MissingDependencyError:  # nothing is wrong with the file
        raise
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error
    except DeviceError as error:
        raise ModelFileError(
            f"{path} was saved with a device that is not here. {error}: load(path, device='cpu') loads it on "
            "the CPU"
        ) from error
    except Exception as error:
        reason = "it lacks " if isinstance(error, KeyError) else ""
        raise ModelFileError(f"{path} does not fit this version's {name}: {reason}{error}") from error
