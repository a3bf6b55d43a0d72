"""The options of checkpoints, and a fit that stores them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from typer import Option

from tsseq2seq.errors import ParameterError

__all__ = ["Checkpointing", "fit_with_checkpoints"]


@dataclass(frozen=True, kw_only=True)
class Checkpointing:
    """What is kept of a fit that is killed."""

    checkpoint: Annotated[
        Path | None,
        Option(metavar="DIR", help="Store the state of the training in this folder, for --resume."),
    ] = None
    checkpoint_every: Annotated[
        str | None,
        Option(metavar="N|TIME", help="How often: training steps, or a time: 30s, 10min. Default: 1min."),
    ] = None
    resume: Annotated[
        bool,
        Option("--resume", help="Continue the fit whose state is in --checkpoint; the result is the same."),
    ] = False


def fit_with_checkpoints(model: Any, given: Checkpointing, *data: Any) -> None:  # noqa: ANN401 (any estimator)
    """Fit an estimator on data, storing and continuing from its states as asked.

    Raises
    ------
    ParameterError
        If there is nothing to resume from.
    KeyboardInterrupt
        If the fit was interrupted and can be continued: what it has until then is no result.
    """
    from tsseq2seq.cli import show

    if given.resume and given.checkpoint is None:
        raise ParameterError("--resume needs --checkpoint DIR, the folder that holds the state of the fit")
    if given.checkpoint_every is not None and given.checkpoint is None:
        raise ParameterError("--checkpoint-every needs --checkpoint DIR, the folder to store states in")
    every = given.checkpoint_every
    model.set_params(
        training__checkpoint=given.checkpoint,
        training__checkpoint_every=int(every) if every is not None and every.isdecimal() else every,
    )
    model.fit(*data, resume=given.checkpoint if given.resume else None)
    if given.checkpoint is not None and model.stopped_ == "interrupt":
        show.tell(f"interrupted; the same command with --resume continues from {given.checkpoint}")
        raise KeyboardInterrupt
