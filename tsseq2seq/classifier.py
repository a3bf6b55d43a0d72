"""Seq2SeqClassifier: an encoder that is fitted on sequences with their classes, and classifies sequences."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from torch import Tensor

from tsseq2seq import persistence
from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.metrics.labels import evaluate_classes
from tsseq2seq.label_estimator import LabelEstimator
from tsseq2seq.labelling.classes import Classes, Label, listed_labels
from tsseq2seq.labelling.readers import Reader
from tsseq2seq.labelling.remarks import warn_of_single_examples
from tsseq2seq.labelling.weights import check_class_weight, sequence_weights
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.pretrained import Embeddings
from tsseq2seq.training.training import Training

__all__ = ["Seq2SeqClassifier"]


@persistence.register
class Seq2SeqClassifier(ClassifierMixin, LabelEstimator):
    """Classify sequences: numbers or text in, a class out.

    Sequences are texts, lists of tokens, or arrays (T, F) of T steps with F features, of any lengths; an
    array (T,) has one feature. A table of numbers, scikit-learn's ``X``, has a sequence of one feature in
    each row.

    Parameters
    ----------
    tokenizer
        How texts become tokens: ``"word"``, ``"char"``, ``"bpe"``, or a pair of functions (text to tokens,
        tokens to text), which cannot be saved. Lists of tokens are taken as they are.
    cleaning
        Cleaning of texts, and of each token of a list.
    min_count
        Least number of occurrences in training. Rarer tokens become the unknown token, as does a token that
        the fit has not seen. With 1, tokens that occur once are read as unknown in half of the cases, so that
        the unknown token is learnt (Lample et al. 2016).
    max_vocabulary
        Most tokens of a vocabulary. None: all (8,000 for ``"bpe"``).
    vocabulary
        The tokens, the most frequent first, without the special ones; a token that is not among them becomes
        the unknown token. None: collected from the sequences of the fit.
    class_weight
        Weights of the classes: a dict, in which those left out have 1, or ``"balanced"``, inversely as
        frequent as they are. None: 1.
    network
        The architecture, of which the encoder, ``embedding_size``, ``context``, ``context_size`` and
        ``dropout`` are used; settings of a decoder are refused.
    training
        The optimisation; ``batch_size`` counts sequences of mean length, ``validation_size`` counts
        sequences, held out from each class by its share, but never its first example.
    seed
        Seed of weights and batches; the same seed gives the same model on the same machine. None: drawn.

    Attributes
    ----------
    classes_ : numpy.ndarray
        The classes, sorted.
    fitted_ : FittedLabels
        The networks, their reader and classes.
    network_, training_
        The resolved settings.
    history_ : pandas.DataFrame
        Loss, learning rate, validation error, accuracy of the sequences held out, and seconds by training
        step; the losses are cross-entropies.
    n_steps_, stopped_
        As of :class:`~tsseq2seq.Seq2SeqForecaster`.

    Examples
    --------
    >>> from tsseq2seq import Network, Seq2SeqClassifier, Training
    >>> classifier = Seq2SeqClassifier(
    ...     network=Network(hidden_size=32), training=Training(max_steps=100, progress=False)
    ... ).fit([[0.0, 1.0, 2.0], [1.0, 3.0], [2.0, 1.0], [5.0, 4.0, 1.0]], ["up", "up", "down", "down"])
    >>> classifier.predict([[1.0, 2.0, 4.0], [3.0, 1.0]]).tolist()
    ['up', 'down']
    """

    _per_step: ClassVar[bool] = False
    _metrics: ClassVar[dict[str, bool]] = {"log_loss": False, "accuracy": True, "macro_f1": True}

    def __init__(
        self,
        tokenizer: Any = "word",  # noqa: ANN401 (a name or a pair of functions)
        *,
        cleaning: Cleaning = Cleaning(),
        min_count: int = 1,
        max_vocabulary: int | None = None,
        vocabulary: Sequence[str] | None = None,
        class_weight: Mapping[Any, float] | str | None = None,
        network: Network = Network(bidirectional=True, dropout=0.2),
        training: Training = Training(),
        seed: int | None = 0,
    ) -> None:
        self.tokenizer = tokenizer
        self.cleaning = cleaning
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.vocabulary = vocabulary
        self.class_weight = class_weight
        self.network = network
        self.training = training
        self.seed = seed

    def fit(
        self,
        X: object,
        y: object,
        sample_weight: object = None,
        *,
        embeddings: Embeddings | None = None,
        resume: str | os.PathLike[str] | None = None,
        warm_start: bool = False,
    ) -> Seq2SeqClassifier:
        """Train on sequences and their classes.

        Parameters
        ----------
        X
            The sequences.
        y
            The class of each: texts, integers, bools, or floats that are whole numbers; all of one type, and
            at least two different.
        sample_weight
            How much each sequence counts in the loss and in the validation error, at least 0. A sequence with
            the weight 2 counts as if it were there twice; one with 0 is not learned, but its tokens and its
            labels are known. None: all the same.
        embeddings
            Pretrained vectors of tokens, with which training begins: a matrix (words, ``embedding_size``) and
            the list of its words. Vectors of other tokens are drawn as usual. None: all are drawn.
        resume
            The folder of a checkpoint: the fit that wrote it is continued, on the same data with the same
            settings; see ``checkpoint`` of :class:`Training`. None: a new fit.
        warm_start
            Whether to continue from the networks fitted before, on these data or on others (fine-tuning).
            Vocabulary and labels are those of the earlier fit. Settings that determine the networks must not
            change; ``training`` may, but for its members.

        Returns
        -------
        Seq2SeqClassifier
            This estimator. It is unchanged if an argument is refused.

        Raises
        ------
        TsSeq2SeqError
            If a parameter, a sequence or a label is invalid; the message names the first one.

        Warns
        -----
        DataWarning
            If a class has a single example.
        """
        self._fit(X, y, sample_weight, embeddings, resume, warm_start)
        return self

    def predict(self, X: object) -> np.ndarray:
        """Return the likeliest class of each sequence.

        Parameters
        ----------
        X
            Sequences like those of the fit.

        Returns
        -------
        numpy.ndarray
            (N,), one of ``classes_`` for each.

        Warns
        -----
        DataWarning
            If at least half of a sequence's tokens are unknown.
        """
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(1)]

    def predict_proba(self, X: object) -> np.ndarray:
        """Return the probability of each class; with several members, the mean of theirs.

        Parameters
        ----------
        X
            Sequences like those of the fit.

        Returns
        -------
        numpy.ndarray
            (N, K), in the order of ``classes_``; each row sums to 1.
        """
        probabilities, _ = self._label(X)
        return np.concatenate(probabilities) if probabilities else np.empty((0, len(self.classes_)))

    def predict_log_proba(self, X: object) -> np.ndarray:
        """Return the logarithms of :meth:`predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def score(self, X: object, y: object, sample_weight: object = None) -> float:
        """Return the accuracy, the share of sequences whose likeliest class is the true one.

        Parameters
        ----------
        X, y
            Sequences and their classes.
        sample_weight
            A weight of each sequence. None: 1.
        """
        truth = self._truth(y)
        predicted = self.predict_proba(X).argmax(1)
        _check_as_many(len(predicted), len(truth))
        weights = None if sample_weight is None else sequence_weights(len(truth), sample_weight).numpy()
        return float(accuracy_score(truth, predicted, sample_weight=weights))

    def evaluate(self, X: object, y: object) -> dict[str, float]:
        """Compare predictions with true classes.

        Parameters
        ----------
        X, y
            Sequences and their classes.

        Returns
        -------
        dict
            ``accuracy``, ``macro_f1`` (the mean F1 of the classes that occur) and ``log_loss``.

        Raises
        ------
        DataError
            If a class is none of the fit.
        """
        truth = self._truth(y)
        probabilities = self.predict_proba(X)
        _check_as_many(len(probabilities), len(truth))
        return evaluate_classes(truth, probabilities)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_class_weight(type(self).__name__, self.class_weight)

    def _listed(self, y: object) -> list[list[Label]]:
        return [[label] for label in listed_labels(y)]

    def _check_as_many(self, lengths: list[int], labels: list[list[Label]], reader: Reader) -> None:
        _check_as_many(len(lengths), len(labels))

    def _numbers(self, labels: list[list[Label]], classes: Classes) -> list[list[int]]:
        numbers = classes.numbers([label for (label,) in labels], _names(len(labels)))
        warn_of_single_examples(numbers, classes)
        return [[number] for number in numbers]

    def _weights(
        self, numbers: list[list[int]], classes: Classes, sample_weight: object, rows: Sequence[int]
    ) -> Tensor:
        return sequence_weights(
            len(numbers),
            sample_weight,
            numbers=[number for (number,) in numbers],
            classes=classes,
            class_weight=self.class_weight,
            counted=rows,
        )

    def _scores(
        self, probabilities: list[np.ndarray], numbers: list[list[int]], truth: list[list[int]]
    ) -> dict[str, float]:
        return evaluate_classes(np.concatenate(truth), np.concatenate(probabilities))

    def _truth(self, y: object) -> np.ndarray:
        """Return the numbers of true classes."""
        self._check_fitted()
        given = listed_labels(y)
        if not given:
            raise DataError("y is empty; at least one sequence is needed")
        return np.array(self.fitted_.classes.numbers(given, _names(len(given))))


def _names(count: int) -> list[str]:
    return [f"y[{row}]" for row in range(count)]


def _check_as_many(sequences: int, labels: int) -> None:
    if sequences != labels:
        raise DataError(f"X has {sequences} sequences and y has {labels} labels; each sequence needs one")
