"""Seq2SeqTranslator: fit on pairs of sentences, translate sentences."""

from __future__ import annotations

import dataclasses
import os
import time
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import torch

from tsseq2seq import persistence
from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.encoding import encode_pairs, encode_sources
from tsseq2seq.data.text.sentences import checked_pairs, checked_sentences
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer, build_tokenizer
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError
from tsseq2seq.estimator import Estimator
from tsseq2seq.evaluation.alignment import alignment_frame
from tsseq2seq.evaluation.metrics.text import evaluate_text
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.settings import check_number
from tsseq2seq.training.members import combine_records
from tsseq2seq.training.training import Training
from tsseq2seq.translation.defaults import resolve_token_settings
from tsseq2seq.translation.fitted import FittedTokens
from tsseq2seq.translation.fitting import fit_tokens
from tsseq2seq.translation.minimum_risk import MinimumRisk
from tsseq2seq.translation.prefixes import encode_prefixes
from tsseq2seq.translation.search_options import parse_search_options
from tsseq2seq.translation.targets import target_tokens

if TYPE_CHECKING:
    from tsseq2seq.tuning.token_problem import PreparedPairs, TokenProblem

__all__ = ["Seq2SeqTranslator"]

#: ``"char"``, ``"word"``, ``"bpe"``, or two functions, from a sentence to tokens and back.
TokenizerKind: TypeAlias = str | tuple[Callable[[str], list[str]], Callable[[list[str]], str]]


@persistence.register
class Seq2SeqTranslator(Estimator):
    """Translate, transcribe or tag: sequences of tokens in, sequences of tokens out.

    Parameters
    ----------
    tokenizer
        How sentences become tokens: ``"char"``, ``"word"``, ``"bpe"``, or a pair of functions (text to
        tokens, tokens to text), which cannot be saved.
    target_tokenizer
        The same for targets. None: as ``tokenizer``.
    cleaning
        What is done to sentences first.
    min_count
        Tokens seen less often in training become the unknown token.
    max_vocabulary
        Most tokens of a vocabulary. None: all (8,000 for ``"bpe"``).
    truncation
        Whether and where long sentences are cut, with a warning that counts them.
    output
        How tokens are scored.
    network
        The architecture.
    training
        The optimisation; ``batch_size`` counts sentences of usual length, ``validation_size`` pairs.
    minimum_risk
        Trains on whole sequences after cross-entropy, by what they cost. None: by cross-entropy alone.
    seed
        Of weights, batches and coins; the same seed gives the same model on the same machine.

    Attributes
    ----------
    fitted_ : FittedTokens
        The networks and their tokenisers.
    network_, training_, output_
        The settings with nothing left open.
    max_length_ : int
        Tokens generated at the most for any sentence, unless said otherwise.
    history_ : pandas.DataFrame
        Loss, learning rate, validation error and seconds by step.
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
        tokenizer: TokenizerKind = "char",
        *,
        target_tokenizer: TokenizerKind | None = None,
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
        self.cleaning = cleaning
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.truncation = truncation
        self.output = output
        self.network = network
        self.training = training
        self.minimum_risk = minimum_risk
        self.seed = seed

    def fit(self, sources: Sequence[str], targets: Sequence[str]) -> Seq2SeqTranslator:
        """Train on pairs of sentences.

        Parameters
        ----------
        sources, targets
            Sentences; the n-th target translates the n-th source.

        Returns
        -------
        Seq2SeqTranslator
            This estimator. If something is refused, it is left as it was.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or a sentence cannot be used; the message names the first offence.
        """
        started = time.monotonic()
        self._check_parameters()
        sources, targets = checked_pairs(sources, targets)
        source = self._tokenizer(self.tokenizer, sources)
        target = self._tokenizer(self.target_tokenizer or self.tokenizer, targets)
        pairs = encode_pairs(sources, targets, source, target, self.truncation)
        resolved = resolve_token_settings(
            pairs, target.vocabulary_size, network=self.network, training=self.training, output=self.output
        )
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
            As for :meth:`translate`. Of several samples the likeliest is returned.
        """
        return [found[0].text if found else "" for found in self.translate(sources, **search)]

    def translate(
        self,
        sources: Sequence[str],
        *,
        max_length: int | None = None,
        prefix: str | Sequence[str] | None = None,
        seed: int | None = None,
        **search: Any,  # noqa: ANN401
    ) -> list[list[Hypothesis]]:
        """Search for the best translations of each sentence, or draw some at random.

        Parameters
        ----------
        sources
            The sentences.
        max_length
            Tokens generated at the most, the prefix and the end token included. None: 10 + r times the
            tokens of the sentence, where r, at least 1, is the smallest ratio that leaves room for every
            target of the fit, and at least 10 behind the prefix; never above ``max_length_``.
        prefix
            Text with which each translation must begin: one for all sentences, or a list of one for each. It
            is cleaned as targets are, but a blank at its end counts where blanks are tokens; with ``"bpe"``
            its last piece ends where the prefix does. Its log-probability counts as the model gives it.
            None: nothing is forced.
        seed
            Of random numbers. In a beam search it samples translations without replacement (stochastic beam
            search); None: the likeliest. With sampling, None draws anew at each call. What is drawn for a
            sentence depends on the others of the call too: the same sentences in the same order with the
            same seed give the same translations.
        search
            For a beam search, fields of :class:`~tsseq2seq.decoding.beam.Beam`: ``beam_size``, ``n_best``,
            ``length_penalty`` …; ``beam_size=1`` is a greedy search. For independent samples, fields of
            :class:`~tsseq2seq.decoding.sampling.Sampling`: ``temperature``, ``top_k``, ``top_p``,
            ``num_samples``. Without any: a beam search.

        Returns
        -------
        list of list of Hypothesis
            Up to ``n_best`` for each sentence, the best first; or ``num_samples``, the likeliest first, one
            as often as it was drawn. Every log-probability is the model's own, whatever the temperature.

        Raises
        ------
        ParameterError
            If options of a beam search and of sampling are given together, or a prefix is empty, longer than
            ``max_length`` or holds a token that no target of the fit had.

        References
        ----------
        Graves (2012) and Wu et al. (2016) for beam search; Kool et al. (2019) for stochastic beams; Holtzman
        et al., "The curious case of neural text degeneration" (2020), for top-p.
        """
        self._check_fitted()
        check_number("translate", "max_length", max_length, low=1, integer=True, optional=True)
        check_number("translate", "seed", seed, low=0, high=2**63 - 1, integer=True, optional=True)
        settings = parse_search_options(search)
        sources = checked_sentences(sources)
        if not sources:
            return []
        fitted = self.fitted_
        sequences = encode_sources(sources, fitted.source, self.truncation).to(fitted.device)
        forced = None if prefix is None else encode_prefixes(prefix, fitted.target, len(sources))
        rows = fitted.search(
            sequences,
            settings,
            max_length=max_length,
            prefix=None if forced is None else forced.to(fitted.device),
            generator=None if seed is None else torch.Generator(fitted.device).manual_seed(seed),
        )
        return [[_with_text(found, fitted.target) for found in row] for row in rows]

    def score_pairs(
        self, sources: Sequence[str], targets: Sequence[str | Hypothesis | Sequence[int]]
    ) -> np.ndarray:
        """Return the log-probability of each target, given its source and fed token by token.

        Parameters
        ----------
        sources
            The sentences.
        targets
            Texts, hypotheses, or lists of tokens. Texts and finished hypotheses end with the end token,
            which counts; an unfinished hypothesis, or a list without it, gets none.

        Returns
        -------
        numpy.ndarray
            (sentences,), natural logarithms.

        Raises
        ------
        DataError, ParameterTypeError
            If counts differ, or a target is no text and holds something else than tokens, of which only the
            last may be the end token.
        """
        self._check_fitted()
        return np.array([float(row.double().sum()) for row in self._token_scores(sources, targets)])

    def evaluate(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        **search: Any,  # noqa: ANN401
    ) -> dict[str, float]:
        """Compare translations with references.

        Parameters
        ----------
        sources, targets
            Sentences and their references.
        search
            As for :meth:`translate`.

        Returns
        -------
        dict
            ``token_accuracy`` (share of tokens that are the likeliest when the truth before them is fed, the
            end token included) and ``perplexity``; of the free-running translations ``exact_match``,
            ``cer``, ``chrf`` and ``bleu``.
        """
        self._check_fitted()
        sources, targets = checked_pairs(sources, targets)
        pairs = encode_pairs(sources, targets, self.fitted_.source, self.fitted_.target, self.truncation)
        accuracy, perplexity = self.fitted_.accuracy_and_perplexity(pairs.to(self.fitted_.device))
        found = self.predict(sources, **search)
        return {
            "token_accuracy": accuracy,
            "perplexity": perplexity,
            **evaluate_text(found, self.cleaning.clean_all(targets, "targets")),
        }

    def attention(self, sources: Sequence[str], **search: Any) -> pd.DataFrame:  # noqa: ANN401
        """Return where the best translation of each sentence looks, for ``plotting.plot_attention``.

        Parameters
        ----------
        sources
            The sentences.
        search
            As for :meth:`translate`.

        Returns
        -------
        pandas.DataFrame
            A row for each token written and each read: ``sentence`` (from 0), ``step`` and ``place`` (of
            the one and the other, from 1), ``target``, ``source`` (the tokens) and ``weight``.

        Raises
        ------
        ParameterError
            If the network has no attention.
        """
        sources = checked_sentences(sources)
        found = [row[0] if row else None for row in self.translate(sources, **search)]
        with warnings.catch_warnings():
            # translate has said what is cut
            warnings.simplefilter("ignore", DataWarning)
            read = encode_sources(sources, self.fitted_.source, self.truncation)
        names = [self.fitted_.source.names(read[row]) for row in range(len(read))]
        written = [[] if best is None else self.fitted_.target.names(best.tokens) for best in found]
        return alignment_frame(found, names, written)

    def tuning_problem(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        *,
        windows: int | None = None,
        step: int | None = None,
    ) -> TokenProblem:
        """Read pairs once for all trials of :func:`~tsseq2seq.tune`.

        Parameters
        ----------
        sources, targets
            As for :meth:`fit`.
        windows
            Pairs held out, evenly chosen. None: a tenth, at most 1,000.
        step
            Of forecasters; pairs have no order.
        """
        from tsseq2seq.tuning.token_problem import TokenProblem

        self._check_parameters()
        if step is not None:
            raise ParameterError(f"tune: step is {step}; pairs of sentences have no rolling origins")
        sources, targets = checked_pairs(sources, targets)
        return TokenProblem(self, sources, targets, _prepare, held_out=windows)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a folder: JSON and safetensors, no pickle.

        A folder that holds a saved model already is replaced, any other refused.
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
        """Take up what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
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
        kinds = {
            "cleaning": Cleaning,
            "truncation": Truncation,
            "output": Tokens,
            "network": Network,
            "training": Training,
        }
        for field, kind in kinds.items():
            value = getattr(self, field)
            if not isinstance(value, kind):
                raise ParameterTypeError(f"{name}: {field} is {value!r}; it must be a {kind.__name__}")
        if self.minimum_risk is not None and not isinstance(self.minimum_risk, MinimumRisk):
            raise ParameterTypeError(
                f"{name}: minimum_risk is {self.minimum_risk!r}; it must be a MinimumRisk or None"
            )
        if self.network.decoding == "parallel":
            raise ParameterError(f"{name}: network has decoding='parallel', which translates no sentence")
        check_number(name, "seed", self.seed, low=0, high=2**63 - 1, integer=True, optional=True)

    def _tokenizer(self, kind: TokenizerKind, texts: list[str]) -> TextTokenizer:
        return build_tokenizer(
            kind, texts, cleaning=self.cleaning, min_count=self.min_count, max_size=self.max_vocabulary
        )

    def _token_scores(
        self, sources: Sequence[str], targets: Sequence[str | Hypothesis | Sequence[int]]
    ) -> list[torch.Tensor]:
        sources = checked_sentences(sources)
        if isinstance(targets, str):
            raise ParameterTypeError(f"targets is one str, {targets[:40]!r}; it must be a list")
        if len(sources) != len(targets):
            raise DataError(f"there are {len(sources)} sources and {len(targets)} targets; each needs one")
        fitted = self.fitted_
        ids = [target_tokens(target, fitted.target, row) for row, target in enumerate(targets)]
        read = encode_sources(sources, fitted.source, self.truncation)
        pairs = TokenPairs(read, TokenSequences.of(ids))
        return fitted.score(pairs.to(fitted.device)) if len(ids) else []


def _prepare(
    translator: Seq2SeqTranslator, learnt: list[list[str]], held_out: list[list[str]]
) -> PreparedPairs:
    """Tokenise pairs to learn from, and others by what is learnt from those."""
    from tsseq2seq.tuning.token_problem import PreparedPairs

    translator._check_parameters()
    source = translator._tokenizer(translator.tokenizer, learnt[0])
    target = translator._tokenizer(translator.target_tokenizer or translator.tokenizer, learnt[1])
    with warnings.catch_warnings():
        # what is cut, or unknown, is the same in all trials
        warnings.simplefilter("ignore", DataWarning)
        pairs = encode_pairs(learnt[0], learnt[1], source, target, translator.truncation)
        others = encode_pairs(held_out[0], held_out[1], source, target, translator.truncation)
    texts = translator.cleaning.clean_all(held_out[1], "targets")
    return PreparedPairs(pairs, others, texts, source, target)


def _with_text(found: Hypothesis, tokenizer: TextTokenizer) -> Hypothesis:
    return dataclasses.replace(found, text=tokenizer.decode(list(found.tokens)))
