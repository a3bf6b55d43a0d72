"""Log: a training in the lines of the standard library's logging."""

from __future__ import annotations

import logging

from tsseq2seq.training.callback import Callback, Ended, Started, Stepped, Validated

__all__ = ["Log"]


class Log(Callback):
    """Write the begin, each tenth, each validation and the end to a logger.

    The library's own logger, ``"tsseq2seq"``, is silent unless you give it a handler:
    ``logging.basicConfig(level="INFO")``.

    Parameters
    ----------
    logger
        The logger. None: that of the library.
    level
        The level of the lines.

    Examples
    --------
    >>> import sys
    >>> from tsseq2seq import Seq2SeqForecaster, Training, datasets
    >>> logger = logging.Logger("mine")
    >>> logger.addHandler(logging.StreamHandler(sys.stdout))
    >>> training = Training(max_steps=1, callbacks=[Log(logger)], progress=False)
    >>> model = Seq2SeqForecaster(12, training=training).fit(datasets.load("air_passengers"))
    training begins: 1 step planned, ... weights
    training: step 1 of 1, loss ...
    training ends after 1 step: steps
    """

    def __init__(self, logger: logging.Logger | None = None, level: int = logging.INFO) -> None:
        self.logger = logging.getLogger("tsseq2seq") if logger is None else logger
        self.level = level
        self._label = "training"

    def on_start(self, event: Started) -> None:
        """Write how long it is planned to be."""
        self._label = event.label
        self._write("begins: %s planned, %s weights", _steps(event.planned_steps), f"{event.parameters:,}")

    def on_step(self, event: Stepped) -> None:
        """Write each tenth of the plan."""
        if event.step * 10 // event.planned_steps > (event.step - 1) * 10 // event.planned_steps:
            message = f"{self._label}: step %d of %d, loss %.4g"
            self.logger.log(self.level, message, event.step, event.planned_steps, event.loss)

    def on_validation(self, event: Validated) -> None:
        """Write the error."""
        message = f"{self._label}: validation error %.4g at step %d, lowest %.4g"
        self.logger.log(self.level, message, event.error, event.step, event.best_error)

    def on_end(self, event: Ended) -> None:
        """Write why it is over."""
        self._write("ends after %s: %s", _steps(event.steps), event.stopped)

    def _write(self, message: str, *values: object) -> None:
        self.logger.log(self.level, f"{self._label} {message}", *values)


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count:,} steps"
