"""Fits in several threads are those of one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import torch

from tsseq2seq import Network, Normal, Seq2SeqForecaster, Seq2SeqTranslator, Training

DF = pd.DataFrame({"ds": np.arange(60), "y": np.random.default_rng(0).normal(size=60).cumsum()})


def fitted(seed: int) -> pd.DataFrame:
    network = Network(hidden_size=4, num_layers=2, dropout=0.3)
    training = Training(max_steps=8, batch_size=4, progress=False)
    model = Seq2SeqForecaster(4, output=Normal(), network=network, training=training, seed=seed).fit(DF)
    return model.sample(num_samples=3)


def translated(seed: int) -> list[str]:
    network = Network(hidden_size=4, dropout=0.3)
    training = Training(max_steps=8, progress=False)
    model = Seq2SeqTranslator(network=network, training=training, seed=seed).fit(["ab", "ba"], ["cd", "dc"])
    return [str(w.sum().item()) for w in model.fitted_.members[0].parameters()]


def test_threads_do_not_change_each_others_random_numbers() -> None:
    seeds = [0, 1, 2, 0, 1, 2]
    expected = [fitted(seed) for seed in seeds]
    words = [translated(seed) for seed in seeds]
    with ThreadPoolExecutor(6) as threads:
        found, found_words = threads.map(fitted, seeds), threads.map(translated, seeds)
        for one, other in zip(found, expected, strict=True):
            pd.testing.assert_frame_equal(one, other, check_exact=True)
        assert list(found_words) == words


def test_the_callers_random_numbers_stay_as_they_were() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(fitted, range(3)))
    assert torch.equal(torch.rand(3), expected)
