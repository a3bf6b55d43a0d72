"""Fixtures for the tests of all modules."""

from __future__ import annotations

import os
import types
from collections.abc import Iterator
from pathlib import Path

import jaxtyping
import numpy as np
import pytest

from tsseq2seq.nn.cells import GRU, LSTM, RNN


@pytest.fixture
def data_folder() -> Path:
    """The folder with the public data sets; without one the test is skipped."""
    folder = os.environ.get("TSSEQ2SEQ_DATA")
    if not folder:
        pytest.skip("TSSEQ2SEQ_DATA is not set: it must name a folder with the public data sets")
    return Path(folder)


@pytest.fixture
def unchecked_types() -> Iterator[None]:
    """Let arguments of the wrong type through, to test that the library itself refuses them."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


# --- recurrent cells in plain numpy, written from the papers, that the modules are held against ---


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _lstm(pre_input, pre_hidden, hidden, cell):
    """Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000."""
    enter, forget, candidate, leave = np.split(pre_input + pre_hidden, 4, axis=-1)
    cell = _sigmoid(forget) * cell + _sigmoid(enter) * np.tanh(candidate)
    return _sigmoid(leave) * np.tanh(cell), cell


def _gru(pre_input, pre_hidden, hidden, cell):
    """Cho et al. 2014, the reset gate after the matrix product as in footnote 1 of Chung et al. 2014."""
    reset_in, update_in, new_in = np.split(pre_input, 3, axis=-1)
    reset_hidden, update_hidden, new_hidden = np.split(pre_hidden, 3, axis=-1)
    reset, update = _sigmoid(reset_in + reset_hidden), _sigmoid(update_in + update_hidden)
    return update * hidden + (1 - update) * np.tanh(new_in + reset * new_hidden), None


def _rnn(pre_input, pre_hidden, hidden, cell):
    """Elman 1990, with tanh."""
    return np.tanh(pre_input + pre_hidden), None


_CELLS = {LSTM: _lstm, GRU: _gru, RNN: _rnn}


@pytest.fixture(scope="session")
def numpy_step():
    """One step of a stack: ``(stack, inputs (…, I), hidden (…, L, H), cell) → output, hidden, cell``.

    Only the numbers of the stack's weights are read.
    """

    def step(stack, inputs, hidden, cell, between=lambda values: values):
        weights = {name: value.detach().double().numpy() for name, value in stack.layers.named_parameters()}
        below, new_hidden, new_cell = inputs, [], []
        for layer in range(hidden.shape[-2]):
            if layer > 0:
                below = between(below)
            pre_input = below @ weights[f"weight_ih_l{layer}"].T + weights[f"bias_ih_l{layer}"]
            pre_hidden = (
                hidden[..., layer, :] @ weights[f"weight_hh_l{layer}"].T + weights[f"bias_hh_l{layer}"]
            )
            old_cell = None if cell is None else cell[..., layer, :]
            below, c = _CELLS[type(stack)](pre_input, pre_hidden, hidden[..., layer, :], old_cell)
            new_hidden.append(below)
            new_cell.append(c)
        return below, np.stack(new_hidden, -2), None if cell is None else np.stack(new_cell, -2)

    return step


# --- tones as the energies of mel bands, and the words for them ---

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
    return types.SimpleNamespace(recordings=recordings, log_mel=log_mel, speak=speak, names=TONES)
