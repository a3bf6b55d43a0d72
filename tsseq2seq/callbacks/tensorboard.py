"""TensorBoard: losses, learning rate and validation errors as its scalars."""

from __future__ import annotations

import os
from typing import Any

from tsseq2seq.errors import require
from tsseq2seq.settings import check_number
from tsseq2seq.training.callback import Callback, Ended, Started, Stepped, Validated

__all__ = ["TensorBoard"]


class TensorBoard(Callback):
    """Write scalars that ``tensorboard --logdir FOLDER`` shows (extra ``tensorboard``).

    Parameters
    ----------
    folder
        Where to; each member has a folder of its own inside.
    every
        Training steps between two points.

    Examples
    --------
    >>> from tsseq2seq import Training
    >>> Training(callbacks=[TensorBoard("runs/sales")]).callbacks[0].every
    10
    """

    def __init__(self, folder: str | os.PathLike[str], *, every: int = 10) -> None:
        check_number("TensorBoard", "every", every, low=1, integer=True)
        self.folder = os.fspath(folder)
        self.every = every
        self._writer: Any = None

    def on_start(self, event: Started) -> None:
        """Open the file.

        Raises
        ------
        MissingDependencyError
            If tensorboard is not installed.
        """
        require("tensorboard", extra="tensorboard", purpose="TensorBoard")
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(os.path.join(self.folder, event.label.replace(" ", "-")))

    def on_step(self, event: Stepped) -> None:
        """Write a point of the loss and of the learning rate."""
        if event.step % self.every == 0:
            self._writer.add_scalar("loss", event.loss, event.step)
            self._writer.add_scalar("learning_rate", event.learning_rate, event.step)

    def on_validation(self, event: Validated) -> None:
        """Write a point of the validation error."""
        self._writer.add_scalar("validation_error", event.error, event.step)

    def on_end(self, event: Ended) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()
