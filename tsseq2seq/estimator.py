"""Estimator: the base of all estimators, with scikit-learn's parameters and nested settings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from tsseq2seq.errors import ModelFileError, ParameterError, shown
from tsseq2seq.keywords import CheckedArguments, check_methods
from tsseq2seq.settings import changed_params, check_choice, check_number, described
from tsseq2seq.training.continued import refuse_other_members
from tsseq2seq.training.folder_checkpoint import FolderCheckpoint
from tsseq2seq.training.members import combine_records
from tsseq2seq.training.record import Record
from tsseq2seq.training.training import Training

__all__ = ["Estimator"]


class Estimator(CheckedArguments, BaseEstimator):
    """Base of the estimators: ``__init__`` only stores, ``fit`` sets attributes ending in ``_``."""

    training: Training
    n_steps_: int
    stopped_: str
    history_: pd.DataFrame
    fitted_: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401
        """Have all public methods name what is meant by an argument that they do not have."""
        check_methods(cls)
        super().__init_subclass__(**kwargs)

    def set_params(self, **params: Any) -> Estimator:  # noqa: ANN401 (parameters differ in type)
        """Set parameters; a nested name sets a field of settings.

        Settings are frozen: ``network__hidden_size`` assigns a changed copy of ``network``.

        Raises
        ------
        ParameterError
            If a name is unknown; then nothing is set.
        """
        changed = changed_params(type(self).__name__, self.get_params(deep=False), params)
        for name, value in changed.items():
            setattr(self, name, value)
        return self

    def _checkpoint(self, resume: str | os.PathLike[str] | None) -> FolderCheckpoint:
        """Return where the states of a fit that begins are stored, and what it continues from."""
        return FolderCheckpoint.of(self.training, described(self), resume)

    def _earlier(self, warm_start: bool, **given: object) -> Any:  # noqa: ANN401 (what a fit of any kind leaves)
        """Return the networks that a warm start continues from; None if it is none.

        Raises
        ------
        NotFittedError
            If there are none.
        ParameterError
            If ``training`` wants another number of them, or what only new networks take is given.
        """
        check_choice("fit", "warm_start", warm_start, (False, True))
        if not warm_start:
            return None
        self._check_fitted()
        for name, value in given.items():
            if value is not None:
                raise ParameterError(
                    f"warm_start: {name} are given, but the networks have learned theirs; leave "
                    "one of them out"
                )
        earlier = self.fitted_
        refuse_other_members(self.training.members, len(earlier.members))
        return earlier

    def _note_training(self, records: Sequence[Record], checkpoint: FolderCheckpoint) -> None:
        """Set the attributes that tell how the training went, which is over."""
        self.n_steps_, self.stopped_, self.history_ = combine_records(records)
        checkpoint.finish(self.stopped_)

    def _training_parts(self) -> dict[str, Any]:
        """Return how the training went, as a saved model tells it."""
        return {
            "n_steps": self.n_steps_,
            "stopped": self.stopped_,
            "history": self.history_.to_dict("list"),
        }

    def _restore_training(self, parts: dict[str, Any]) -> None:
        """Set what :meth:`_training_parts` returned."""
        check_number("model", "n_steps", parts["n_steps"], low=0, integer=True)
        if not isinstance(parts["stopped"], str):
            raise ModelFileError(f"stopped is {shown(parts['stopped'])}; it must be text")
        self.n_steps_ = parts["n_steps"]
        self.stopped_ = parts["stopped"]
        self.history_ = pd.DataFrame(parts["history"])

    def _check_fitted(self) -> None:
        if not hasattr(self, "history_"):
            name = type(self).__name__
            raise NotFittedError(f"this {name} is not fitted yet; call fit first, or load a saved model")
