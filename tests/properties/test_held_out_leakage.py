"""What is held out reaches nothing that training makes: no weight, no statistic, no choice.

With a single validation there is nothing to choose between, so that values held out could only matter by a leak.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.every_estimator import CASES, HORIZON, arrays_of, history
from tsseq2seq import (
    Binned,
    Network,
    Normal,
    Quantiles,
    Seq2SeqAutoencoder,
    Seq2SeqClassifier,
    Seq2SeqForecaster,
    Seq2SeqLanguageModel,
    Seq2SeqSynthesizer,
    Seq2SeqTagger,
    Seq2SeqTranscriber,
    Seq2SeqTranslator,
    Training,
)
from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.labelling.labelled import labelled_rows_to_train_on

HELD_OUT = 8
TRAINING = Training(
    max_steps=4, validation_size=HELD_OUT, validation_every=4, progress=False, precision="float32"
)
NETWORK = Network(hidden_size=5)


def poisoned(df: pd.DataFrame, count: int) -> pd.DataFrame:
    """Change the last rows of each series: larger, of another spread, and none below the others."""
    late = df.groupby("unique_id").cumcount(ascending=False) < count
    changed = df.copy()
    changed.loc[late, "y"] = 1e4 + 50 * changed.loc[late, "y"]
    for name, value in {"heat": -300.0, "sky": "green"}.items():
        if name in df:
            changed.loc[late, name] = value
    return changed


def with_covariates(df: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    return df.assign(heat=rng.normal(size=len(df)), sky=rng.choice(["blue", "grey"], len(df)))


#: What is taken from data, and the settings under which it is.
SERIES: dict[str, dict[str, Any]] = {
    "scale of a window": {"scaling": "window"},
    "scale of the history": {"scaling": "series"},
    "quartiles": {"scaling": "robust"},
    "logarithms": {"scaling": "log1p"},
    "choice of the scaling": {"scaling": None, "output": Quantiles()},
    "no scale": {"scaling": "none"},
    "season and residual": {"season_length": None, "context_length": None},
    "lags": {"lags": None, "context_length": None},
    "sizes of network and batch": {"network": Network(), "network_share": 1.0, "context_length": None},
    "edges of bins": {"output": Binned(bins=7)},
    "coupled noise": {"output": Normal(), "segment_length": 3},
    "calendar that stands still": {"calendar": "auto"},
    "coders of covariates": {"past_covariates": ["heat", "sky"]},
    "members": {"training": dataclasses.replace(TRAINING, members=2)},
    "average of weights": {"training": dataclasses.replace(TRAINING, ema=0.9)},
}


def series_model(options: dict[str, Any]) -> Seq2SeqForecaster:
    given = {"context_length": 8, "network": NETWORK, "training": TRAINING} | options
    return Seq2SeqForecaster(HORIZON, **given)


def learned_of(model: Any) -> dict[str, torch.Tensor]:
    """Return all tensors that a model has learned, but for the series themselves."""
    given = ("panel.values", "panel.past.numbers", "panel.past.codes")
    return {name: value for name, value in model.learned()[1].items() if not name.endswith(given)}


def assert_same_learned(one: Any, other: Any) -> None:
    first, second = learned_of(one), learned_of(other)
    assert first.keys() == second.keys()
    apart = [name for name in first if not torch.equal(first[name], second[name])]
    assert apart == []


@pytest.mark.filterwarnings("ignore:covariates have values that training did not see")
@pytest.mark.parametrize("name", SERIES)
def test_nothing_of_a_forecaster_is_taken_from_held_out_steps(name: str) -> None:
    df = with_covariates(history())
    one, other = (series_model(SERIES[name]).fit(frame) for frame in (df, poisoned(df, HELD_OUT)))
    assert_same_learned(one, other)
    assert one.fitted_.resolved == other.fitted_.resolved
    assert one.fitted_.coders == other.fitted_.coders
    assert one.history_["loss"].equals(other.history_["loss"])
    assert not one.history_["validation_error"].equals(other.history_["validation_error"])


@pytest.mark.parametrize("scaling", ["window", "series", "none"])
def test_nothing_of_an_autoencoder_is_taken_from_held_out_steps(scaling: str) -> None:
    """Nor from those held back for the threshold, of which the last are some."""
    df = history(steps=60)
    models = []
    for frame in (df, poisoned(df, HELD_OUT)):
        model = Seq2SeqAutoencoder(
            window_length=8, scaling=scaling, false_alarms=0.1, network=NETWORK, training=TRAINING
        )
        models.append(model.fit(frame))
    one, other = models
    first, second = (learned_of(model) for model in models)
    # the threshold is taken from windows that reach into the steps after them
    names = [name for name in first if not name.startswith("calibration.")]
    assert [name for name in names if not torch.equal(first[name], second[name])] == []
    assert one.history_["loss"].equals(other.history_["loss"])


WORDS = ["abca", "ca", "bbac", "a", "cabcab", "cc", "bab"]
PAIRS = dataclasses.replace(TRAINING, validation_size=2)
ROWS = evenly_spaced_tensor(len(WORDS), 2).tolist()


def changed(texts: list[str]) -> list[str]:
    """Change the texts held out: other letters, and longer."""
    return [text * 3 + "xyz" if row in ROWS else text for row, text in enumerate(texts)]


def louder(arrays: list[np.ndarray]) -> list[np.ndarray]:
    return [array * 1000 - 7 if row in ROWS else array for row, array in enumerate(arrays)]


REVERSED = [word[::-1] for word in WORDS]
SEQUENCES: dict[str, tuple[Callable[[], Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "vocabularies of a translator": (
        lambda: Seq2SeqTranslator(network=NETWORK, training=PAIRS),
        (WORDS, REVERSED),
        (changed(WORDS), changed(REVERSED)),
    ),
    "merges of byte pairs": (
        lambda: Seq2SeqTranslator(tokenizer="bpe", max_vocabulary=12, network=NETWORK, training=PAIRS),
        (WORDS, REVERSED),
        (changed(WORDS), changed(REVERSED)),
    ),
    "vocabulary and scale of a transcriber": (
        lambda: Seq2SeqTranscriber(network=NETWORK, training=PAIRS),
        (arrays_of(WORDS), WORDS),
        (louder(arrays_of(WORDS)), changed(WORDS)),
    ),
    "vocabulary and scale of a synthesizer": (
        lambda: Seq2SeqSynthesizer(network=NETWORK, training=PAIRS),
        (WORDS, arrays_of(WORDS)),
        (changed(WORDS), louder(arrays_of(WORDS))),
    ),
}


LABELS = [0, 1, 0, 1, 1, 0, 1, 0]
LABELLED = ["abca", "ca", "bbac", "ac", "cabcab", "ccbb", "bab", "acc"]
#: Of each class the first is trained on; the rows that are held out follow from the labels alone.
UNSEEN = sorted(
    set(range(len(LABELLED)))
    - set(labelled_rows_to_train_on(TokenSequences.of([[label] for label in LABELS]), PAIRS).tolist())
)
TAGS = [["x" if letter == "a" else "y" for letter in text] for text in LABELLED]
UNSEEN_TAGGED = sorted(
    set(range(len(LABELLED)))
    - set(
        labelled_rows_to_train_on(
            TokenSequences.of([[int(tag == "y") for tag in row] for row in TAGS]), PAIRS
        ).tolist()
    )
)


def other_letters(texts: list[str], rows: list[int]) -> list[str]:
    """Change the texts of some rows: other letters, as many."""
    return ["x" * (len(text) - 1) + "y" if row in rows else text for row, text in enumerate(texts)]


def far_arrays(rows: list[int]) -> list[np.ndarray]:
    arrays = arrays_of(LABELLED)
    return [array * 1000 - 7 if row in rows else array for row, array in enumerate(arrays)]


LABEL_NETWORK = Network(hidden_size=5, bidirectional=True)
SEQUENCES |= {
    "vocabulary of a language model": (
        lambda: Seq2SeqLanguageModel(network=NETWORK, training=PAIRS),
        (WORDS,),
        (changed(WORDS),),
    ),
    "merges of a language model": (
        lambda: Seq2SeqLanguageModel("bpe", max_vocabulary=12, network=NETWORK, training=PAIRS),
        (WORDS,),
        (changed(WORDS),),
    ),
    "width of a language model": (
        lambda: Seq2SeqLanguageModel(network=Network(), training=PAIRS),
        (WORDS,),
        ([text * 400 if row in ROWS else text for row, text in enumerate(WORDS)],),
    ),
    "vocabulary of a classifier": (
        lambda: Seq2SeqClassifier(tokenizer="char", network=LABEL_NETWORK, training=PAIRS),
        (LABELLED, LABELS),
        (other_letters(LABELLED, UNSEEN), LABELS),
    ),
    "merges of a classifier": (
        lambda: Seq2SeqClassifier(tokenizer="bpe", max_vocabulary=12, network=LABEL_NETWORK, training=PAIRS),
        (LABELLED, LABELS),
        (other_letters(LABELLED, UNSEEN), LABELS),
    ),
    "listed tokens of a classifier": (
        lambda: Seq2SeqClassifier(network=LABEL_NETWORK, training=PAIRS),
        ([list(text) for text in LABELLED], LABELS),
        ([list(text) for text in other_letters(LABELLED, UNSEEN)], LABELS),
    ),
    "scale of a classifier of arrays": (
        lambda: Seq2SeqClassifier(network=LABEL_NETWORK, training=PAIRS),
        (arrays_of(LABELLED), LABELS),
        (far_arrays(UNSEEN), LABELS),
    ),
    "vocabulary of a tagger": (
        lambda: Seq2SeqTagger(network=LABEL_NETWORK, training=PAIRS),
        ([list(text) for text in LABELLED], TAGS),
        ([list(text) for text in other_letters(LABELLED, UNSEEN_TAGGED)], TAGS),
    ),
    "positions of a tagger": (
        lambda: Seq2SeqTagger(
            network=Network(hidden_size=4, encoder="attention", positions="learned"), training=PAIRS
        ),
        ([list(text) for text in LABELLED], TAGS),
        ([list(text) for text in other_letters(LABELLED, UNSEEN_TAGGED)], TAGS),
    ),
}


@pytest.mark.filterwarnings("ignore:targets.0. has 15 tokens")
@pytest.mark.parametrize("name", SEQUENCES)
def test_nothing_is_taken_from_held_out_pairs(name: str) -> None:
    make, data, others = SEQUENCES[name]
    one, other = make().fit(*data), make().fit(*others)
    assert_same_learned(one, other)
    assert one.fitted_.resolved == other.fitted_.resolved
    assert one.history_["loss"].equals(other.history_["loss"])
    assert not one.history_["validation_error"].equals(other.history_["validation_error"])


# --- after a cutoff ---


@functools.cache
def forecaster(name: str) -> Seq2SeqForecaster:
    """Return a forecaster whose intervals come from one of the ways that there are."""
    df = history(["a", "b"], 48)
    made: dict[str, Callable[[], Seq2SeqForecaster]] = {
        "intervals of smoothing": lambda: Seq2SeqForecaster(
            HORIZON, context_length=8, network=NETWORK, training=TRAINING, network_share=0.5
        ),
        "sample paths": lambda: series_model({"output": Normal(), "network_share": 1.0}),
        "sample paths beside smoothing": lambda: series_model({"output": Normal(), "network_share": 0.5}),
        "conformal": lambda: series_model({"network_share": 1.0}),
        "conformal of a distribution": lambda: series_model({"output": Normal(), "network_share": 1.0}),
        "conformal beside smoothing": lambda: series_model({"network_share": 0.5}),
    }
    model = made[name]().fit(df)
    if name.startswith("conformal"):
        others = history(["p", "q", "r", "s", "t"], 60)
        model.calibrate(others)
    return model


INTERVALS = [
    "intervals of smoothing",
    "sample paths",
    "sample paths beside smoothing",
    "conformal",
    "conformal of a distribution",
    "conformal beside smoothing",
]


@pytest.mark.parametrize("name", INTERVALS)
@settings(max_examples=5, deadline=None)
@given(row=st.integers(24, 47), value=st.sampled_from([0.0, 3.0, 1e3]), noise=st.integers(0, 9))
def test_no_interval_moves_with_what_comes_after_its_cutoff(
    name: str, row: int, value: float, noise: int
) -> None:
    model, df = forecaster(name), history(["a", "b"], 48)
    late = df.groupby("unique_id").cumcount() >= row
    moved = df.copy()
    moved.loc[late, "y"] = value + np.random.default_rng(noise).poisson(5, int(late.sum()))
    before, after = (
        model.predict_cutoffs(frame, windows=6, step=3, levels=[50, 80]) for frame in (df, moved)
    )
    known = before["cutoff"] < df["ds"][row]
    columns = [column for column in before if str(column).startswith("Seq2Seq")]
    assert len(columns) == 5
    np.testing.assert_allclose(before.loc[known, columns], after.loc[known, columns], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["conformal", "conformal of a distribution"])
def test_a_calibration_reads_no_row_that_was_trained_on(name: str) -> None:
    """Of the training series only windows after the training data count."""
    df = history(["a", "b"], 80)
    seen = df.groupby("unique_id").cumcount() < 48
    found = []
    for trained_on in (df[seen], df[seen]):
        model = series_model({"output": Normal() if "distribution" in name else Quantiles()}).fit(trained_on)
        model.calibrate(df)
        found.append(model.conformal_)
    moved = df.copy()
    moved.loc[(df.groupby("unique_id").cumcount() < 30), "y"] += (
        1000  # long before the first cutoff's context
    )
    model.calibrate(moved)
    np.testing.assert_array_equal(found[0].scores, found[1].scores)
    # numbers of a panel are distances from a series' first value, which moves their last bits
    np.testing.assert_allclose(found[0].scores, model.conformal_.scores, rtol=1e-4, atol=1e-5)


def test_balanced_classes_are_counted_without_what_is_held_out() -> None:
    """The classes of what is held out decide which rows these are, and on no weight."""
    model = Seq2SeqClassifier(
        tokenizer="char", class_weight="balanced", network=LABEL_NETWORK, training=PAIRS
    )
    labels = [0, 1, 1, 1, 0, 1, 1, 1]
    labelled, _, _ = model._read(LABELLED, [[label] for label in labels])
    rows = labelled_rows_to_train_on(labelled.pairs.targets, PAIRS)
    assert len(rows) == len(labels) - 2
    trained = np.array(labels)[rows.numpy()]
    wanted = [len(trained) / (2 * (trained == label).sum()) for label in labels]
    np.testing.assert_allclose(labelled.weights, np.array(wanted) / np.mean(wanted), rtol=1e-6)


def test_every_case_is_of_an_estimator_that_is_tested_here_or_has_its_own_test() -> None:
    tested = " ".join(SEQUENCES) + " forecaster autoencoder"
    whole = {name.partition(" of ")[0].partition(" with ")[0] for name in CASES} - {"ensemble"}
    assert [name for name in whole if name not in tested] == []
