"""Windows in a ``DataLoader``: how torch puts together what a data set of windows gives it."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils.data._utils.collate import default_collate_fn_map

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.nests import map_nest

__all__ = ["collate_batches"]


def collate_batches(batches: list[Batch], *, collate_fn_map: Any = None) -> Batch:  # noqa: ANN401 (torch's)
    """Concatenate batches along their rows.

    Parameters
    ----------
    batches
        Batches of the same windows' shape. A loader over :class:`~tsseq2seq.data.panel.windows.Windows` alone
        gives one, in which all its windows were gathered at once.
    collate_fn_map
        What torch passes; not used.
    """
    if len(batches) == 1:
        return batches[0]
    joined: Batch = map_nest(lambda *tensors: torch.cat(tensors), *batches)
    return joined


# so that a loader needs no ``collate_fn``
default_collate_fn_map[Batch] = collate_batches
