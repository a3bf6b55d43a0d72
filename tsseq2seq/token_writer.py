"""TokenWriter: what all estimators that write tokens have in common, whatever they read."""

from __future__ import annotations

import dataclasses
import os
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import pandas as pd
import torch

from tsseq2seq import persistence
from tsseq2seq.data.evenly_spaced import rows_to_train_on
from tsseq2seq.data.sample_weights import checked_weights
from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.text.cleaning import AS_GIVEN, Cleaning
from tsseq2seq.data.text.copyable import CopyableSequences, own_words, written_names, written_text
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer, build_tokenizer, tokenizer_from_parts
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
from tsseq2seq.nn.pretrained import Embeddings
from tsseq2seq.settings import Settings, check_choice, check_number, plain
from tsseq2seq.training.seeding import own_generator
from tsseq2seq.training.training import Training
from tsseq2seq.translation.defaults import (
    ResolvedTokenSettings,
    continued_token_settings,
    warn_of_long_targets,
)
from tsseq2seq.translation.fitted import FittedTokens
from tsseq2seq.translation.fitting import fit_tokens
from tsseq2seq.translation.minimum_risk import MinimumRisk
from tsseq2seq.translation.network import check_token_network
from tsseq2seq.translation.prefixes import encode_prefixes
from tsseq2seq.translation.remarks import (
    warn_of_changed_targets,
    warn_of_cut_translations,
    warn_of_lost_layout,
    warn_of_missing_translations,
    warn_of_unknown_targets,
    warn_of_unsplit_words,
    warn_of_unwritten_layout,
    warn_of_zero_width,
)
from tsseq2seq.translation.search_options import parse_search_options
from tsseq2seq.translation.sources import Source
from tsseq2seq.translation.targets import target_tokens

if TYPE_CHECKING:
    from tsseq2seq.tuning.token_problem import PreparedPairs, TokenProblem

__all__ = ["TokenWriter", "TokenizerChoice"]

# Scores under teacher forcing.
_LIKELIHOOD = ("token_accuracy", "perplexity")

_Functions: TypeAlias = tuple[Callable[[str], list[str]], Callable[[list[str]], str]]
#: ``"char"``, ``"word"``, ``"bpe"``, a fitted tokeniser, or a pair of functions: text to tokens and back.
TokenizerChoice: TypeAlias = str | TextTokenizer | _Functions

persistence.register_parts("tokenizer", TextTokenizer, tokenizer_from_parts)

Sequences: TypeAlias = TokenSequences | FeatureSequences


class TokenWriter(Estimator, ABC):
    """Base of the estimators that write tokens.

    A subclass says how its sources are checked, measured and encoded; all that follows is done here. Its
    parameters are at least those below.
    """

    cleaning: Cleaning
    min_count: int
    max_vocabulary: int | None
    output: Tokens
    network: Network
    training: Training
    minimum_risk: MinimumRisk | None
    seed: int | None

    #: The method that returns hypotheses, as messages name it, and what it writes.
    _verb: ClassVar[str]
    _written: ClassVar[str]
    #: Parameters that are settings, with their classes; those that decide how pairs are read.
    _settings: ClassVar[dict[str, type[Settings]]]
    _reading: ClassVar[tuple[str, ...]]

    @abstractmethod
    def _checked_sources(self, sources: Any, name: str = "sources") -> list[Any]:  # noqa: ANN401
        """Return sources to write from as a list."""

    @abstractmethod
    def _checked_pairs(self, sources: Any, targets: Any) -> tuple[list[Any], list[str]]:  # noqa: ANN401
        """Return sources and targets to learn from or to compare with as lists."""

    @abstractmethod
    def _measured(self, sources: list[Any]) -> Source:
        """Return the kind of source, as measured on those of a fit."""

    @abstractmethod
    def _target_tokenizer(self, targets: list[str]) -> TextTokenizer:
        """Return the tokeniser of the targets of a fit."""

    @abstractmethod
    def _encoded(self, sources: list[Any], source: Any) -> Sequences:  # noqa: ANN401 (the subclass's own)
        """Return checked sources in tensors, as the fitted networks read them."""

    @abstractmethod
    def _encoded_pairs(
        self,
        sources: list[Any],
        targets: list[str],
        source: Any,  # noqa: ANN401 (the subclass's own)
        target: TextTokenizer,
        network: Network,
    ) -> TokenPairs:
        """Return checked pairs in tensors, as the network reads them."""

    @abstractmethod
    def _resolved(self, pairs: TokenPairs, vocabulary: int) -> ResolvedTokenSettings:
        """Return the settings, with what was left open chosen from the pairs."""

    @abstractmethod
    def _warn_of_sources(self, encoded: Sequences, sources: list[Any], doubt: str) -> None:
        """Warn of sources that the model cannot read."""

    @abstractmethod
    def _attended(
        self, encoded: Sequences, best: list[Hypothesis | None]
    ) -> tuple[list[Hypothesis | None], list[list[str]]]:
        """Return hypotheses with weights of each step of their source, and the names of these steps."""

    @abstractmethod
    def _fingerprint(self, sources: list[Any], targets: list[str]) -> str:
        """Return what tells the data of a search from others."""

    @staticmethod
    @abstractmethod
    def _source_from_parts(parts: dict[str, Any]) -> Source:
        """Restore the kind of source."""

    def _check_tokenizers(self, source: Source, target: TextTokenizer) -> None:
        """Refuse kinds of sources and targets that do not go with the other settings."""

    def _remark_on_training(
        self, sources: list[Any], targets: list[str], source: Source, pairs: TokenPairs
    ) -> None:
        """Say what deserves a look in the sources of a fit, and in targets by a given vocabulary."""

    def _fit(
        self,
        sources: Any,  # noqa: ANN401
        targets: Any,  # noqa: ANN401
        *,
        embeddings: Embeddings | None = None,
        target_embeddings: Embeddings | None = None,
        sample_weight: object = None,
        resume: str | os.PathLike[str] | None = None,
        warm_start: bool = False,
    ) -> None:
        """Train on pairs; the estimator is unchanged if an argument is refused."""
        started = time.monotonic()
        self._check_parameters()
        sources, targets = self._checked_pairs(sources, targets)
        previous: FittedTokens | None = self._earlier(
            warm_start, embeddings=embeddings, target_embeddings=target_embeddings
        )
        weights = checked_weights(sample_weight, len(targets))
        # what is measured must not depend on what is held out
        held_out = self.training.held_out_pairs(len(sources))
        rows = rows_to_train_on(len(sources), held_out)
        trained = [sources[row] for row in rows], [targets[row] for row in rows]
        if previous is None:
            source, target = self._measured(trained[0]), self._target_tokenizer(trained[1])
        else:
            source, target = previous.source, previous.target
        self._check_tokenizers(source, target)
        pairs = self._encoded_pairs(sources, targets, source, target, self.network)
        pairs = dataclasses.replace(pairs, weights=weights)
        resolved = self._resolved(pairs.subset(rows), target.vocabulary_size)
        training = dataclasses.replace(resolved.training, validation_size=held_out)
        resolved = dataclasses.replace(resolved, training=training)
        if previous is not None:
            resolved = continued_token_settings(
                resolved, previous.resolved, network=self.network, output=self.output
            )
        warn_of_long_targets(pairs, resolved.length_ratio, self._written, self._verb)
        self._remark_on_training(*trained, source, pairs.subset(rows))
        warn_of_zero_width({"targets": targets}, self.cleaning)
        warn_of_unsplit_words("targets", targets, target)
        warn_of_lost_layout(targets, self.cleaning, self._written)
        warn_of_changed_targets(trained[1], target, self._written)
        checkpoint = self._checkpoint(resume)
        fitted, records = fit_tokens(
            pairs,
            source,
            target,
            resolved,
            device=resolve_device(self.training.device),
            seed=self.seed,
            started=started,
            risk=self.minimum_risk,
            embeddings=embeddings,
            target_embeddings=target_embeddings,
            previous=previous,
            checkpoint=checkpoint,
        )
        self._adopt(fitted)
        self._note_training(records, checkpoint)

    def predict(self, sources: Any, **search: Any) -> list[str]:  # noqa: ANN401
        """Return the best text of each source.

        Parameters
        ----------
        sources
            The sources, as for ``fit``.
        search
            Options, as for the method that returns hypotheses (``translate``, ``transcribe``). If several are
            sampled, the likeliest is returned.

        Returns
        -------
        list of str
            One text for each source.

        Warns
        -----
        DataWarning
            As that method, and if texts were cut at their maximum length.
        """
        return self._predict(sources, **search)

    def _predict(self, sources: Any, *, encoded: Sequences | None = None, **search: Any) -> list[str]:  # noqa: ANN401
        """Return the best texts, as :meth:`predict`; ``encoded`` as of :meth:`_write`."""
        rows = self._write(sources, alignment=False, encoded=encoded, **search)
        warn_of_cut_translations(rows, self._written, self._verb)
        return [row[0].text if row else "" for row in rows]

    def _write(
        self,
        sources: Any,  # noqa: ANN401
        *,
        max_length: int | None = None,
        prefix: str | Sequence[str] | None = None,
        seed: int | None = None,
        unknown: bool | str | None = None,
        alignment: bool = True,
        encoded: Sequences | None = None,
        **search: Any,  # noqa: ANN401
    ) -> list[list[Hypothesis]]:
        """Search for texts or sample them; without ``alignment`` hypotheses have no attention weights.

        ``encoded`` holds the sources in tensors, for a caller that has them.
        """
        self._check_fitted()
        verb = self._verb
        self._check_unknown(unknown)
        check_number(verb, "max_length", max_length, low=1, high=1_000_000, integer=True, optional=True)
        check_number(verb, "seed", seed, low=0, high=2**63 - 1, integer=True, optional=True)
        settings = parse_search_options(search, owner=verb)
        sources = self._checked_sources(sources)
        if not sources:
            return []
        fitted = self.fitted_
        sequences = self._encoded(sources, fitted.source) if encoded is None else encoded
        forced = None
        if prefix is not None:
            copyable = sequences if isinstance(sequences, CopyableSequences) else None
            count = len(sources)
            forced = encode_prefixes(prefix, fitted.target, count, owner=verb, copyable=copyable)
        rows = fitted.search(
            sequences.to(fitted.device),
            settings,
            max_length=max_length,
            prefix=None if forced is None else forced.to(fitted.device),
            generator=None if seed is None else own_generator(seed, fitted.device),
            unknown=True if isinstance(unknown, str) else unknown,
            alignment=alignment or isinstance(unknown, str),
            caller=verb,
        )
        self._warn_of_sources(sequences, sources, f"{self._written} may be made up")
        warn_of_missing_translations(rows, self._written)
        return self._with_texts(rows, sources, sequences, unknown)

    def _check_unknown(self, unknown: object) -> None:
        """Refuse what does not say whether the unknown token may be written."""
        check_choice(self._verb, "unknown", unknown, (None, False, True))

    def _with_texts(
        self,
        rows: list[list[Hypothesis]],
        sources: list[Any],
        encoded: Sequences,
        unknown: bool | str | None,
    ) -> list[list[Hypothesis]]:
        """Return hypotheses with their texts."""
        target = self.fitted_.target
        return [
            [
                dataclasses.replace(one, text=written_text(target, one.tokens, own_words(encoded, row)))
                for one in found
            ]
            for row, found in enumerate(rows)
        ]

    def score_pairs(
        self,
        sources: Any,  # noqa: ANN401
        targets: Sequence[str | Hypothesis | Sequence[int]],
    ) -> np.ndarray:
        """Return the log-probability of each target given its source, under teacher forcing.

        Parameters
        ----------
        sources
            The sources, as for ``fit``.
        targets
            Texts, hypotheses, or lists of tokens. The end token, which counts, is added to texts only;
            finished hypotheses contain it.

        Returns
        -------
        numpy.ndarray
            (sources,), natural logarithms.

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
        sources: Any,  # noqa: ANN401
        targets: Sequence[str],
        *,
        metrics: Sequence[str] | None = None,
        **search: Any,  # noqa: ANN401
    ) -> dict[str, float]:
        """Compare what is written with references.

        Parameters
        ----------
        sources, targets
            Sources and their references. Texts are compared as they were given; only what ``cleaning`` was
            asked for, small letters and marks, is done to references too.
        metrics
            Names of the scores. None: all; without the package sacrebleu ``chrf`` and ``bleu`` are left out,
            with a warning.
        search
            As for :meth:`predict`.

        Returns
        -------
        dict
            Under teacher forcing: ``token_accuracy`` (share of true tokens that are the likeliest, the end
            token included) and ``perplexity`` (infinite where it overflows). Of the texts: ``exact_match``,
            ``cer``, ``chrf`` and ``bleu``.

        Raises
        ------
        ParameterError, MissingDependencyError
            If a metric is unknown, or needs a package that is not installed.
        """
        self._check_fitted()
        wanted = _checked_metrics(metrics)
        sources, targets = self._checked_pairs(sources, targets)
        scores: dict[str, float] = {}
        encoded = None
        if set(wanted) & set(_LIKELIHOOD):
            fitted = self.fitted_
            pairs = self._encoded_pairs(sources, targets, fitted.source, fitted.target, self.network_)
            likelihood = self.fitted_.accuracy_and_perplexity(pairs.to(self.fitted_.device))
            scores |= dict(zip(_LIKELIHOOD, likelihood, strict=True))
            warn_of_unknown_targets(pairs.targets, targets, self.fitted_.resolved.writes_unknown)
            encoded = pairs.sources
        if not set(wanted) & set(TEXT_METRICS) and encoded is not None:
            self._warn_of_sources(encoded, sources, "scores say nothing of the model")
        if set(wanted) & set(TEXT_METRICS):
            warn_of_unwritten_layout(targets, self.cleaning, self._written.removesuffix("s"))
            references = [self.cleaning.reference(text) for text in targets]
            # a user's own tokeniser may write letters and accents apart
            as_given = dataclasses.replace(AS_GIVEN, zero_width=self.cleaning.zero_width)
            written = [as_given.clean(text) for text in self._predict(sources, encoded=encoded, **search)]
            scores |= evaluate_text(written, references, wanted)
        return {name: scores[name] for name in (*_LIKELIHOOD, *TEXT_METRICS) if name in wanted}

    def score(self, sources: Any, targets: Sequence[str]) -> float:  # noqa: ANN401
        """Return minus the character error rate of what is written; higher is better.

        It is compared with the references as given, whatever ``cleaning`` is: so scikit-learn's searches can
        compare one cleaning with another.

        Parameters
        ----------
        sources, targets
            Sources and their references.
        """
        self._check_fitted()
        sources, targets = self._checked_pairs(sources, targets)
        written = [AS_GIVEN.clean(text) for text in self.predict(sources)]
        return -character_error_rate(written, [AS_GIVEN.clean(text) for text in targets])

    def attention(self, sources: Any, **search: Any) -> pd.DataFrame:  # noqa: ANN401
        """Return the attention weights of each best text, for ``plotting.plot_attention``.

        Parameters
        ----------
        sources
            The sources.
        search
            As for :meth:`predict`.

        Returns
        -------
        pandas.DataFrame
            A row for each pair of a target token and a step of the source: ``sentence`` (the source, from 0),
            ``step`` and ``place`` (positions in target and source, from 1), ``target`` and ``source`` (the
            tokens; of a source of numbers the positions), and ``weight``.

        Raises
        ------
        ParameterError
            If the network has no attention.
        """
        sources = self._checked_sources(sources)
        best = [row[0] if row else None for row in self._write(sources, **search)]
        with warnings.catch_warnings():
            # truncation has been warned of already
            warnings.simplefilter("ignore", DataWarning)
            encoded = self._encoded(sources, self.fitted_.source)
        attended, source_names = self._attended(encoded, best)
        target_names = [
            [] if one is None else written_names(self.fitted_.target, one.tokens, own_words(encoded, row))
            for row, one in enumerate(best)
        ]
        return alignment_frame(attended, source_names, target_names)

    def tuning_problem(
        self,
        sources: Any,  # noqa: ANN401
        targets: Sequence[str],
        *,
        windows: int | None = None,
        step: int | None = None,
    ) -> TokenProblem:
        """Return the problem of :func:`~tsseq2seq.tune`; pairs are read once for all trials.

        Parameters
        ----------
        sources, targets
            As for ``fit``.
        windows
            Number of pairs held out, evenly spaced. None: a tenth, at most 1,000.
        step
            Must be None; only forecasters take it, as pairs have no order.
        """
        from tsseq2seq.tuning.token_problem import TokenProblem

        self._check_parameters()
        if step is not None:
            raise ParameterError(f"tune: step is {step}; pairs of sentences have no rolling origins")
        sources, targets = self._checked_pairs(sources, targets)
        return TokenProblem(
            self,
            sources,
            targets,
            _prepare,
            held_out=windows,
            resolve=_resolve,
            reading=self._reading,
            fingerprint=self._fingerprint(sources, targets),
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
        device = resolve_device(self.training.device)
        self._adopt(FittedTokens.from_parts(learned, tensors, device, read_source=self._source_from_parts))
        self._restore_training(learned)

    def _adopt(self, fitted: FittedTokens) -> None:
        self.fitted_ = fitted
        self.network_ = fitted.resolved.network
        self.training_ = fitted.resolved.training
        self.output_ = fitted.resolved.output
        self.max_length_ = fitted.resolved.max_length

    def _check_parameters(self) -> None:
        name = type(self).__name__
        for field, expected in self._settings.items():
            value = getattr(self, field)
            if not isinstance(value, expected):
                raise ParameterTypeError(f"{name}: {field} is {value!r}; it must be a {expected.__name__}")
        if self.minimum_risk is not None and not isinstance(self.minimum_risk, MinimumRisk):
            raise ParameterTypeError(
                f"{name}: minimum_risk is {self.minimum_risk!r}; it must be a MinimumRisk or None"
            )
        check_token_network(name, self.network, self.training, self.output)
        check_number(name, "seed", self.seed, low=0, high=2**63 - 1, integer=True, optional=True)

    def _tokenizer(
        self, choice: TokenizerChoice, texts: list[str], vocabulary: Sequence[str] | None = None
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
        self,
        sources: Any,  # noqa: ANN401
        targets: Sequence[str | Hypothesis | Sequence[int]],
    ) -> list[torch.Tensor]:
        sources = self._checked_sources(sources)
        if isinstance(targets, str):
            raise ParameterTypeError(f"targets is one str, {targets[:40]!r}; it must be a list")
        if not isinstance(targets, Iterable):
            raise ParameterTypeError(f"targets is a {type(targets).__name__}; it must be a list")
        targets = list(targets)
        if len(sources) != len(targets):
            raise DataError(f"there are {len(sources)} sources and {len(targets)} targets; each needs one")
        fitted = self.fitted_
        encoded = self._encoded(sources, fitted.source)
        ids = [
            target_tokens(target, fitted.target, row, own_words(encoded, row))
            for row, target in enumerate(targets)
        ]
        pairs = TokenPairs(encoded, TokenSequences.of(ids))
        warn_of_unknown_targets(pairs.targets, targets, fitted.resolved.writes_unknown)
        return fitted.score(pairs.to(fitted.device)) if len(ids) else []


def _checked_metrics(metrics: Sequence[str] | None) -> tuple[str, ...]:
    if isinstance(metrics, str):
        raise ParameterTypeError(f"evaluate: metrics is {metrics!r}; it must be a list of names")
    for name in metrics or ():
        check_choice("evaluate", "metrics", name, (*_LIKELIHOOD, *TEXT_METRICS))
    wanted = (*_LIKELIHOOD, *available_text_metrics()) if metrics is None else tuple(metrics)
    check_text_metrics(wanted)
    return wanted


def _prepare(writer: TokenWriter, training: list[list[Any]], held_out: list[list[Any]]) -> PreparedPairs:
    """Encode training pairs and pairs held out, with what is measured on the training pairs."""
    from tsseq2seq.tuning.token_problem import PreparedPairs

    writer._check_parameters()
    source, target = writer._measured(training[0]), writer._target_tokenizer(training[1])
    writer._check_tokenizers(source, target)
    with warnings.catch_warnings():
        # truncated sentences and unknown tokens are the same in all trials
        warnings.simplefilter("ignore", DataWarning)
        pairs = writer._encoded_pairs(training[0], training[1], source, target, writer.network)
        held_out_pairs = writer._encoded_pairs(held_out[0], held_out[1], source, target, writer.network)
    return PreparedPairs(pairs, held_out_pairs, source, target)


def _resolve(writer: TokenWriter, pairs: TokenPairs, vocabulary: int) -> ResolvedTokenSettings:
    return writer._resolved(pairs, vocabulary)
