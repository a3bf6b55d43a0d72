"""What a transcriber read, drawn above a heatmap of its attention, step above step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tsseq2seq.errors import DataError

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["checked_picture", "draw_above"]


def checked_picture(picture: object, steps: int) -> np.ndarray:
    """Return a picture as an array (T, F) of numbers.

    Parameters
    ----------
    picture
        The array as given.
    steps
        Number of steps T of the weights.

    Raises
    ------
    DataError
        If it has other dimensions or another number of steps.
    """
    array = np.asarray(picture)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or array.dtype.kind not in "buif":
        raise DataError(
            f"picture is an array of shape {array.shape} and type {array.dtype}; it must be (T, F), steps by "
            "features"
        )
    if len(array) != steps:
        raise DataError(
            f"picture has shape {array.shape}, {len(array)} steps, but the weights are of {steps} steps; is "
            "it another source, or to be transposed?"
        )
    return array.astype(float)


def draw_above(ax: matplotlib.axes.Axes, picture: np.ndarray, title: str | None) -> matplotlib.axes.Axes:
    """Draw a picture above a heatmap whose columns are its steps.

    Parameters
    ----------
    ax
        The heatmap's axes.
    picture
        (T, F), the first feature is drawn at the top.
    title
        Title above the picture. None: none.

    Returns
    -------
    matplotlib.axes.Axes
        The heatmap's axes.
    """
    from mpl_toolkits.axes_grid1 import make_axes_locatable

    share = min(0.8, max(0.15, picture.shape[1] / len(picture)))
    above = make_axes_locatable(ax).append_axes("top", size=f"{100 * share:.0f}%", pad=0.08, sharex=ax)
    above.imshow(picture.T, aspect="auto", cmap="gray_r", interpolation="nearest")
    above.tick_params(labelbottom=False, bottom=False)
    above.set_yticks([])
    above.set_ylabel("source")
    if title is not None:
        above.set_title(title, loc="left", fontsize="medium", parse_math=False)
    return ax
