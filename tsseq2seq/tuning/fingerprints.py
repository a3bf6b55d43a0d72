"""Fingerprints of data, by which a study recognises its data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.long_frame import LongFrame

__all__ = ["array_fingerprint", "frame_fingerprint", "text_fingerprint"]

_DIGITS = 16


def frame_fingerprint(frame: LongFrame) -> str:
    """Return a fingerprint of a frame's rows, whatever their order."""
    digest = hashlib.sha256()
    for part in (frame.ids, frame.times):
        digest.update(pd.util.hash_pandas_object(part, index=False).to_numpy().tobytes())
    digest.update(np.ascontiguousarray(frame.starts).tobytes())
    digest.update(np.ascontiguousarray(frame.targets).tobytes())
    for name in frame.covariates:
        digest.update(str(name).encode())
        digest.update(pd.util.hash_pandas_object(frame.covariates[name], index=False).to_numpy().tobytes())
    if frame.weights is not None:
        digest.update(np.ascontiguousarray(frame.weights).tobytes())
    return digest.hexdigest()[:_DIGITS]


def text_fingerprint(*columns: Sequence[str]) -> str:
    """Return a fingerprint of columns of sentences.

    Examples
    --------
    >>> text_fingerprint(["a", "b"], ["c"]) == text_fingerprint(["a"], ["b", "c"])
    False
    """
    digest = hashlib.sha256()
    for column in columns:
        digest.update(f"{len(column)}\n".encode())
        for text in column:
            raw = text.encode("utf-8", "surrogatepass")
            digest.update(f"{len(raw)}\n".encode() + raw)
    return digest.hexdigest()[:_DIGITS]


def array_fingerprint(arrays: Sequence[np.ndarray]) -> str:
    """Return a fingerprint of arrays in their order.

    Examples
    --------
    >>> array_fingerprint([np.zeros((2, 1))]) == array_fingerprint([np.zeros((1, 2))])
    False
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:_DIGITS]
