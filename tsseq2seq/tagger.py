"""Seq2SeqTagger: an encoder that is fitted on sequences with a label for each step, and labels steps."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from torch import Tensor

from tsseq2seq import persistence
from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.metrics.labels import evaluate_tags
from tsseq2seq.label_estimator import LabelEstimator
from tsseq2seq.labelling.classes import Classes, Label
from tsseq2seq.labelling.readers import Reader
from tsseq2seq.labelling.tags import check_lengths, listed_tags, tag_numbers
from tsseq2seq.labelling.weights import sequence_weights
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.pretrained import Embeddings
from tsseq2seq.settings import check_choice
from tsseq2seq.training.training import Training

__all__ = ["Seq2SeqTagger"]


@persistence.register
class Seq2SeqTagger(LabelEstimator):
    """Label each step of a sequence: words with their parts of speech, names in texts, states of a machine.

    Sequences are lists of tokens, texts, or arrays (T, F) of T steps with F features. There are as many
    labels as steps, so that sequences of any length are labelled, however long those of the fit were.

    Parameters
    ----------
    tokenizer
        How texts become tokens: ``"word"``, ``"char"``, ``"bpe"``, or a pair of functions (text to tokens,
        tokens to text), which cannot be saved. Each token has a label. Lists of tokens are taken as they are.
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
    crf
        Whether labels depend on their neighbours: a linear-chain conditional random field (Lafferty et al.
        2001) over the network's scores. Labels are then the likeliest path, found by the Viterbi algorithm.
    network
        The architecture, of which the encoder, ``embedding_size`` and ``dropout`` are used; settings of a
        decoder or a context vector are refused.
    training
        The optimisation; ``batch_size`` counts sequences of mean length, ``validation_size`` counts
        sequences, but never the first of those with a label.
    seed
        Seed of weights and batches; the same seed gives the same model on the same machine. None: drawn.

    Attributes
    ----------
    classes_ : numpy.ndarray
        The different labels, sorted.
    fitted_ : FittedLabels
        The networks, their reader and classes.
    network_, training_
        The resolved settings.
    history_ : pandas.DataFrame
        Loss, learning rate, validation error, token accuracy of the sequences held out, and seconds by
        training step; the losses are negative log-likelihoods of a label.
    n_steps_, stopped_
        As of :class:`~tsseq2seq.Seq2SeqForecaster`.

    References
    ----------
    Huang, Xu & Yu, "Bidirectional LSTM-CRF models for sequence tagging" (2015).

    Examples
    --------
    >>> from tsseq2seq import Network, Seq2SeqTagger, Training
    >>> tagger = Seq2SeqTagger(
    ...     network=Network(hidden_size=32), training=Training(max_steps=100, progress=False)
    ... ).fit([["the", "cat", "sleeps"], ["a", "dog", "sleeps"]], [["DET", "NOUN", "VERB"]] * 2)
    >>> tagger.predict([["a", "cat", "sleeps"]])
    [['DET', 'NOUN', 'VERB']]
    """

    _per_step: ClassVar[bool] = True
    _metrics: ClassVar[dict[str, bool]] = {
        "token_accuracy": True,
        "sentence_accuracy": True,
        "macro_f1": True,
    }
    # other tokens would need other labels
    _fixed: ClassVar[tuple[str, ...]] = ("tokenizer", "cleaning")

    def __init__(
        self,
        tokenizer: Any = "word",  # noqa: ANN401 (a name or a pair of functions)
        *,
        cleaning: Cleaning = Cleaning(),
        min_count: int = 1,
        max_vocabulary: int | None = None,
        vocabulary: Sequence[str] | None = None,
        crf: bool = False,
        network: Network = Network(bidirectional=True, dropout=0.2),
        training: Training = Training(),
        seed: int | None = 0,
    ) -> None:
        self.tokenizer = tokenizer
        self.cleaning = cleaning
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.vocabulary = vocabulary
        self.crf = crf
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
    ) -> Seq2SeqTagger:
        """Train on sequences and the labels of their steps.

        Parameters
        ----------
        X
            The sequences.
        y
            For each sequence a list of labels, one for each step: texts, integers, bools, or floats that are
            whole numbers; all of one type, and at least two different.
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
        Seq2SeqTagger
            This estimator. It is unchanged if an argument is refused.

        Raises
        ------
        TsSeq2SeqError
            If a parameter, a sequence or a label is invalid; the message names the first one.
        """
        self._fit(X, y, sample_weight, embeddings, resume, warm_start)
        return self

    def predict(self, X: object) -> list[list[Label]]:
        """Return the labels of each sequence; with a CRF those of the likeliest path.

        Parameters
        ----------
        X
            Sequences like those of the fit; the labels of an empty one are an empty list.

        Returns
        -------
        list of list
            A label for each step.

        Warns
        -----
        DataWarning
            If at least half of a sequence's tokens are unknown.
        """
        _, numbers = self._label(X)
        values = self.fitted_.classes.values
        return [[values[number] for number in row] for row in numbers]

    def predict_proba(self, X: object) -> list[np.ndarray]:
        """Return the probability of each label at each step; with a CRF over all paths.

        Parameters
        ----------
        X
            Sequences like those of the fit.

        Returns
        -------
        list of numpy.ndarray
            An array (T, K) for each sequence, in the order of ``classes_``; each row sums to 1. Several
            members are averaged: their probabilities, with a CRF their scores.
        """
        probabilities, _ = self._label(X)
        return probabilities

    def score(self, X: object, y: object) -> float:
        """Return the share of steps whose predicted label is the true one.

        Parameters
        ----------
        X, y
            Sequences and the labels of their steps.
        """
        return self.evaluate(X, y)["token_accuracy"]

    def evaluate(self, X: object, y: object) -> dict[str, float]:
        """Compare predictions with true labels.

        Parameters
        ----------
        X, y
            Sequences and the labels of their steps.

        Returns
        -------
        dict
            ``token_accuracy``, ``sentence_accuracy`` (the share of sequences without an error), ``macro_f1``
            (the mean F1 of the labels that occur), and where all labels are ``"O"``, ``"B-…"`` or ``"I-…"``,
            ``span_f1``: of the spans that agree in kind, beginning and end.

        Raises
        ------
        DataError
            If a label is none of the fit, or labels are not as many as steps.
        """
        self._check_fitted()
        tags = listed_tags(y)
        tag_numbers(tags, self.fitted_.classes)
        predicted = self.predict(X)
        check_lengths([len(row) for row in predicted], tags, self.fitted_.reader)
        if not any(tags):
            raise DataError("y is empty; at least one step is needed")
        return evaluate_tags(tags, predicted)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_choice(type(self).__name__, "crf", self.crf, (False, True))

    def _listed(self, y: object) -> list[list[Label]]:
        return listed_tags(y)

    def _check_as_many(self, lengths: list[int], labels: list[list[Label]], reader: Reader) -> None:
        check_lengths(lengths, labels, reader)

    def _numbers(self, labels: list[list[Label]], classes: Classes) -> list[list[int]]:
        return tag_numbers(labels, classes)

    def _weights(
        self, numbers: list[list[int]], classes: Classes, sample_weight: object, rows: Sequence[int]
    ) -> Tensor:
        return sequence_weights(len(numbers), sample_weight)

    def _scores(
        self, probabilities: list[np.ndarray], numbers: list[list[int]], truth: list[list[int]]
    ) -> dict[str, float]:
        return evaluate_tags(truth, numbers)

    def _has_crf(self) -> bool:
        return bool(self.crf)
