"""Whether there is enough to learn a horizon from: windows whose targets are known to their end."""

from __future__ import annotations

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import DataError, TrainingWarning, warn
from tsseq2seq.nn.outputs import Output

__all__ = ["check_enough_windows", "whole_windows"]

#: Fewer windows than these tell nothing of how far forecasts miss.
_HANDFUL = 5


def whole_windows(windows: Windows, *, held_out: int) -> int:
    """Return how many windows have a whole horizon before what is held out at the end of their series."""
    long_enough = windows.lengths - held_out > windows.shape.horizon
    return int(windows.counts[long_enough].sum())


def check_enough_windows(windows: Windows, output: Output, *, held_out: int) -> None:
    """Refuse to learn intervals from a handful of windows, and say so of a point forecast.

    Parameters
    ----------
    windows
        What would be trained on.
    output
        What is forecast.
    held_out
        Steps at the end of each series that are not trained on.

    Raises
    ------
    DataError
        If the output has intervals.

    Warns
    -----
    TrainingWarning
        If it has none.
    """
    whole = whole_windows(windows, held_out=held_out)
    if whole >= _HANDFUL:
        return
    horizon, longest = windows.shape.horizon, int(windows.lengths.max()) - held_out
    # half of a short series' cutoffs are trained on, see ``training_windows``
    possible = longest - 2 * _HANDFUL + 1
    shorter = f"forecast at most {possible} steps, or " if possible > 0 else ""
    found = (
        f"horizon is {horizon}, but the longest series has {longest} steps to learn from: there are {whole} "
        f"windows with a whole horizon, and at least {_HANDFUL} are needed"
    )
    if output.sampled or output.probabilities:
        raise DataError(f"{found} for intervals; {shorter}give it longer or more series")
    warn(f"{found} to learn anything; {shorter}give it longer or more series", TrainingWarning)
