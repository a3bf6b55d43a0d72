"""Epochs and shares: every pair as often as asked for, and as many steps as a pass has batches."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from tsseq2seq import (
    Network,
    Seq2SeqAutoencoder,
    Seq2SeqClassifier,
    Seq2SeqForecaster,
    Seq2SeqLanguageModel,
    Seq2SeqSynthesizer,
    Seq2SeqTranscriber,
    Seq2SeqTranslator,
    Training,
)
from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.training.loop import train

rng = np.random.default_rng(0)
SOURCES = ["".join(rng.choice(list("abc"), size=length)) for length in rng.integers(1, 9, size=41)]
TARGETS = [text[::-1] for text in SOURCES]
NETWORK = Network(hidden_size=8)


def days(name: str, length: int) -> pd.DataFrame:
    y = np.sin(np.arange(length)) + np.random.default_rng(length).normal(size=length)
    return pd.DataFrame({"unique_id": name, "ds": pd.date_range("2024-01-01", periods=length), "y": y})


FRAME = pd.concat([days("a", 100), days("b", 60), days("c", 80)], ignore_index=True)


def translator(**training) -> Seq2SeqTranslator:
    return Seq2SeqTranslator(network=NETWORK, training=Training(batch_size=4, progress=False, **training))


@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize("held_out", [0, 0.2])
def test_a_translator_reads_each_pair_so_often(epochs: int, held_out: float, monkeypatch) -> None:
    seen: list[int] = []
    batch = TokenPairs.batch

    def count(pairs: TokenPairs, index: torch.Tensor) -> object:
        if torch.is_grad_enabled():
            seen.extend((len(pairs), int(row)) for row in index)
        return batch(pairs, index)

    monkeypatch.setattr(TokenPairs, "batch", count)
    model = translator(epochs=epochs, validation_size=held_out).fit(SOURCES, TARGETS)
    left = 41 - round(held_out * 41)
    assert Counter(seen) == {(left, row): epochs for row in range(left)}
    assert model.stopped_ == "steps"
    assert model.training_.validation_size == 41 - left


def forecaster(**training) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(
        7, network=NETWORK, training=Training(batch_size=16, progress=False, **training), context_length=14,
        season_length=7, seed=0,
    )  # fmt: skip


@pytest.mark.parametrize("epochs", [1, 2.5, 0.1])
def test_a_forecaster_draws_as_many_windows_as_there_are_cutoffs(epochs: float) -> None:
    model = forecaster(epochs=epochs).fit(FRAME)
    cutoffs = len(TrainingTask.of(model.fitted_).windows)
    assert model.n_steps_ == max(1, int(np.ceil(epochs * int(np.ceil(cutoffs / 16)))))
    assert model.training_.epochs == epochs


def test_the_schedule_runs_on_the_steps_of_the_epochs() -> None:
    model = translator(epochs=2, schedule="linear", warmup=0.0).fit(SOURCES, TARGETS)
    rates = model.history_["learning_rate"]
    assert rates.iloc[0] == pytest.approx(2e-3, rel=0.2)
    assert rates.iloc[-1] < 2e-4


def test_time_may_end_it_before() -> None:
    model = translator(epochs=1e6, max_time=1.5).fit(SOURCES, TARGETS)
    assert model.stopped_ == "time"


def test_epochs_and_steps_together_are_refused() -> None:
    with pytest.raises(ParameterError, match="epochs is 3 and max_steps is 10"):
        Training(epochs=3, max_steps=10)


def test_an_objective_without_epochs_is_refused_by_name(unchecked_types) -> None:
    class Bare:
        module, device = nn.Linear(1, 1), torch.device("cpu")

    with pytest.raises(ParameterError, match="epochs is 2, but Bare knows no epochs"):
        train(Bare(), Training(epochs=2))  # type: ignore[arg-type]


@pytest.mark.parametrize("epochs", [0, -1, "three", float("inf")])
def test_what_is_no_number_of_epochs_is_refused(epochs, unchecked_types) -> None:
    with pytest.raises((ParameterError, ParameterTypeError), match="Training: epochs is"):
        Training(epochs=epochs)


@pytest.mark.parametrize(
    ("share", "steps"), [(0.25, 20), (0.1, 8), (0.001, 1), (np.float64(0.5), 40), (7, 7)]
)
def test_a_share_is_one_of_the_median_series(share: float, steps: int) -> None:
    """The same last steps of all series, as if their number had been given."""
    by_share = forecaster(max_steps=5, validation_size=share).fit(FRAME)
    by_steps = forecaster(max_steps=5, validation_size=steps).fit(FRAME)
    assert by_share.training_ == by_steps.training_
    assert by_share.training_.validation_size == steps
    pd.testing.assert_frame_equal(by_share.predict(), by_steps.predict())
    continued = by_share.fit(FRAME, warm_start=True)
    assert continued.training_.validation_size == steps
    assert forecaster(max_steps=5, validation_size=share).diagnose(FRAME).windows > 0


@pytest.mark.parametrize("size", [1.0, 1.5, -0.1, float("nan"), "0.2", True, None])
def test_what_is_no_size_is_refused(size, unchecked_types) -> None:
    with pytest.raises((ParameterError, ParameterTypeError), match="validation_size is"):
        Training(validation_size=size)


def test_patience_goes_with_a_share() -> None:
    assert Training(patience=3, validation_size=0.2).held_out(10) == 2
    assert Training(validation_size=0.0).held_out(10) == 0


def test_the_token_accuracy_of_pairs_held_out_is_in_the_history() -> None:
    model = translator(max_steps=60, validation_size=0.3, validation_every=60).fit(SOURCES, TARGETS)
    rows = model.history_.dropna(subset="validation_error")
    assert len(rows) == 1
    from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor

    held_out = evenly_spaced_tensor(41, 12).tolist()
    expected = model.evaluate(
        [SOURCES[row] for row in held_out], [TARGETS[row] for row in held_out],
        metrics=["token_accuracy", "perplexity"],
    )  # fmt: skip
    assert rows["validation_token_accuracy"].item() == pytest.approx(expected["token_accuracy"])
    assert np.exp(rows["validation_error"].item()) == pytest.approx(expected["perplexity"], rel=1e-5)
    assert model.history_["validation_token_accuracy"].isna().sum() == len(model.history_) - 1


SHARES = Training(max_steps=2, validation_size=0.98, progress=False)
OF_PAIRS = "validation_size is 0.98, which is 10 of 10 pairs"


@pytest.mark.parametrize(
    ("make", "data", "told"),
    [
        (lambda: Seq2SeqTranslator(training=SHARES), (["ab"] * 10, ["ba"] * 10), OF_PAIRS),
        (lambda: Seq2SeqLanguageModel(training=SHARES), (["ab"] * 10,), OF_PAIRS.replace("pairs", "texts")),
        (lambda: Seq2SeqTranscriber(training=SHARES), ([np.ones((3, 2))] * 10, ["ba"] * 10), OF_PAIRS),
        (lambda: Seq2SeqSynthesizer(training=SHARES), (["ab"] * 10, [np.ones((3, 2))] * 10), OF_PAIRS),
        (
            lambda: Seq2SeqClassifier(training=SHARES),
            ([["a"]] * 10, ["x", "y"] * 5),
            "validation_size is 0.98, which is 10 of 10 sequences",
        ),
        (
            lambda: Seq2SeqAutoencoder(6, training=SHARES),
            (pd.DataFrame({"ds": range(50), "y": np.arange(50) % 7.0}),),
            "validation_size is 0.98, which is 49 of 50 steps",
        ),
    ],
    ids=["translator", "language", "transcriber", "synthesizer", "classifier", "autoencoder"],
)
def test_a_share_that_leaves_too_little_is_named_as_it_was_given(make, data, told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        make().fit(*data)
