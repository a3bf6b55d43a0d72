"""Loading a saved model on this machine, whatever it was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tsseq2seq
from tsseq2seq.cli import show
from tsseq2seq.errors import DeviceError, ModelFileError

__all__ = ["load_here"]


def load_here(model: Path) -> Any:  # noqa: ANN401 (any estimator)
    """Load a saved model; where this machine lacks its device, on the one that there is, and say so.

    Raises
    ------
    ModelFileError
        If the folder holds no model.
    """
    try:
        return tsseq2seq.load(model)
    except ModelFileError as error:
        if not isinstance(error.__cause__, DeviceError):
            raise
    loaded = tsseq2seq.load(model, device="auto")
    show.tell(f"{model} was trained on a device that is not here; it computes on what there is")
    return loaded
