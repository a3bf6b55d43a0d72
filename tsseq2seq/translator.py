"""Seq2SeqTranslator: an encoder–decoder that is fitted on pairs of sentences and translates sentences."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from tsseq2seq import persistence
from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.copyable import CopyableSequences, copyable_sources, copyable_targets
from tsseq2seq.data.text.encoding import encode_pairs, encode_sources
from tsseq2seq.data.text.sentences import checked_pairs, checked_sentences
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer, tokenizer_from_parts
from tsseq2seq.data.text.tokenizers.listed import ListedTokenizer
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.data.text.unlisted import warn_of_words_not_listed
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.nn.pretrained import Embeddings
from tsseq2seq.settings import check_choice
from tsseq2seq.token_writer import Sequences, TokenizerChoice, TokenWriter
from tsseq2seq.training.training import Training
from tsseq2seq.translation.copying import check_copying, with_copies
from tsseq2seq.translation.defaults import ResolvedTokenSettings, resolve_token_settings
from tsseq2seq.translation.minimum_risk import MinimumRisk
from tsseq2seq.translation.pointing import check_same_tokens, check_word_copying, warn_of_nothing_unknown
from tsseq2seq.translation.remarks import (
    warn_of_unreadable_sources,
    warn_of_unsplit_words,
    warn_of_zero_width,
)
from tsseq2seq.translation.sources import Source

__all__ = ["Seq2SeqTranslator"]


@persistence.register
class Seq2SeqTranslator(TokenWriter):
    """Translate: from sequences of tokens to sequences of tokens.

    Parameters
    ----------
    tokenizer
        How sentences become tokens: ``"char"``, ``"word"``, ``"bpe"``, a fitted tokeniser (such as that of
        another translator, ``fitted_.source``), or a pair of functions (text to tokens, tokens to text),
        which cannot be saved.
    target_tokenizer
        The same for targets. None: as ``tokenizer``.
    vocabulary, target_vocabulary
        The tokens of sources and of targets, the most frequent first, without the special ones; a token that
        is not among them becomes the unknown token. None: collected from the sentences of the fit.
    cleaning
        Cleaning of sentences before they are tokenised.
    min_count
        Least number of occurrences in training. Rarer tokens become the unknown token.
    max_vocabulary
        Most tokens of a vocabulary. None: all (8,000 for ``"bpe"``).
    truncation
        Whether and where long sentences are cut; a warning counts them.
    output
        Settings of the output: label smoothing, shared weights, sampled softmax.
    network
        The architecture.
    training
        The optimisation; ``batch_size`` counts sentences of mean length, ``validation_size`` counts pairs.
    minimum_risk
        Training on whole sequences, by their cost, after cross-entropy. None: cross-entropy only.
    seed
        Seed of weights, batches and scheduled sampling; the same seed gives the same model on the same
        machine. None: drawn.

    Attributes
    ----------
    fitted_ : FittedTokens
        The networks and their tokenisers.
    network_, training_, output_
        The resolved settings.
    max_length_ : int
        Most tokens of a translation, unless :meth:`translate` is given another ``max_length``.
    history_ : pandas.DataFrame
        Loss, learning rate, validation error, token accuracy of the pairs held out, and seconds by training
        step.
    n_steps_, stopped_
        As of :class:`~tsseq2seq.Seq2SeqForecaster`.

    Examples
    --------
    >>> from tsseq2seq import Network, Seq2SeqTranslator, Training
    >>> translator = Seq2SeqTranslator(
    ...     network=Network(hidden_size=32, attention="dot"), training=Training(max_steps=150)
    ... ).fit(["man", "black", "king"], ["woman", "white", "queen"])
    >>> translator.predict(["king"])
    ['queen']
    >>> (drawn,) = translator.translate(["king"], prefix="que", temperature=0.5, num_samples=2, seed=0)
    >>> [one.text for one in drawn]
    ['queen', 'queen']

    Words that no vocabulary has are copied from the source, if that is learned (See et al. 2017):

    >>> cities = ["Ulm", "Graz", "Linz", "Bonn", "Bern", "Rom", "Kiel", "Jena"]
    >>> copier = Seq2SeqTranslator(
    ...     "word",
    ...     min_count=2,
    ...     network=Network(hidden_size=32, attention="general", copy=True),
    ...     training=Training(max_steps=100, learning_rate=0.01),
    ... ).fit([f"the nurses in {x} strike" for x in cities], [f"die Pfleger in {x} streiken" for x in cities])
    >>> copier.predict(["the nurses in Vienna strike"])
    ['die Pfleger in Vienna streiken']
    """

    _verb, _written = "translate", "translations"
    _settings = {  # noqa: RUF012 (read only)
        "cleaning": Cleaning,
        "truncation": Truncation,
        "output": Tokens,
        "network": Network,
        "training": Training,
    }
    # the settings that decide how sentences become tokens
    _reading = (
        "tokenizer",
        "target_tokenizer",
        "vocabulary",
        "target_vocabulary",
        "cleaning",
        "min_count",
        "max_vocabulary",
        "truncation",
    )

    def __init__(
        self,
        tokenizer: TokenizerChoice = "char",
        *,
        target_tokenizer: TokenizerChoice | None = None,
        vocabulary: Sequence[str] | None = None,
        target_vocabulary: Sequence[str] | None = None,
        cleaning: Cleaning = Cleaning(),
        min_count: int = 1,
        max_vocabulary: int | None = None,
        truncation: Truncation = Truncation(),
        output: Tokens = Tokens(),
        network: Network = Network(bidirectional=True, num_layers=2, attention="general", dropout=0.2),
        training: Training = Training(),
        minimum_risk: MinimumRisk | None = None,
        seed: int | None = 0,
    ) -> None:
        self.tokenizer = tokenizer
        self.target_tokenizer = target_tokenizer
        self.vocabulary = vocabulary
        self.target_vocabulary = target_vocabulary
        self.cleaning = cleaning
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.truncation = truncation
        self.output = output
        self.network = network
        self.training = training
        self.minimum_risk = minimum_risk
        self.seed = seed

    def fit(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        *,
        embeddings: Embeddings | None = None,
        target_embeddings: Embeddings | None = None,
        sample_weight: object = None,
        resume: str | os.PathLike[str] | None = None,
        warm_start: bool = False,
    ) -> Seq2SeqTranslator:
        """Train on pairs of sentences.

        Parameters
        ----------
        sources, targets
            Sentences; the n-th target translates the n-th source.
        embeddings, target_embeddings
            Pretrained vectors of tokens, with which training begins: a matrix (words, ``embedding_size``) and
            the list of its words. Vectors of other tokens are drawn as usual. None: all are drawn.
        sample_weight
            How much each pair counts in the loss and in the validation error, at least 0. A pair with the
            weight 2 counts as if it were there twice. One with 0 is not learned, but its tokens are in the
            vocabularies. None: all the same.
        resume
            The folder of a checkpoint: the fit that wrote it is continued, on the same data with the same
            settings; see ``checkpoint`` of :class:`Training`. None: a new fit.
        warm_start
            Whether to continue from the networks fitted before, on these data or on others (fine-tuning).
            Tokenisers and vocabularies are those of the earlier fit. Settings that determine the networks
            must not change; ``training`` may, but for its members.

        Returns
        -------
        Seq2SeqTranslator
            This estimator. It is unchanged if an argument is refused.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or a sentence is invalid; the message names the first one.
        """
        self._fit(
            sources,
            targets,
            embeddings=embeddings,
            target_embeddings=target_embeddings,
            sample_weight=sample_weight,
            resume=resume,
            warm_start=warm_start,
        )
        return self

    def translate(
        self,
        sources: Sequence[str],
        *,
        max_length: int | None = None,
        prefix: str | Sequence[str] | None = None,
        seed: int | None = None,
        unknown: bool | str | None = None,
        **search: Any,  # noqa: ANN401
    ) -> list[list[Hypothesis]]:
        """Search for the best translations of each sentence, or sample translations.

        Parameters
        ----------
        sources
            The sentences.
        max_length
            Most tokens of a translation, the prefix and the end token included. None: 10 tokens more than r
            times the sentence, where r is the smallest ratio, but at least 1, that leaves room for every
            target of the fit (odd ones apart, of which ``fit`` warns); at least 10 tokens after the prefix;
            at most ``max_length_``.
        prefix
            Text with which each translation must begin: one for all sentences, or a list of one for each. It
            is cleaned like targets, but a blank at its end is kept if blanks are tokens; with ``"bpe"`` its
            last piece ends with the prefix. The log-probability of the prefix is part of the translation's.
            None: no prefix.
        seed
            Seed of the random numbers. In a beam search it samples translations without replacement
            (stochastic beam search); None: the likeliest translations. In sampling, None draws anew at each
            call. The samples of a sentence also depend on the other sentences of the call: only the same
            sentences in the same order with the same seed give the same translations.
        unknown
            Whether the unknown token may be written, as ``<unk>``. None: if it occurred among the targets of
            the fit, as with a ``min_count`` above 1; else its probability was never learnt. ``"copy"``: in
            its place the word of the source is written that the decoder attended to most, of unknown words if
            there are any (Luong et al. 2015); for words and characters, and networks with attention.
            ``Network(copy=True)`` learns when and what to copy instead.
        search
            For beam search, fields of :class:`~tsseq2seq.decoding.beam.Beam`: ``beam_size``, ``n_best``,
            ``length_penalty`` …; ``beam_size=1`` is greedy search. For sampling, fields of
            :class:`~tsseq2seq.decoding.sampling.Sampling`: ``temperature``, ``top_k``, ``top_p``,
            ``num_samples``. Without options: beam search.

        Returns
        -------
        list of list of Hypothesis
            For each sentence up to ``n_best`` hypotheses, the best first; or ``num_samples`` of them, the
            likeliest first, with duplicates. Log-probabilities are those of the model, without temperature
            and truncation.

        Raises
        ------
        ParameterError
            If options of beam search and of sampling are given together, or a prefix is empty, longer than
            ``max_length`` or has a token that is not in the vocabulary.

        Warns
        -----
        DataWarning
            If sentences are empty, or consist of tokens that the model never learnt: what it writes is made
            up. If for some of them no translation fulfils the options.

        References
        ----------
        Graves (2012) and Wu et al. (2016) for beam search; Kool et al. (2019) for stochastic beams; Holtzman
        et al., "The curious case of neural text degeneration" (2020), for top-p.
        """
        return self._write(
            sources, max_length=max_length, prefix=prefix, seed=seed, unknown=unknown, **search
        )

    def _check_unknown(self, unknown: object) -> None:
        check_choice("translate", "unknown", unknown, (None, False, True, "copy"))
        if unknown == "copy":
            fitted = self.fitted_
            check_copying(
                self._source(),
                fitted.target,
                network=fitted.resolved.network,
                learnt=fitted.resolved.writes_unknown,
            )

    def _with_texts(
        self,
        rows: list[list[Hypothesis]],
        sources: list[str],
        encoded: Sequences,
        unknown: bool | str | None,
    ) -> list[list[Hypothesis]]:
        if unknown != "copy":
            return super()._with_texts(rows, sources, encoded, unknown)
        source, target = self._source(), self.fitted_.target
        return [
            [with_copies(one, text, source, target, self.truncation) for one in row]
            for text, row in zip(sources, rows, strict=True)
        ]

    def _listed(self) -> tuple[ListedTokenizer, ListedTokenizer]:
        source, target = self.fitted_.source, self.fitted_.target
        assert isinstance(source, ListedTokenizer)
        assert isinstance(target, ListedTokenizer)
        return source, target

    def _source(self) -> TextTokenizer:
        source = self.fitted_.source
        assert isinstance(source, TextTokenizer)
        return source

    def _checked_sources(self, sources: Any, name: str = "sources") -> list[str]:  # noqa: ANN401
        return checked_sentences(sources, name)

    def _checked_pairs(self, sources: Any, targets: Any) -> tuple[list[str], list[str]]:  # noqa: ANN401
        return checked_pairs(sources, targets)

    def _measured(self, sources: list[str]) -> TextTokenizer:
        return self._tokenizer(self.tokenizer, sources, self.vocabulary)

    def _target_tokenizer(self, targets: list[str]) -> TextTokenizer:
        return self._tokenizer(self.target_tokenizer or self.tokenizer, targets, self.target_vocabulary)

    def _encoded(self, sources: list[str], source: TextTokenizer) -> TokenSequences:
        sequences = encode_sources(sources, source, self.truncation)
        if not self.network_.copy:
            return sequences
        return copyable_sources(sequences, sources, *self._listed(), self.truncation.side)

    def _encoded_pairs(
        self,
        sources: list[str],
        targets: list[str],
        source: TextTokenizer,
        target: TextTokenizer,
        network: Network,
    ) -> TokenPairs:
        pairs = encode_pairs(sources, targets, source, target, self.truncation)
        if not network.copy:
            return pairs
        assert isinstance(source, ListedTokenizer)
        assert isinstance(target, ListedTokenizer)
        assert isinstance(pairs.sources, TokenSequences)
        side = self.truncation.side
        copyable = copyable_sources(pairs.sources, sources, source, target, side)
        return TokenPairs(copyable, copyable_targets(pairs.targets, targets, target, copyable, side))

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.network.copy:
            choices = {"tokenizer": self.tokenizer, "target_tokenizer": self.target_tokenizer}
            check_word_copying("Seq2SeqTranslator", choices, self.output, self.minimum_risk)

    def _check_tokenizers(self, source: Source, target: TextTokenizer) -> None:
        assert isinstance(source, TextTokenizer)
        if self.network.copy:
            check_same_tokens("Seq2SeqTranslator", source, target)

    def _resolved(self, pairs: TokenPairs, vocabulary: int) -> ResolvedTokenSettings:
        return resolve_token_settings(
            pairs, vocabulary, network=self.network, training=self.training, output=self.output
        )

    def _remark_on_training(
        self, sources: list[str], targets: list[str], source: Source, pairs: TokenPairs
    ) -> None:
        assert isinstance(source, TextTokenizer)
        if isinstance(pairs.sources, CopyableSequences):
            warn_of_nothing_unknown("Seq2SeqTranslator", pairs.sources)
        warn_of_zero_width({"sources": sources}, self.cleaning)
        warn_of_unsplit_words("sources", sources, source)
        warn_of_words_not_listed("sources", pairs.sources, sources, self.vocabulary)
        warn_of_words_not_listed("targets", pairs.targets, targets, self.target_vocabulary)

    def _warn_of_sources(self, encoded: Sequences, sources: list[str], doubt: str) -> None:
        assert isinstance(encoded, TokenSequences)
        warn_of_unreadable_sources(encoded, sources, doubt)

    def _attended(
        self, encoded: Sequences, best: list[Hypothesis | None]
    ) -> tuple[list[Hypothesis | None], list[list[str]]]:
        assert isinstance(encoded, TokenSequences)
        if isinstance(encoded, CopyableSequences):
            return best, encoded.spelled(self.fitted_.target)
        source = self._source()
        return best, [source.names(encoded[row]) for row in range(len(encoded))]

    def _fingerprint(self, sources: list[str], targets: list[str]) -> str:
        from tsseq2seq.tuning.fingerprints import text_fingerprint

        return text_fingerprint(sources, targets)

    @staticmethod
    def _source_from_parts(parts: dict[str, Any]) -> TextTokenizer:
        return tokenizer_from_parts(parts)
