"""The classifier: what it learns, what it returns, and what it refuses."""

from __future__ import annotations

import enum
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tsseq2seq import Cleaning, Network, Seq2SeqClassifier, Training, load
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError, TsSeq2SeqWarning

SMALL = Network(hidden_size=8, bidirectional=True)
BRIEF = Training(max_steps=10, progress=False)

TEXTS = ["a good film", "good , really good", "a bad film", "bad bad plot", "good plot", "a bad day"]
MOODS = ["+", "+", "-", "-", "+", "-"]
TOKENS = [text.split() for text in TEXTS]


def arrays(seed: int = 0, count: int = 12) -> list[np.ndarray]:
    draw = np.random.default_rng(seed)
    return [draw.normal(row % 2, 1, (3 + row % 5, 2)) for row in range(count)]


KINDS: dict[str, tuple[Any, list[Any]]] = {
    "texts": (TEXTS, MOODS),
    "tokens": (TOKENS, MOODS),
    "arrays": (arrays(), [row % 2 for row in range(12)]),
    "table": (
        np.stack([np.sin(np.arange(9.0) * (1 + row % 2)) for row in range(10)]),
        [bool(row % 2) for row in range(10)],
    ),
}


def classifier(**settings: Any) -> Seq2SeqClassifier:
    return Seq2SeqClassifier(**({"network": SMALL, "training": BRIEF} | settings))


@pytest.fixture(scope="module", params=KINDS)
def case(request: pytest.FixtureRequest) -> tuple[Seq2SeqClassifier, Any, list[Any]]:
    X, y = KINDS[request.param]
    return classifier().fit(X, y), X, y


# --- what it returns ---


def test_probabilities_sum_to_one_and_the_likeliest_class_is_predicted(case) -> None:
    model, X, y = case
    shares = model.predict_proba(X)
    assert shares.shape == (len(y), len(set(y)))
    np.testing.assert_allclose(shares.sum(1), 1, rtol=0, atol=1e-12)
    assert (shares >= 0).all()
    assert model.predict(X).tolist() == model.classes_[shares.argmax(1)].tolist()
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), shares)


@pytest.mark.parametrize(
    "labels",
    [["b", "a"], [3, 1], [True, False], [2.0, -1.0], ["ä\0", "z"], np.array(["b", "a"]), np.array([3, 1], np.int8), pd.Series(["b", "a"], dtype="category"), pd.array([2, 1], dtype="Int64"), np.array([True, False])],
    ids=repr,
)  # fmt: skip
def test_classes_are_sorted_and_keep_their_type(labels, tmp_path: Path) -> None:
    y = list(labels) * 3
    model = classifier().fit(
        np.arange(24.0).reshape(6, 4), type(labels)(y) if isinstance(labels, list) else y
    )
    plain = [label.item() if isinstance(label, np.generic) else label for label in labels]
    assert model.classes_.tolist() == sorted(plain)
    assert [type(one) for one in model.classes_.tolist()] == [type(one) for one in plain]
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.classes_.dtype == model.classes_.dtype
    assert [type(one) for one in again.classes_.tolist()] == [type(one) for one in plain]
    assert again.predict(np.ones((2, 4))).tolist() == model.predict(np.ones((2, 4))).tolist()


def test_the_same_sequence_alone_among_others_and_in_another_order(case) -> None:
    model, X, _ = case
    together = model.predict_proba(X)
    order = np.random.default_rng(1).permutation(len(together))
    np.testing.assert_allclose(
        model.predict_proba([X[row] for row in order] if isinstance(X, list) else X[order]),
        together[order],
        atol=1e-6,
    )
    for row in range(len(together)):
        np.testing.assert_allclose(model.predict_proba(X[row : row + 1])[0], together[row], atol=1e-6)


def test_a_saved_model_says_the_same(case, tmp_path: Path) -> None:
    model, X, y = case
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.evaluate(X, y) == model.evaluate(X, y)
    assert again.get_params() == model.get_params()
    assert again.n_steps_ == 10
    pd.testing.assert_frame_equal(again.history_, model.history_)
    assert not list((tmp_path / "model").glob("*.pkl"))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), model.predict_proba(X))


def test_the_same_seed_gives_the_same_model(case) -> None:
    model, X, y = case
    again = clone(model).fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    other = clone(model).set_params(seed=1).fit(X, y)
    assert (other.predict_proba(X) != model.predict_proba(X)).any()


def test_what_is_known_after_the_fit(case) -> None:
    model, _, _ = case
    assert model.n_steps_ == 10
    assert model.stopped_ == "steps"
    assert {"step", "loss", "validation_error"} <= set(model.history_)
    assert np.isfinite(model.history_["loss"]).all()
    assert model.network_.hidden_size == 8
    assert repr(model).startswith("Seq2SeqClassifier(")


def test_evaluate_agrees_with_scikit_learn(case) -> None:
    model, X, y = case
    found = model.evaluate(X, y)
    shares, predicted = model.predict_proba(X), model.predict(X).tolist()
    assert found["accuracy"] == model.score(X, y) == accuracy_score(y, predicted)
    assert found["macro_f1"] == pytest.approx(f1_score(y, predicted, average="macro", zero_division=0))
    assert found["log_loss"] == pytest.approx(log_loss(y, shares, labels=model.classes_.tolist()))
    weights = np.arange(len(y))
    assert model.score(X, y, sample_weight=weights) == pytest.approx(
        accuracy_score(y, predicted, sample_weight=weights)
    )


def test_of_no_sequence_nothing(case) -> None:
    model, _, y = case
    assert model.predict([]).shape == (0,)
    assert model.predict_proba([]).shape == (0, len(set(y)))


# --- how it reads ---


def test_tables_lists_and_arrays_of_one_feature_are_the_same() -> None:
    table = np.random.default_rng(0).normal(size=(8, 5))
    y = [0, 1] * 4
    model = classifier().fit(table, y)
    expected = model.predict_proba(table)
    for given in (
        table.tolist(),
        list(table),
        list(table[:, :, None]),
        table[:, :, None],
        pd.DataFrame(table),
        pl.DataFrame(table),
        torch.from_numpy(table)[:, :, None],
        [pd.Series(row) for row in table],
    ):
        np.testing.assert_allclose(model.predict_proba(given), expected, atol=1e-6)
        np.testing.assert_array_equal(classifier().fit(given, y).predict_proba(table), expected)


def test_texts_and_their_words_are_the_same() -> None:
    texts, tokens = classifier().fit(TEXTS, MOODS), classifier().fit(TOKENS, MOODS)
    np.testing.assert_array_equal(texts.predict_proba(TEXTS), tokens.predict_proba(TOKENS))
    np.testing.assert_array_equal(
        classifier().fit(np.array(TEXTS), np.array(MOODS)).predict_proba(pd.Series(TEXTS)),
        texts.predict_proba(TEXTS),
    )


@pytest.mark.parametrize("X", [TEXTS, TOKENS], ids=["texts", "tokens"])
def test_cleaning_makes_small_letters_of_all_that_is_read(X) -> None:
    model = classifier(cleaning=Cleaning(lowercase=True)).fit(X, MOODS)
    loud = [text.upper() for text in X] if X is TEXTS else [[token.upper() for token in row] for row in X]
    np.testing.assert_array_equal(model.predict_proba(loud), model.predict_proba(X))


@pytest.mark.parametrize("tokenizer", ["char", "word", "bpe", (list, "".join)])
def test_every_tokenizer(tokenizer) -> None:
    model = classifier(tokenizer=tokenizer).fit(TEXTS, MOODS)
    assert model.predict_proba(["a good plot"]).shape == (1, 2)


@pytest.mark.parametrize("context", ["last", "mean"])
@pytest.mark.parametrize("size", [None, 3])
def test_the_context_vector_pools(context: str, size: int | None) -> None:
    network = Network(hidden_size=4, context=context, context_size=size)
    model = classifier(network=network).fit(arrays(), [0, 1] * 6)
    assert model.fitted_.members[0].network.context.output_size == (size or 4)
    assert model.predict_proba(arrays(1)).shape == (12, 2)


def test_members_are_averaged() -> None:
    X, y = KINDS["arrays"]
    model = classifier(training=Training(max_steps=5, members=3, progress=False)).fit(X, y)
    alone = []
    for member in model.fitted_.members:
        one = clone(model)
        one._adopt(
            type(model.fitted_)(
                (member,),
                *[getattr(model.fitted_, f) for f in ("reader", "classes", "resolved", "knows_unknown")],
            )
        )
        one.history_ = model.history_
        alone.append(one.predict_proba(X))
    assert len(alone) == 3
    assert (alone[0] != alone[1]).any()
    np.testing.assert_allclose(model.predict_proba(X), np.mean(alone, axis=0))


def test_an_unseen_word_is_the_unknown_one() -> None:
    model = classifier().fit(TEXTS, MOODS)
    one, other = model.predict_proba(["a good zebra"]), model.predict_proba(["a good quagga"])
    np.testing.assert_array_equal(one, other)
    with pytest.warns(DataWarning, match=r"1 of 2 .*X\[1\]"):
        model.predict(["a good film", "zebra quagga"])


def test_a_rare_word_teaches_the_unknown_one() -> None:
    """Words that occur once are read as unknown now and then; without such it is never learnt, which is said."""
    model = classifier().fit(TEXTS, MOODS)
    assert model.fitted_.knows_unknown
    frequent = classifier().fit([*TEXTS, *TEXTS], MOODS * 2)
    assert not frequent.fitted_.knows_unknown
    with pytest.warns(DataWarning, match=r"learnt nothing of such"):
        frequent.predict(["a very good film"])
    assert classifier(min_count=2).fit(TEXTS, MOODS).fitted_.knows_unknown


# --- what it learns ---


@pytest.mark.parametrize("class_weight", [None, "balanced", {"rare": 50.0}, {"often": 0.02, "rare": 1}])
def test_class_weights_move_the_border(class_weight) -> None:
    """What cannot be told apart has the shares of the classes, as they are weighted."""
    X, y = np.ones((40, 3)), ["rare"] * 4 + ["often"] * 36
    training = Training(max_steps=150, learning_rate=0.02, batch_size=40, progress=False)
    model = classifier(class_weight=class_weight, network=Network(hidden_size=4), training=training).fit(X, y)
    share = model.predict_proba(X[:1])[0, model.classes_.tolist().index("rare")]
    weight = {"rare": 1.0, "often": 1.0} | (
        {} if class_weight is None else {"rare": 9.0} if class_weight == "balanced" else class_weight
    )
    expected = 4 * weight["rare"] / (4 * weight["rare"] + 36 * weight["often"])
    assert share == pytest.approx(expected, abs=0.03)


def test_sample_weights_count() -> None:
    X, y = np.ones((20, 3)), [0, 1] * 10
    training = Training(max_steps=150, learning_rate=0.02, batch_size=20, progress=False)
    model = classifier(network=Network(hidden_size=4), training=training).fit(X, y, sample_weight=[1, 3] * 10)
    assert model.predict_proba(X[:1])[0, 1] == pytest.approx(0.75, abs=0.03)


def test_handwritten_digits_row_by_row() -> None:
    """Pictures of 8 rows of 8 pixels, read row by row as sequences of 8 features."""
    pictures, digits = load_digits(return_X_y=True)
    pictures = pictures.reshape(-1, 8, 8)
    known, new, known_digits, new_digits = train_test_split(pictures, digits, random_state=0, stratify=digits)
    training = Training(max_steps=400, learning_rate=5e-3, progress=False)
    model = Seq2SeqClassifier(network=Network(hidden_size=32, bidirectional=True), training=training, seed=0)
    found = model.fit(known, known_digits).evaluate(new, new_digits)
    assert found["accuracy"] >= 0.95
    assert found["log_loss"] <= 0.2


def test_the_best_weights_of_a_validation_are_kept() -> None:
    """A class with a single example is trained on, never held out."""
    X, y = arrays(count=13), [0, 1] * 6 + [2]
    training = Training(max_steps=20, validation_size=4, validation_every=5, progress=False)
    with pytest.warns(DataWarning, match=r"1 of 3 .*y\[12\] = 2"):
        model = classifier(training=training).fit(X, y)
    assert model.history_["validation_error"].notna().sum() == 4
    assert model.classes_.tolist() == [0, 1, 2]


def test_scikit_learn_tools_take_it() -> None:
    X, y = KINDS["table"][0], [row % 2 for row in range(10)]
    assert len(cross_val_score(classifier(), X, y, cv=2)) == 2
    search = GridSearchCV(classifier(), {"network__hidden_size": [4, 6]}, cv=2).fit(X, y)
    assert search.best_estimator_.network_.hidden_size in (4, 6)
    pipeline = make_pipeline(StandardScaler(), classifier()).fit(X, y)
    assert pipeline.predict(X).shape == (10,)
    assert len(cross_val_score(classifier(), TEXTS * 2, MOODS * 2, cv=2)) == 2


# --- what it refuses ---


def refusal(
    error: type[Exception], match: str, X: Any, y: Any, sample_weight: Any = None, **settings: Any
) -> None:
    model = classifier(**settings)
    with pytest.raises(error, match=match):
        model.fit(X, y, sample_weight)
    assert not hasattr(model, "fitted_")


class Colour(enum.IntEnum):
    RED = 1
    BLUE = 2


TWO = [np.ones(3), np.zeros(3)]
REFUSED_DATA: dict[str, tuple[type[Exception], str, Any, Any]] = {
    "one text": (ParameterTypeError, "X is one str", "a text", ["a"]),
    "a mapping": (ParameterTypeError, "X is a dict", {"a": 1}, ["a"]),
    "a number": (ParameterTypeError, "X is a float", 3.5, ["a"]),
    "sparse": (ParameterTypeError, "sparse", csr_array(np.eye(2)), [0, 1]),
    "nothing": (DataError, "X is empty", [], []),
    "one array": (DataError, r"shape \(3,\)", np.ones(3), [0, 1, 2]),
    "an empty text": (DataError, r"X\[1\] is empty", ["a", " "], [0, 1]),
    "no tokens": (DataError, r"X\[1\] is empty", [["a"], []], [0, 1]),
    "no steps": (DataError, r"X\[1\] has no steps", [np.ones((2, 3)), np.ones((0, 3))], [0, 1]),
    "a missing text": (DataError, r"X\[1\] is None", ["a", None], [0, 1]),
    "a number among texts": (DataError, r"X\[1\] is 3", ["a", 3], [0, 1]),
    "a number among tokens": (DataError, r"X\[1\]\[0\] is 3, a int", [["a"], [3]], [0, 1]),
    "a text among tokens": (DataError, r"X\[0\] is \['a'\]", [["a"], "b"], [0, 1]),
    "an array among tokens": (DataError, r"X\[1\]\[0\] is 1.0", [["a"], np.ones(2)], [0, 1]),
    "NaN": (DataError, r"X\[1\] holds nan at step 2, feature 0", [np.ones((4, 2)), np.array([[1, 1], [1, 1], [np.nan, 1]])], [0, 1]),
    "NaN in a table": (DataError, r"X\[1\] holds nan at step 0", np.array([[1.0, 2.0], [np.nan, 1.0]]), [0, 1]),
    "infinity": (DataError, r"X\[0\] holds inf", [np.array([np.inf]), np.ones(2)], [0, 1]),
    "another width": (DataError, r"X\[1\] has shape \(3, 4\)", [np.ones((2, 3)), np.ones((3, 4))], [0, 1]),
    "three dimensions": (DataError, r"shape \(2, 3, 4\)", [np.ones((2, 3, 4))] * 2, [0, 1]),
    "texts among numbers": (ParameterTypeError, r"X\[0\] holds a dict at step 1", np.array([[1, {}], [1, 2]], dtype=object), [0, 1]),
    "texts of numbers": (ParameterTypeError, r"X\[1\] holds a str at step 1", np.array([[1, 2], [1, "2"]], dtype=object), [0, 1]),
    "enumerations": (DataError, r"y\[0\] is <Colour.RED: 1>, a Colour", TWO, [Colour.RED, Colour.BLUE]),
    "fewer labels": (DataError, "2 sequences .* 1 labels", TWO, [0]),
    "no labels": (DataError, "y is None", TWO, None),
    "labels that are one text": (ParameterTypeError, "y is a str", TWO, "ab"),
    "a set of labels": (ParameterTypeError, "y is a set", TWO, {1, 2}),
    "one class": (DataError, "one class, 'a'", TWO, ["a", "a"]),
    "a missing label": (DataError, r"y\[1\] is missing", TWO, ["a", None]),
    "a label that is NaN": (DataError, r"y\[1\] is missing", TWO, [1.0, float("nan")]),
    "a label that is NA": (DataError, r"y\[1\] is missing", TWO, pd.array([1, None], dtype="Int64")),
    "unhashable labels": (DataError, r"y\[0\] is \['a'\], a list", TWO, [["a"], ["b"]]),
    "arrays as labels": (DataError, r"y\[0\] is array", TWO, [np.ones(2), np.ones(2)]),
    "dates as labels": (DataError, r"y\[0\] is .*Timestamp", TWO, list(pd.date_range("2020", periods=2))),
    "texts and numbers": (DataError, r"y\[1\] is 1, a int, and y\[0\] is 'a', a str", TWO, ["a", 1]),
    "True and 1": (DataError, r"y\[1\] is 2, a int, and y\[0\] is True, a bool", TWO, [True, 2]),
    "quantities": (DataError, r"y\[0\] is 0.5. Unknown label type: continuous", TWO, [0.5, 1.0]),
    "several columns": (DataError, "several columns", TWO, np.ones((2, 2))),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_DATA)
@pytest.mark.usefixtures("unchecked_types")
def test_data_that_are_refused(name: str) -> None:
    refusal(*REFUSED_DATA[name])


REFUSED_SETTINGS: dict[str, tuple[type[Exception], str, dict[str, Any]]] = {
    "a decoder's attention": (ParameterError, "attention='dot'", {"network": Network(attention="dot")}),
    "a decoder's width": (ParameterError, "decoder_hidden_size=3", {"network": Network(decoder_hidden_size=3)}),
    "parallel decoding": (ParameterError, "decoding='parallel'", {"network": Network(decoding="parallel")}),
    "a residual": (ParameterError, "residual='value'", {"network": Network(residual="value")}),
    "no embedding": (ParameterError, "embedding_size=0", {"network": Network(embedding_size=0)}),
    "teacher forcing": (ParameterError, "teacher_forcing=0.5", {"training": Training(teacher_forcing=0.5)}),
    "no network": (ParameterTypeError, "network is 3; it must be a Network", {"network": 3}),
    "no training": (ParameterTypeError, "training is None", {"training": None}),
    "no cleaning": (ParameterTypeError, "cleaning is True", {"cleaning": True}),
    "a seed": (ParameterError, "seed is -1", {"seed": -1}),
    "a tokenizer": (ParameterError, "tokenizer is 'words'", {"tokenizer": "words"}),
    "min_count": (ParameterError, "min_count is 0", {"min_count": 0}),
    "all words rare": (DataError, "min_count=9", {"min_count": 9}),
    "class weights": (ParameterError, "class_weight is 'equal'", {"class_weight": "equal"}),
    "a class weight": (ParameterTypeError, r"class_weight\['\+'\] is 'much'", {"class_weight": {"+": "much"}}),
    "a negative class weight": (ParameterError, r"class_weight\['\+'\] is -1", {"class_weight": {"+": -1}}),
    "weight of no class": (ParameterError, "class_weight has 'x', which is no class", {"class_weight": {"x": 2}}),
    "all weights zero": (DataError, "zero", {"class_weight": {"+": 0, "-": 0}}),
    "all held out": (ParameterError, "validation_size is 5, .* at most 4", {"training": Training(validation_size=5)}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_SETTINGS)
@pytest.mark.usefixtures("unchecked_types")
def test_settings_that_are_refused(name: str) -> None:
    error, match, settings = REFUSED_SETTINGS[name]
    refusal(error, match, TEXTS, MOODS, **settings)


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ([1.0, -1.0, 1.0, 1.0], r"sample_weight\[1\] is -1"),
        ([1.0, np.nan, 1.0, 1.0], r"sample_weight\[1\] is nan"),
        ([1.0], r"shape \(1,\)"),
        ([0.0] * 4, "sample_weight is zero for every sequence"),
        (["a", "b", "c", "d"], "sample_weight is a list"),
    ],
)
def test_sample_weights_that_are_refused(weights, match: str) -> None:
    refusal(DataError, match, TWO * 2, [0, 1] * 2, weights)


def test_a_crf_does_not_exist_here() -> None:
    with pytest.raises(ParameterTypeError, match="crf"):
        Seq2SeqClassifier(crf=True)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_before_the_fit(method: str) -> None:
    with pytest.raises(NotFittedError):
        getattr(classifier(), method)(TEXTS)
    for name in ("score", "evaluate"):
        with pytest.raises(NotFittedError):
            getattr(classifier(), name)(TEXTS, MOODS)
    with pytest.raises(NotFittedError):
        classifier().save("nowhere")


def test_what_is_read_later_must_be_like_what_was_learnt() -> None:
    text, array = classifier().fit(TEXTS, MOODS), classifier().fit(*KINDS["arrays"])
    with pytest.raises(DataError, match="X holds arrays, but the model was fitted on texts"):
        text.predict([np.ones(3)])
    with pytest.raises(DataError, match="X holds lists of tokens, but the model was fitted on texts"):
        text.predict(TOKENS)
    with pytest.raises(DataError, match="X holds texts, but the model was fitted on arrays"):
        array.predict(TEXTS)
    with pytest.raises(DataError, match=r"X\[0\] has shape \(4, 3\)"):
        array.predict([np.ones((4, 3))])
    with pytest.raises(DataError, match=r"X\[1\] is empty"):
        text.predict(["a", ""])
    with pytest.raises(DataError, match=r"X\[0\] holds nan"):
        array.predict([np.full((2, 2), np.nan)])


@pytest.mark.parametrize("method", ["score", "evaluate"])
def test_labels_never_seen(method: str) -> None:
    model = classifier().fit(TEXTS, MOODS)
    with pytest.raises(
        DataError, match=r"y\[1\] is '0', which the fit has not seen; the classes are '\+', '-'"
    ):
        getattr(model, method)(TEXTS[:2], ["+", "0"])
    with pytest.raises(DataError, match=r"2 sequences .* 1 labels"):
        getattr(model, method)(TEXTS[:2], ["+"])
    with pytest.raises(DataError, match="y is empty"):
        getattr(model, method)([], [])


def test_a_failed_fit_leaves_the_model_as_it_was() -> None:
    model = classifier().fit(TEXTS, MOODS)
    before = model.predict_proba(TEXTS)
    with pytest.raises(DataError):
        model.fit(TEXTS, ["+"] * 6)
    np.testing.assert_array_equal(model.predict_proba(TEXTS), before)


def test_a_tokenizer_of_functions_cannot_be_saved(tmp_path: Path) -> None:
    model = classifier(tokenizer=(str.split, " ".join)).fit(TEXTS, MOODS)
    with pytest.raises(ParameterError, match="pair of functions"):
        model.save(tmp_path / "model")


def test_class_weights_are_saved_with_their_labels(tmp_path: Path) -> None:
    model = classifier(class_weight={0: 2.0, 1: 1.0}).fit(*KINDS["arrays"])
    model.save(tmp_path / "model")
    assert load(tmp_path / "model").class_weight == {0: 2.0, 1: 1.0}


def test_what_is_left_out_may_be_said() -> None:
    """Settings of a decoder that say it has none are no contradiction."""
    network = Network(hidden_size=4, residual=None, attention=None)
    assert classifier(network=network).fit(TEXTS, MOODS).predict(TEXTS).shape == (6,)


def test_nothing_is_warned_of_without_cause() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", TsSeq2SeqWarning)
        classifier().fit(*KINDS["table"]).predict(KINDS["table"][0])
