"""Keys of windows' random numbers: what is drawn for a series depends on it and its cutoff alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.nn.outputs.random_streams import mixed

__all__ = ["window_keys"]

_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def window_keys(windows: Windows, seed: int) -> Int[Tensor, " windows"]:
    """Return a key for each window: of the seed, the series' name and the time of its cutoff.

    So a series has the same sample paths alone, beside others, in any order, and on any machine. Names count
    as text: series 7 and "7" are one.
    """
    index = torch.arange(len(windows), device=windows.cumulative.device)
    series, cutoff = (part.cpu().numpy() for part in windows.locate(index))
    panel = windows.panel
    own = np.unique(series)
    names = np.zeros(panel.count, dtype=np.uint64)
    names[own] = pd.util.hash_array(np.array([str(panel.ids[place]) for place in own], dtype=object))
    times = _numbers(panel.frequency.advance(panel.starts[series], cutoff))
    device = windows.cumulative.device
    key = mixed(torch.full((len(series),), seed, dtype=torch.int64, device=device))
    for part in (names[series].view(np.int64), times):
        key = mixed(key ^ torch.from_numpy(part).to(device)) + 1
    return key


def _numbers(times: pd.Index) -> np.ndarray:
    """Return times as numbers, the same whatever the unit that they are kept in."""
    if isinstance(times, pd.DatetimeIndex):
        with np.errstate(over="ignore"):  # what overflows still tells times apart
            return np.asarray(times.asi8 * np.int64(_NANOSECONDS[times.unit]))
    return np.array(times, dtype=np.int64)  # a copy: an index must not be written to
