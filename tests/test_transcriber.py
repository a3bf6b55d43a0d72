"""The transcriber: learns, searches, scores, evaluates, is stored; and refuses what it cannot use."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from tsseq2seq import (
    Cleaning,
    MinimumRisk,
    Network,
    Patches,
    Seq2SeqTranscriber,
    Seq2SeqTranslator,
    Training,
    load,
)
from tsseq2seq.data.text.vocabulary import EOS
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError

# most models here are trained for a few steps only, and write on and on
pytestmark = pytest.mark.filterwarnings(
    r"ignore:\d+ of \d+ transcriptions were cut:tsseq2seq.errors.DataWarning"
)

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
BANDS = np.eye(3)
NAMES = ("low", "middle", "high")


def sounds(count: int, lengths: tuple[int, ...], seed: int = 0) -> tuple[list[np.ndarray], list[str]]:
    """Three bands, of which one is loud for two to four steps, with a step of silence behind each."""
    rng = np.random.default_rng(seed)
    arrays, texts = [], []
    for _ in range(count):
        heard = rng.integers(3, size=rng.choice(lengths))
        parts = [
            np.vstack([np.tile(BANDS[band], (rng.integers(2, 5), 1)), np.zeros((1, 3))]) for band in heard
        ]
        whole = np.concatenate(parts)
        arrays.append(whole + 0.05 * rng.normal(size=whole.shape))
        texts.append(" ".join(NAMES[band] for band in heard))
    return arrays, texts


SOURCES, TARGETS = sounds(12, (1, 2, 3))


def training(steps: int = 3, **settings: Any) -> Training:
    return Training(**({"max_steps": steps, "progress": False, "precision": "float32"} | settings))


def transcriber(tokenizer: Any = "word", **settings: Any) -> Seq2SeqTranscriber:
    network = Network(
        encoder="convolutional", hidden_size=8, attention="location", initial_state="zeros", residual=None
    )
    return Seq2SeqTranscriber(tokenizer, **({"network": network, "training": training()} | settings))


def weights(model: Seq2SeqTranscriber) -> torch.Tensor:
    return torch.cat([w.detach().flatten() for member in model.fitted_.members for w in member.parameters()])


@pytest.fixture(scope="module")
def learnt() -> Seq2SeqTranscriber:
    """Sure of what it hears."""
    return transcriber(
        network=Network(encoder="convolutional", hidden_size=24, attention="location", initial_state="zeros"),
        training=training(400, learning_rate=0.01, batch_size=32),
    ).fit(*sounds(400, (2, 3, 4, 5), seed=1))


@pytest.fixture(scope="module")
def vague() -> Seq2SeqTranscriber:
    """Hardly trained, through patches of stride 2; characters, so that it has something to get wrong."""
    return transcriber("char", patches=Patches(channels=(2, 3))).fit(SOURCES, TARGETS)


class TestLearning:
    def test_sounds_it_never_heard_and_longer_ones(self, learnt):
        arrays, texts = sounds(40, (2, 3, 4, 5), seed=2)
        assert np.mean([one == text for one, text in zip(learnt.predict(arrays), texts, strict=True)]) >= 0.95
        arrays, texts = sounds(40, (8,), seed=3)
        assert np.mean([one == text for one, text in zip(learnt.predict(arrays), texts, strict=True)]) >= 0.9

    def test_a_caption_of_one_picture(self):
        digits = load_digits()
        chosen = np.isin(digits.target, (0, 1, 3))
        pictures = [image.T / 16 for image in digits.images[chosen]]
        captions = [f"a picture of the digit {WORDS[digit]}" for digit in digits.target[chosen]]
        model = transcriber(
            patches=Patches(channels=(8,)),
            network=Network(encoder="convolutional", hidden_size=24, attention="location"),
            training=training(150, learning_rate=0.01, batch_size=32),
        ).fit(pictures[:400], captions[:400])
        found = model.predict(pictures[400:], beam_size=1)
        assert np.mean([one == text for one, text in zip(found, captions[400:], strict=True)]) >= 0.9

    def test_lengths_from_one_to_thousands(self):
        rng = np.random.default_rng(0)
        arrays = [rng.normal(size=(length, 2)) for length in (1, 3000, 2, 40, 999)]
        model = transcriber().fit(arrays, ["a", "b c", "a", "c", "b b"])
        assert len(model.predict(arrays, beam_size=1)) == 5
        assert np.isfinite(model.score_pairs(arrays, ["a"] * 5)).all()

    def test_the_seed_decides_all(self):
        one, two, other = (transcriber(seed=seed).fit(SOURCES, TARGETS) for seed in (3, 3, 4))
        assert torch.equal(weights(one), weights(two))
        assert not torch.equal(weights(one), weights(other))

    def test_other_units_in_all_arrays_change_nothing(self):
        """Standardised, they are the same numbers but for rounding."""
        thousandths = [1000 * array + 7 for array in SOURCES]
        one, two = (transcriber().fit(arrays, TARGETS) for arrays in (SOURCES, thousandths))
        np.testing.assert_allclose(
            two.score_pairs(thousandths, TARGETS), one.score_pairs(SOURCES, TARGETS), rtol=1e-3
        )

    def test_costs_of_whole_texts_are_learned_too(self):
        one, two = (
            transcriber(minimum_risk=risk).fit(SOURCES, TARGETS) for risk in (None, MinimumRisk(share=1.0))
        )
        assert not torch.equal(weights(one), weights(two))
        assert torch.isfinite(weights(two)).all()

    @pytest.mark.parametrize(
        "encoder", ["recurrent", "convolutional", "attention", "convolutional+recurrent"]
    )
    @pytest.mark.parametrize("patches", [None, Patches(channels=(2,), stride=2)], ids=["linear", "patches"])
    def test_every_encoder_reads_features(self, encoder, patches):
        network = Network(encoder=encoder, hidden_size=8, attention="location")
        model = transcriber(network=network, patches=patches).fit(SOURCES, TARGETS)
        together = model.score_pairs(SOURCES, TARGETS)
        alone = [model.score_pairs([one], [text])[0] for one, text in zip(SOURCES, TARGETS, strict=True)]
        np.testing.assert_allclose(alone, together, rtol=1e-4)

    def test_more_steps_than_positions_that_were_learned(self):
        network = Network(encoder="attention", positions="learned", hidden_size=8, attention="location")
        model = transcriber(network=network).fit(SOURCES, TARGETS)
        longest = max(map(len, SOURCES))
        with pytest.raises(DataError, match=rf"sources\[0\] has {longest + 1} steps.*at most {longest}"):
            model.predict([np.zeros((longest + 1, 3))])

    def test_a_fit_that_is_refused_changes_nothing(self, learnt):
        before = learnt.fitted_
        with pytest.raises(DataError):
            learnt.fit([*SOURCES[:2], np.full((2, 3), np.nan)], TARGETS[:3])
        assert learnt.fitted_ is before


class TestSearch:
    @pytest.mark.parametrize("search", [{"beam_size": 1}, {"beam_size": 3, "n_best": 2}])
    def test_alone_in_a_batch_and_in_any_order(self, vague, search):
        together = vague.transcribe(SOURCES, **search)
        shuffled = vague.transcribe(SOURCES[::-1], **search)[::-1]
        for row, array in enumerate(SOURCES):
            (alone,) = vague.transcribe([array], **search)
            for other in (together[row], shuffled[row]):
                assert [one.tokens for one in other] == [one.tokens for one in alone]
                np.testing.assert_allclose(
                    [one.log_probability for one in other], [one.log_probability for one in alone], rtol=1e-4
                )

    def test_hypotheses_hold_text_tokens_and_weights_of_the_encoder_s_steps(self, vague):
        (found,) = vague.transcribe(SOURCES[:1], n_best=3)
        assert len(found) == 3
        for one in found:
            assert one.text == vague.fitted_.target.decode(list(one.tokens))
            assert one.alignment.shape == (len(one.tokens), -(-len(SOURCES[0]) // 2))

    def test_sampling_and_prefixes(self, vague):
        (drawn,) = vague.transcribe(SOURCES[:1], num_samples=4, temperature=1.5, seed=1, prefix="lo")
        assert len(drawn) == 4
        assert all(one.text.startswith("lo") for one in drawn)
        (again,) = vague.transcribe(SOURCES[:1], num_samples=4, temperature=1.5, seed=1, prefix="lo")
        assert [one.tokens for one in again] == [one.tokens for one in drawn]

    def test_the_maximum_grows_with_sources_longer_than_any_of_the_fit(self, learnt):
        resolved = learnt.fitted_.resolved
        longest = resolved.longest_source
        assert longest == max(len(array) for array in sounds(400, (2, 3, 4, 5), seed=1)[0])
        limits = resolved.max_lengths(torch.tensor([1, longest, 10 * longest, 100 * longest])).tolist()
        assert 5 < limits[0] <= limits[1] <= learnt.max_length_
        assert limits[2:] == [10 * limits[1], 100 * limits[1]]
        arrays, texts = sounds(1, (30,), seed=5)
        (found,) = learnt.transcribe(arrays, min_length=len(texts[0].split()))
        assert len(found[0].tokens) > len(texts[0].split()) > learnt.max_length_

    @pytest.mark.parametrize("options", [{"beam_width": 3}, {"beam_size": 2, "top_k": 3}, {"prefix": ""}])
    def test_messages_name_the_method(self, vague, options):
        with pytest.raises(ParameterError, match=r"^transcribe") as caught:
            vague.transcribe(SOURCES[:1], **options)
        assert "translat" not in str(caught.value)

    def test_none_of_none(self, vague):
        assert vague.predict([]) == vague.transcribe([]) == []

    def test_other_units_are_said(self, vague):
        with pytest.warns(DataWarning, match=r"sources\[0\].*transcriptions may be made up"):
            vague.predict([255 * SOURCES[0]])


class TestScores:
    def test_the_score_of_a_hypothesis_is_that_of_its_search(self, vague):
        found = [row[0] for row in vague.transcribe(SOURCES)]
        expected = [one.log_probability for one in found]
        np.testing.assert_allclose(vague.score_pairs(SOURCES, found), expected, rtol=1e-4)

    def test_texts_are_scored_with_their_end(self, vague):
        tokens = [[*vague.fitted_.target.encode(text), EOS] for text in TARGETS]
        np.testing.assert_allclose(
            vague.score_pairs(SOURCES, TARGETS), vague.score_pairs(SOURCES, tokens), rtol=1e-6
        )

    def test_evaluate_names_all_scores(self, learnt):
        pytest.importorskip("sacrebleu")
        scores = learnt.evaluate(SOURCES, TARGETS)
        names = ["token_accuracy", "perplexity", "exact_match", "cer", "chrf", "bleu"]
        assert list(scores) == [*names, "rouge1", "rouge2", "rougeL"]
        right = np.mean([one == text for one, text in zip(learnt.predict(SOURCES), TARGETS, strict=True)])
        assert scores["exact_match"] == right
        total = -learnt.score_pairs(SOURCES, TARGETS).sum()
        tokens = sum(len(text.split()) + 1 for text in TARGETS)
        assert scores["perplexity"] == pytest.approx(math.exp(total / tokens), rel=1e-4)
        assert learnt.score(SOURCES, TARGETS) == pytest.approx(-scores["cer"])

    def test_references_are_cleaned_as_was_asked(self, learnt):
        model = transcriber(cleaning=Cleaning(lowercase=True)).fit(
            SOURCES, [text.upper() for text in TARGETS]
        )
        small = model.evaluate(SOURCES, TARGETS, metrics=["cer"])
        assert model.evaluate(SOURCES, [text.upper() for text in TARGETS], metrics=["cer"]) == small


class TestAttention:
    def test_weights_are_of_the_steps_of_the_array(self, vague):
        frame = vague.attention(SOURCES[:2])
        for row, array in enumerate(SOURCES[:2]):
            part = frame[frame["sentence"] == row]
            assert part["place"].max() == len(array)
            assert set(part["source"]) == {str(place) for place in range(1, len(array) + 1)}
            np.testing.assert_allclose(part.groupby("step")["weight"].sum(), 1.0, rtol=1e-5)

    def test_it_goes_from_left_to_right(self, learnt):
        arrays, _ = sounds(10, (3,), seed=7)
        frame = learnt.attention(arrays)
        places = (
            frame.assign(mean=frame["weight"] * frame["place"]).groupby(["sentence", "step"])["mean"].sum()
        )
        rising = [places[row].iloc[:3].is_monotonic_increasing for row in range(10)]
        assert np.mean(rising) >= 0.8

    def test_without_any_it_is_refused(self):
        model = transcriber(network=Network(hidden_size=8)).fit(SOURCES, TARGETS)
        with pytest.raises(ParameterError, match="attention: the network has none"):
            model.attention(SOURCES[:1])


class TestStorage:
    @pytest.mark.parametrize("patches", [None, Patches(channels=(2, 3), stride=3)], ids=["linear", "patches"])
    def test_a_loaded_one_writes_the_same(self, patches, tmp_path):
        model = transcriber("char", patches=patches, training=training(members=2)).fit(SOURCES, TARGETS)
        model.save(tmp_path / "m")
        loaded = load(tmp_path / "m")
        assert isinstance(loaded, Seq2SeqTranscriber)
        assert loaded.get_params(deep=False) == model.get_params(deep=False)
        assert loaded.n_features_in_ == 3
        found, expected = (
            [(one.tokens, one.log_probability) for row in some.transcribe(SOURCES) for one in row]
            for some in (loaded, model)
        )
        assert found == expected
        np.testing.assert_array_equal(
            loaded.score_pairs(SOURCES, TARGETS), model.score_pairs(SOURCES, TARGETS)
        )
        pd.testing.assert_frame_equal(loaded.history_, model.history_)

    def test_a_translator_is_no_transcriber(self, tmp_path):
        Seq2SeqTranslator(network=Network(hidden_size=4), training=training(1)).fit(["a"], ["b"]).save(
            tmp_path / "m"
        )
        assert not isinstance(load(tmp_path / "m"), Seq2SeqTranscriber)


class TestParameters:
    def test_clone_repr_and_nested_names(self):
        model = transcriber(patches=Patches(stride=4))
        copied = clone(model).set_params(patches__stride=1, network__hidden_size=5)
        assert (copied.patches.stride, copied.network.hidden_size, model.patches.stride) == (1, 5, 4)
        assert "Patches(stride=4)" in repr(model)

    def test_tune_finds_settings(self):
        pytest.importorskip("optuna")
        from tsseq2seq import tune

        result = tune(
            transcriber(),
            SOURCES,
            TARGETS,
            space={"network__dropout": [0.1, 0.3]},
            trials=2,
            windows=3,
            progress=False,
        )
        assert len(result.trials) == 2
        assert np.isfinite(result.trials["perplexity"]).all()
        assert result.best_estimator.predict(SOURCES[:1], beam_size=1)
        assert set(result.best_params) <= {"network__dropout"}

    @pytest.mark.parametrize(
        ("settings", "error", "named"),
        [
            ({"patches": 3}, ParameterTypeError, "patches is 3"),
            ({"network": "lstm"}, ParameterTypeError, "network is 'lstm'"),
            ({"seed": -1}, ParameterError, "seed is -1"),
            ({"tokenizer": "letters"}, ParameterError, "letters"),
        ],
    )
    @pytest.mark.usefixtures("unchecked_types")
    def test_refused_before_any_training(self, settings, error, named):
        with pytest.raises(error, match=named):
            transcriber(**settings).fit(SOURCES, TARGETS)


def bad_sources() -> dict[str, tuple[Any, type[Exception], str]]:
    good = SOURCES[0]
    return {
        "three dimensions": ([good, np.ones((4, 5, 3))], DataError, r"sources\[1\].*\(4, 5, 3\).*float64"),
        "a batch of pictures in colour": (np.ones((2, 4, 5, 3)), DataError, r"sources\[0\].*\(4, 5, 3\)"),
        "unequal heights": ([good, np.ones((4, 5))], DataError, r"sources\[1\] has shape \(4, 5\).*have 3"),
        "nan": ([good, np.full((2, 3), np.nan)], DataError, r"sources\[1\] holds nan at step 0, feature 0"),
        "infinity": ([np.full((2, 3), np.inf)], DataError, r"sources\[0\] holds inf"),
        "empty": ([good, np.ones((0, 3))], DataError, r"sources\[1\] has no steps"),
        "text": ([good, "abc"], DataError, r"sources\[1\] is a str"),
        "objects": ([good, np.array([[None, 1, 2]])], DataError, r"sources\[1\].*object"),
        "one array": (good, ParameterTypeError, "sources is one array"),
        "a number": (3, ParameterTypeError, "sources is a int"),
    }


@pytest.mark.usefixtures("unchecked_types")
class TestRefusals:
    @pytest.mark.parametrize("kind", bad_sources())
    @pytest.mark.parametrize(
        "method", ["fit", "predict", "transcribe", "score_pairs", "evaluate", "attention"]
    )
    def test_sources_that_make_no_sense(self, vague, method, kind):
        sources, error, named = bad_sources()[kind]
        count = len(sources) if hasattr(sources, "__len__") else 1
        targets = [["low"] * count] if method in ("fit", "score_pairs", "evaluate") else []
        model = transcriber() if method == "fit" else vague
        with pytest.raises(error, match=named) as caught:
            getattr(model, method)(sources, *targets)
        assert len(str(caught.value)) < 300

    def test_a_large_array_is_not_shown(self):
        with pytest.raises(DataError) as caught:
            transcriber().fit([np.random.default_rng(0).normal(size=(100, 100, 30))], ["a"])
        assert len(str(caught.value)) < 200

    @pytest.mark.parametrize("method", ["predict", "transcribe", "attention"])
    def test_another_number_of_features_than_in_the_fit(self, vague, method):
        with pytest.raises(DataError, match=r"sources\[0\] has shape \(4, 5\).*must have 3, as in the fit"):
            getattr(vague, method)([np.ones((4, 5))])

    def test_another_number_of_features_in_an_evaluation(self, vague):
        for method in (vague.evaluate, vague.score):
            with pytest.raises(DataError, match=r"must have 3, as in the fit"):
                method([np.ones((4, 5))], ["low"])

    @pytest.mark.parametrize(
        ("targets", "error", "named"),
        [
            (["a"] * 11, DataError, "12 sources and 11 targets"),
            (["a"] * 11 + [""], DataError, r"targets\[11\] is empty"),
            (["a"] * 11 + [3], DataError, r"targets\[11\] is 3"),
            ("abc", ParameterTypeError, "targets is one str"),
        ],
    )
    def test_targets_that_make_no_sense(self, targets, error, named):
        with pytest.raises(error, match=named):
            transcriber().fit(SOURCES, targets)

    def test_nothing_to_learn_from(self):
        with pytest.raises(DataError, match="empty"):
            transcriber().fit([], [])

    @pytest.mark.parametrize(
        "method", ["predict", "transcribe", "score_pairs", "evaluate", "score", "attention"]
    )
    def test_before_the_fit(self, method):
        targets = [TARGETS] if method in ("score_pairs", "evaluate", "score") else []
        with pytest.raises(NotFittedError, match="Seq2SeqTranscriber is not fitted"):
            getattr(transcriber(), method)(SOURCES, *targets)


def test_the_default_space_has_what_was_asked_for():
    pytest.importorskip("optuna")
    space = transcriber().tuning_problem(SOURCES, TARGETS).default_space()
    assert "location" in space["network__attention"]
    assert "network__bidirectional" not in space, "a convolutional encoder has no directions"
