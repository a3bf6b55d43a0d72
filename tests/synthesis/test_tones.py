"""Words to sounds: the reverse of the transcriber's tones, and the attention that reads the words."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tsseq2seq import Network, Seq2SeqSynthesizer, Training
from tsseq2seq.evaluation.metrics.time_warping import time_warping_distance


def read_at(model: Seq2SeqSynthesizer, texts: list[str]) -> list[np.ndarray]:
    """Return the word, from 0, that each frame of a text attends to most."""
    attention = model.attention(texts)
    return [
        rows.pivot(index="step", columns="place", values="weight").to_numpy().argmax(1)
        for _, rows in attention.groupby("sentence")
    ]


def nearest(frames: np.ndarray, spoken: dict[str, list[np.ndarray]]) -> str:
    """Return the word to whose recordings frames are nearest."""
    return min(spoken, key=lambda word: min(time_warping_distance(frames, one) for one in spoken[word]))


@pytest.fixture(scope="module")
def speaker(tones: Any) -> Seq2SeqSynthesizer:
    sounds, texts = tones.recordings(400, (1, 2, 3, 4), seed=0)
    return Seq2SeqSynthesizer(
        "word",
        frames_per_step=3,
        network=Network(
            encoder="convolutional", hidden_size=32, attention="location", initial_state="zeros", dropout=0.1
        ),
        training=Training(
            max_steps=300, batch_size=16, learning_rate=0.01, progress=False, precision="float32"
        ),
    ).fit(texts, sounds)


@pytest.mark.parametrize(("lengths", "seed"), [((1, 2, 3, 4), 1), ((6,), 2)], ids=["as trained", "longer"])
def test_each_word_sounds_like_itself(
    speaker: Seq2SeqSynthesizer, tones: Any, lengths: tuple[int, ...], seed: int
) -> None:
    rng = np.random.default_rng(9)
    spoken = {word: [tones.log_mel(tones.speak([word], rng)) for _ in range(3)] for word in tones.names}
    _, texts = tones.recordings(40, lengths, seed)
    right = []
    for text, frames, places in zip(texts, speaker.predict(texts), read_at(speaker, texts), strict=True):
        for place, word in enumerate(text.split()):
            heard = frames[places == place]
            right.append(len(heard) > 0 and nearest(heard, spoken) == word)
    assert np.mean(right) >= 0.9


def test_the_attention_advances(speaker: Seq2SeqSynthesizer, tones: Any) -> None:
    for lengths in ((2, 3, 4), (6,)):
        _, texts = tones.recordings(40, lengths, seed=3)
        places = read_at(speaker, texts)
        assert np.mean(np.concatenate([np.diff(one) for one in places]) >= 0) >= 0.9
        assert (
            np.mean(
                [set(range(len(text.split()))) <= set(one) for text, one in zip(texts, places, strict=True)]
            )
            >= 0.9
        )


def test_texts_are_as_long_as_they_should_be_and_near_the_recordings(
    speaker: Seq2SeqSynthesizer, tones: Any
) -> None:
    """Durations are drawn at random, so that no length can be exact."""
    sounds, texts = tones.recordings(40, (1, 2, 3, 4), seed=4)
    scores = speaker.evaluate(texts, sounds)
    assert scores["length_error"] <= 0.25
    usual = np.mean([time_warping_distance(one, other) for one, other in pairwise(sounds)])
    assert scores["dtw"] < 0.7 * usual
    assert scores["frame_mae"] < 0.7 * np.mean(
        [np.abs(one - np.concatenate(sounds).mean(0)).mean() for one in sounds]
    )
