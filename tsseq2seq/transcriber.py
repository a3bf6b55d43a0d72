"""Seq2SeqTranscriber: an encoder–decoder that is fitted on arrays and texts, and writes texts of arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from tsseq2seq import persistence
from tsseq2seq.data.sequences.checked import checked_arrays
from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.encoding import encode_targets
from tsseq2seq.data.text.sentences import checked_sentences
from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import DataError, ParameterTypeError
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.nn.patches import Patches
from tsseq2seq.token_writer import Sequences, TokenizerChoice, TokenWriter
from tsseq2seq.training.training import Training
from tsseq2seq.transcription.attended_steps import of_input_steps
from tsseq2seq.transcription.features import FeatureSource, encode_features
from tsseq2seq.transcription.remarks import warn_of_strange_features
from tsseq2seq.translation.defaults import ResolvedTokenSettings, resolve_token_settings
from tsseq2seq.translation.minimum_risk import MinimumRisk
from tsseq2seq.translation.pointing import check_without_copying

__all__ = ["Seq2SeqTranscriber"]


@persistence.register
class Seq2SeqTranscriber(TokenWriter):
    """Transcribe: from sequences of numbers to texts.

    Speech features, strokes of handwriting, pictures column by column or row by row: whatever has steps of a
    fixed number of features. Features are standardised by their mean and standard deviation in training.

    By default nothing learns by heart where in a sequence it is, so that sequences longer than any of the fit
    are transcribed as well as others. A convolutional encoder sees the surroundings of a step and not its
    distance from both ends, as a bidirectional recurrence does. Location attention sees where it has been and
    goes on from there, rather than to what stood in the fifth place of every training line. The decoder
    starts from zeros, which hold no length. (``benchmarks/digit_lines.py`` compares them.)

    Parameters
    ----------
    tokenizer
        How texts become tokens: ``"char"``, ``"word"``, ``"bpe"``, or a pair of functions (text to tokens,
        tokens to text), which cannot be saved.
    patches
        Convolutions over steps and features in front of the encoder, for pictures and spectrograms: they see
        neighbouring features together, which then share one mean and one deviation. None: a linear layer for
        each step.
    cleaning
        Cleaning of texts before they are tokenised.
    min_count
        Least number of occurrences in training. Rarer tokens become the unknown token.
    max_vocabulary
        Most tokens of the vocabulary. None: all (8,000 for ``"bpe"``).
    output
        Settings of the output: label smoothing, shared weights, sampled softmax.
    network
        The architecture.
    training
        The optimisation; ``batch_size`` counts pairs of mean length, ``validation_size`` counts pairs.
    minimum_risk
        Training on whole sequences, by their cost, after cross-entropy. None: cross-entropy only.
    seed
        Seed of weights, batches and scheduled sampling; the same seed gives the same model on the same
        machine. None: drawn.

    Attributes
    ----------
    fitted_ : FittedTokens
        The networks, the standardisation and the tokeniser.
    network_, training_, output_
        The resolved settings.
    max_length_ : int
        Most tokens of a transcription of a sequence no longer than the longest of the fit; in proportion more
        of a longer one, unless :meth:`transcribe` is given a ``max_length``.
    history_ : pandas.DataFrame
        Loss, learning rate, validation error and seconds by training step.
    n_steps_, stopped_
        As of :class:`~tsseq2seq.Seq2SeqForecaster`.
    n_features_in_ : int
        Number of features of a step.

    Examples
    --------
    Sounds of two pitches, four steps each, as the energies of two bands:

    >>> import numpy as np
    >>> from tsseq2seq import Network, Seq2SeqTranscriber, Training
    >>> low, high = np.tile([1.0, 0.0], (4, 1)), np.tile([0.0, 1.0], (4, 1))
    >>> sounds = [np.concatenate(parts) for parts in ([low, high], [high, low], [low], [high])]
    >>> transcriber = Seq2SeqTranscriber(
    ...     "word",
    ...     network=Network(hidden_size=32, attention="location"),
    ...     training=Training(max_steps=100, learning_rate=0.01),
    ... ).fit(sounds, ["low high", "high low", "low", "high"])
    >>> transcriber.predict(sounds[:2])
    ['low high', 'high low']
    """

    _verb, _written = "transcribe", "transcriptions"
    _settings = {  # noqa: RUF012 (read only)
        "cleaning": Cleaning,
        "output": Tokens,
        "network": Network,
        "training": Training,
    }
    # the settings that decide how texts become tokens
    _reading = ("tokenizer", "patches", "cleaning", "min_count", "max_vocabulary")

    def __init__(
        self,
        tokenizer: TokenizerChoice = "char",
        *,
        patches: Patches | None = None,
        cleaning: Cleaning = Cleaning(),
        min_count: int = 1,
        max_vocabulary: int | None = None,
        output: Tokens = Tokens(),
        network: Network = Network(
            encoder="convolutional", num_layers=2, attention="location", initial_state="zeros", dropout=0.2
        ),
        training: Training = Training(),
        minimum_risk: MinimumRisk | None = None,
        seed: int | None = 0,
    ) -> None:
        self.tokenizer = tokenizer
        self.patches = patches
        self.cleaning = cleaning
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.output = output
        self.network = network
        self.training = training
        self.minimum_risk = minimum_risk
        self.seed = seed

    def fit(
        self,
        sources: Sequence[np.ndarray],
        targets: Sequence[str],
        *,
        sample_weight: object = None,
        resume: str | os.PathLike[str] | None = None,
        warm_start: bool = False,
    ) -> Seq2SeqTranscriber:
        """Train on sequences and their texts.

        Parameters
        ----------
        sources
            Arrays (T, F), steps by features, all with F features; lengths may differ. A picture is read
            column by column if it is given as ``picture.T``.
        targets
            The text of each.
        sample_weight
            How much each pair counts in the loss and in the validation error, at least 0. A pair with the
            weight 2 counts as if it were there twice. One with 0 is not learned, but it is standardised with
            the others. None: all the same.
        resume
            The folder of a checkpoint: the fit that wrote it is continued, on the same data with the same
            settings; see ``checkpoint`` of :class:`Training`. None: a new fit.
        warm_start
            Whether to continue from the networks fitted before, on these data or on others (fine-tuning).
            Vocabulary and standardisation are those of the earlier fit. Settings that determine the networks
            must not change; ``training`` may, but for its members.

        Returns
        -------
        Seq2SeqTranscriber
            This estimator. It is unchanged if an argument is refused.

        Raises
        ------
        TsSeq2SeqError
            If a parameter, a sequence or a text is invalid; the message names the first one. Of an array it
            shows shape and type, never its numbers.
        """
        self._fit(sources, targets, sample_weight=sample_weight, resume=resume, warm_start=warm_start)
        return self

    def transcribe(
        self,
        sources: Sequence[np.ndarray],
        *,
        max_length: int | None = None,
        prefix: str | Sequence[str] | None = None,
        seed: int | None = None,
        unknown: bool | None = None,
        **search: Any,  # noqa: ANN401
    ) -> list[list[Hypothesis]]:
        """Search for the best transcriptions of each sequence, or sample transcriptions.

        Parameters
        ----------
        sources
            Arrays (T, F), with as many features as in the fit.
        max_length
            Most tokens of a transcription, the prefix and the end token included. None: 10 tokens more than r
            times the steps of the sequence, where r is the smallest ratio that leaves room for every target
            of the fit (odd ones apart, of which ``fit`` warns); at least 10 tokens after the prefix; at most
            ``max_length_``. A sequence longer than any of the fit may have more in proportion.
        prefix
            Text with which each transcription must begin: one for all sequences, or a list of one for each.
            It is cleaned like targets, but a blank at its end is kept if blanks are tokens. Its
            log-probability is part of the transcription's. None: no prefix.
        seed
            Seed of the random numbers. In a beam search it samples transcriptions without replacement
            (stochastic beam search); None: the likeliest transcriptions. In sampling, None draws anew at each
            call. The samples of a sequence also depend on the other sequences of the call.
        unknown
            Whether the unknown token may be written, as ``<unk>``. None: if it occurred among the targets of
            the fit.
        search
            For beam search, fields of :class:`~tsseq2seq.decoding.beam.Beam`: ``beam_size``, ``n_best``,
            ``length_penalty`` …; ``beam_size=1`` is greedy search. For sampling, fields of
            :class:`~tsseq2seq.decoding.sampling.Sampling`: ``temperature``, ``top_k``, ``top_p``,
            ``num_samples``. Without options: beam search.

        Returns
        -------
        list of list of Hypothesis
            For each sequence up to ``n_best`` hypotheses, the best first; or ``num_samples`` of them, the
            likeliest first, with duplicates. Their alignments are over the encoder's steps, of which there
            are fewer than of the sequence if ``patches`` have a stride; :meth:`attention` is of its steps.

        Raises
        ------
        DataError, ParameterError
            If a sequence is invalid or has another number of features than those of the fit; if options of
            beam search and of sampling are given together, or a prefix is invalid.

        Warns
        -----
        DataWarning
            If features lie far from those of the fit, as in other units. If for some sequences no
            transcription fulfils the options.
        """
        return self._write(
            sources, max_length=max_length, prefix=prefix, seed=seed, unknown=unknown, **search
        )

    @property
    def n_features_in_(self) -> int:
        """Number of features of a step in the fit."""
        self._check_fitted()
        return self._source().width

    def _source(self) -> FeatureSource:
        source = self.fitted_.source
        assert isinstance(source, FeatureSource)
        return source

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_without_copying(
            "Seq2SeqTranscriber", self.network, "its sources are numbers, which hold no words to copy"
        )
        if self.patches is not None and not isinstance(self.patches, Patches):
            raise ParameterTypeError(
                f"Seq2SeqTranscriber: patches is {self.patches!r}; it must be a Patches or None"
            )

    def _checked_sources(self, sources: Any, name: str = "sources") -> list[np.ndarray]:  # noqa: ANN401
        return checked_arrays(sources, name, width=self.n_features_in_)

    def _checked_pairs(self, sources: Any, targets: Any) -> tuple[list[np.ndarray], list[str]]:  # noqa: ANN401
        arrays = checked_arrays(sources)
        texts = checked_sentences(targets, "targets", allow_empty=False)
        if len(arrays) != len(texts):
            raise DataError(
                f"there are {len(arrays)} sources and {len(texts)} targets; each source needs its own target"
            )
        if not arrays:
            raise DataError("sources and targets are empty; at least one pair is needed")
        return arrays, texts

    def _measured(self, sources: list[np.ndarray]) -> FeatureSource:
        return FeatureSource.of(FeatureSequences.of(sources), self.patches)

    def _target_tokenizer(self, targets: list[str]) -> TextTokenizer:
        return self._tokenizer(self.tokenizer, targets)

    def _encoded(self, sources: list[np.ndarray], source: FeatureSource) -> FeatureSequences:
        return encode_features(sources, source)

    def _encoded_pairs(
        self,
        sources: list[np.ndarray],
        targets: list[str],
        source: FeatureSource,
        target: TextTokenizer,
        network: Network,
    ) -> TokenPairs:
        # pairs to compare with are checked against each other, not yet against those of the fit
        arrays = checked_arrays(sources, width=source.width)
        return TokenPairs(encode_features(arrays, source), encode_targets(targets, target))

    def _resolved(self, pairs: TokenPairs, vocabulary: int) -> ResolvedTokenSettings:
        return resolve_token_settings(
            pairs,
            vocabulary,
            network=self.network,
            training=self.training,
            output=self.output,
            # a step may be a hundredth of a second, far less than a token
            least_ratio=0.0,
            grows=True,
        )

    def _warn_of_sources(self, encoded: Sequences, sources: list[np.ndarray], doubt: str) -> None:
        assert isinstance(encoded, FeatureSequences)
        warn_of_strange_features(encoded, self._source(), doubt)

    def _attended(
        self, encoded: Sequences, best: list[Hypothesis | None]
    ) -> tuple[list[Hypothesis | None], list[list[str]]]:
        lengths = encoded.lengths.tolist()
        attended = of_input_steps(best, lengths, self._source().stride)
        return attended, [[str(step) for step in range(1, length + 1)] for length in lengths]

    def _fingerprint(self, sources: list[np.ndarray], targets: list[str]) -> str:
        from tsseq2seq.tuning.fingerprints import array_fingerprint, text_fingerprint

        return f"{array_fingerprint(sources)}-{text_fingerprint(targets)}"

    @staticmethod
    def _source_from_parts(parts: dict[str, Any]) -> FeatureSource:
        return FeatureSource.from_parts(parts)
