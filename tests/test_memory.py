"""Where memory does not suffice, an error of the library says what to lower."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import (
    Network,
    SeasonalNaive,
    Seq2SeqClassifier,
    Seq2SeqForecaster,
    Seq2SeqSynthesizer,
    Seq2SeqTagger,
    Theta,
    Training,
    backtest,
    leaderboard,
)
from tsseq2seq.errors import OutOfMemoryError
from tsseq2seq.memory import memory_told, ran_out_of_memory

DF = pd.DataFrame({"ds": range(40), "y": np.arange(40.0) % 5})


def of_numpy() -> None:
    np.empty(2**52, dtype=np.float64)


def of_torch() -> None:
    torch.empty(2**60)


def of_a_product() -> None:
    torch.empty(2**31, 2**31)


def of_a_gpu() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


def of_python() -> None:
    raise MemoryError


REQUESTS = [of_numpy, of_torch, of_a_product, of_a_gpu, of_python]


@pytest.mark.parametrize("request_too_much", REQUESTS)
def test_every_kind_is_an_error_of_ours(request_too_much) -> None:
    with pytest.raises(
        OutOfMemoryError, match=rf"{request_too_much.__name__}: memory does not suffice"
    ) as told:
        memory_told(request_too_much)()
    assert isinstance(told.value, MemoryError)
    assert told.value.__cause__ is not None


def test_other_errors_stay() -> None:
    def wrong() -> None:
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match=r"^shapes differ$"):
        memory_told(wrong)()
    assert not ran_out_of_memory(ValueError("can allocate memory"))


def test_a_network_that_no_machine_holds() -> None:
    model = Seq2SeqForecaster(
        2, network=Network(hidden_size=10**7), training=Training(max_steps=1, progress=False)
    )
    with pytest.raises(
        OutOfMemoryError, match=r"fit: .* Lower Training\(batch_size=…\), Network\(hidden_size"
    ):
        model.fit(DF)


CALLS = {
    "predict": lambda: Theta(2, jobs=1).fit(DF).predict(),
    "backtest": lambda: backtest(SeasonalNaive(2, jobs=1), DF),
    "leaderboard": lambda: leaderboard(DF, [SeasonalNaive(2, jobs=1)]),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_function_called_says_what_to_lower(name: str, monkeypatch) -> None:
    monkeypatch.setattr("tsseq2seq.evaluation.baselines.base.forecast_each", lambda *_, **__: of_numpy())
    with pytest.raises(OutOfMemoryError, match=r"Lower .*horizon"):
        CALLS[name]()


@pytest.mark.parametrize("estimator", [Seq2SeqClassifier, Seq2SeqTagger])
def test_labels_are_of_fewer_sequences_at_a_time(monkeypatch: pytest.MonkeyPatch, estimator: type) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    y = [0, 0, 1, 1] if estimator is Seq2SeqClassifier else [[0], [1]] * 2
    model = estimator(network=Network(hidden_size=2), training=Training(max_steps=1, progress=False))
    model.fit([["a"]] * 4, y)
    monkeypatch.setattr(type(model.fitted_.members[0]), "predict", staticmethod(fail))
    for method in (model.predict, model.predict_proba):
        with pytest.raises(OutOfMemoryError, match="Lower the number of sequences that are labelled"):
            method([["a"]] * 4)


def test_frames_are_of_fewer_texts_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    training = Training(max_steps=1, progress=False)
    model = Seq2SeqSynthesizer(network=Network(hidden_size=2), training=training)
    model.fit(["a", "b"], [np.zeros((1, 1)), np.ones((2, 1))])
    monkeypatch.setattr("tsseq2seq.synthesis.fitted.write_frames", fail)
    with pytest.raises(OutOfMemoryError, match="Lower max_length, or write fewer texts"):
        model.predict(["a"])
