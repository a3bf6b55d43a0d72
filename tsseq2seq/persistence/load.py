"""Reading a saved estimator from a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from tsseq2seq.errors import MissingDependencyError, ModelFileError
from tsseq2seq.persistence.classes import ESTIMATORS
from tsseq2seq.persistence.encoding import decode
from tsseq2seq.persistence.files import JSON
from tsseq2seq.persistence.read_files import read_files
from tsseq2seq.registry import look_up

__all__ = ["load"]


def load(path: str | os.PathLike[str]) -> Any:  # noqa: ANN401 (any registered class)
    """Read a saved estimator.

    Nothing in the files is run, and they are checked before anything is built from them.

    Parameters
    ----------
    path
        The folder that ``save`` wrote.

    Returns
    -------
    Estimator
        The fitted estimator, on the device that its ``training`` names.

    Raises
    ------
    ModelFileError
        If the folder is missing, incomplete, of a newer format, no saved model, or changed since it was
        saved; or one of its classes is not registered: the module that defines it must be imported first.
    """
    folder = Path(path)
    content, tensors = read_files(folder)
    name = "model"
    try:
        estimator_class = cast("Any", look_up(ESTIMATORS, content.get("class")))
        name = estimator_class.__name__
        estimator = estimator_class(**decode(content["parameters"]))
        estimator.restore(decode(content["learned"]), tensors)
    except ModelFileError as error:
        raise ModelFileError(f"{folder / JSON}: {error}") from error
    except MissingDependencyError:
        raise
    # whatever values a file makes the library meet, who loads it is told of the file
    except Exception as error:
        reason = "a value is missing: " if isinstance(error, KeyError) else ""
        raise ModelFileError(f"{folder} does not fit this version's {name}: {reason}{error}") from error
    return estimator
