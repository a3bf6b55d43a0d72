"""The data of a search for what labels sequences: trials learn some and are scored on those held out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.labelling.classes import Classes
from tsseq2seq.labelling.defaults import ResolvedLabelSettings
from tsseq2seq.labelling.fitted import FittedLabels
from tsseq2seq.labelling.fitting import fit_labels
from tsseq2seq.labelling.labelled import Labelled
from tsseq2seq.labelling.readers import Reader
from tsseq2seq.training.run import Observer
from tsseq2seq.tuning.default_spaces import label_space
from tsseq2seq.tuning.problem import Outcome, Watch
from tsseq2seq.tuning.resolved_settings import resolved_settings
from tsseq2seq.tuning.trial_checkpoint import trial_checkpoint
from tsseq2seq.tuning.value_as_text import value_as_text

__all__ = ["LabelProblem", "LabelReading"]

_MOST_HELD_OUT = 1000
#: Number of held-out sequences that are labelled during training.
_WATCHED = 200
#: Parameters that decide how sequences are read.
_READING = ("tokenizer", "cleaning", "min_count", "max_vocabulary", "vocabulary", "class_weight")


@dataclass(frozen=True)
class LabelReading:
    """How the sequences of a search are read, resolved and scored; each is a function of an estimator first.

    Attributes
    ----------
    read
        Function from sequences and labels to labelled sequences, their reader and their classes.
    resolve
        Function from labelled sequences to resolved settings.
    score
        Function from a fitted model, sequences and labels to scores by metric.
    """

    read: Callable[[Any, list[Any], list[Any]], tuple[Labelled, Reader, Classes]]
    resolve: Callable[[Any, Labelled], ResolvedLabelSettings]
    score: Callable[[Any, FittedLabels, list[Any], list[Any]], dict[str, float]]


class LabelProblem:
    """The sequences of a search, of which some of each class are held out.

    Parameters
    ----------
    estimator
        The estimator as given.
    sources, labels
        Sequences, and the labels of each.
    held_out
        (N,), True for the sequences held out.
    reading
        How they are read and scored.
    metrics
        Names of the metrics, and whether each is maximised; the first is the default.
    fixed
        Settings that cannot be searched.
    fingerprint
        What tells these sequences from others.
    """

    def __init__(
        self,
        estimator: Any,  # noqa: ANN401
        sources: list[Any],
        labels: list[Any],
        held_out: np.ndarray,
        reading: LabelReading,
        *,
        metrics: Mapping[str, bool],
        fixed: tuple[str, ...],
        fingerprint: str,
    ) -> None:
        self.estimator, self.reading = estimator, reading
        self.metrics, self.metric, self.fixed = metrics, next(iter(metrics)), fixed
        parts = np.flatnonzero(~held_out), np.flatnonzero(held_out)
        self.training, self.held_out = (
            [[column[row] for row in rows] for column in (sources, labels)] for rows in parts
        )
        self.identity = {"data": fingerprint, "held_out": int(held_out.sum())}
        self._prepared: dict[str, tuple[Labelled, Reader, Classes]] = {}

    @staticmethod
    def count_held_out(count: int, asked: int | None) -> int:
        """Return how many of ``count`` sequences are held out: a tenth, at most 1,000, unless asked."""
        return max(1, min(count // 10, _MOST_HELD_OUT)) if asked is None else asked

    def resolved_settings(self) -> dict[str, Any]:
        """Return the resolved settings of the estimator as given, by nested name."""
        resolved = self._resolved(self.estimator)
        chosen = {name: getattr(resolved, name) for name in ("network", "training")}
        return resolved_settings(self.estimator, chosen)

    def default_space(self) -> dict[str, Any]:
        """Return the default space."""
        return label_space(self._resolved(self.estimator))

    def check(self, estimator: Any) -> None:  # noqa: ANN401
        """Refuse settings that contradict each other.

        Raises
        ------
        ParameterError, ParameterTypeError
            With the first contradiction.
        """
        self._resolved(estimator)

    def run(self, estimator: Any, metrics: Sequence[str], watch: Watch | None) -> Outcome:  # noqa: ANN401
        """Train and score on the held-out sequences; ``watch`` gets the score of up to 200 of them."""
        labelled, reader, classes = self._read(estimator)
        started = time.monotonic()

        def observe(fitted: FittedLabels) -> Observer:
            def report(percent: int) -> None:
                assert watch is not None
                watch(self._scores(estimator, fitted, metrics[:1], most=_WATCHED)[metrics[0]], percent)

            return report

        fitted, records = fit_labels(
            labelled,
            reader,
            classes,
            self._resolved(estimator),
            device=resolve_device(estimator.training.device),
            seed=estimator.seed,
            started=started,
            observe=None if watch is None else observe,
            checkpoint=trial_checkpoint(estimator),
        )
        seconds = time.monotonic() - started - sum(record.observer_seconds for record in records)
        size = sum(weight.numel() for model in fitted.members for weight in model.parameters())
        scores = self._scores(estimator, fitted, metrics, most=None)
        return Outcome(scores, seconds, size, sum(record.steps for record in records), fitted)

    @torch.inference_mode()
    def _scores(
        self,
        estimator: Any,  # noqa: ANN401
        fitted: FittedLabels,
        metrics: Sequence[str],
        *,
        most: int | None,
    ) -> dict[str, float]:
        sources, labels = (column[:most] for column in self.held_out)
        scores = self.reading.score(estimator, fitted, sources, labels)
        return {name: scores[name] for name in metrics}

    def _read(self, estimator: Any) -> tuple[Labelled, Reader, Classes]:  # noqa: ANN401
        given = [getattr(estimator, name, None) for name in _READING]
        # what is held out of a trial's training is not read
        key = value_as_text([*given, estimator.training.validation_size])
        if key not in self._prepared:
            self._prepared[key] = self.reading.read(estimator, *self.training)
        return self._prepared[key]

    def _resolved(self, estimator: Any) -> ResolvedLabelSettings:  # noqa: ANN401
        return self.reading.resolve(estimator, self._read(estimator)[0])
