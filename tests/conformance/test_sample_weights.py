"""Sample weights mean the same in all estimators that have one for each pair, text or sequence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from tsseq2seq import (
    Network,
    Seq2SeqClassifier,
    Seq2SeqLanguageModel,
    Seq2SeqSynthesizer,
    Seq2SeqTagger,
    Seq2SeqTranscriber,
    Seq2SeqTranslator,
    Tokens,
    Training,
)
from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.nn.losses import MonotonicAlignment, TransitionLoss
from tsseq2seq.translation.minimum_risk import MinimumRisk

# what is read is the same in both halves, so that vocabularies and standardisation do not depend on how often a
# half occurs; what is said of it differs
TEXTS = ["ab", "bba", "aab", "b", "abab"] * 2
OTHERS = ["xy", "yyx", "x", "yx", "xyxy", "yyyx", "x", "xxyx", "yy", "y"]
ARRAYS = [np.random.default_rng(row % 5).normal(size=(3 + row % 5 % 3, 2)) for row in range(10)]
CLASSES = ["u", "v", "u", "v", "v", "v", "v", "u", "v", "u"]
TAGS = [["p" if (row + step) % 3 else "q" for step in range(len(text))] for row, text in enumerate(TEXTS)]
TOKENS = [list(text) for text in TEXTS]
WEIGHTS = [3.0] * 5 + [1.0] * 5


@dataclass(frozen=True)
class Case:
    """An estimator, and data to fit it on: columns of the same length."""

    estimator: Callable[..., Any]
    columns: tuple[list[Any], ...]
    settings: dict[str, Any]
    each: str = "pair"
    # says other things of the same sources in the same vocabulary
    changed: Callable[[Any], Any] | None = None
    # a synthesizer begins with the mean frame, whatever it reads
    steps: int = 1


def swapped(text: str) -> str:
    return text.translate(str.maketrans("xy", "yx"))


ATTENTIVE = {"network": Network(hidden_size=6, attention="dot")}
CASES: dict[str, Case] = {
    "translator": Case(Seq2SeqTranslator, (TEXTS, OTHERS), {}, changed=swapped),
    "class weights": Case(
        Seq2SeqTranslator, (TEXTS, OTHERS), {"output": Tokens(class_weights={"x": 3.0})}, changed=swapped
    ),
    "focal": Case(Seq2SeqTranslator, (TEXTS, OTHERS), {"output": Tokens(loss="focal")}, changed=swapped),
    "own loss": Case(
        Seq2SeqTranslator,
        (TEXTS, OTHERS),
        {"output": Tokens(loss=lambda logits, truth: -logits.softmax(-1).gather(1, truth[:, None])[:, 0])},
        changed=swapped,
    ),
    "transcriber": Case(Seq2SeqTranscriber, (ARRAYS, OTHERS), ATTENTIVE, changed=swapped),
    "synthesizer": Case(
        Seq2SeqSynthesizer,
        (TEXTS, [*ARRAYS[:5], *(array[::-1] for array in ARRAYS[5:])]),
        ATTENTIVE | {"prenet_dropout": 0.0},
        changed=lambda array: array[::-1],
        steps=4,
    ),
    "language model": Case(
        Seq2SeqLanguageModel, (OTHERS,), {"piece_length": 3}, each="text", changed=swapped
    ),
    "classifier": Case(
        Seq2SeqClassifier, (TOKENS, CLASSES), {}, each="sequence", changed={"u": "v", "v": "u"}.get
    ),
    "tagger": Case(Seq2SeqTagger, (TOKENS, TAGS), {}, each="sequence", changed=lambda row: ["p"] * len(row)),
    "field": Case(
        Seq2SeqTagger, (TOKENS, TAGS), {"crf": True}, each="sequence", changed=lambda row: ["p"] * len(row)
    ),
}


def fitted(case: Case, columns: Any, weights: Any = None, **training: Any) -> Any:
    """Fit on all in one batch, without dropout."""
    settings = {"network": Network(hidden_size=6)} | case.settings
    steps = {"max_steps": case.steps, "batch_size": 200, "progress": False} | training
    model = case.estimator(**settings, training=Training(**steps))
    return model.fit(*columns, **({} if weights is None else {"sample_weight": weights}))


def first_loss(case: Case, columns: Any, weights: Any = None) -> float:
    return float(fitted(case, columns, weights).history_["loss"].iloc[-1])


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def test_equal_weights_are_none(case: Case) -> None:
    plain, equal = (
        fitted(case, case.columns, weights, max_steps=6, validation_size=2, batch_size=3)
        for weights in (None, [0.1] * 10)
    )
    pd.testing.assert_frame_equal(
        plain.history_.drop(columns="seconds"), equal.history_.drop(columns="seconds"), check_exact=True
    )


def test_a_weight_of_three_is_the_pair_three_times(case: Case) -> None:
    thrice = [[*column[:5] * 3, *column[5:]] for column in case.columns]
    loss = first_loss(case, case.columns, WEIGHTS)
    assert loss == pytest.approx(first_loss(case, thrice), rel=1e-5)
    assert loss != pytest.approx(first_loss(case, case.columns), rel=1e-4)


def test_what_weighs_nothing_is_not_learned(case: Case) -> None:
    weights = [1, 1, 1, 1, 1, 1, 0, 1, 1, 1]
    *sources, said = case.columns
    assert case.changed is not None
    other = [*said[:6], case.changed(said[6]), *said[7:]]
    loss = first_loss(case, case.columns, weights)
    assert loss == pytest.approx(first_loss(case, (*sources, other), weights), rel=1e-5)
    assert first_loss(case, case.columns) != pytest.approx(first_loss(case, (*sources, other)), rel=1e-4)


def test_the_validation_error_is_weighted(case: Case) -> None:
    """Without a step worth the name, the same networks are validated."""
    training = {"max_steps": 1, "validation_size": 4, "learning_rate": 1e-12}
    plain, weighted = (fitted(case, case.columns, weights, **training) for weights in (None, WEIGHTS))
    errors = [one.history_["validation_error"].iloc[-1] for one in (plain, weighted)]
    assert errors[0] != pytest.approx(errors[1], rel=1e-6)


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ([1.0] * 9 + [-1.0], r"sample_weight\[9\] is -1"),
        ([1.0, np.nan] + [1.0] * 8, r"sample_weight\[1\] is nan"),
        ([np.inf] + [1.0] * 9, r"sample_weight\[0\] is inf"),
        ([1.0, 2.0], r"shape \(2,\); it must be \(10,\)"),
        ([0.0] * 10, "sample_weight is zero for every"),
        (["heavy"] * 10, "sample_weight is a list"),
    ],
)
def test_what_is_no_weight_is_refused(case: Case, weights: list[Any], match: str) -> None:
    with pytest.raises(DataError, match=f"{match}.*") as caught:
        fitted(case, case.columns, weights)
    assert case.each in str(caught.value)


def test_a_part_without_weight_is_refused(case: Case) -> None:
    with pytest.raises(DataError, match=r"sample_weight is 0 for all \d+ \w+ (to train on|held out)"):
        fitted(case, case.columns, [1.0] + [0.0] * 9, validation_size=3)


def test_validation_by_hand() -> None:
    """Half of the sequences are held out; the error is that of their probabilities, weighted."""
    X, y = TOKENS, CLASSES
    weights = np.arange(1.0, 11.0)
    training = Training(max_steps=20, batch_size=4, validation_size=4, validation_every=20, progress=False)
    model = Seq2SeqClassifier(network=Network(hidden_size=6), training=training)
    model.fit(X, y, sample_weight=weights)
    row = model.history_.dropna(subset="validation_error").iloc[-1]
    probabilities = model.predict_proba(X)
    found = [
        held
        for held in combinations(range(10), 4)
        if log_loss(
            np.array(y)[list(held)],
            probabilities[list(held)],
            sample_weight=weights[list(held)],
            labels=model.classes_,
        )
        == pytest.approx(row["validation_error"], rel=1e-5)
    ]
    (held,) = found
    hits = model.classes_[probabilities.argmax(1)] == np.array(y)
    assert row["validation_accuracy"] == pytest.approx(
        np.average(hits[list(held)], weights=weights[list(held)])
    )


def test_losses_that_weigh_no_pairs_are_refused() -> None:
    own = Tokens(beside=[lambda decoded: decoded.hidden.mean()])
    with pytest.raises(ParameterError, match=r"beside .* does not weigh pairs.*sample_weight"):
        fitted(Case(Seq2SeqTranslator, (TEXTS, OTHERS), {"output": own}), (TEXTS, OTHERS), WEIGHTS)


@pytest.mark.parametrize(
    "settings",
    [
        {"output": Tokens(beside=[TransitionLoss(), MonotonicAlignment()])} | ATTENTIVE,
        {"minimum_risk": MinimumRisk(share=1.0, candidates=2)},
    ],
    ids=["beside", "risk"],
)
def test_other_losses_are_weighted_too(settings: dict[str, Any]) -> None:
    case = Case(Seq2SeqTranslator, (TEXTS, OTHERS), settings)
    assert first_loss(case, case.columns, WEIGHTS) != pytest.approx(first_loss(case, case.columns), rel=1e-4)
