"""The results of an autoencoder for a frame: reconstructions, anomaly scores, imputed values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import DataError, DataWarning, ParameterError, warn
from tsseq2seq.reconstruction.reading import Reading

__all__ = ["check_result_names", "imputed", "reconstructed", "scored", "series_of_windows"]

#: The column of reconstructions, or how it begins, and the columns of scores.
RECONSTRUCTION, SCORE, IS_ANOMALY = "reconstruction", "score", "is_anomaly"


def check_result_names(columns: Columns) -> None:
    """Refuse columns with the name of a column of results.

    Raises
    ------
    ParameterError
        Naming the role and the column.
    """
    roles = {"id_col": (columns.id,), "time_col": (columns.time,), "target_col": columns.targets}
    for role, names in roles.items():
        for name in names:
            if name is not None and (name in (SCORE, IS_ANOMALY) or name.startswith(RECONSTRUCTION)):
                raise ParameterError(
                    f"{role} is {name!r}; results have a column of this name themselves. Rename it"
                )


def reconstructed(reading: Reading) -> Any:  # noqa: ANN401 (the input's kind)
    """Return the reconstruction of each step."""
    numbers = reading.fitted.reconstruction(reading.panel, reading.levels, step=reading.step)
    return reading.give_back(_by_target(numbers.cpu().numpy(), reading.panel.targets))


def scored(reading: Reading) -> Any:  # noqa: ANN401 (the input's kind)
    """Return the values, the reconstruction, the score of each step, and whether it is an anomaly."""
    fitted, panel = reading.fitted, reading.panel
    numbers = fitted.reconstruction(panel, reading.levels, step=reading.step).cpu().numpy()
    values = reading.values()
    scores = fitted.scores(panel, reading.levels, np.abs(values - numbers))
    quantities = dict(zip(panel.targets, values.T, strict=True)) | _by_target(numbers, panel.targets)
    # NaN is above nothing
    found = reading.give_back(quantities | {SCORE: scores, IS_ANOMALY: scores > fitted.calibration.threshold})
    return _with_flags(found) if reading.rows.kind.form == "wide" else found


def imputed(reading: Reading) -> Any:  # noqa: ANN401 (the input's kind)
    """Return the values, with the reconstruction where they are missing.

    Warns
    -----
    DataWarning
        If some have no reconstruction: no window around them has an observed value.
    """
    values = reading.values()
    missing = np.isnan(values)
    if missing.any():
        numbers = reading.fitted.reconstruction(reading.panel, reading.levels, step=reading.step)
        filled = numbers.cpu().numpy()
        left = int(np.isnan(filled[missing]).sum())
        if left:
            warn(
                f"{left} of {int(missing.sum())} missing values stay missing: no window of "
                f"{reading.fitted.resolved.window_length} steps that holds them has an observed value",
                DataWarning,
            )
        values[missing] = filled[missing]
    return reading.give_back(dict(zip(reading.panel.targets, values.T, strict=True)))


def series_of_windows(reading: Reading, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the series and the first step of each window of ``transform``, in its order."""
    length = reading.fitted.resolved.window_length
    lengths = reading.panel.lengths.cpu().numpy()
    counts = np.where(lengths >= length, (lengths - length) // step + 1, 0)
    series = np.arange(len(lengths)).repeat(counts)
    if not len(series):
        raise DataError("no series is as long as a window")
    firsts = [
        length_ - length - step * np.arange(n)[::-1] for length_, n in zip(lengths, counts, strict=True)
    ]
    return series, np.concatenate(firsts)


def _with_flags(wide: pd.DataFrame) -> pd.DataFrame:
    """Return a wide frame whose flags are booleans; where a series has no step, there is no anomaly."""
    typed = wide.copy(deep=False)
    for label in typed.columns:
        if label[-1] == IS_ANOMALY:
            typed[label] = typed[label] == 1
    return typed


def _by_target(numbers: np.ndarray, targets: tuple[str, ...]) -> dict[str, np.ndarray]:
    if len(targets) == 1:
        return {RECONSTRUCTION: numbers[:, 0]}
    return {f"{RECONSTRUCTION}-{name}": numbers[:, place] for place, name in enumerate(targets)}
