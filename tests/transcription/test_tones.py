"""Sounds to words: tones of four pitches, as the logarithms of mel energies."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsseq2seq import Network, Patches, Seq2SeqTranscriber, Training


def test_the_bands_hear_the_pitch(tones: Any) -> None:
    t = np.arange(4000) / 8000
    loudest = [
        tones.log_mel(np.sin(2 * np.pi * hertz * t)).mean(0).argmax() for hertz in tones.names.values()
    ]
    assert loudest == sorted(set(loudest)), "higher tones, higher bands, each its own"


def test_words_of_tones_it_never_heard_and_of_longer_rows_of_them(tones: Any) -> None:
    model = Seq2SeqTranscriber(
        "word",
        patches=Patches(channels=(8,), stride=2),
        network=Network(
            encoder="convolutional", hidden_size=32, attention="location", initial_state="zeros", dropout=0.1
        ),
        training=Training(
            max_steps=300, batch_size=32, learning_rate=0.01, progress=False, precision="float32"
        ),
    ).fit(*tones.recordings(400, (1, 2, 3, 4), seed=0))
    for lengths, seed, least in (((1, 2, 3, 4), 1, 0.95), ((6,), 2, 0.8)):
        sounds, words = tones.recordings(60, lengths, seed)
        assert len({len(sound) for sound in sounds}) > 10
        right = [one == text for one, text in zip(model.predict(sounds, beam_size=1), words, strict=True)]
        assert np.mean(right) >= least, lengths
