"""Seq2SeqTranslator: an encoder–decoder that is fitted on pairs of sentences and translates sentences."""

from __future__ import annotations

import dataclasses
import os
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import torch

from tsseq2seq import persistence
from tsseq2seq.data.text.cleaning import AS_GIVEN, Cleaning
from tsseq2seq.data.text.encoding import encode_pairs, encode_sources
from tsseq2seq.data.text.sentences import checked_pairs, checked_sentences
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer, build_tokenizer, tokenizer_from_parts
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.data.text.vocabulary import SPECIAL, UNK
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError
from tsseq2seq.estimator import Estimator
from tsseq2seq.evaluation.alignment import alignment_frame
from tsseq2seq.evaluation.metrics.text import (
    TEXT_METRICS,
    available_text_metrics,
    character_error_rate,
    check_text_metrics,
    evaluate_text,
)
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.settings import check_choice, check_number, plain
from tsseq2seq.training.members import combine_records
from tsseq2seq.training.training import Training
from tsseq2seq.translation.copying import check_copying, with_copies
from tsseq2seq.translation.defaults import resolve_token_settings, warn_of_long_targets
from tsseq2seq.translation.fitted import FittedTokens
from tsseq2seq.translation.fitting import fit_tokens
from tsseq2seq.translation.minimum_risk import MinimumRisk
from tsseq2seq.translation.prefixes import encode_prefixes
from tsseq2seq.translation.pretrained import Embeddings
from tsseq2seq.translation.remarks import (
    warn_of_changed_targets,
    warn_of_cut_translations,
    warn_of_lost_layout,
    warn_of_missing_translations,
    warn_of_unknown_targets,
    warn_of_unreadable_sources,
    warn_of_unsplit_words,
    warn_of_unwritten_layout,
    warn_of_words_not_listed,
    warn_of_zero_width,
)
from tsseq2seq.translation.search_options import parse_search_options
from tsseq2seq.translation.targets import target_tokens

if TYPE_CHECKING:
    from tsseq2seq.tuning.token_problem import PreparedPairs, TokenProblem

__all__ = ["Seq2SeqTranslator"]

# Scores under teacher forcing.
_LIKELIHOOD = ("token_accuracy", "perplexity")

_Functions: TypeAlias = tuple[Callable[[str], list[str]], Callable[[list[str]], str]]
#: ``"char"``, ``"word"``, ``"bpe"``, a fitted tokeniser, or a pair of functions: text to tokens and back.
TokenizerChoice: TypeAlias = str | TextTokenizer | _Functions

persistence.register_parts("tokenizer", TextTokenizer, tokenizer_from_parts)


@persistence.register
class Seq2SeqTranslator(Estimator):
    """Translate, transcribe or tag: from sequences of tokens to sequences of tokens.

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
    """

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
    ) -> Seq2SeqTranslator:
        """Train on pairs of sentences.

        Parameters
        ----------
        sources, targets
            Sentences; the n-th target translates the n-th source.
        embeddings, target_embeddings
            Pretrained vectors of tokens, with which training begins: a matrix (words, ``embedding_size``) and
            the list of its words. Vectors of other tokens are drawn as usual. None: all are drawn.

        Returns
        -------
        Seq2SeqTranslator
            This estimator. It is unchanged if an argument is refused.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or a sentence is invalid; the message names the first one.
        """
        started = time.monotonic()
        self._check_parameters()
        sources, targets = checked_pairs(sources, targets)
        source = self._tokenizer(self.tokenizer, sources, self.vocabulary)
        target = self._tokenizer(self.target_tokenizer or self.tokenizer, targets, self.target_vocabulary)
        pairs = encode_pairs(sources, targets, source, target, self.truncation)
        resolved = resolve_token_settings(
            pairs, target.vocabulary_size, network=self.network, training=self.training, output=self.output
        )
        warn_of_long_targets(pairs, resolved.length_ratio)
        warn_of_zero_width({"sources": sources, "targets": targets}, self.cleaning)
        warn_of_unsplit_words("sources", sources, source)
        warn_of_unsplit_words("targets", targets, target)
        warn_of_words_not_listed("sources", pairs.sources, sources, self.vocabulary)
        warn_of_words_not_listed("targets", pairs.targets, targets, self.target_vocabulary)
        warn_of_lost_layout(targets, self.cleaning)
        warn_of_changed_targets(targets, target)
        device = resolve_device(self.training.device)
        fitted, records = fit_tokens(
            pairs,
            source,
            target,
            resolved,
            device=device,
            seed=self.seed,
            started=started,
            risk=self.minimum_risk,
            embeddings=embeddings,
            target_embeddings=target_embeddings,
        )
        self._adopt(fitted)
        self.n_steps_, self.stopped_, self.history_ = combine_records(records)
        return self

    def predict(self, sources: Sequence[str], **search: Any) -> list[str]:  # noqa: ANN401
        """Return the best translation of each sentence.

        Parameters
        ----------
        sources
            The sentences.
        search
            As for :meth:`translate`. If several are sampled, the likeliest is returned.

        Returns
        -------
        list of str
            One translation for each sentence.

        Warns
        -----
        DataWarning
            As :meth:`translate`, and if translations were cut at their maximum length.
        """
        return self._predict(sources, **search)

    def _predict(
        self,
        sources: Sequence[str],
        *,
        encoded: TokenSequences | None = None,
        **search: Any,  # noqa: ANN401
    ) -> list[str]:
        """Return the best translations, as :meth:`predict`; ``encoded`` as of :meth:`_translate`."""
        rows = self._translate(sources, alignment=False, encoded=encoded, **search)
        warn_of_cut_translations(rows)
        return [row[0].text if row else "" for row in rows]

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
        return self._translate(
            sources, max_length=max_length, prefix=prefix, seed=seed, unknown=unknown, **search
        )

    def _translate(
        self,
        sources: Sequence[str],
        *,
        max_length: int | None = None,
        prefix: str | Sequence[str] | None = None,
        seed: int | None = None,
        unknown: bool | str | None = None,
        alignment: bool = True,
        encoded: TokenSequences | None = None,
        **search: Any,  # noqa: ANN401
    ) -> list[list[Hypothesis]]:
        """Translate, as :meth:`translate`; without ``alignment`` hypotheses have no attention weights.

        ``encoded`` holds the sources as tokens, for a caller that has them.
        """
        self._check_fitted()
        check_choice("translate", "unknown", unknown, (None, False, True, "copy"))
        check_number(
            "translate", "max_length", max_length, low=1, high=1_000_000, integer=True, optional=True
        )
        check_number("translate", "seed", seed, low=0, high=2**63 - 1, integer=True, optional=True)
        settings = parse_search_options(search)
        sources = checked_sentences(sources)
        if not sources:
            return []
        fitted, copying = self.fitted_, unknown == "copy"
        if copying:
            attention, learnt = fitted.resolved.network.attention, fitted.resolved.writes_unknown
            check_copying(fitted.source, fitted.target, attention=attention, learnt=learnt)
        sequences = encode_sources(sources, fitted.source, self.truncation) if encoded is None else encoded
        forced = None if prefix is None else encode_prefixes(prefix, fitted.target, len(sources))
        rows = fitted.search(
            sequences.to(fitted.device),
            settings,
            max_length=max_length,
            prefix=None if forced is None else forced.to(fitted.device),
            generator=None if seed is None else torch.Generator(fitted.device).manual_seed(int(seed)),
            unknown=True if isinstance(unknown, str) else unknown,
            alignment=alignment or copying,
        )
        warn_of_unreadable_sources(sequences, sources)
        warn_of_missing_translations(rows)
        if not copying:
            return [[_with_text(hypothesis, fitted.target) for hypothesis in row] for row in rows]
        return [
            [with_copies(one, text, fitted.source, fitted.target, self.truncation) for one in row]
            for text, row in zip(sources, rows, strict=True)
        ]

    def score_pairs(
        self, sources: Sequence[str], targets: Sequence[str | Hypothesis | Sequence[int]]
    ) -> np.ndarray:
        """Return the log-probability of each target given its source, under teacher forcing.

        Parameters
        ----------
        sources
            The sentences.
        targets
            Texts, hypotheses, or lists of tokens. The end token, which counts, is added to texts only;
            finished hypotheses contain it.

        Returns
        -------
        numpy.ndarray
            (sentences,), natural logarithms.

        Raises
        ------
        DataError, ParameterTypeError
            If there are more sources than targets or fewer, or a target is neither a text nor a sequence of
            tokens in which the end token can only be the last.
        """
        self._check_fitted()
        return np.array([float(row.double().sum()) for row in self._token_scores(sources, targets)])

    def evaluate(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        *,
        metrics: Sequence[str] | None = None,
        **search: Any,  # noqa: ANN401
    ) -> dict[str, float]:
        """Compare translations with references.

        Parameters
        ----------
        sources, targets
            Sentences and their references. They are compared as they were given; only what ``cleaning`` was
            asked for, small letters and marks, is done to references too.
        metrics
            Names of the scores. None: all; without the package sacrebleu ``chrf`` and ``bleu`` are left out,
            with a warning.
        search
            As for :meth:`translate`.

        Returns
        -------
        dict
            Under teacher forcing: ``token_accuracy`` (share of true tokens that are the likeliest, the end
            token included) and ``perplexity`` (infinite where it overflows). Of the translations:
            ``exact_match``, ``cer``, ``chrf``, ``bleu``, ``rouge1``, ``rouge2`` and ``rougeL``.

        Raises
        ------
        ParameterError, MissingDependencyError
            If a metric is unknown, or needs a package that is not installed.
        """
        self._check_fitted()
        if isinstance(metrics, str):
            raise ParameterTypeError(f"evaluate: metrics is {metrics!r}; it must be a list of names")
        for name in metrics or ():
            check_choice("evaluate", "metrics", name, (*_LIKELIHOOD, *TEXT_METRICS))
        wanted = (*_LIKELIHOOD, *available_text_metrics()) if metrics is None else tuple(metrics)
        check_text_metrics(wanted)
        sources, targets = checked_pairs(sources, targets)
        scores: dict[str, float] = {}
        encoded = None
        if set(wanted) & set(_LIKELIHOOD):
            pairs = encode_pairs(sources, targets, self.fitted_.source, self.fitted_.target, self.truncation)
            likelihood = self.fitted_.accuracy_and_perplexity(pairs.to(self.fitted_.device))
            scores |= dict(zip(_LIKELIHOOD, likelihood, strict=True))
            warn_of_unknown_targets(pairs.targets, targets, self.fitted_.resolved.writes_unknown)
            assert isinstance(pairs.sources, TokenSequences)
            encoded = pairs.sources
        if not set(wanted) & set(TEXT_METRICS) and encoded is not None:
            warn_of_unreadable_sources(encoded, sources, "scores say nothing of the translator")
        if set(wanted) & set(TEXT_METRICS):
            warn_of_unwritten_layout(targets, self.cleaning)
            references = [self.cleaning.reference(text) for text in targets]
            # a user's own tokeniser may write letters and accents apart
            as_given = dataclasses.replace(AS_GIVEN, zero_width=self.cleaning.zero_width)
            written = [as_given.clean(text) for text in self._predict(sources, encoded=encoded, **search)]
            scores |= evaluate_text(written, references, wanted)
        return {name: scores[name] for name in (*_LIKELIHOOD, *TEXT_METRICS) if name in wanted}

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> float:
        """Return minus the character error rate of translations; higher is better.

        They are compared with the references as given, whatever ``cleaning`` is: so scikit-learn's searches
        can compare one cleaning with another.

        Parameters
        ----------
        sources, targets
            Sentences and their references.
        """
        self._check_fitted()
        sources, targets = checked_pairs(sources, targets)
        written = [AS_GIVEN.clean(text) for text in self.predict(sources)]
        return -character_error_rate(written, [AS_GIVEN.clean(text) for text in targets])

    def attention(self, sources: Sequence[str], **search: Any) -> pd.DataFrame:  # noqa: ANN401
        """Return the attention weights of each best translation, for ``plotting.plot_attention``.

        Parameters
        ----------
        sources
            The sentences.
        search
            As for :meth:`translate`.

        Returns
        -------
        pandas.DataFrame
            A row for each pair of a target token and a source token: ``sentence`` (from 0), ``step`` and
            ``place`` (positions in target and source, from 1), ``target`` and ``source`` (the tokens), and
            ``weight``.

        Raises
        ------
        ParameterError
            If the network has no attention.
        """
        sources = checked_sentences(sources)
        best = [row[0] if row else None for row in self.translate(sources, **search)]
        with warnings.catch_warnings():
            # translate has warned of truncation already
            warnings.simplefilter("ignore", DataWarning)
            encoded = encode_sources(sources, self.fitted_.source, self.truncation)
        source_names = [self.fitted_.source.names(encoded[row]) for row in range(len(encoded))]
        target_names = [[] if one is None else self.fitted_.target.names(one.tokens) for one in best]
        return alignment_frame(best, source_names, target_names)

    def tuning_problem(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        *,
        windows: int | None = None,
        step: int | None = None,
    ) -> TokenProblem:
        """Return the problem of :func:`~tsseq2seq.tune`; pairs are read once for all trials.

        Parameters
        ----------
        sources, targets
            As for :meth:`fit`.
        windows
            Number of pairs held out, evenly spaced. None: a tenth, at most 1,000.
        step
            Must be None; only forecasters take it, as pairs have no order.
        """
        from tsseq2seq.tuning.token_problem import TokenProblem

        self._check_parameters()
        if step is not None:
            raise ParameterError(f"tune: step is {step}; pairs of sentences have no rolling origins")
        sources, targets = checked_pairs(sources, targets)
        return TokenProblem(self, sources, targets, _prepare, held_out=windows)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a folder: JSON and safetensors, no pickle.

        An existing folder is replaced if it holds a saved model, and refused otherwise.
        """
        self._check_fitted()
        persistence.save(self, path)

    def learned(self) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """Return what ``fit`` learned, for :func:`tsseq2seq.persistence.save`."""
        parts, tensors = self.fitted_.to_parts()
        parts |= {
            "n_steps": self.n_steps_,
            "stopped": self.stopped_,
            "history": self.history_.to_dict("list"),
        }
        return parts, tensors

    def restore(self, learned: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        """Restore what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
        self._adopt(FittedTokens.from_parts(learned, tensors, resolve_device(self.training.device)))
        self.n_steps_, self.stopped_ = learned["n_steps"], learned["stopped"]
        self.history_ = pd.DataFrame(learned["history"])

    def _adopt(self, fitted: FittedTokens) -> None:
        self.fitted_ = fitted
        self.network_ = fitted.resolved.network
        self.training_ = fitted.resolved.training
        self.output_ = fitted.resolved.output
        self.max_length_ = fitted.resolved.max_length

    def _check_parameters(self) -> None:
        name = type(self).__name__
        classes = {
            "cleaning": Cleaning,
            "truncation": Truncation,
            "output": Tokens,
            "network": Network,
            "training": Training,
        }
        for field, expected in classes.items():
            value = getattr(self, field)
            if not isinstance(value, expected):
                raise ParameterTypeError(f"{name}: {field} is {value!r}; it must be a {expected.__name__}")
        if self.minimum_risk is not None and not isinstance(self.minimum_risk, MinimumRisk):
            raise ParameterTypeError(
                f"{name}: minimum_risk is {self.minimum_risk!r}; it must be a MinimumRisk or None"
            )
        if self.network.decoding == "parallel":
            raise ParameterError(f"{name}: network has decoding='parallel'; it must be 'autoregressive'")
        check_number(name, "seed", self.seed, low=0, high=2**63 - 1, integer=True, optional=True)

    def _tokenizer(
        self, choice: TokenizerChoice, texts: list[str], vocabulary: Sequence[str] | None
    ) -> TextTokenizer:
        return build_tokenizer(
            choice,
            texts,
            cleaning=self.cleaning,
            min_count=plain(self.min_count),
            max_size=plain(self.max_vocabulary),
            vocabulary=vocabulary,
        )

    def _token_scores(
        self, sources: Sequence[str], targets: Sequence[str | Hypothesis | Sequence[int]]
    ) -> list[torch.Tensor]:
        sources = checked_sentences(sources)
        if isinstance(targets, str):
            raise ParameterTypeError(f"targets is one str, {targets[:40]!r}; it must be a list")
        if not isinstance(targets, Iterable):
            raise ParameterTypeError(f"targets is a {type(targets).__name__}; it must be a list")
        targets = list(targets)
        if len(sources) != len(targets):
            raise DataError(f"there are {len(sources)} sources and {len(targets)} targets; each needs one")
        fitted = self.fitted_
        ids = [target_tokens(target, fitted.target, row) for row, target in enumerate(targets)]
        encoded = encode_sources(sources, fitted.source, self.truncation)
        pairs = TokenPairs(encoded, TokenSequences.of(ids))
        warn_of_unknown_targets(pairs.targets, targets, fitted.resolved.writes_unknown)
        return fitted.score(pairs.to(fitted.device)) if len(ids) else []


def _prepare(
    translator: Seq2SeqTranslator, training: list[list[str]], held_out: list[list[str]]
) -> PreparedPairs:
    """Tokenise training pairs and pairs held out, with vocabularies of the training pairs."""
    from tsseq2seq.tuning.token_problem import PreparedPairs

    translator._check_parameters()
    choice = translator.target_tokenizer or translator.tokenizer
    source = translator._tokenizer(translator.tokenizer, training[0], translator.vocabulary)
    target = translator._tokenizer(choice, training[1], translator.target_vocabulary)
    with warnings.catch_warnings():
        # truncated sentences and unknown tokens are the same in all trials
        warnings.simplefilter("ignore", DataWarning)
        pairs = encode_pairs(training[0], training[1], source, target, translator.truncation)
        held_out_pairs = encode_pairs(held_out[0], held_out[1], source, target, translator.truncation)
    return PreparedPairs(pairs, held_out_pairs, source, target)


def _with_text(hypothesis: Hypothesis, tokenizer: TextTokenizer) -> Hypothesis:
    return dataclasses.replace(hypothesis, text=tokenizer.decode(list(hypothesis.tokens), SPECIAL[UNK]))
