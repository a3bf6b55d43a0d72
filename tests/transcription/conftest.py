"""Small recordings: tones as the energies of mel bands, and pictures of digits."""

from __future__ import annotations

import types

import numpy as np
import pytest

RATE, FRAME, HOP = 8000, 256, 128
#: Names of tones and their frequencies in hertz.
TONES = {"low": 300.0, "middle": 800.0, "high": 2000.0, "shrill": 3500.0}


def mel(hertz: np.ndarray) -> np.ndarray:
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def mel_filters(bands: int = 16) -> np.ndarray:
    """(bands, bins): triangles that are equally wide on the mel scale."""
    edges = 700 * (10 ** (np.linspace(0, mel(np.array(RATE / 2)), bands + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(FRAME, 1 / RATE)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return np.clip(np.minimum(rising, falling), 0, None)


def log_mel(sound: np.ndarray) -> np.ndarray:
    """(T, bands): the logarithm of the energy of each band, a row each 16 ms."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP] * np.hanning(FRAME)
    return np.log(np.abs(np.fft.rfft(frames)) ** 2 @ mel_filters().T + 1e-3)


def speak(words: list[str], rng: np.random.Generator) -> np.ndarray:
    """A tone of 60 to 120 ms for each word, a little out of tune, with silence between and noise."""
    parts = []
    for word in words:
        t = np.arange(int(RATE * rng.uniform(0.06, 0.12))) / RATE
        parts.append(np.sin(2 * np.pi * TONES[word] * rng.uniform(0.97, 1.03) * t))
        parts.append(np.zeros(int(RATE * rng.uniform(0.02, 0.05))))
    sound = np.concatenate([*parts, np.zeros(FRAME)])
    return sound + 0.01 * rng.normal(size=len(sound))


def recordings(count: int, lengths: tuple[int, ...], seed: int) -> tuple[list[np.ndarray], list[str]]:
    rng = np.random.default_rng(seed)
    spoken = [list(rng.choice(list(TONES), rng.choice(lengths))) for _ in range(count)]
    return [log_mel(speak(words, rng)) for words in spoken], [" ".join(words) for words in spoken]


@pytest.fixture(scope="session")
def tones() -> types.SimpleNamespace:
    return types.SimpleNamespace(recordings=recordings, log_mel=log_mel, names=TONES)
