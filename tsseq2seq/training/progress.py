"""The progress bar: steps, loss, validation error and time left."""

from __future__ import annotations

import sys
from types import TracebackType

from tqdm import tqdm

__all__ = ["Progress"]


class Progress:
    """A progress bar on standard error; a context manager that closes the bar at its end.

    Parameters
    ----------
    total
        Number of planned steps.
    shown
        Whether to show the bar. None: if standard error is a terminal.
    label
        Text before the bar.
    """

    def __init__(self, total: int, *, shown: bool | None, label: str = "training") -> None:
        visible = sys.stderr.isatty() if shown is None else shown
        self.bar = tqdm(total=total, disable=not visible, desc=label, unit="step", leave=True)

    def __enter__(self) -> Progress:
        """Return itself."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the bar at the step it has."""
        self.bar.close()

    def update(self, step: int, loss: float, best_error: float) -> None:
        """Move the bar to ``step``, with the loss and the lowest validation error (infinite: none yet)."""
        numbers = {"loss": f"{loss:.4g}"}
        if best_error != float("inf"):
            numbers["validation"] = f"{best_error:.4g}"
        self.bar.set_postfix(numbers, refresh=False)
        self.bar.update(step - self.bar.n)
