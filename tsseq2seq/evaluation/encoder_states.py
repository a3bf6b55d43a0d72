"""What an encoder makes of the end of each series: its states, and the context vector, as a tidy frame."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.model import SeriesModel

__all__ = ["encoder_states"]

_CHUNK = 256


@torch.inference_mode()
def encoder_states(fitted: FittedSeries, windows: Windows) -> pd.DataFrame:
    """Return the states of the encoder after each segment of each window, and the context vectors.

    Parameters
    ----------
    fitted
        The forecaster.
    windows
        The windows to encode.

    Returns
    -------
    pandas.DataFrame
        A row for each number: the name of the series (if series have names), ``member`` (from 0), ``part``
        (``"state"`` or ``"context"``), ``lag`` (time steps back from the cutoff to the segment's last step,
        from 1; missing for the context vector), ``unit`` (from 0) and ``value``.
    """
    pieces = []
    for number, model in enumerate(fitted.members):
        for index in torch.arange(len(windows), device=windows.cumulative.device).split(_CHUNK):
            batch = windows.gather(index)
            states, context = _encoded(model, batch)
            pieces += [_states(states, batch, fitted.resolved.segment_length), _context(context, batch)]
            for piece in pieces[-2:]:
                piece.insert(1, "member", number)
    frame = pd.concat(pieces, ignore_index=True)
    frame["lag"] = frame["lag"].astype("Int64")
    order = ["series", "member", "part", "lag", "unit"]
    frame = frame.sort_values(order, ascending=[True, True, False, False, True], ignore_index=True)
    names = frame.pop("series").to_numpy()
    if windows.panel.named:
        frame.insert(0, str(fitted.columns.id), windows.panel.ids[names])
    return frame


def _encoded(model: SeriesModel, batch: Batch) -> tuple[Float[Tensor, "B S E"], Float[Tensor, "B C"]]:
    inputs = model.prepare(model.scaled(batch))
    encoded = model.network.encode(inputs.segments, inputs.lengths, inputs.covariates, inputs.bases).encoded
    return encoded.states.float().cpu(), model.network.context(encoded).float().cpu()


def _states(states: Float[Tensor, "B S E"], batch: Batch, segment_length: int) -> pd.DataFrame:
    """Return a row for each number of each state that is no padding."""
    rows, sources, width = states.shape
    valid = torch.full((rows,), sources) if batch.lengths is None else batch.lengths.cpu()
    row, source = (torch.arange(sources) < valid[:, None]).nonzero().unbind(1)
    lag = (valid[row] - source - 1) * segment_length + 1
    return pd.DataFrame(
        {
            "series": batch.series.cpu()[row].numpy().repeat(width),
            "part": "state",
            "lag": lag.numpy().astype(float).repeat(width),
            "unit": np.tile(np.arange(width), len(row)),
            "value": states[row, source].numpy().ravel(),
        }
    )


def _context(context: Float[Tensor, "B C"], batch: Batch) -> pd.DataFrame:
    rows, width = context.shape
    return pd.DataFrame(
        {
            "series": batch.series.cpu().numpy().repeat(width),
            "part": "context",
            "lag": np.nan,
            "unit": np.tile(np.arange(width), rows),
            "value": context.numpy().ravel(),
        }
    )
