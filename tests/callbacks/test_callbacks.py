"""Callbacks are told of every training, may end it, and change nothing of its result."""

from __future__ import annotations

import copy
import logging
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from tsseq2seq import Seq2SeqForecaster, Seq2SeqTranslator, Training, backtest, datasets, load
from tsseq2seq.callbacks import Callback, CSVLog, Ended, Log, Started, Stepped, Validated
from tsseq2seq.errors import ParameterTypeError

AIR = datasets.load("air_passengers")


class Told(Callback):
    """Keeps every event, and ends the training where it is told to."""

    def __init__(self, *, stop_at: int | None = None, fail_at: int | None = None) -> None:
        self.events: list[object] = []
        self.stop_at, self.fail_at = stop_at, fail_at

    def on_start(self, event: Started) -> None:
        self.events.append(event)

    def on_step(self, event: Stepped):
        self.events.append(event)
        if event.step == self.fail_at:
            raise RuntimeError("the callback failed")
        return np.int64(event.step) == self.stop_at  # of numpy, as comparisons often are

    def on_validation(self, event: Validated) -> None:
        self.events.append(event)

    def on_end(self, event: Ended) -> None:
        self.events.append(event)

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


def forecaster(*callbacks: Callback, **settings: object) -> Seq2SeqForecaster:
    training = Training(**{"max_steps": 8, "progress": False, "callbacks": list(callbacks)} | settings)
    return Seq2SeqForecaster(12, training=training)


def weights(model: Seq2SeqForecaster) -> list[np.ndarray]:
    return [weight.detach().numpy() for weight in model.fitted_.members[0].parameters()]


def test_events_come_in_order_and_say_what_was() -> None:
    told = Told()
    model = forecaster(told, validation_size=12, validation_every=4).fit(AIR)
    kinds = [type(event).__name__ for event in told.events]
    assert kinds == ["Started", *["Stepped"] * 4, "Validated", *["Stepped"] * 4, "Validated", "Ended"]
    started, ended = told.events[0], told.events[-1]
    assert (started.label, started.planned_steps, started.steps) == ("training", 8, 0)
    assert started.parameters == sum(weight.size for weight in weights(model))
    assert started.settings["max_steps"] == 8
    assert [event.step for event in told.of(Stepped)] == list(range(1, 9))
    assert (ended.steps, ended.stopped) == (8, "steps") == (model.n_steps_, model.stopped_)
    errors = model.history_["validation_error"].dropna().tolist()
    assert [event.error for event in told.of(Validated)] == errors
    assert told.of(Validated)[-1].best_error == min(errors)
    losses = [event.loss for event in told.of(Stepped)]
    assert np.mean(losses) == pytest.approx(
        np.average(model.history_["loss"], weights=np.diff([0, *model.history_["step"]])), rel=1e-5
    )


def test_the_result_is_the_same_with_and_without() -> None:
    first, second = forecaster().fit(AIR), forecaster(Told()).fit(AIR)
    assert all(np.array_equal(one, other) for one, other in zip(weights(first), weights(second), strict=True))


def test_one_of_them_ends_the_training() -> None:
    told = Told()
    model = forecaster(Told(stop_at=3), told).fit(AIR)
    assert (model.n_steps_, model.stopped_) == (3, "callback")
    assert told.events[-1].stopped == "callback"
    assert model.predict()["Seq2Seq"].notna().all()


def test_members_are_told_of_one_after_the_other() -> None:
    told = Told()
    forecaster(told, members=2).fit(AIR)
    assert [event.label for event in told.of(Started)] == ["training 1", "training 2"]
    assert len(told.of(Ended)) == 2


def test_the_network_that_only_judges_tells_nobody() -> None:
    told, rng = Told(), np.random.default_rng(0)
    df = pd.DataFrame(
        {
            "unique_id": np.arange(9).repeat(48),
            "ds": np.tile(pd.date_range("2020", periods=48, freq="MS"), 9),
            "y": rng.normal(size=9 * 48) + 10,
        }
    )
    training = Training(max_steps=5, progress=False, callbacks=[told])
    Seq2SeqForecaster(6, training=training, network_share=None).fit(df)
    assert len(told.of(Started)) == 1


def test_one_that_fails_ends_the_training_in_order(tmp_path: Path) -> None:
    whole = forecaster().fit(AIR)
    other = Told()
    kept = {"checkpoint": tmp_path / "states", "checkpoint_every": 1000}
    model = forecaster(Told(fail_at=3), other, **kept)
    with pytest.raises(RuntimeError, match="the callback failed"):
        model.fit(AIR)
    assert not hasattr(model, "history_")
    assert other.events[-1].steps == 3
    resumed = forecaster(**kept).fit(AIR, resume=tmp_path / "states")
    assert all(np.array_equal(one, two) for one, two in zip(weights(whole), weights(resumed), strict=True))


def test_all_are_told_of_the_end_also_when_one_of_them_fails_there() -> None:
    class Failing(Told):
        def on_end(self, event: Ended) -> None:
            raise RuntimeError("at the end")

    told = Told()
    with pytest.raises(RuntimeError, match="at the end"):
        forecaster(Failing(), told).fit(AIR)
    assert told.events[-1].stopped == "steps"


def test_they_are_shared_by_copies_and_not_saved(tmp_path: Path) -> None:
    told = Told()
    model = forecaster(told)
    assert clone(model).training.callbacks[0] is told
    assert copy.deepcopy(model).training.callbacks[0] is told
    backtest(model, AIR, windows=1, progress=False)
    assert len(told.of(Started)) == 1
    model.fit(AIR).save(tmp_path / "model")
    assert load(tmp_path / "model").training.callbacks == ()
    assert "Told" not in (tmp_path / "model" / "model.json").read_text()
    assert pickle.loads(pickle.dumps(CSVLog("losses.csv"))).path == Path("losses.csv")


@pytest.mark.parametrize("wrong", [Told(), ["losses"], [Told]], ids=["one alone", "text", "a class"])
def test_what_is_no_callback_is_refused(wrong: object, unchecked_types: None) -> None:
    with pytest.raises(ParameterTypeError, match="callbacks"):
        Training(callbacks=wrong)


def test_estimators_of_tokens_tell_them_too() -> None:
    told = Told()
    training = Training(max_steps=3, progress=False, callbacks=[told])
    Seq2SeqTranslator("char", training=training).fit(["ab", "ba"], ["xy", "yx"])
    assert [event.step for event in told.of(Stepped)] == [1, 2, 3]


def test_a_file_has_whole_rows_and_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "losses.csv"
    told = Told()
    forecaster(CSVLog(path, every=4), told, validation_size=12, validation_every=8).fit(AIR)
    forecaster(CSVLog(path, every=4)).fit(AIR)
    rows = pd.read_csv(path)
    assert rows["step"].tolist() == [4, 8, 8, 4, 8]
    assert rows["validation_error"].notna().tolist() == [False, False, True, False, False]
    assert rows["loss"][0] == pytest.approx(told.of(Stepped)[3].loss, rel=1e-5)


def test_the_log_is_silent_unless_somebody_listens(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    forecaster(Log()).fit(AIR)
    assert capsys.readouterr().err == ""
    with caplog.at_level(logging.INFO, logger="tsseq2seq"):
        forecaster(Log(), validation_size=12, validation_every=8).fit(AIR)
    assert caplog.messages[0].startswith("training begins: 8 steps planned")
    assert any("validation error" in message for message in caplog.messages)
    assert caplog.messages[-1] == "training ends after 8 steps: steps"
