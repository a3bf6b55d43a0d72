"""The form of latent vectors: an array, or a frame as scikit-learn's ``set_output`` asks for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import sklearn
import torch

from tsseq2seq.data.grid.calendar_table import calendar_table
from tsseq2seq.data.series_rows import steps_of_rows
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError, require, shown
from tsseq2seq.reconstruction.fitted import FittedWindows
from tsseq2seq.reconstruction.reading import Reading
from tsseq2seq.reconstruction.results import series_of_windows
from tsseq2seq.settings import check_choice

__all__ = ["decoded", "in_output_form", "latent_names", "latent_of", "output_form", "windows_frame"]

_FORMS = ("default", "pandas", "polars")


def latent_of(reading: Reading) -> np.ndarray:
    """Return the latent vectors of windows that lie end to end, counted back from each series' end."""
    length = reading.fitted.resolved.window_length
    return reading.fitted.latent(reading.panel, reading.levels, step=length)


def windows_frame(reading: Reading) -> pd.DataFrame:
    """Return the series and the first and last time stamp of each window of ``transform``."""
    length, panel, columns = reading.fitted.resolved.window_length, reading.panel, reading.fitted.columns
    series, first = series_of_windows(reading, length)
    starts = panel.starts[series]
    data: dict[str, Any] = {str(columns.id): panel.ids[series]} if panel.named else {}
    data["start"] = panel.frequency.advance(starts, first)
    data["end"] = panel.frequency.advance(starts, first + length - 1)
    return pd.DataFrame(data)


def latent_names(width: int) -> np.ndarray:
    """Return the names of the latent numbers, as scikit-learn wants them."""
    return np.array([f"latent{number}" for number in range(width)], dtype=object)


def output_form(estimator: Any) -> str:  # noqa: ANN401 (an autoencoder, of a higher layer)
    """Return which form ``set_output``, or scikit-learn's configuration, asks for."""
    own = getattr(estimator, "_sklearn_output_config", {}).get("transform")
    form = sklearn.get_config()["transform_output"] if own is None else own
    check_choice("set_output", "transform", form, _FORMS)
    return str(form)


def in_output_form(latent: np.ndarray, form: str, reading: Reading) -> Any:  # noqa: ANN401 (array or frame)
    """Return latent vectors as an array, or as a frame of pandas (indexed by series and start) or polars."""
    if form == "default":
        return latent
    names = latent_names(latent.shape[1]).tolist()
    if form == "polars":
        return require("polars", extra="polars", purpose="polars output").DataFrame(latent, schema=names)
    if reading.rows.kind.form == "array":
        return pd.DataFrame(latent, columns=names)
    windows = windows_frame(reading).drop(columns="end")
    index = pd.MultiIndex.from_frame(windows) if windows.shape[1] > 1 else pd.Index(windows["start"])
    return pd.DataFrame(latent, columns=names, index=index)


def decoded(fitted: FittedWindows, latent: object, starts: object, series: object) -> np.ndarray:
    """Return the windows of latent vectors, (windows, W), or (windows, W, Y) of several targets.

    They are in original units where all windows of a series have one scale (``"series"`` and ``"none"``).
    Otherwise they are on the window's own, which its latent vector does not tell.

    Raises
    ------
    ParameterError, ParameterTypeError
        If the vectors have another width, or it must be told when windows begin or which series they are of.
    """
    numbers = _checked_latent(latent, fitted.latent_width)
    calendar = _calendar_of(fitted, starts, len(numbers))
    windows = fitted.decode(torch.from_numpy(numbers).to(fitted.device), calendar).double().cpu().numpy()
    scaling = fitted.resolved.resolved_scaling.name
    if scaling == "series":
        place = _series_of(fitted, series, len(numbers))
        mean, spread = (level.cpu().numpy()[place][:, None] for level in vars(fitted.levels).values())
        windows = mean + spread * windows
    elif series is not None:
        raise ParameterError(
            f"inverse_transform: series is given, but scaling is {scaling!r}, which is not by series; leave "
            "it out"
        )
    return windows[..., 0] if windows.shape[-1] == 1 else windows


def _checked_latent(latent: object, width: int) -> np.ndarray:
    try:
        numbers = np.array(latent, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ParameterTypeError(
            f"inverse_transform: latent is a {type(latent).__name__}; it must be an array of numbers, "
            f"(windows, {width})"
        ) from error
    if numbers.ndim != 2 or numbers.shape[1] != width:
        raise ParameterError(
            f"inverse_transform: latent has the shape {numbers.shape}; it must be (windows, {width})"
        )
    if not np.isfinite(numbers).all():
        row = int(np.argmax(~np.isfinite(numbers).all(1)))
        raise ParameterError(f"inverse_transform: latent is not finite in row {row}")
    return numbers


def _calendar_of(fitted: FittedWindows, starts: object, count: int) -> torch.Tensor | None:
    calendar, length = fitted.coders.calendar, fitted.resolved.window_length
    if calendar is None:
        if starts is not None:
            raise ParameterError("inverse_transform: starts is given, but the model reads no calendar")
        return None
    if starts is None:
        raise ParameterError(
            "inverse_transform: the model reads the calendar, so starts must hold the first time stamp of "
            "each window, such as windows(df)['start']; or fit with calendar=None"
        )
    try:
        times = pd.DatetimeIndex(starts)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise ParameterTypeError(
            f"inverse_transform: starts is {shown(starts)}; it must be a list of time stamps"
        ) from error
    if len(times) != count:
        raise ParameterError(
            f"inverse_transform: starts has {len(times)} time stamps for {count} windows; each needs one"
        )
    lengths = np.full(count, length)
    table = calendar_table(calendar, times, lengths, fitted.panel.frequency, still=fitted.coders.still)
    assert table is not None
    steps = torch.from_numpy(steps_of_rows(lengths)).reshape(count, length)
    return table.at(torch.arange(count), steps).to(fitted.device)


def _series_of(fitted: FittedWindows, series: object, count: int) -> np.ndarray:
    """Return the number of the series of each window."""
    panel = fitted.panel
    if series is None:
        if panel.count > 1:
            raise ParameterError(
                f"inverse_transform: the model was fitted on {panel.count} series, each with its own level; "
                "series must hold the name of each window's, such as windows(df)[id_col]"
            )
        return np.zeros(count, dtype=np.int64)
    names = [series] * count if isinstance(series, str | int) else list(series)  # type: ignore[call-overload]
    if len(names) != count:
        raise ParameterError(
            f"inverse_transform: series has {len(names)} names for {count} windows; each needs one"
        )
    place = panel.ids.get_indexer(pd.Index(names))
    if (place < 0).any():
        unknown = names[int(np.argmax(place < 0))]
        raise DataError(f"there is no series {shown(unknown)} among those that the model was fitted on")
    return np.asarray(place)
