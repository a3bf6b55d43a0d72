"""CSVLog: losses and validation errors as rows of a file."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from tsseq2seq.settings import check_number
from tsseq2seq.training.callback import Callback, Started, Stepped, Validated

__all__ = ["CSVLog"]

_HEADER = ("label", "step", "seconds", "learning_rate", "loss", "validation_error")


class CSVLog(Callback):
    """Write a row for every so many training steps, and one for each validation.

    Parameters
    ----------
    path
        The file. One that is there is continued, so that a training that is resumed goes on below.
    every
        Training steps between two rows.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> from tsseq2seq import Seq2SeqForecaster, Training, datasets
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = CSVLog(f"{folder}/losses.csv", every=2)
    ...     training = Training(max_steps=6, callbacks=[log], progress=False)
    ...     model = Seq2SeqForecaster(12, training=training).fit(datasets.load("air_passengers"))
    ...     pd.read_csv(f"{folder}/losses.csv")["step"].tolist()
    [2, 4, 6]
    """

    def __init__(self, path: str | os.PathLike[str], *, every: int = 10) -> None:
        check_number("CSVLog", "every", every, low=1, integer=True)
        self.path = Path(path)
        self.every = every
        self._label = ""

    def on_start(self, event: Started) -> None:
        """Write the header, unless the file has one."""
        self._label = event.label
        if not self.path.exists() or self.path.stat().st_size == 0:
            self._write(_HEADER)

    def on_step(self, event: Stepped) -> None:
        """Write a row."""
        if event.step % self.every == 0:
            numbers = f"{event.seconds:.3f}", f"{event.learning_rate:.6g}", f"{event.loss:.6g}"
            self._write((self._label, event.step, *numbers, ""))

    def on_validation(self, event: Validated) -> None:
        """Write a row."""
        self._write((self._label, event.step, f"{event.seconds:.3f}", "", "", f"{event.error:.6g}"))

    def _write(self, row: tuple[object, ...]) -> None:
        # opened for each row, so that a training that is killed leaves whole rows
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(row)
