"""LabelEstimator: what the classifier and the tagger have in common."""

from __future__ import annotations

import dataclasses
import os
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from sklearn.utils import Tags

from tsseq2seq import persistence
from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError
from tsseq2seq.estimator import Estimator
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.labelling.classes import Classes, Label
from tsseq2seq.labelling.defaults import ResolvedLabelSettings, check_label_training, resolve_label_settings
from tsseq2seq.labelling.fitted import FittedLabels
from tsseq2seq.labelling.fitting import fit_labels
from tsseq2seq.labelling.labelled import Labelled, held_out_of_each_class, labelled_rows_to_train_on
from tsseq2seq.labelling.network import check_label_network
from tsseq2seq.labelling.readers import ArrayReader, Reader
from tsseq2seq.labelling.remarks import warn_of_unknown_tokens
from tsseq2seq.labelling.sources import Tokens, fit_reader, listed_sources, read_sources
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.pretrained import Embeddings
from tsseq2seq.settings import check_number, plain
from tsseq2seq.training.continued import refuse_change, with_earlier
from tsseq2seq.training.training import Training

if TYPE_CHECKING:
    from tsseq2seq.tuning.label_problem import LabelProblem

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

    def tuning_problem(
        self, X: object, y: object, *, windows: int | None = None, step: int | None = None
    ) -> LabelProblem:
        """Return the problem of :func:`~tsseq2seq.tune`; sequences are read once for all trials.

        Parameters
        ----------
        X, y
            As for ``fit``.
        windows
            Number of sequences held out, of each class its share, but never the first of one. None: a tenth,
            at most 1,000.
        step
            Must be None; only forecasters take it, as sequences have no order.
        """
        from tsseq2seq.tuning.label_problem import LabelProblem, LabelReading

        self._check_parameters()
        if step is not None:
            raise ParameterError(f"tune: step is {step}; sequences have no rolling origins")
        labels = self._listed(y)
        labelled, _, _ = self._read(X, labels)
        kind, sources = listed_sources(X)
        count = LabelProblem.count_held_out(len(labels), windows)
        held_out = held_out_of_each_class(labelled.pairs.targets, count)
        most = int(held_out.sum())
        if not most or (windows is not None and most < count):
            raise ParameterError(
                f"tune: {count} of {len(labels)} sequences are to be held out, but {len(labels) - most} are "
                f"the first of a class and must be learned from; at most {most} can be"
            )
        return LabelProblem(
            self,
            sources,
            labels,
            held_out.numpy(),
            LabelReading(_read_quietly, _resolve, _score),
            metrics=self._metrics,
            fixed=self._fixed,
            fingerprint=_fingerprint(kind, sources, labels),
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a folder: JSON and safetensors, no pickle.

        Of a folder that holds a saved model, the two files of the model are replaced, and all else stays; any
        other that is not empty is refused.
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
    def _weights(
        self, numbers: list[list[int]], classes: Classes, sample_weight: object, rows: Sequence[int]
    ) -> torch.Tensor:
        """Return the weight of each sequence; ``rows`` are trained on."""

    @abstractmethod
    def _scores(
        self, probabilities: list[np.ndarray], numbers: list[list[int]], truth: list[list[int]]
    ) -> dict[str, float]:
        """Return scores by metric; ``numbers`` are those of the likeliest labels."""

    #: Metrics of a search, and whether each is maximised, the default first; settings that none can search.
    _metrics: ClassVar[dict[str, bool]]
    _fixed: ClassVar[tuple[str, ...]] = ()

    def _has_crf(self) -> bool:
        """Whether labels depend on their neighbours."""
        return False

    def _read(
        self,
        X: object,
        labels: list[list[Label]],
        sample_weight: object = None,
        previous: FittedLabels | None = None,
    ) -> tuple[Labelled, Reader, Classes]:
        """Return labelled sequences, their reader and their classes; these as of an earlier fit, if given."""
        if previous is not None:
            read = read_sources(X, previous.reader)
            if read is None:
                raise DataError("X is empty; at least one sequence is needed")
            self._check_as_many(read.lengths.tolist(), labels, previous.reader)
            known = self._numbers(labels, previous.classes)
            rows = self._rows_to_train_on(len(read), labels)
            weights = self._weights(known, previous.classes, sample_weight, rows)
            return Labelled.of(read, known, weights), previous.reader, previous.classes
        choice = Tokens(
            self.tokenizer,
            self.cleaning,
            plain(self.min_count),
            plain(self.max_vocabulary),
            self.vocabulary,
        )
        # what is held out decides on nothing that is learned
        rows = self._rows_to_train_on(len(listed_sources(X)[1]), labels)
        reader, sequences = fit_reader(X, choice, rows=rows)
        self._check_as_many(sequences.lengths.tolist(), labels, reader)
        classes = Classes.of(chain.from_iterable(labels))
        if len(classes) < 2:
            raise DataError(f"y holds one class, {classes.values[0]!r}; there must be at least two")
        numbers = self._numbers(labels, classes)
        weights = self._weights(numbers, classes, sample_weight, rows)
        return Labelled.of(sequences, numbers, weights), reader, classes

    def _rows_to_train_on(self, count: int, labels: list[list[Label]]) -> list[int]:
        """Return the sequences that are not held out; all of them where labels and sequences do not fit."""
        if count != len(labels) or not any(labels):
            return list(range(count))
        classes = Classes.of(chain.from_iterable(labels))
        numbers = TokenSequences.of([classes.numbers(row, repeat("y")) for row in labels])
        return labelled_rows_to_train_on(numbers, self.training).tolist()

    def _resolved(self, labelled: Labelled) -> ResolvedLabelSettings:
        """Return the settings, with what was left open chosen from the sequences that are trained on."""
        rows = labelled_rows_to_train_on(labelled.pairs.targets, self.training)
        return resolve_label_settings(
            labelled.pairs.sources,
            rows,
            network=self.network,
            training=self.training,
            per_step=self._per_step,
            crf=self._has_crf(),
        )

    def _continued(
        self, resolved: ResolvedLabelSettings, earlier: ResolvedLabelSettings
    ) -> ResolvedLabelSettings:
        """Return the settings of a warm start: the network of the earlier fit, trained as asked now."""
        network = dataclasses.replace(plain(self.network), residual=earlier.network.residual)
        refuse_change("network", with_earlier(network, earlier.network), earlier.network)
        refuse_change("crf", resolved.crf, earlier.crf)
        return dataclasses.replace(resolved, network=earlier.network)

    def _fit(
        self,
        X: object,
        y: object,
        sample_weight: object,
        embeddings: Embeddings | None,
        resume: str | os.PathLike[str] | None,
        warm_start: bool,
    ) -> None:
        """Train on labelled sequences; the estimator is unchanged if an argument is refused."""
        started = time.monotonic()
        self._check_parameters()
        previous = self._earlier(warm_start, embeddings=embeddings)
        labelled, reader, classes = self._read(X, self._listed(y), sample_weight, previous)
        resolved = self._resolved(labelled)
        if previous is not None:
            resolved = self._continued(resolved, previous.resolved)
        checkpoint = self._checkpoint(resume)
        fitted, records = fit_labels(
            labelled,
            reader,
            classes,
            resolved,
            device=resolve_device(self.training.device),
            seed=self.seed,
            started=started,
            embeddings=embeddings,
            previous=previous,
            checkpoint=checkpoint,
        )
        self._adopt(fitted)
        self._note_training(records, checkpoint)

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


def _read_quietly(
    estimator: LabelEstimator, sources: list[Any], labels: list[list[Label]]
) -> tuple[Labelled, Reader, Classes]:
    estimator._check_parameters()
    with warnings.catch_warnings():
        # what is said of the sequences would be the same in all trials
        warnings.simplefilter("ignore", DataWarning)
        return estimator._read(sources, labels)


def _resolve(estimator: LabelEstimator, labelled: Labelled) -> ResolvedLabelSettings:
    estimator._check_parameters()
    return estimator._resolved(labelled)


def _score(
    estimator: LabelEstimator, fitted: FittedLabels, sources: list[Any], labels: list[list[Label]]
) -> dict[str, float]:
    sequences = read_sources(sources, fitted.reader)
    assert sequences is not None
    numbers = [fitted.classes.numbers(row, repeat("y")) for row in labels]
    return estimator._scores(*fitted.label(sequences), numbers)


def _fingerprint(kind: str, sources: list[Any], labels: list[list[Label]]) -> str:
    from tsseq2seq.tuning.fingerprints import array_fingerprint, text_fingerprint

    if kind == ArrayReader.kind:
        read = array_fingerprint([np.asarray(one) for one in sources])
    else:
        read = text_fingerprint([one if isinstance(one, str) else repr(list(one)) for one in sources])
    return f"{read}-{text_fingerprint([repr(row) for row in labels])}"
