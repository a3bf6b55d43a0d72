"""A share of the data for validation, as time steps."""

from __future__ import annotations

import dataclasses

import numpy as np

from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.forecasting.defaults import ForecasterSettings

__all__ = ["with_validation_steps"]


def with_validation_steps(asked: ForecasterSettings, frame: LongFrame) -> ForecasterSettings:
    """Return the settings with ``validation_size`` as the same number of time steps for all series.

    A share is one of the rows of the median series: held-out steps of a panel whose series end together are
    then the same moments.

    Parameters
    ----------
    asked
        The settings as asked for.
    frame
        The rows to train on.
    """
    steps = asked.training.held_out(int(np.median(frame.row_counts)))
    return dataclasses.replace(asked, training=dataclasses.replace(asked.training, validation_size=steps))
