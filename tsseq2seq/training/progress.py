"""The progress bar: steps, loss, validation error and time left."""

from __future__ import annotations

import sys
from types import TracebackType

from tqdm import tqdm

__all__ = ["Progress"]


class Progress:
    """A bar on standard error.

    Parameters
    ----------
    total
        Number of steps.
    shown
        Whether to show it; None: if standard error is a terminal.
    label
        What stands before it.
    """

    def __init__(self, total: int, *, shown: bool | None, label: str = "training") -> None:
        visible = sys.stderr.isatty() if shown is None else shown
        self.bar = tqdm(total=total, disable=not visible, desc=label, unit="step", leave=True)

    def __enter__(self) -> Progress:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the bar as it stands."""
        self.bar.close()

    def update(self, step: int, loss: float, best_error: float) -> None:
        """Move to ``step``."""
        shown = {"loss": f"{loss:.4g}"}
        if best_error != float("inf"):
            shown["validation"] = f"{best_error:.4g}"
        self.bar.set_postfix(shown, refresh=False)
        self.bar.update(step - self.bar.n)
