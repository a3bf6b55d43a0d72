"""FolderCheckpoint: states of a fit in a folder, from which a later fit has the same result.

The folder holds ``checkpoint.json``, which says of which fit it is, and a file for each training of the fit:
``training.safetensors``, and for some forecasters ``network_share.safetensors``. Each is replaced as a whole.
A fit that begins anew removes the states of a finished one first; those of an unfinished fit are not removed.
"""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tsseq2seq.atomic_files import replacing
from tsseq2seq.errors import ModelFileError, ParameterError, TrainingWarning, warn
from tsseq2seq.training.digest import digest
from tsseq2seq.training.keeper import Keeper
from tsseq2seq.training.state import State
from tsseq2seq.training.state_file import read_state, write_state
from tsseq2seq.training.termination import Termination
from tsseq2seq.training.training import Training, checkpoint_interval

__all__ = ["FolderCheckpoint", "holds_checkpoint"]

_MANIFEST = "checkpoint.json"
_FORMAT = 1
# The training without which there is no other.
_FIRST = "training"
# Settings of a fit that have no effect on its result. Of a time limit the time left is part of the state.
_WITHOUT_EFFECT = (
    "training.checkpoint",
    "training.checkpoint_every",
    "training.progress",
    "training.callbacks",
    "training.max_time",
)


@dataclass(frozen=True)
class FolderCheckpoint:
    """States of a fit in a folder.

    Attributes
    ----------
    settings
        All settings of the fit, as :func:`~tsseq2seq.settings.described` returns them.
    folder
        Where states are written. None: nowhere.
    steps, seconds
        Training steps, or seconds, between two states; the other one is None.
    resumed
        The folder of the fit to continue. None: a new fit.
    name
        The part.
    data
        Digest of the data. None: not known yet.
    """

    settings: Mapping[str, Any]
    folder: Path | None = None
    steps: int | None = None
    seconds: float | None = None
    resumed: Path | None = None
    name: str = _FIRST
    data: str | None = None

    @classmethod
    def of(
        cls, training: Training, settings: Mapping[str, Any], resume: str | os.PathLike[str] | None
    ) -> FolderCheckpoint:
        """Return the checkpoint of a fit that begins.

        Parameters
        ----------
        training
            Has the folder to write to.
        settings
            All settings of the fit.
        resume
            The folder to continue from. If it is the folder to write to, and empty, the fit begins anew.

        Raises
        ------
        ModelFileError
            If ``resume`` holds no checkpoint.
        ParameterError
            If its fit had other settings.

        Warns
        -----
        TrainingWarning
            If there is nothing to continue yet.
        """
        folder = None if training.checkpoint is None else Path(training.checkpoint)
        resumed = None if resume is None else Path(resume)
        if resumed is not None and not holds_checkpoint(resumed):
            if folder is None or resumed.resolve() != folder.resolve():
                raise ModelFileError(
                    f"resume: {resumed} holds no checkpoint (there is no {_MANIFEST} in it); fit with "
                    f"Training(checkpoint={str(resumed)!r}) writes them"
                )
            warn(
                f"resume: there is no checkpoint in {resumed} yet; the training begins anew", TrainingWarning
            )
            resumed = None
        if resumed is not None:
            _check_same_settings(settings, _read_manifest(resumed)["settings"], resumed)
        steps, seconds = checkpoint_interval(training.checkpoint_every)
        return cls(settings, folder, steps, seconds, resumed)

    def part(self, name: str) -> FolderCheckpoint:
        """Return the checkpoint of another training of the same fit."""
        return dataclasses.replace(self, name=name)

    def of_data(self, *data: object) -> FolderCheckpoint:
        """Return the checkpoint of a training on these data; it does not continue one on others."""
        if self.folder is None and self.resumed is None:
            return self
        return dataclasses.replace(self, data=digest(*data))

    @contextmanager
    def keeping(self) -> Iterator[Keeper | None]:
        """Store states inside the block, also before SIGTERM ends the process.

        Raises
        ------
        ParameterError
            If the folder holds the states of another fit that is not finished.
        """
        if self.folder is None:
            yield None
            return
        if self.name == _FIRST:
            self._begin(self.folder)
        with Termination() as termination:
            yield _FolderKeeper(self, self.folder / f"{self.name}.safetensors", termination)

    def state(self) -> State | None:
        """Return the state to continue from; None: this training had not begun.

        Raises
        ------
        ModelFileError
            If the file cannot be read.
        ParameterError
            If it is of other data.
        """
        file = None if self.resumed is None else self.resumed / f"{self.name}.safetensors"
        if file is None or not file.exists():
            return None
        stored = read_state(file)
        if stored["data"] != self.data:
            raise ParameterError(
                "resume: the data, or the networks that a warm start began with, are not those of the fit "
                f"whose checkpoint is in {self.resumed}; give it the same data, or train a fitted model on "
                "with warm_start=True"
            )
        state: State = stored["state"]
        return state

    def finish(self, stopped: str) -> None:
        """Note that the fit is finished, if it was not interrupted."""
        if self.folder is not None and stopped != "interrupt":
            _write_manifest(self.folder, self.settings, finished=True)

    def _begin(self, folder: Path) -> None:
        """Make the folder ready for the states of this fit."""
        if holds_checkpoint(folder):
            if self.resumed is not None and self.resumed.resolve() == folder.resolve():
                return
            if not _read_manifest(folder)["finished"]:
                raise ParameterError(
                    f"Training: checkpoint is {str(folder)!r}, which holds the states of a fit that is not "
                    f"finished; continue it with fit(..., resume={str(folder)!r}), or remove the folder"
                )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for file in folder.glob("*.safetensors"):
                file.unlink()
            _write_manifest(folder, self.settings, finished=False)
        except OSError as error:
            raise ModelFileError(f"Training: checkpoint {folder} cannot be written: {error}") from error


class _FolderKeeper:
    """Writes the state of one training to a file, whenever it is due or SIGTERM has come."""

    def __init__(self, checkpoint: FolderCheckpoint, file: Path, termination: Termination) -> None:
        self.checkpoint = checkpoint
        self.file = file
        self.termination = termination
        self.kept = time.monotonic()

    def due(self, steps: int) -> bool:
        """Return whether so many steps, or seconds since the last state, are over."""
        if self.termination.asked:
            return True
        if self.checkpoint.steps is not None:
            return steps % self.checkpoint.steps == 0
        assert self.checkpoint.seconds is not None
        return time.monotonic() - self.kept >= self.checkpoint.seconds

    def keep(self, state: State) -> None:
        """Write a state; after SIGTERM, let the signal end the process."""
        try:
            write_state({"data": self.checkpoint.data, "state": state}, self.file)
        except OSError as error:
            raise ModelFileError(f"Training: checkpoint {self.file} cannot be written: {error}") from error
        self.kept = time.monotonic()
        self.termination.comply()


def holds_checkpoint(folder: Path) -> bool:
    """Return whether a folder holds the states of a fit."""
    return (folder / _MANIFEST).is_file()


def _write_manifest(folder: Path, settings: Mapping[str, Any], *, finished: bool) -> None:
    content = {"format": _FORMAT, "finished": finished, "settings": settings}
    try:
        with replacing(folder / _MANIFEST) as staged:
            staged.write_text(json.dumps(content, indent=1), encoding="utf-8")
    except OSError as error:
        raise ModelFileError(f"Training: checkpoint {folder} cannot be written: {error}") from error


def _read_manifest(folder: Path) -> dict[str, Any]:
    file = folder / _MANIFEST
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFileError(f"{file} cannot be read: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("settings"), dict):
        raise ModelFileError(f"{file} is not of a checkpoint; remove the folder {folder}")
    if content.get("format") != _FORMAT:
        raise ModelFileError(
            f"{file} has the format {content.get('format')!r}; this version reads {_FORMAT}. Continue the "
            "fit with the version that began it"
        )
    return {"finished": False} | content


def _check_same_settings(now: Mapping[str, Any], then: Mapping[str, Any], folder: Path) -> None:
    """Refuse to continue a fit with other settings, by the name of the first one."""
    difference = _first_difference(now, then, "")
    if difference is not None:
        name, new, old = difference
        raise ParameterError(
            f"resume: {name} is {new!r}, but the fit whose checkpoint is in {folder} had {old!r}; set it "
            "back, or begin anew without resume"
        )


def _first_difference(now: Any, then: Any, name: str) -> tuple[str, Any, Any] | None:  # noqa: ANN401
    """Return the name of the first setting that differs, with both values."""
    if name in _WITHOUT_EFFECT:
        return None
    if not (isinstance(now, Mapping) and isinstance(then, Mapping)):
        return None if now == then else (name, now, then)
    if now.get("class") != then.get("class"):
        return (name or "the estimator", now.get("class"), then.get("class"))
    for key in [*now, *(key for key in then if key not in now)]:
        if key not in now or key not in then:
            return (f"{name}.{key}".lstrip("."), now.get(key), then.get(key))
        difference = _first_difference(now[key], then[key], f"{name}.{key}".lstrip("."))
        if difference is not None:
            return difference
    return None
