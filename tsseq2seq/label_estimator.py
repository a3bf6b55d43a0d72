"""LabelEstimator: what the classifier and the tagger have in common."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import chain
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.utils import Tags

from tsseq2seq import persistence
from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.errors import DataError, ParameterTypeError
from tsseq2seq.estimator import Estimator
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.labelling.classes import Classes, Label
from tsseq2seq.labelling.defaults import check_label_training, resolve_label_settings
from tsseq2seq.labelling.fitted import FittedLabels
from tsseq2seq.labelling.fitting import fit_labels
from tsseq2seq.labelling.labelled import Labelled
from tsseq2seq.labelling.network import check_label_network
from tsseq2seq.labelling.readers import Reader
from tsseq2seq.labelling.remarks import warn_of_unknown_tokens
from tsseq2seq.labelling.sources import Tokens, fit_reader, read_sources
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.pretrained import Embeddings
from tsseq2seq.settings import check_number, plain
from tsseq2seq.training.members import combine_records
from tsseq2seq.training.training import Training

__all__ = ["LabelEstimator"]


class LabelEstimator(Estimator, ABC):
    """Base of the estimators that label sequences; they declare their parameters themselves."""

    #: Whether each step has a label.
    _per_step: ClassVar[bool]

    tokenizer: Any
    cleaning: Cleaning
    min_count: int
    max_vocabulary: int | None
    vocabulary: Sequence[str] | None
    network: Network
    training: Training
    seed: int | None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a folder: JSON and safetensors, no pickle.

        An existing folder is replaced if it holds a saved model, and refused otherwise.
        """
        self._check_fitted()
        persistence.save(self, path)

    def learned(self) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """Return what ``fit`` learned, for :func:`tsseq2seq.persistence.save`."""
        parts, tensors = self.fitted_.to_parts()
        return parts | self._training_parts(), tensors

    def restore(self, learned: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        """Restore what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
        self._adopt(FittedLabels.from_parts(learned, tensors, resolve_device(self.training.device)))
        self._restore_training(learned)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = tags.input_tags.string = True
        tags.target_tags.required = True
        return tags

    def _check_parameters(self) -> None:
        name = type(self).__name__
        for field, expected in {"cleaning": Cleaning, "network": Network, "training": Training}.items():
            value = getattr(self, field)
            if not isinstance(value, expected):
                raise ParameterTypeError(f"{name}: {field} is {value!r}; it must be a {expected.__name__}")
        check_label_network(name, self.network, per_step=self._per_step)
        check_label_training(name, self.training)
        check_number(name, "seed", self.seed, low=0, high=2**63 - 1, integer=True, optional=True)

    @abstractmethod
    def _listed(self, y: object) -> list[list[Label]]:
        """Return the labels of each sequence: its class, or one for each step."""

    @abstractmethod
    def _check_as_many(self, lengths: list[int], labels: list[list[Label]], reader: Reader) -> None:
        """Refuse labels that are not as many as the sequences, or as their steps."""

    @abstractmethod
    def _numbers(self, labels: list[list[Label]], classes: Classes) -> list[list[int]]:
        """Return the numbers of labels."""

    @abstractmethod
    def _weights(self, numbers: list[list[int]], classes: Classes, sample_weight: object) -> torch.Tensor:
        """Return the weight of each sequence."""

    def _fit(
        self,
        X: object,
        y: object,
        sample_weight: object,
        embeddings: Embeddings | None,
        *,
        crf: bool = False,
    ) -> None:
        """Train on labelled sequences; the estimator is unchanged if an argument is refused."""
        started = time.monotonic()
        self._check_parameters()
        labels = self._listed(y)
        choice = Tokens(
            self.tokenizer,
            self.cleaning,
            plain(self.min_count),
            plain(self.max_vocabulary),
            self.vocabulary,
        )
        reader, sequences = fit_reader(X, choice)
        self._check_as_many(sequences.lengths.tolist(), labels, reader)
        classes = Classes.of(chain.from_iterable(labels))
        if len(classes) < 2:
            raise DataError(f"y holds one class, {classes.values[0]!r}; there must be at least two")
        numbers = self._numbers(labels, classes)
        labelled = Labelled.of(sequences, numbers, self._weights(numbers, classes, sample_weight))
        resolved = resolve_label_settings(
            sequences, network=self.network, training=self.training, per_step=self._per_step, crf=crf
        )
        fitted, records = fit_labels(
            labelled,
            reader,
            classes,
            resolved,
            device=resolve_device(self.training.device),
            seed=self.seed,
            started=started,
            embeddings=embeddings,
        )
        self._adopt(fitted)
        self.n_steps_, self.stopped_, self.history_ = combine_records(records)

    def _adopt(self, fitted: FittedLabels) -> None:
        self.fitted_ = fitted
        self.network_ = fitted.resolved.network
        self.training_ = fitted.resolved.training
        self.classes_ = fitted.classes.array

    def _label(self, X: object) -> tuple[list[np.ndarray], list[list[int]]]:
        """Return probabilities and the numbers of the likeliest labels; of no sources, none."""
        self._check_fitted()
        sequences = read_sources(X, self.fitted_.reader, allow_empty=self._per_step)
        if sequences is None:
            return [], []
        warn_of_unknown_tokens(sequences, knows_unknown=self.fitted_.knows_unknown)
        return self.fitted_.label(sequences)
