"""The data of a search for what writes tokens: trials learn some pairs and are scored on those held out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tsseq2seq.data.evenly_spaced import evenly_spaced
from tsseq2seq.data.text.cleaning import AS_GIVEN, Cleaning
from tsseq2seq.data.text.copyable import own_words, written_text
from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.decoding.beam import Beam
from tsseq2seq.errors import ParameterError
from tsseq2seq.evaluation.metrics.text import TEXT_METRICS, evaluate_text
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.training.run import Observer
from tsseq2seq.translation.defaults import ResolvedTokenSettings
from tsseq2seq.translation.fitted import FittedTokens
from tsseq2seq.translation.fitting import fit_tokens
from tsseq2seq.translation.sources import Source
from tsseq2seq.tuning.character_charge import CharacterCharge, charge_of_lost_characters
from tsseq2seq.tuning.default_spaces import token_space
from tsseq2seq.tuning.problem import Outcome, Watch
from tsseq2seq.tuning.resolved_settings import resolved_settings
from tsseq2seq.tuning.trial_checkpoint import trial_checkpoint
from tsseq2seq.tuning.value_as_text import value_as_text

__all__ = ["PreparedPairs", "TokenProblem"]

_LIKELIHOOD = ("perplexity", "token_accuracy")
# Words that are copied are no unknown tokens.
_COPY = "network__copy"
_MOST_HELD_OUT = 1000
#: Number of held-out sentences that are translated during training.
_WATCHED = 200


@dataclass(frozen=True)
class PreparedPairs:
    """Pairs in tensors: training pairs and held-out pairs.

    Attributes
    ----------
    pairs, held_out
        The training pairs and the held-out pairs.
    source, target
        The kind of source and the tokeniser of targets, as measured on the training pairs.
    """

    pairs: TokenPairs
    held_out: TokenPairs
    source: Source
    target: TextTokenizer


class TokenProblem:
    """The pairs of a search, read once for all trials, with evenly spaced ones held out.

    Parameters
    ----------
    estimator
        The estimator as given.
    sources, targets
        Sources and texts.
    prepare
        Reads training pairs and held-out pairs with the settings of an estimator.
    held_out
        Number of held-out pairs. None: a tenth, at most 1,000.
    resolve
        Function from an estimator, its training pairs and the size of its vocabulary to resolved settings.
    reading
        Parameters of the estimator that decide how pairs are read.
    fingerprint
        What tells these pairs from others.

    Raises
    ------
    ParameterError
        If no pair would be left to train on.
    """

    metrics = {  # noqa: RUF012 (a protocol's attribute)
        "perplexity": False,
        "token_accuracy": True,
        "character_perplexity": False,
        "exact_match": True,
        "cer": False,
        "chrf": True,
        "bleu": True,
        "rouge1": True,
        "rouge2": True,
        "rougeL": True,
    }
    metric = "perplexity"
    fixed = ()

    def __init__(
        self,
        estimator: Any,  # noqa: ANN401
        sources: list[Any],
        targets: list[str],
        prepare: Callable[[Any, list[list[Any]], list[list[Any]]], PreparedPairs],
        *,
        held_out: int | None,
        resolve: Callable[[Any, TokenPairs, int], ResolvedTokenSettings],
        reading: tuple[str, ...],
        fingerprint: str,
    ) -> None:
        count = max(1, min(len(sources) // 10, _MOST_HELD_OUT)) if held_out is None else held_out
        if count >= len(sources):
            raise ParameterError(
                f"tune: {count} pairs are to be held out, but there are {len(sources)}; at least one must be "
                "left to learn from"
            )
        self.estimator, self.prepare, self.resolve = estimator, prepare, resolve
        self.reading = reading
        self.incomparable = dict.fromkeys(_LIKELIHOOD, (*reading, _COPY))
        is_held_out = np.zeros(len(sources), dtype=bool)
        is_held_out[evenly_spaced(len(sources), count)] = True
        training, held_out_rows = np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)
        self.training = [[column[row] for row in training] for column in (sources, targets)]
        self.held_out = [[column[row] for row in held_out_rows] for column in (sources, targets)]
        self.identity = {"data": fingerprint, "held_out": count}
        # the same for all trials: what a trial's own cleaning takes away is missing in its translations
        self.references = [estimator.cleaning.reference(text) for text in self.held_out[1]]
        self._prepared: dict[str, PreparedPairs] = {}

    def resolved_settings(self) -> dict[str, Any]:
        """Return the resolved settings of the estimator as given, by nested name."""
        resolved = self._resolved(self.estimator)
        chosen = {name: getattr(resolved, name) for name in ("network", "training", "output")}
        return resolved_settings(self.estimator, chosen)

    def default_space(self) -> dict[str, Any]:
        """Return the default space."""
        return token_space(self._resolved(self.estimator))

    def check(self, estimator: Any) -> None:  # noqa: ANN401
        """Refuse settings that contradict each other.

        Raises
        ------
        ParameterError, ParameterTypeError
            With the first contradiction.
        """
        self._resolved(estimator)

    def run(self, estimator: Any, metrics: Sequence[str], watch: Watch | None) -> Outcome:  # noqa: ANN401
        """Train and score on the held-out pairs.

        ``watch`` gets the likelihood of all held-out pairs, or the score of up to 200 translations.
        """
        device = resolve_device(estimator.training.device)
        prepared = self._pairs(estimator)
        held_out = HeldOut(
            prepared.held_out.to(device),
            self.references,
            self._compared_as(estimator),
            self._lost(estimator, metrics),
        )
        started = time.monotonic()

        def observe(fitted: FittedTokens) -> Observer:
            def report(percent: int) -> None:
                assert watch is not None
                score = _scores(fitted, held_out, metrics[:1], most=_WATCHED)[metrics[0]]
                watch(score, percent)

            return report

        fitted, records = fit_tokens(
            prepared.pairs,
            prepared.source,
            prepared.target,
            self._resolved(estimator),
            device=device,
            seed=estimator.seed,
            started=started,
            risk=estimator.minimum_risk,
            observe=None if watch is None else observe,
            checkpoint=trial_checkpoint(estimator),
        )
        seconds = time.monotonic() - started - sum(record.observer_seconds for record in records)
        size = sum(weight.numel() for model in fitted.members for weight in model.parameters())
        scores = _scores(fitted, held_out, metrics, most=None)
        return Outcome(scores, seconds, size, sum(record.steps for record in records), fitted)

    def _compared_as(self, estimator: Any) -> Cleaning:  # noqa: ANN401
        """Return what makes translations comparable: small letters, say, if these were asked for as given."""
        given: Cleaning = self.estimator.cleaning
        return AS_GIVEN if estimator.cleaning == given else given

    def _lost(self, estimator: Any, metrics: Sequence[str]) -> CharacterCharge | None:  # noqa: ANN401
        """Return what is charged for the characters that the tokens cannot write, if a metric asks for it."""
        if "character_perplexity" not in metrics:
            return None
        prepared = self._pairs(estimator)
        return charge_of_lost_characters(
            prepared.held_out.targets,
            prepared.target,
            self.held_out[1],
            self.training[1],
            prepared.held_out.sources,
        )

    def _pairs(self, estimator: Any) -> PreparedPairs:  # noqa: ANN401
        reading = [getattr(estimator, name) for name in self.reading]
        key = value_as_text([*reading, estimator.network.copy])
        if key not in self._prepared:
            self._prepared[key] = self.prepare(estimator, self.training, self.held_out)
        return self._prepared[key]

    def _resolved(self, estimator: Any) -> ResolvedTokenSettings:  # noqa: ANN401
        prepared = self._pairs(estimator)
        return self.resolve(estimator, prepared.pairs, prepared.target.vocabulary_size)


@dataclass(frozen=True)
class HeldOut:
    """The held-out pairs of a trial, their references, and the charge for lost characters.

    Translations are compared with the references as ``compared_as`` writes them.
    """

    pairs: TokenPairs
    references: list[str]
    compared_as: Cleaning
    charge: CharacterCharge | None


def _scores(
    fitted: FittedTokens, held_out: HeldOut, metrics: Sequence[str], *, most: int | None
) -> dict[str, float]:
    """Return scores by metric: likelihoods of all pairs, and scores of up to ``most`` translations."""
    scores: dict[str, float] = {}
    pairs = held_out.pairs
    if set(metrics) - set(TEXT_METRICS):
        scores["token_accuracy"], scores["perplexity"] = fitted.accuracy_and_perplexity(pairs)
        if held_out.charge is not None:
            tokens = len(pairs.targets.tokens)
            scores["character_perplexity"] = held_out.charge.perplexity(scores["perplexity"], tokens)
    of_texts = [name for name in metrics if name in TEXT_METRICS]
    if of_texts:
        indices = torch.arange(min(len(pairs), most or len(pairs)))
        sources = pairs.subset(indices).sources
        rows = fitted.search(sources, Beam(), alignment=False)
        written = [
            written_text(fitted.target, found[0].tokens, own_words(sources, row)) if found else ""
            for row, found in enumerate(rows)
        ]
        translated = [held_out.compared_as.reference(text) for text in written]
        scores |= evaluate_text(translated, held_out.references[: len(translated)], of_texts)
    beside = ["perplexity"] if "character_perplexity" in metrics else []
    return {name: scores[name] for name in dict.fromkeys([*metrics, *beside])}
