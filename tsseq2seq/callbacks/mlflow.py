"""MLflow: settings as its parameters, losses and validation errors as its metrics."""

from __future__ import annotations

from typing import Any

from tsseq2seq.errors import require
from tsseq2seq.settings import check_number
from tsseq2seq.training.callback import Callback, Ended, Started, Stepped, Validated

__all__ = ["MLflow"]

# MLflow's own limit of a parameter's text.
_LONGEST = 500


class MLflow(Callback):
    """Log into a run of MLflow, nested in the active one if there is one (extra ``mlflow``).

    Parameters
    ----------
    every
        Training steps between two points.

    Examples
    --------
    >>> from tsseq2seq import Training
    >>> Training(callbacks=[MLflow(every=100)]).callbacks[0].every
    100
    """

    def __init__(self, *, every: int = 10) -> None:
        check_number("MLflow", "every", every, low=1, integer=True)
        self.every = every
        self._mlflow: Any = None
        self._begun = False
        self._prefix = ""

    def on_start(self, event: Started) -> None:
        """Begin a run, and log the settings; each training of a search or an ensemble has its own.

        Raises
        ------
        MissingDependencyError
            If mlflow is not installed.
        """
        self._mlflow = require("mlflow", extra="mlflow", purpose="MLflow")
        self._mlflow.start_run(nested=self._mlflow.active_run() is not None)
        self._begun = True
        member = event.label.removeprefix("training").strip()
        self._prefix = f"member_{member}_" if member else ""
        settings = {
            name: str(value)[:_LONGEST] for name, value in event.settings.items() if value is not None
        }
        self._mlflow.log_params(
            {f"{self._prefix}{name}": value for name, value in settings.items()}
            | {f"{self._prefix}weights": event.parameters}
        )

    def on_step(self, event: Stepped) -> None:
        """Log the loss and the learning rate."""
        if event.step % self.every == 0:
            self._log(event.step, loss=event.loss, learning_rate=event.learning_rate)

    def on_validation(self, event: Validated) -> None:
        """Log the validation error."""
        self._log(event.step, validation_error=event.error)

    def on_end(self, event: Ended) -> None:
        """Log why it is over, and end the run if it was begun here."""
        if not self._begun:
            return
        self._begun = False
        self._log(event.steps, seconds=event.seconds)
        self._mlflow.set_tag(f"{self._prefix}stopped", event.stopped)
        self._mlflow.end_run("FAILED" if event.stopped == "error" else "FINISHED")

    def _log(self, step: int, **metrics: float) -> None:
        self._mlflow.log_metrics(
            {f"{self._prefix}{name}": value for name, value in metrics.items()}, step=step
        )
