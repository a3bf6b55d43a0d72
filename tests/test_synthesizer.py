"""The synthesizer: learns, writes, evaluates, is stored; and refuses what it cannot use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tsseq2seq import Cleaning, Network, Seq2SeqSynthesizer, Training, load
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError
from tsseq2seq.evaluation.metrics.time_warping import time_warping_distance

# models that are hardly trained write on and on
pytestmark = pytest.mark.filterwarnings(r"ignore:\d+ of \d+ texts were cut:tsseq2seq.errors.DataWarning")

BANDS = {"low": (0, 2), "middle": (1, 3), "high": (2, 4)}


def sounds(count: int, lengths: tuple[int, ...], seed: int = 0) -> tuple[list[str], list[np.ndarray]]:
    """Each word makes one of three bands loud, for its own number of frames."""
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice(list(BANDS), rng.choice(lengths))) for _ in range(count)]
    arrays = [
        np.concatenate([np.tile(np.eye(3)[BANDS[word][0]], (BANDS[word][1], 1)) for word in text.split()])
        for text in texts
    ]
    return texts, [array + 0.02 * rng.normal(size=array.shape) for array in arrays]


TEXTS, ARRAYS = sounds(12, (1, 2, 3))


def training(steps: int = 3, **settings: Any) -> Training:
    return Training(**({"max_steps": steps, "progress": False, "precision": "float32"} | settings))


def synthesizer(tokenizer: Any = "word", **settings: Any) -> Seq2SeqSynthesizer:
    network = Network(encoder="convolutional", hidden_size=8, attention="location", initial_state="zeros")
    return Seq2SeqSynthesizer(tokenizer, **({"network": network, "training": training()} | settings))


def weights(model: Seq2SeqSynthesizer) -> torch.Tensor:
    return torch.cat([w.detach().flatten() for member in model.fitted_.members for w in member.parameters()])


@pytest.fixture(scope="module")
def learnt() -> Seq2SeqSynthesizer:
    """Knows how each word sounds, and how long."""
    return synthesizer(
        network=Network(encoder="convolutional", hidden_size=32, attention="location", initial_state="zeros"),
        training=training(250, learning_rate=0.01, batch_size=16),
        prenet_dropout=0.2,
    ).fit(*sounds(200, (1, 2, 3), seed=1))


@pytest.fixture(scope="module")
def vague() -> Seq2SeqSynthesizer:
    return synthesizer("char", training=training(members=2)).fit(TEXTS, ARRAYS)


class TestLearning:
    def test_lengths_and_frames_of_texts_it_never_read(self, learnt):
        texts, arrays = sounds(40, (1, 2, 3), seed=2)
        scores = learnt.evaluate(texts, arrays)
        assert scores["length_error"] <= 0.1
        assert scores["dtw"] <= 0.1
        assert scores["frame_mae"] <= 0.1

    def test_the_seed_decides_all(self):
        one, two, other = (synthesizer(seed=seed).fit(TEXTS, ARRAYS) for seed in (3, 3, 4))
        assert torch.equal(weights(one), weights(two))
        assert not torch.equal(weights(one), weights(other))
        for left, right in zip(one.predict(TEXTS), two.predict(TEXTS), strict=True):
            assert np.array_equal(left, right)

    def test_other_units_come_back_in_these_units(self):
        one, two = (
            synthesizer(training=training(20)).fit(TEXTS, [unit * a + 5 for a in ARRAYS])
            for unit in (1, 1000)
        )
        for left, right in zip(one.predict(TEXTS), two.predict(TEXTS), strict=True):
            assert left.shape == right.shape
            np.testing.assert_allclose(1000 * (left - 5), right - 5, atol=5)

    def test_the_best_weights_on_pairs_held_out_are_kept(self):
        model = synthesizer(training=training(8, validation_size=3, validation_every=2)).fit(TEXTS, ARRAYS)
        errors = model.history_["validation_error"].dropna()
        assert len(errors) == 4
        assert np.isfinite(errors).all()

    @pytest.mark.parametrize(
        "settings",
        [
            {"frames_per_step": 1},
            {"frames_per_step": 5, "loss": "mae"},
            {"loss": "huber", "prenet_dropout": 0.0},
            {"training": training(teacher_forcing=0.5)},
            {"training": training(teacher_forcing=0.0)},
            {"network": Network(hidden_size=8, bidirectional=True)},
            {"network": Network(hidden_size=8, attention="dot", input_feeding=True, feed_context=True)},
            {"network": Network(encoder="attention", hidden_size=8, attention="multihead")},
            {"tokenizer": "bpe", "max_vocabulary": 40},
            {"cleaning": Cleaning(lowercase=True)},
        ],
        ids=str,
    )
    def test_every_setting_trains_and_writes(self, settings):
        model = synthesizer(**settings).fit(TEXTS, ARRAYS)
        assert [frames.shape[1] for frames in model.predict(TEXTS[:3])] == [3, 3, 3]
        assert all(np.isfinite(value) for value in model.evaluate(TEXTS[:3], ARRAYS[:3]).values())

    def test_one_frame_and_one_feature(self):
        model = synthesizer().fit(["a", "b"], [np.zeros((1, 1)), np.arange(3.0)])
        assert model.n_features_out_ == 1
        assert model.frames_per_token_ == 1.5


class TestWriting:
    def test_a_text_alone_is_a_text_among_others(self, vague):
        together, backwards = vague.predict(TEXTS), vague.predict(TEXTS[::-1])[::-1]
        for text, frames, other in zip(TEXTS, together, backwards, strict=True):
            (alone,) = vague.predict([text])
            assert alone.dtype == frames.dtype == np.float32
            np.testing.assert_allclose(alone, frames, atol=1e-5)
            np.testing.assert_allclose(other, frames, atol=1e-5)

    def test_no_text_no_frames(self, vague):
        assert vague.predict([]) == []
        assert vague.attention([]).empty

    @pytest.mark.filterwarnings("error")
    def test_a_text_is_cut_where_its_end_never_came(self, learnt):
        (frames,) = learnt.predict(["high middle"])
        with pytest.warns(DataWarning, match=r"1 of 2 texts.*texts\[1\]"):
            short = learnt.predict(["low", "high middle"], max_length=4)
        np.testing.assert_allclose(short[1], frames[:4], atol=1e-5)

    def test_the_limit_grows_with_the_text(self, vague):
        model = vague.fitted_.resolved
        assert model.max_length(20) > model.max_length(10) >= 10 * vague.frames_per_token_

    def test_a_limit_that_none_reaches_costs_nothing(self, learnt):
        usual, free = (learnt.predict(["low", "high"] * 500, max_length=most) for most in (None, 1_000_000))
        for left, right in zip(usual, free, strict=True):
            assert np.array_equal(left, right)

    def test_unknown_words_are_told(self, learnt):
        with pytest.warns(DataWarning, match=r"texts\[1\] = 'low hihg'"):
            learnt.predict(["low", "low hihg"])


class TestAttention:
    def test_weights_of_each_frame_add_up_to_1(self, vague):
        found = vague.attention(TEXTS[:3])
        sums = found.groupby(["sentence", "step"])["weight"].sum()
        np.testing.assert_allclose(sums, 1, rtol=1e-5)
        for row, frames in enumerate(vague.predict(TEXTS[:3])):
            rows = found[found["sentence"] == row]
            assert rows["step"].max() == len(frames)
            assert rows.drop_duplicates("place")["source"].tolist() == [*TEXTS[row], "<eos>"]

    def test_it_is_drawn(self, vague):
        pytest.importorskip("matplotlib")
        from matplotlib.figure import Figure

        from tsseq2seq.plotting import plot_attention

        assert plot_attention(vague.attention(TEXTS[:1]), ax=Figure().subplots()).get_xlabel() == "source"

    def test_a_network_without_one(self):
        model = synthesizer(network=Network(hidden_size=8)).fit(TEXTS, ARRAYS)
        with pytest.raises(ParameterError, match="attention: the network has none"):
            model.attention(TEXTS)


class TestEvaluating:
    def test_scores_by_hand(self, vague):
        found = vague.evaluate(TEXTS, ARRAYS)
        written = vague.predict(TEXTS)
        pairs = list(zip(written, ARRAYS, strict=True))
        assert found["dtw"] == pytest.approx(
            np.mean([time_warping_distance(*pair) for pair in pairs]), rel=1e-4
        )
        assert found["length_error"] == pytest.approx(
            np.mean([abs(len(one) / len(true) - 1) for one, true in pairs])
        )
        assert vague.score(TEXTS, ARRAYS) == -found["dtw"]

    def test_forced_frames_by_hand(self):
        """One frame a text: it is written from the first input, so that nothing has to be forced."""
        texts, arrays = ["low", "high"], [np.array([[1.0, 2.0]]), np.array([[5.0, -2.0]])]
        model = synthesizer().fit(texts, arrays)
        written = model.predict(texts, max_length=1)
        expected = np.mean([np.abs(one - true).mean() for one, true in zip(written, arrays, strict=True)])
        assert model.evaluate(texts, arrays)["frame_mae"] == pytest.approx(expected, rel=1e-5)


class TestStoring:
    @pytest.mark.parametrize("tokenizer", ["word", "char", "bpe"])
    def test_a_loaded_model_writes_the_same(self, tmp_path, tokenizer):
        model = synthesizer(tokenizer, training=training(members=2), frames_per_step=3).fit(TEXTS, ARRAYS)
        model.save(tmp_path / "m")
        loaded = load(tmp_path / "m")
        assert isinstance(loaded, Seq2SeqSynthesizer)
        for left, right in zip(model.predict(TEXTS), loaded.predict(TEXTS), strict=True):
            assert np.array_equal(left, right)
        assert loaded.get_params()["frames_per_step"] == 3
        assert loaded.history_.equals(model.history_)
        assert loaded.evaluate(TEXTS, ARRAYS) == model.evaluate(TEXTS, ARRAYS)

    def test_cloned_and_changed(self, vague):
        other = clone(vague).set_params(network__hidden_size=4, frames_per_step=1)
        assert other.network.hidden_size == 4
        assert vague.network.hidden_size == 8


class TestRefusing:
    @pytest.mark.parametrize(
        ("settings", "error", "named"),
        [
            ({"frames_per_step": 0}, ParameterError, "frames_per_step is 0"),
            ({"frames_per_step": 1.5}, ParameterTypeError, "frames_per_step is 1.5"),
            ({"prenet_dropout": 1.0}, ParameterError, "prenet_dropout is 1.0"),
            ({"loss": "hinge"}, ParameterError, "loss is 'hinge'"),
            ({"network": "lstm"}, ParameterTypeError, "network is 'lstm'"),
            ({"network": Network(feed_output=False)}, ParameterError, "feed_output=False"),
            ({"network": Network(decoding="parallel")}, ParameterError, "decoding='parallel'"),
            ({"seed": -1}, ParameterError, "seed is -1"),
            ({"training": Training(validation_size=12)}, ParameterError, "validation_size is 12"),
        ],
        ids=str,
    )
    @pytest.mark.usefixtures("unchecked_types")
    def test_settings(self, settings, error, named):
        with pytest.raises(error) as refusal:
            synthesizer(**settings).fit(TEXTS, ARRAYS)
        assert named in str(refusal.value)

    @pytest.mark.parametrize(
        ("texts", "arrays", "error", "named"),
        [
            (
                ["a", "b"],
                [np.ones((2, 2)), np.array([[1.0, np.nan]])],
                DataError,
                "arrays[1] holds nan at step 0",
            ),
            (["a", "b"], [np.ones((2, 2)), np.ones((2, 3))], DataError, "arrays[1] has shape (2, 3)"),
            (["a", "b"], [np.ones((2, 2)), np.ones((0, 2))], DataError, "arrays[1] has no steps"),
            (["a", "b"], [np.ones((2, 2, 2))] * 2, DataError, "arrays[0] is an array of shape (2, 2, 2)"),
            (["a", " "], [np.ones((2, 2))] * 2, DataError, "texts[1] is empty"),
            (["a", 3], [np.ones((2, 2))] * 2, DataError, "texts[1] is 3"),
            (["a", "b"], [np.ones((2, 2))], DataError, "2 texts and 1 arrays"),
            ("ab", [np.ones((2, 2))], ParameterTypeError, "texts is one str"),
            (["a"], np.ones((2, 2)), ParameterTypeError, "arrays is one array"),
            ([], [], DataError, "texts and arrays are empty"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    @pytest.mark.usefixtures("unchecked_types")
    def test_data(self, vague, texts, arrays, error, named):
        for refuse in (synthesizer().fit, vague.evaluate):
            with pytest.raises((error, DataError)) as refusal:
                refuse(texts, arrays)
            if refuse != vague.evaluate:
                assert isinstance(refusal.value, error)
                assert named in str(refusal.value)

    def test_arrays_of_another_width_than_those_of_the_fit(self, vague):
        with pytest.raises(DataError, match=r"arrays\[0\] has shape \(2, 4\).*it must have 3"):
            vague.evaluate(["low"], [np.ones((2, 4))])

    @pytest.mark.parametrize("max_length", [0, -1])
    def test_lengths_that_are_none(self, vague, max_length):
        with pytest.raises(ParameterError, match=f"max_length is {max_length}"):
            vague.predict(TEXTS, max_length=max_length)

    def test_an_empty_text_to_write(self, vague):
        with pytest.raises(DataError, match=r"texts\[1\] is empty"):
            vague.predict(["low", ""])

    def test_a_text_longer_than_the_positions_that_were_learned(self):
        network = Network(encoder="attention", positions="learned", hidden_size=8, attention="location")
        model = synthesizer(network=network).fit(TEXTS, ARRAYS)
        with pytest.raises(DataError, match=r"texts\[1\] has 5 tokens.*positions for 4"):
            model.predict(["low", "low low low low"])

    def test_a_refused_fit_changes_nothing(self, vague):
        before = weights(vague).clone()
        with pytest.raises(DataError):
            vague.fit(TEXTS, ARRAYS[:-1])
        assert torch.equal(weights(vague), before)

    @pytest.mark.parametrize("method", ["predict", "attention", "save"])
    @pytest.mark.usefixtures("unchecked_types")
    def test_before_the_fit(self, method):
        with pytest.raises(NotFittedError, match="Seq2SeqSynthesizer is not fitted"):
            getattr(synthesizer(), method)(TEXTS)
