"""The translator: learns, searches, scores, evaluates, is stored; and refuses what it cannot use."""

from __future__ import annotations

import itertools
import math
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tests.persistence.signing import change_json, sign
from tsseq2seq import (
    Beam,
    Cleaning,
    Linear,
    Network,
    Seq2SeqForecaster,
    Seq2SeqTranslator,
    Tokens,
    Training,
    Truncation,
    load,
)
from tsseq2seq.data.text.vocabulary import BOS, EOS, PAD
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import (
    DataError,
    DataWarning,
    ModelFileError,
    ParameterError,
    ParameterTypeError,
    TrainingWarning,
)
from tsseq2seq.training.members import _SEED_STEP

# most models here are trained for a few steps only, and write on and on
pytestmark = pytest.mark.filterwarnings(
    r"ignore:\d+ of \d+ translations were cut:tsseq2seq.errors.DataWarning"
)

OPPOSITES = {
    "man": "woman",
    "black": "white",
    "king": "queen",
    "up": "down",
    "hot": "cold",
    "big": "small",
    "day": "night",
    "boy": "girl",
    "hello": "goodbye",
}
SOURCES, TARGETS = list(OPPOSITES), list(OPPOSITES.values())
PHRASES = ["a big man", "the black king", "up and up", "a hot day", "hello boy"]
REPLIES = ["a small woman", "the white queen", "down and down", "a cold night", "goodbye girl"]


def training(steps: int = 4, **settings: Any) -> Training:
    return Training(**({"max_steps": steps, "progress": False, "precision": "float32"} | settings))


def translator(tokenizer: Any = "char", **settings: Any) -> Seq2SeqTranslator:
    defaults = {
        "network": Network(hidden_size=12, attention="dot", bidirectional=True),
        "training": training(),
    }
    return Seq2SeqTranslator(tokenizer, **(defaults | settings))


@pytest.fixture(scope="module")
def learnt() -> Seq2SeqTranslator:
    """Sure of its pairs."""
    settings = training(100, learning_rate=0.015)
    return translator(network=Network(hidden_size=24, attention="dot"), training=settings).fit(
        SOURCES, TARGETS
    )


@pytest.fixture(scope="module")
def vague() -> Seq2SeqTranslator:
    """Hardly trained: it ends some of its sentences, and others not."""
    return translator(training=training(12, learning_rate=0.01)).fit(SOURCES, TARGETS)


def weights(model: Seq2SeqTranslator) -> torch.Tensor:
    return torch.cat([w.detach().flatten() for member in model.fitted_.members for w in member.parameters()])


class TestLearning:
    def test_opposites_by_heart(self, learnt: Seq2SeqTranslator) -> None:
        assert learnt.predict(SOURCES) == TARGETS
        assert [learnt.predict([word])[0] for word in ("man", "black", "king")] == ["woman", "white", "queen"]

    def test_digits_it_never_saw_are_reversed(self) -> None:
        numbers = ["".join(digits) for digits in itertools.product("0123456789", repeat=3)]
        random.Random(0).shuffle(numbers)
        held_out, known = numbers[:100], numbers[100:]
        model = translator(
            network=Network(hidden_size=32, embedding_size=16, bidirectional=True, attention="general"),
            training=training(150, batch_size=64, learning_rate=0.01),
            output=Tokens(label_smoothing=0.0),
        ).fit(known, [number[::-1] for number in known])
        found = model.predict(held_out)
        right = [one == number[::-1] for one, number in zip(found, held_out, strict=True)]
        assert np.mean(right) >= 0.98
        scores = model.evaluate(held_out, [number[::-1] for number in held_out])
        assert scores["exact_match"] == np.mean(right)

    @pytest.mark.parametrize("tokenizer", ["word", "bpe", (str.split, " ".join)], ids=["word", "bpe", "own"])
    def test_sentences_by_heart(self, tokenizer: Any) -> None:
        if tokenizer == "bpe":
            pytest.importorskip("tokenizers")
        model = translator(
            tokenizer,
            network=Network(hidden_size=24, attention="dot"),
            training=training(60, learning_rate=0.02),
            max_vocabulary=60 if tokenizer == "bpe" else None,
        ).fit(PHRASES, REPLIES)
        assert model.predict(PHRASES) == REPLIES

    def test_a_sampled_softmax_learns_the_same(self) -> None:
        model = translator(
            network=Network(hidden_size=24, attention="dot"),
            training=training(150, learning_rate=0.02),
            output=Tokens(sampled_above=10, samples=6),
        ).fit(SOURCES, TARGETS)
        assert model.predict(SOURCES) == TARGETS

    def test_a_time_that_leaves_none_to_train_is_said(self) -> None:
        impatient = Training(max_time=1e-3, progress=False)
        with pytest.warns(TrainingWarning, match=r"max_time is 0.001 s: a network made only 1 training step"):
            model = translator(training=impatient).fit(SOURCES, TARGETS)
        assert (model.n_steps_, model.stopped_) == (1, "time")

    def test_the_schedule_fits_into_the_time_that_is_given(self) -> None:
        begun = time.monotonic()
        model = translator(training=Training(max_time=4.0, progress=False)).fit(SOURCES, TARGETS)
        assert time.monotonic() - begun < 8.0
        assert model.n_steps_ > 1
        last = model.history_["learning_rate"].iloc[-1]
        assert last < model.history_["learning_rate"].max() / 2

    def test_source_and_target_are_cut_differently(self) -> None:
        model = translator("char", target_tokenizer="word").fit(PHRASES, REPLIES)
        assert len(model.fitted_.source.encode("hot day")) == 7
        assert len(model.fitted_.target.encode("cold night")) == 2

    @pytest.mark.parametrize(
        "settings",
        [
            {"network": Network(hidden_size=8, attention="additive", attention_position="before")},
            {"network": Network(hidden_size=8, attention="concat", attention_coverage=True)},
            {"network": Network(hidden_size=8, feed_context=True, context="mean", cell="gru")},
            {"network": Network(hidden_size=8, feed_output=False)},
            {"network": Network(hidden_size=8, embedding_size=3, decoder_hidden_size=5)},
            {"training": training(8, teacher_forcing=0.5)},
            {"training": training(8, teacher_forcing=Linear())},
            {"training": training(8, ema=0.9)},
            {"training": training(8, checkpoints=3, validation_every=2)},
            {"training": training(8, precision="bf16")},
            {"output": Tokens(tied=True)},
            {"output": Tokens(tied=True), "training": training(8, ema=0.9, validation_size=2)},
        ],
        ids=[
            "before", "coverage", "context", "no feedback", "widths", "coins", "schedule", "average", "checkpoints",
            "bf16", "tied", "all",
        ],
    )  # fmt: skip
    def test_the_loss_falls(self, settings: dict[str, Any]) -> None:
        model = translator(**settings)
        model.set_params(training__max_steps=12, training__learning_rate=0.01).fit(SOURCES, TARGETS)
        losses = model.history_["loss"].tolist()
        assert np.mean(losses[-3:]) < np.mean(losses[:3])
        assert all(isinstance(text, str) for text in model.predict(SOURCES))

    def test_attributes(self, vague: Seq2SeqTranslator) -> None:
        assert vague.n_steps_ == 12
        assert vague.stopped_ == "steps"
        assert vague.history_["step"].tolist() == list(range(1, 13))
        assert vague.network_.residual is None
        assert vague.training_.batch_size == 16
        assert vague.output_ == Tokens(tied=False)
        assert vague.max_length_ == int(1.5 * (len("goodbye") + 1)) + 10

    def test_the_same_seed_is_the_same_model(self, vague: Seq2SeqTranslator) -> None:
        torch.rand(7)
        again = clone(vague).fit(SOURCES, TARGETS)
        assert torch.equal(weights(again), weights(vague))
        assert np.array_equal(again.score_pairs(SOURCES, TARGETS), vague.score_pairs(SOURCES, TARGETS))
        other = clone(vague).set_params(seed=1).fit(SOURCES, TARGETS)
        assert not torch.equal(weights(other), weights(vague))

    def test_held_out_pairs_stop_it(self) -> None:
        settings = training(100, validation_size=3, validation_every=2, patience=1, learning_rate=0.5)
        model = translator(training=settings).fit(SOURCES, TARGETS)
        assert model.stopped_ == "patience"
        assert model.history_["validation_error"].notna().any()

    def test_few_and_rare_tokens(self) -> None:
        model = translator(min_count=3).fit(SOURCES, TARGETS)
        counts = {letter: "".join(SOURCES).count(letter) for letter in set("".join(SOURCES))}
        assert model.fitted_.source.vocabulary_size == 4 + sum(count >= 3 for count in counts.values())
        assert translator(max_vocabulary=6).fit(SOURCES, TARGETS).fitted_.target.vocabulary_size == 6

    def test_long_sentences_are_cut_with_a_warning(self) -> None:
        model = translator(truncation=Truncation(4))
        with pytest.warns(
            DataWarning, match="2 of 9 sources and 6 of 9 targets are longer than max_length=4"
        ):
            model.fit(SOURCES, TARGETS)
        assert model.max_length_ == int(1.5 * 5) + 10
        with pytest.warns(DataWarning, match="1 of 1 sources is longer"):
            cut = model.score_pairs(["hello"], ["a"])
        assert cut == model.score_pairs(["hell"], ["a"])

    def test_sentences_are_cleaned_first(self) -> None:
        model = translator(cleaning=Cleaning(lowercase=True)).fit(SOURCES, TARGETS)
        assert model.predict([" KING "]) == model.predict(["king"])
        assert model.score_pairs(["KING"], ["Queen "]) == model.score_pairs(["king"], ["queen"])
        pytest.importorskip("sacrebleu")
        assert model.evaluate(SOURCES, [text.upper() for text in TARGETS]) == model.evaluate(SOURCES, TARGETS)


class TestSearch:
    def test_the_order_is_that_of_the_sentences(self, learnt: Seq2SeqTranslator) -> None:
        order = np.random.default_rng(0).permutation(np.tile(np.arange(len(SOURCES)), 30))
        assert len(order) > 640 // 5, "several batches"
        assert learnt.predict([SOURCES[row] for row in order]) == [TARGETS[row] for row in order]

    def test_predict_is_the_first_of_translate(self, vague: Seq2SeqTranslator) -> None:
        options = {"beam_size": 6, "n_best": 3, "max_length": 7}
        found = vague.translate(SOURCES, **options)
        assert vague.predict(SOURCES, **options) == [row[0].text for row in found]

    def test_a_hypothesis(self, learnt: Seq2SeqTranslator) -> None:
        ((found,),) = learnt.translate(["king"])
        assert found.text == "queen"
        assert found.tokens == (*learnt.fitted_.target.encode("queen"), EOS)
        assert found.finished
        assert len(found.token_log_probabilities) == 6
        assert found.log_probability == pytest.approx(sum(found.token_log_probabilities))
        assert found.score == pytest.approx(found.log_probability / 6)
        assert found.alignment is not None
        assert found.alignment.shape == (6, 4)

    def test_n_best_come_the_best_first(self, learnt: Seq2SeqTranslator) -> None:
        rows = learnt.translate(SOURCES, beam_size=8, n_best=5)
        for row, target in zip(rows, TARGETS, strict=True):
            assert row[0].text == target
            assert len({one.tokens for one in row}) == len(row) == 5
            finished = [one.score for one in row if one.finished]
            assert finished == sorted(finished, reverse=True)

    @pytest.mark.parametrize("beam_size", [1, 3])
    def test_the_beam_size_is_taken(self, vague: Seq2SeqTranslator, beam_size: int) -> None:
        found = vague.translate(SOURCES, beam_size=beam_size, n_best=50, stop="full", max_length=6)
        # each step can end as many sentences as the beam is wide, and the last leaves as many
        assert max(len(row) for row in found) <= 6 * beam_size
        assert any(len(row) >= beam_size for row in found)

    def test_lengths(self, vague: Seq2SeqTranslator) -> None:
        assert all(len(row[0].tokens) <= 3 for row in vague.translate(SOURCES, max_length=3))
        longer = vague.translate(SOURCES, min_length=6, max_length=9, beam_size=8, n_best=4)
        assert all(len(one.tokens) >= 7 for row in longer for one in row)
        assert all(len(row[0].tokens) <= vague.max_length_ for row in vague.translate(SOURCES))

    def test_the_longest_depends_on_the_source(self, vague: Seq2SeqTranslator) -> None:
        """As many tokens as the pair with the longest target for its source allows, and ten for nothing."""
        ratio = max(1.0, *((len(b) + 1 - 10) / len(a) for a, b in OPPOSITES.items()))
        for row, source in zip(vague.translate(SOURCES, stop="full", n_best=50), SOURCES, strict=True):
            assert max(len(one.tokens) for one in row) == math.ceil(ratio * len(source)) + 10
        (row,) = vague.translate(["king" * 99], stop="full", n_best=50)
        assert max(len(one.tokens) for one in row) == vague.max_length_

    def test_attention_is_the_alignment_of_the_best(self, learnt: Seq2SeqTranslator) -> None:
        frame = learnt.attention(["king", "up"], beam_size=3)
        assert list(frame) == ["sentence", "step", "place", "target", "source", "weight"]
        for number, source in enumerate(["king", "up"]):
            ((best,),) = learnt.translate([source], beam_size=3)
            own = frame[frame["sentence"] == number]
            table = own.pivot(index="step", columns="place", values="weight").to_numpy()  # noqa: PD010
            np.testing.assert_allclose(table, best.alignment.numpy(), atol=1e-5)
            assert own["source"].iloc[: len(source)].tolist() == list(source)
            written = own["target"].iloc[:: len(source)].tolist()
            assert written[:-1] == list(best.text)
            assert written[-1] == learnt.fitted_.target.names([EOS])[0]

    def test_attention_warns_once_of_what_is_cut(self) -> None:
        model = translator(truncation=Truncation(max_length=7)).fit(SOURCES, TARGETS)
        with pytest.warns(DataWarning, match="1 of 1") as seen:
            frame = model.attention(["abcdefghij"])
        assert len(seen) == 1
        assert frame["place"].max() == 7

    def test_attention_without_attention(self) -> None:
        model = translator(network=Network(hidden_size=4)).fit(SOURCES, TARGETS)
        with pytest.raises(ParameterError, match="the network has none"):
            model.attention(["king"])

    @pytest.mark.parametrize("normalization", [None, "average", "gnmt"])
    def test_the_score_is_normalised_as_asked(
        self, vague: Seq2SeqTranslator, normalization: str | None
    ) -> None:
        penalty = {} if normalization is None else {"length_penalty": 0.7}
        rows = vague.translate(SOURCES, n_best=4, length_normalization=normalization, max_length=8, **penalty)
        for one in itertools.chain(*rows):
            length = len(one.tokens)
            divisor = {None: 1, "average": length**0.7, "gnmt": ((5 + length) / 6) ** 0.7}[normalization]
            assert one.score == pytest.approx(one.log_probability / divisor)

    def test_other_options_are_taken(self, vague: Seq2SeqTranslator) -> None:
        repeated = vague.translate(SOURCES, no_repeat_ngram=1, max_length=8)
        assert all(len(set(one.tokens)) == len(one.tokens) for row in repeated for one in row)
        groups = vague.translate(SOURCES, beam_size=6, n_best=6, groups=3, diversity=5.0, max_length=6)
        plain = vague.translate(SOURCES, beam_size=6, n_best=6, max_length=6)
        firsts = [np.mean([len({one.tokens[0] for one in row}) for row in rows]) for rows in (groups, plain)]
        assert firsts[0] > firsts[1]
        covered = vague.translate(SOURCES, coverage_penalty=2.0, max_length=6)
        for (one,) in covered:
            attended = np.log(np.minimum(one.alignment.sum(0).numpy(), 1.0)).sum()
            expected = one.log_probability / len(one.tokens) + 2.0 * attended
            assert one.score == pytest.approx(expected, abs=1e-5)

    def test_a_seed_samples_without_replacement(self, vague: Seq2SeqTranslator) -> None:
        def texts(seed: int) -> list[list[tuple[int, ...]]]:
            rows = vague.translate(SOURCES, beam_size=6, n_best=6, max_length=5, seed=seed)
            assert all(len({one.tokens for one in row}) == 6 for row in rows)
            return [[one.tokens for one in row] for row in rows]

        assert texts(1) == texts(1)
        assert texts(1) != texts(2)

    @pytest.mark.parametrize(
        "source", ["", "   ", "???", "\u20ac\U0001f600"], ids=["empty", "blanks", "marks", "signs"]
    )
    def test_sources_of_nothing_known(self, vague: Seq2SeqTranslator, source: str) -> None:
        with pytest.warns(DataWarning, match=r"sources\[0\]"):
            (row,) = vague.translate([source], n_best=3)
        assert len(row) == 3
        assert all(math.isfinite(one.log_probability) for one in row)
        # beside others it is the same
        with pytest.warns(DataWarning, match=r"sources\[9\]"):
            together = vague.translate([*SOURCES, source], n_best=3)[-1]
        assert [one.tokens for one in together] == [one.tokens for one in row]

    def test_characters_never_seen_are_alike(self, vague: Seq2SeqTranslator) -> None:
        assert vague.score_pairs(["???"], ["queen"]) == vague.score_pairs(["!%&"], ["queen"])
        assert vague.score_pairs(["???"], ["queen"]) != vague.score_pairs(["????"], ["queen"])

    def test_no_sentences(self, vague: Seq2SeqTranslator) -> None:
        assert vague.predict([]) == []
        assert vague.translate([]) == []
        assert vague.score_pairs([], []).shape == (0,)

    def test_a_series_of_sentences(self, vague: Seq2SeqTranslator, unchecked_types: None) -> None:
        column = pd.Series(SOURCES, index=range(5, 14))
        assert vague.predict(column) == vague.predict(SOURCES)
        assert vague.predict(column.to_numpy()) == vague.predict(SOURCES)
        scores = vague.score_pairs(column, pd.Series(TARGETS))
        np.testing.assert_array_equal(scores, vague.score_pairs(SOURCES, TARGETS))
        assert torch.equal(weights(clone(vague).fit(column, pd.Series(TARGETS))), weights(vague))


class TestSampling:
    def test_it_is_scored_as_the_model_scores_it(self, vague: Seq2SeqTranslator) -> None:
        rows = vague.translate(SOURCES, temperature=1.4, top_k=9, top_p=0.95, num_samples=6, seed=0)
        assert [len(row) for row in rows] == [6] * len(SOURCES)
        found = list(itertools.chain(*rows))
        sources = [source for source in SOURCES for _ in range(6)]
        said = [one.log_probability for one in found]
        np.testing.assert_allclose(vague.score_pairs(sources, found), said, rtol=1e-4, atol=1e-4)
        for one, source in zip(found, sources, strict=True):
            assert one.score == one.log_probability == pytest.approx(sum(one.token_log_probabilities))
            assert one.text == vague.fitted_.target.decode(one.tokens)
            assert one.alignment is not None
            assert one.alignment.shape == (len(one.tokens), len(source))

    def test_the_same_seed_draws_the_same_and_none_draws_anew(self, vague: Seq2SeqTranslator) -> None:
        def drawn(seed: int | None) -> list[str]:
            return [one.text for row in vague.translate(SOURCES, num_samples=3, seed=seed) for one in row]

        assert drawn(1) == drawn(1)
        assert drawn(1) != drawn(2)
        assert drawn(None) != drawn(None)

    def test_a_seed_leaves_the_random_state_of_torch(self, vague: Seq2SeqTranslator) -> None:
        before = torch.get_rng_state()
        vague.translate(SOURCES, temperature=2.0, seed=3)
        assert torch.equal(torch.get_rng_state(), before)

    def test_predict_is_the_likeliest_of_the_samples(self, vague: Seq2SeqTranslator) -> None:
        options = {"num_samples": 5, "seed": 2}
        rows = vague.translate(SOURCES, **options)
        assert vague.predict(SOURCES, **options) == [row[0].text for row in rows]
        for row in rows:
            assert row[0].log_probability == max(one.log_probability for one in row)
        pytest.importorskip("sacrebleu")
        scores = vague.evaluate(SOURCES, TARGETS, **options)
        hits = [row[0].text == target for row, target in zip(rows, TARGETS, strict=True)]
        assert scores["exact_match"] == np.mean(hits)

    def test_the_likeliest_token_alone_is_greedy(self, vague: Seq2SeqTranslator) -> None:
        greedy = vague.translate(SOURCES, beam_size=1, length_normalization=None)
        for options in ({"top_k": 1}, {"temperature": 1e-6}, {"top_p": 1e-9}):
            rows = vague.translate(SOURCES, **options)
            assert [row[0].tokens for row in rows] == [row[0].tokens for row in greedy]
            for (one,), (other,) in zip(rows, greedy, strict=True):
                assert one.score == pytest.approx(other.score, abs=1e-5)

    def test_of_several_members_and_without_attention(self) -> None:
        network = Network(hidden_size=8)
        model = translator(network=network, training=training(6, members=2)).fit(SOURCES, TARGETS)
        for options in ({"num_samples": 3, "seed": 0}, {"beam_size": 1}, {"beam_size": 3, "n_best": 3}):
            for prefix in (None, "wo"):
                rows = model.translate(SOURCES, prefix=prefix, **options)
                sources = [source for source, row in zip(SOURCES, rows, strict=True) for _ in row]
                found = list(itertools.chain(*rows))
                said = [one.log_probability for one in found]
                np.testing.assert_allclose(model.score_pairs(sources, found), said, rtol=1e-4, atol=1e-4)
                assert all(one.alignment is None for one in found)


class TestPrefix:
    WAYS = pytest.mark.parametrize(
        "options",
        [{"beam_size": 4, "n_best": 4}, {"beam_size": 1}, {"num_samples": 4}, {"beam_size": 4, "seed": 1}],
        ids=["beam", "greedy", "sampling", "stochastic"],
    )
    EACH = ("w", "qu", "woman", "de", "c", "s", "night", "ga", "goo")

    @WAYS
    def test_every_translation_begins_with_it(
        self, vague: Seq2SeqTranslator, options: dict[str, Any]
    ) -> None:
        for prefix in ("woma", list(self.EACH)):
            each = [prefix] * len(SOURCES) if isinstance(prefix, str) else prefix
            rows = vague.translate(SOURCES, prefix=prefix, **options)
            for row, source, beginning in zip(rows, SOURCES, each, strict=True):
                assert row
                forced = vague.fitted_.target.encode(beginning)
                for one in row:
                    assert one.text.startswith(beginning)
                    assert list(one.tokens[: len(forced)]) == forced
                    (expected,) = vague.score_pairs([source], [forced])
                    found = sum(one.token_log_probabilities[: len(forced)])
                    assert found == pytest.approx(expected, rel=1e-4), "it counts"
                said = [one.log_probability for one in row]
                np.testing.assert_allclose(
                    vague.score_pairs([source] * len(row), row), said, rtol=1e-4, atol=1e-4
                )

    @pytest.mark.parametrize("options", [{"beam_size": 4}, {"beam_size": 1}, {"top_k": 1}], ids=str)
    def test_that_of_the_best_translation_changes_nothing(
        self, learnt: Seq2SeqTranslator, options: dict[str, Any]
    ) -> None:
        for length in (1, 3):
            prefix = [target[:length] for target in TARGETS]
            assert learnt.predict(SOURCES, prefix=prefix, **options) == TARGETS

    def test_it_is_known_where_the_prefix_leads(self, learnt: Seq2SeqTranslator) -> None:
        """What follows is the likeliest given the prefix, found by trying all second tokens."""
        ((found,),) = learnt.translate(["king"], prefix="s", beam_size=1)
        first = learnt.fitted_.target.encode("s")
        others = [t for t in range(learnt.fitted_.target.vocabulary_size) if t not in (PAD, BOS)]
        scores = learnt.score_pairs(["king"] * len(others), [[*first, token] for token in others])
        assert found.tokens[:2] == (*first, others[int(scores.argmax())])

    def test_methods_that_search_take_it(self, learnt: Seq2SeqTranslator) -> None:
        frame = learnt.attention(["king", "up"], prefix=["w", "s"])
        firsts = frame[frame["step"] == 1].groupby("sentence")["target"].first()
        assert firsts.tolist() == ["w", "s"]
        pytest.importorskip("sacrebleu")
        assert learnt.evaluate(SOURCES, TARGETS, prefix=TARGETS)["exact_match"] == 1.0
        assert learnt.evaluate(SOURCES, TARGETS, prefix="w")["exact_match"] < 1.0

    def test_it_counts_in_the_greatest_length(self, vague: Seq2SeqTranslator) -> None:
        rows = vague.translate(SOURCES, prefix="woman", max_length=6)
        assert all(len(row[0].tokens) <= 6 for row in rows)
        (row,) = vague.translate(["king"], prefix="woman", max_length=5)
        assert [(one.text, one.finished) for one in row] == [("woman", False)]

    def test_words_and_pieces_of_words(self) -> None:
        for kind in ("word", "bpe"):
            if kind == "bpe":
                pytest.importorskip("tokenizers")
            model = translator(kind, max_vocabulary=60 if kind == "bpe" else None).fit(PHRASES, REPLIES)
            for found in model.predict(PHRASES, prefix="the white"):
                assert found.startswith("the white")

    def test_a_blank_at_its_end_ends_a_word(self) -> None:
        model = translator().fit(PHRASES, REPLIES)
        assert all(found.startswith("a s ") for found in model.predict(PHRASES, prefix="a s ", min_length=6))

    def test_no_sentences(self, vague: Seq2SeqTranslator) -> None:
        assert vague.translate([], prefix="w") == []
        assert vague.predict([], prefix=[], num_samples=2) == []


class TestScoring:
    @pytest.mark.parametrize("name", ["learnt", "vague"])
    def test_hypotheses_score_what_the_search_said(self, name: str, request: pytest.FixtureRequest) -> None:
        model = request.getfixturevalue(name)
        rows = model.translate(SOURCES, beam_size=10, n_best=10, max_length=8)
        sources = [source for source, row in zip(SOURCES, rows, strict=True) for _ in row]
        found = list(itertools.chain(*rows))
        assert {one.finished for one in found} == {True, False}
        expected = [sum(one.token_log_probabilities) for one in found]
        np.testing.assert_allclose(model.score_pairs(sources, found), expected, rtol=1e-4, atol=1e-5)
        lists = [list(one.tokens) for one in found]
        np.testing.assert_allclose(model.score_pairs(sources, lists), expected, rtol=1e-4, atol=1e-5)

    def test_a_text_scores_as_its_finished_hypothesis(self, learnt: Seq2SeqTranslator) -> None:
        rows = learnt.translate(SOURCES, beam_size=6, n_best=6)
        encode = learnt.fitted_.target.encode
        pairs = [
            (source, one)
            for source, row in zip(SOURCES, rows, strict=True)
            for one in row
            if one.finished and (*encode(one.text), EOS) == one.tokens
        ]
        assert len(pairs) > 10
        found = learnt.score_pairs([source for source, _ in pairs], [one.text for _, one in pairs])
        np.testing.assert_allclose(found, [one.log_probability for _, one in pairs], rtol=1e-4, atol=1e-5)

    def test_alone_together_and_in_any_order(self, vague: Seq2SeqTranslator) -> None:
        ((unfinished,),) = vague.translate(["big"], max_length=2)
        encode = vague.fitted_.target.encode
        sources = [*SOURCES, "", "king", "king", "???", "big"]
        targets = [*TARGETS, "queen", "", encode("queen"), [*encode("que"), EOS], unfinished]
        together = vague.score_pairs(sources, targets)
        alone = [vague.score_pairs([s], [t])[0] for s, t in zip(sources, targets, strict=True)]
        np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-5)
        order = np.random.default_rng(0).permutation(len(sources))
        permuted = vague.score_pairs([sources[row] for row in order], [targets[row] for row in order])
        np.testing.assert_allclose(permuted, together[order], rtol=1e-5, atol=1e-5)
        assert together.dtype == np.float64

    def test_every_sentence_has_a_share_of_the_probability(self, vague: Seq2SeqTranslator) -> None:
        """All first tokens, the end included, are one whole; so are all that follow one of them."""
        size = vague.fitted_.target.vocabulary_size
        firsts = [[token] for token in range(size) if token not in (PAD, BOS)]
        total = np.exp(vague.score_pairs(["king"] * len(firsts), firsts)).sum()
        assert 0.85 < total < 1, "but for padding and begin, which are never written"
        second = [[5, token] for token in range(size) if token not in (PAD, BOS)]
        given = np.exp(vague.score_pairs(["king"], [[5]])[0])
        share = np.exp(vague.score_pairs(["king"] * len(second), second)).sum() / given
        assert 0.85 < share < 1

    def test_the_end_counts_for_texts_only(self, vague: Seq2SeqTranslator) -> None:
        tokens = vague.fitted_.target.encode("queen")
        text, whole, open_ = vague.score_pairs(["king"] * 3, ["queen", [*tokens, EOS], tokens])
        assert text == pytest.approx(whole)
        assert open_ > whole

    def test_numbers_of_numpy_are_tokens(self, vague: Seq2SeqTranslator, unchecked_types: None) -> None:
        tokens = vague.fitted_.target.encode("queen")
        expected = vague.score_pairs(["king"], [tokens])
        np.testing.assert_array_equal(vague.score_pairs(["king"], [np.array(tokens)]), expected)
        np.testing.assert_array_equal(vague.score_pairs(["king"], [list(np.array(tokens))]), expected)


class TestEvaluate:
    def test_all_scores(self, learnt: Seq2SeqTranslator) -> None:
        pytest.importorskip("sacrebleu")
        scores = learnt.evaluate(SOURCES, TARGETS)
        of_texts = ["exact_match", "cer", "chrf", "bleu", "rouge1", "rouge2", "rougeL"]
        assert list(scores) == ["token_accuracy", "perplexity", *of_texts]
        assert scores["token_accuracy"] == scores["exact_match"] == 1.0
        assert scores["cer"] == 0.0
        assert scores["perplexity"] > 1.0

    def test_perplexity_and_accuracy_by_hand(self, vague: Seq2SeqTranslator) -> None:
        pytest.importorskip("sacrebleu")
        found = vague.evaluate(SOURCES, TARGETS)
        count = sum(len(target) + 1 for target in TARGETS)
        total = vague.score_pairs(SOURCES, TARGETS).sum()
        assert found["perplexity"] == pytest.approx(math.exp(-total / count), rel=1e-5)
        size, right = vague.fitted_.target.vocabulary_size, 0
        for source, target in zip(SOURCES, TARGETS, strict=True):
            tokens = [*vague.fitted_.target.encode(target), EOS]
            for t, token in enumerate(tokens):
                others = [[*tokens[:t], other] for other in range(size) if other not in (PAD, BOS)]
                scores = vague.score_pairs([source] * len(others), others)
                right += others[int(scores.argmax())][-1] == token
        assert found["token_accuracy"] == pytest.approx(right / count)
        assert 0 < right < count

    def test_it_scores_what_predict_gives(self, vague: Seq2SeqTranslator) -> None:
        sacrebleu = pytest.importorskip("sacrebleu")
        options = {"beam_size": 2, "max_length": 4}
        found, scores = vague.predict(SOURCES, **options), vague.evaluate(SOURCES, TARGETS, **options)
        assert scores["chrf"] == pytest.approx(sacrebleu.corpus_chrf(found, [TARGETS]).score)
        bleu = sacrebleu.corpus_bleu(found, [TARGETS], tokenize="none", force=True)
        assert scores["bleu"] == pytest.approx(bleu.score)
        assert scores["exact_match"] == np.mean([a == b for a, b in zip(found, TARGETS, strict=True)])


class TestMembers:
    def test_they_are_one_by_their_mean_probability(self) -> None:
        """The first member is the single model of the same seed; the others are of seeds of their own."""
        ensemble = translator(training=training(6, members=3)).fit(SOURCES, TARGETS)
        singles = [
            translator(training=training(6), seed=place * _SEED_STEP).fit(SOURCES, TARGETS)
            for place in range(3)
        ]
        targets = [ensemble.fitted_.target.encode(text) for text in TARGETS]
        # of one token after the other: the mean is over probabilities of tokens, not of sentences
        expected = np.zeros(len(SOURCES))
        for row, (source, tokens) in enumerate(zip(SOURCES, targets, strict=True)):
            for t in range(len(tokens)):
                prefixes = [tokens[: t + 1]] + ([tokens[:t]] if t else [])
                each = [model.score_pairs([source] * len(prefixes), prefixes) for model in singles]
                steps = [np.exp(one[0] - (one[1] if t else 0.0)) for one in each]
                expected[row] += np.log(np.mean(steps))
        np.testing.assert_allclose(ensemble.score_pairs(SOURCES, targets), expected, rtol=1e-4)
        rows = ensemble.translate(SOURCES, n_best=3)
        for source, row in zip(SOURCES, rows, strict=True):
            said = [one.log_probability for one in row]
            np.testing.assert_allclose(ensemble.score_pairs([source] * 3, row), said, rtol=1e-4)

    def test_history_tells_them_apart(self) -> None:
        model = translator(training=training(3, members=2)).fit(SOURCES, TARGETS)
        assert model.history_["member"].tolist() == [0, 0, 0, 1, 1, 1]


class TestStorage:
    @pytest.mark.parametrize(
        "settings",
        [
            {},
            {"tokenizer": "word", "cleaning": Cleaning(lowercase=True, punctuation="separate")},
            {"tokenizer": "bpe", "max_vocabulary": 50},
            {"tokenizer": "char", "target_tokenizer": "word", "truncation": Truncation(40, side="front")},
            {"output": Tokens(tied=True)},
            {"output": Tokens(tied=True), "network": Network(hidden_size=12, embedding_size=5)},
            {"network": Network(hidden_size=12, feed_output=False)},
            {"training": training(4, members=2, ema=0.5)},
        ],
        ids=["char", "word", "bpe", "both", "tied", "tied and projected", "without feedback", "members"],
    )
    def test_the_same_to_the_bit(self, settings: dict[str, Any], tmp_path: Path) -> None:
        if settings.get("tokenizer") == "bpe":
            pytest.importorskip("tokenizers")
        model = translator(**settings).fit(PHRASES, REPLIES)
        model.save(tmp_path / "model")
        back = load(tmp_path / "model")
        assert isinstance(back, Seq2SeqTranslator)
        assert torch.equal(weights(back), weights(model))
        assert back.predict(PHRASES) == model.predict(PHRASES)
        assert np.array_equal(back.score_pairs(PHRASES, REPLIES), model.score_pairs(PHRASES, REPLIES))
        pd.testing.assert_frame_equal(back.history_, model.history_, check_exact=True)
        for name in ("network_", "training_", "output_", "max_length_", "n_steps_", "stopped_"):
            assert getattr(back, name) == getattr(model, name)
        assert {k: v for k, v in back.get_params().items() if "__" not in k} == {
            k: v for k, v in model.get_params().items() if "__" not in k
        }
        # and once more, from what was loaded
        back.save(tmp_path / "again")
        assert torch.equal(weights(load(tmp_path / "again")), weights(model))

    def test_it_can_be_fitted_again(self, tmp_path: Path, vague: Seq2SeqTranslator) -> None:
        vague.save(tmp_path / "model")
        again = load(tmp_path / "model").fit(SOURCES, TARGETS)
        assert torch.equal(weights(again), weights(vague))

    @pytest.mark.parametrize("side", ["tokenizer", "target_tokenizer"])
    def test_functions_are_refused(self, tmp_path: Path, side: str) -> None:
        model = translator(**{side: (str.split, " ".join)}).fit(PHRASES, REPLIES)
        with pytest.raises(ParameterError, match="a pair of functions, which cannot be saved"):
            model.save(tmp_path / "model")
        assert not (tmp_path / "model").exists()

    @pytest.mark.parametrize("tied", [False, True])
    def test_a_tensor_that_is_missing_is_missed(self, tmp_path: Path, tied: bool) -> None:
        translator(output=Tokens(tied=tied)).fit(SOURCES, TARGETS).save(tmp_path / "model")
        from safetensors.torch import load_file, save_file

        tensors = load_file(tmp_path / "model" / "tensors.safetensors")
        tensors.pop("model.0.network.embedding.weight")
        save_file(tensors, tmp_path / "model" / "tensors.safetensors")
        sign(tmp_path / "model")
        with pytest.raises(ModelFileError, match=r"lacks the tensor .*embedding\.weight"):
            load(tmp_path / "model")
        change_json(tmp_path / "model", lambda content: content.update(tensors=sorted(tensors)))
        with pytest.raises(ModelFileError, match=r"does not fit this version.*embedding\.weight"):
            load(tmp_path / "model")


class TestParameters:
    def test_clone_keeps_what_is_nested(self) -> None:
        model = translator(
            (str.split, " ".join),
            cleaning=Cleaning(lowercase=True),
            output=Tokens(label_smoothing=0.3),
            seed=4,
        )
        copied = clone(model)
        assert not hasattr(copied, "fitted_")
        for name, value in model.get_params().items():
            assert copied.get_params()[name] == value

    def test_nested_names_are_read_and_set(self) -> None:
        model = translator()
        assert model.get_params()["network__attention"] == "dot"
        assert model.get_params()["output__label_smoothing"] == 0.1
        model.set_params(
            network__hidden_size=5, cleaning__lowercase=True, truncation__max_length=3, training__max_steps=2
        )
        assert model.network.hidden_size == 5
        assert model.network.attention == "dot", "the rest stays"
        assert model.cleaning == Cleaning(lowercase=True)
        assert model.truncation == Truncation(3)
        assert Seq2SeqTranslator().network.attention == "general", "the default is not touched"

    def test_unknown_names_are_refused(self) -> None:
        model = translator()
        with pytest.raises(ParameterError, match="Seq2SeqTranslator has no parameter 'hidden'"):
            model.set_params(hidden=3)
        with pytest.raises(ParameterError, match="Network has no parameter 'width'"):
            model.set_params(network__width=3)
        with pytest.raises(ParameterError, match="tokenizer is 'char', which has no parameters"):
            model.set_params(tokenizer__size=3)

    def test_the_constructor_only_stores(self) -> None:
        model = Seq2SeqTranslator("nonsense", min_count=-3, seed=-1)
        assert (model.tokenizer, model.min_count, model.seed) == ("nonsense", -3, -1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("settings", "error", "message"),
        [
            ({"tokenizer": "letters"}, ParameterError, "tokenizer is 'letters'; it must be one of 'char'"),
            ({"target_tokenizer": "letters"}, ParameterError, "tokenizer is 'letters'"),
            ({"min_count": 0}, ParameterError, "min_count is 0"),
            ({"min_count": 99}, DataError, "the vocabulary is empty"),
            ({"max_vocabulary": 4}, ParameterError, "max_size is 4"),
            ({"cleaning": "lower"}, ParameterTypeError, "cleaning is 'lower'; it must be a Cleaning"),
            ({"truncation": 9}, ParameterTypeError, "truncation is 9; it must be a Truncation"),
            ({"output": Network()}, ParameterTypeError, "output is Network.*; it must be a Tokens"),
            ({"network": {}}, ParameterTypeError, "network is {}; it must be a Network"),
            ({"training": 100}, ParameterTypeError, "training is 100; it must be a Training"),
            ({"minimum_risk": True}, ParameterTypeError, "minimum_risk is True; it must be a MinimumRisk"),
            (
                {"training": training(validation_size=9)},
                ParameterError,
                "validation_size is 9, but there are 9 pairs",
            ),
            (
                {"network": Network(decoding="parallel")},
                ParameterError,
                "network has decoding='parallel'",
            ),
            ({"seed": -1}, ParameterError, "seed is -1"),
            ({"seed": 0.5}, ParameterTypeError, "seed is 0.5"),
        ],
        ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
    )
    def test_parameters(
        self, settings: dict[str, Any], error: type, message: str, unchecked_types: None
    ) -> None:
        model = translator(**settings)
        with pytest.raises(error, match=message):
            model.fit(SOURCES, TARGETS)
        assert not hasattr(model, "fitted_")

    @pytest.mark.parametrize(
        ("sources", "targets", "error", "message"),
        [
            (["a", "b"], ["c"], DataError, "2 sources and 1 targets; each source needs its own"),
            ([], [], DataError, "sources and targets are empty"),
            ("king", ["a"], ParameterTypeError, "sources is one str, 'king'; it must be a list"),
            (["a"], "queen", ParameterTypeError, "targets is one str, 'queen'"),
            ([["a", "b"]], ["c"], DataError, r"sources\[0\] is \['a', 'b'\].*join.*tokenizer=.word"),
            ([b"a"], ["c"], DataError, "decode"),
            (["a", np.nan], ["b", "c"], DataError, r"sources\[1\] is nan.*left out"),
            (["a", pd.NA], ["b", "c"], DataError, r"sources\[1\] is <NA>.*left out"),
            (["a", "b"], pd.Series(["c", pd.NaT]), DataError, r"targets\[1\] is NaT.*left out"),
            (np.array("a"), ["b"], ParameterTypeError, "sources is a ndarray"),
            ([["a"] * 10_000], ["c"], DataError, r"^.{,500}$"),
            (["a", None], ["b", "c"], DataError, r"sources\[1\] is None, a NoneType"),
            (["a", "b"], ["c", 3.0], DataError, r"targets\[1\] is 3.0, a float"),
            (["a", " "], ["b", "c"], DataError, r"sources\[1\] is empty"),
            (["a", "b"], ["", "c"], DataError, r"targets\[0\] is empty"),
            (["a", "b\ud800"], ["b", "c"], DataError, r"sources\[1\] has a lone surrogate"),
            ({"a", "b"}, ["b", "c"], ParameterTypeError, "sources is a set"),
        ],
        ids=[
            "counts",
            "nothing",
            "source",
            "target",
            "tokens",
            "bytes",
            "nan",
            "NA",
            "NaT",
            "no axes",
            "long",
            "None",
            "number",
            "blank",
            "empty",
            "surrogate",
            "set",
        ],
    )
    def test_sentences(
        self, sources: Any, targets: Any, error: type, message: str, unchecked_types: None
    ) -> None:
        with pytest.raises(error, match=message):
            translator().fit(sources, targets)

    def test_a_line_of_100_000_characters(self, vague: Seq2SeqTranslator) -> None:
        """It is read to its end, and answered by no more than any sentence is; in training it is one batch."""
        long = "king " * 20_000
        (found,) = vague.translate([long], beam_size=2)
        assert 1 <= len(found[0].tokens) <= vague.max_length_
        model = translator(truncation=Truncation(max_length=50))
        with pytest.warns(DataWarning, match="1 of 10"):
            model.fit([*SOURCES, long], [*TARGETS, "queen"])
        assert weights(model).isfinite().all()

    def test_a_refused_fit_leaves_the_model(self, vague: Seq2SeqTranslator) -> None:
        before, history = weights(vague), vague.history_
        with pytest.raises(DataError, match="3 sources and 1 targets"):
            vague.fit(["a", "b", "c"], ["a"])
        assert vague.history_ is history
        assert torch.equal(weights(vague), before)

    @pytest.mark.parametrize("method", ["predict", "translate", "score_pairs", "evaluate", "save"])
    def test_before_fit(self, method: str, tmp_path: Path) -> None:
        arguments = {
            "score_pairs": (SOURCES, TARGETS),
            "evaluate": (SOURCES, TARGETS),
            "save": (tmp_path / "model",),
        }
        with pytest.raises(NotFittedError, match="this Seq2SeqTranslator is not fitted yet"):
            getattr(translator(), method)(*arguments.get(method, (SOURCES,)))

    @pytest.mark.parametrize(
        ("search", "error", "message"),
        [
            ({"beam_size": 0}, ParameterError, "beam_size is 0; it must be an integer, at least 1"),
            ({"beam_size": 2.5}, ParameterTypeError, "beam_size is 2.5"),
            ({"n_best": 0}, ParameterError, "n_best is 0"),
            (
                {"beams": 3},
                ParameterError,
                "no option 'beams' .*; it has: max_length, seed, beam_size, n_best",
            ),
            ({"beam": Beam()}, ParameterError, "no option 'beam'"),
            ({"max_length": 0}, ParameterError, "max_length is 0; it must be an integer, at least 1"),
            ({"max_length": 2.0}, ParameterTypeError, "max_length is 2.0"),
            ({"min_length": -1}, ParameterError, "min_length is -1"),
            ({"min_length": 4, "max_length": 4}, ParameterError, "min_length is 4, but max_length is 4"),
            ({"min_length": 999}, ParameterError, "min_length is 999, but max_length is 22"),
            ({"length_normalization": "mean"}, ParameterError, "length_normalization is 'mean'"),
            ({"beam_size": 5, "groups": 2}, ParameterError, "must be a multiple of groups"),
            ({"seed": 1, "n_best": 9}, ParameterError, "n_best is 9, but beam_size is 5"),
            ({"seed": 1, "beam_size": 4, "groups": 2}, ParameterError, "a stochastic search has no groups"),
            ({"seed": -1}, ParameterError, "seed is -1"),
            ({"seed": "lucky"}, ParameterTypeError, "seed is 'lucky'"),
            ({"temperature": 0.0}, ParameterError, "temperature is 0.0"),
            ({"temperature": "hot"}, ParameterTypeError, "temperature is 'hot'"),
            ({"top_k": 0}, ParameterError, "top_k is 0"),
            ({"top_p": 1.5}, ParameterError, "top_p is 1.5"),
            ({"num_samples": 0}, ParameterError, "num_samples is 0"),
            ({"temperature": 0.8, "beam_size": 5}, ParameterError, "temperature is 0.8.*beam_size is 5"),
            ({"n_best": 2, "top_k": 5}, ParameterError, "top_k is 5.*n_best is 2"),
            ({"num_samples": 2, "min_length": 3}, ParameterError, "num_samples is 2.*min_length is 3"),
            ({"prefix": ""}, ParameterError, "prefix is ''"),
            ({"prefix": "wxyz"}, ParameterError, "prefix is 'wxyz'"),
            ({"prefix": ["w"] * 8 + [" "]}, ParameterError, r"prefix\[8\] is ' '"),
            ({"prefix": ["w"] * 8}, ParameterError, "list of 8, but there are 9 sources"),
            ({"prefix": ["w"] * 8 + [3]}, DataError, r"prefix\[8\] is 3"),
            ({"prefix": 3}, ParameterTypeError, "prefix is a int"),
            ({"prefix": "woman", "max_length": 4}, ParameterError, "5 tokens, but max_length is 4"),
            ({"prefix": "woman" * 5}, ParameterError, "25 tokens, but max_length is 22"),
            ({"prefix": "woman", "max_length": 4, "top_k": 2}, ParameterError, "but max_length is 4"),
            ({"prefix": "woman", "max_length": 4, "beam_size": 1}, ParameterError, "but max_length is 4"),
        ],
        ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
    )
    def test_search_options(
        self,
        vague: Seq2SeqTranslator,
        search: dict[str, Any],
        error: type,
        message: str,
        unchecked_types: None,
    ) -> None:
        with pytest.raises(error, match=message):
            vague.translate(SOURCES, **search)

    @pytest.mark.parametrize("name", ["max_length", "beam_size", "num_samples"])
    def test_absurd_numbers(self, vague: Seq2SeqTranslator, name: str) -> None:
        with pytest.raises(ParameterError, match=f"{name} is 1000000000"):
            vague.predict(["king"], **{name: 10**30})

    @pytest.mark.parametrize(
        "options",
        [
            {"seed": 3, "max_length": 4, "beam_size": 3},
            {"seed": 3, "num_samples": 2, "top_k": 3, "temperature": 0.5},
            {"groups": 2, "beam_size": 4, "n_best": 2, "min_length": 1, "no_repeat_ngram": 2},
        ],
    )
    def test_numbers_of_numpy(
        self, vague: Seq2SeqTranslator, options: dict[str, Any], unchecked_types: None
    ) -> None:
        own = {name: np.array(value)[()] for name, value in options.items()}
        expected, found = (vague.translate(["king"], **given) for given in (options, own))
        assert [each.tokens for each in found[0]] == [each.tokens for each in expected[0]]

    def test_they_are_refused_wherever_they_can_be_given(self, vague: Seq2SeqTranslator) -> None:
        for method, arguments in (("predict", (SOURCES,)), ("evaluate", (SOURCES, TARGETS))):
            for search, message in (
                ({"beams": 3}, "no option 'beams'"),
                ({"beam_size": 0}, "beam_size is 0"),
            ):
                with pytest.raises(ParameterError, match=message):
                    getattr(vague, method)(*arguments, **search)

    def test_coverage_needs_attention(self) -> None:
        model = translator(network=Network(hidden_size=6)).fit(SOURCES, TARGETS)
        with pytest.raises(ParameterError, match="the model gives no attention"):
            model.translate(SOURCES, coverage_penalty=1.0)

    @pytest.mark.parametrize("method", ["predict", "translate"])
    def test_sources_to_translate(self, vague: Seq2SeqTranslator, method: str, unchecked_types: None) -> None:
        with pytest.raises(ParameterTypeError, match="sources is one str, 'king'; it must be a list"):
            getattr(vague, method)("king")
        with pytest.raises(DataError, match=r"sources\[1\] is 3, a int; every sentence must be a str"):
            getattr(vague, method)(["a", 3])

    @pytest.mark.parametrize(
        ("targets", "error", "message"),
        [
            (["queen"], DataError, "there are 2 sources and 1 targets; each needs one"),
            ("ab", ParameterTypeError, "targets is one str, 'ab'; it must be a list"),
            (["queen", [5, 999]], DataError, r"targets\[1\] holds 999"),
            (["queen", [5, -1]], DataError, r"targets\[1\] holds -1"),
            (["queen", [PAD]], DataError, r"targets\[1\] holds 0"),
            ([[BOS, 5], "queen"], DataError, r"targets\[0\] holds 1"),
            (["queen", [5.0]], DataError, r"targets\[1\] holds 5.0"),
            (["queen", []], DataError, r"targets\[1\] has no tokens"),
            (["queen", None], DataError, r"targets\[1\] is None"),
            (["queen", [5, EOS, 6]], DataError, r"targets\[1\].*end token"),
            (["queen", "a\ud800"], DataError, r"targets\[1\] has a lone surrogate"),
        ],
        ids=[
            "counts", "text", "beyond", "negative", "padding", "begin", "float", "empty", "None", "end", "surrogate",
        ],
    )  # fmt: skip
    def test_targets_to_score(
        self, vague: Seq2SeqTranslator, targets: Any, error: type, message: str, unchecked_types: None
    ) -> None:
        with pytest.raises(error, match=message):
            vague.score_pairs(["a", "b"], targets)

    def test_pairs_to_evaluate(self, vague: Seq2SeqTranslator, unchecked_types: None) -> None:
        with pytest.raises(DataError, match="2 sources and 1 targets"):
            vague.evaluate(["a", "b"], ["c"])
        with pytest.raises(ParameterTypeError, match="targets is one str"):
            vague.evaluate(["a"], "c")
        with pytest.raises(DataError, match=r"targets\[0\] is empty"):
            vague.evaluate(["a"], [""])

    def test_a_hypothesis_of_another_model(self, vague: Seq2SeqTranslator) -> None:
        alien = Hypothesis((5, 999), -1.0, -1.0, (-0.5, -0.5), None, False)
        with pytest.raises(DataError, match=r"targets\[0\] holds 999"):
            vague.score_pairs(["a"], [alien])

    def test_a_forecaster_takes_no_tokens(self, unchecked_types: None) -> None:
        with pytest.raises(ParameterTypeError, match="output"):
            Seq2SeqForecaster(3, output=Tokens()).fit(pd.DataFrame({"y": np.arange(50.0)}))
