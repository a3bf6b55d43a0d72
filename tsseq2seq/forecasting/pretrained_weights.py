"""The pretrained weights that come with the package: reading and writing them.

They are safetensors, so that nothing in them is run. ``tsseq2seq/weights/README.md`` is their card.
"""

from __future__ import annotations

import os
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from tsseq2seq.atomic_files import replacing
from tsseq2seq.errors import ModelFileError
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.pretrained_design import DEFAULT_SIZE, PRETRAINED_SIZES, build_pretrained

__all__ = ["pretrained_model", "weights_path", "write_weights"]


def weights_path(size: str) -> Path:
    """Return the file of the weights of a size, a key of :data:`PRETRAINED_SIZES`."""
    return Path(__file__).parents[1] / "weights" / f"{size}.safetensors"


def pretrained_model(size: str = DEFAULT_SIZE, path: str | os.PathLike[str] | None = None) -> SeriesModel:
    """Return the network of a size with its weights, in evaluation mode; each call returns another one.

    Parameters
    ----------
    size
        A key of :data:`PRETRAINED_SIZES`.
    path
        The file of the weights. None: that of the package.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged or of another version.
    """
    model, file = build_pretrained(PRETRAINED_SIZES[size]), Path(path or weights_path(size))
    try:
        model.load_state_dict(load_file(file))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ModelFileError(
            f"the pretrained weights {file} cannot be read: {error}; install the package again"
        ) from error
    return model.eval()


def write_weights(model: SeriesModel, path: str | os.PathLike[str]) -> None:
    """Write the weights of a network to a file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as staged:
        save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, staged)
