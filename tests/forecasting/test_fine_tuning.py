"""Fine-tuning: pretrained weights trained further, as far as that helps."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Seq2SeqForecaster, Training, load
from tsseq2seq.errors import DivergenceError, TrainingWarning
from tsseq2seq.forecasting import judging
from tsseq2seq.forecasting.fine_tuning import fine_tuning
from tsseq2seq.forecasting.network_share import Evidence
from tsseq2seq.forecasting.objective import SeriesObjective
from tsseq2seq.forecasting.pretrained_weights import pretrained_model
from tsseq2seq.smoothing.base import SmoothingBase

SHORT = Training(max_steps=3, progress=False)


def waves(steps=60, count=3):
    rng = np.random.default_rng(0)
    values = 10 + np.sin(np.arange(steps) * 2 * np.pi / 12) + 0.2 * rng.normal(size=(count, steps))
    return pd.DataFrame(
        {
            "unique_id": np.arange(count).repeat(steps),
            "ds": np.tile(pd.date_range("2015", periods=steps, freq="MS"), count),
            "y": values.reshape(-1),
        }
    )


def distance(model):
    """How far the weights lie from those that come with the package, and how large these are."""
    came = pretrained_model("small").state_dict()
    now = model.fitted_.members[0].state_dict()
    moved = sum(float((now[name] - came[name]).square().sum()) for name in came)
    return moved**0.5, sum(float(weight.square().sum()) for weight in came.values()) ** 0.5


def test_the_rate_is_a_share_of_that_of_new_networks():
    assert fine_tuning(Training(learning_rate=0.4)).learning_rate == pytest.approx(0.1)
    assert fine_tuning(Training()).max_steps == 100
    assert fine_tuning(Training(max_time=5)).max_steps is None


def test_as_they_come_weights_are_those_of_the_package():
    assert distance(Seq2SeqForecaster.pretrained(7).fit(waves()))[0] == 0


def test_a_warm_start_is_the_same_as_fine_tuned_weights():
    df = waves()
    warm = Seq2SeqForecaster.pretrained(7, training=SHORT).fit(df, warm_start=True)
    tuned = Seq2SeqForecaster(7, weights="fine_tuned", training=SHORT).fit(df)
    assert warm.n_steps_ == tuned.n_steps_ == 3
    pd.testing.assert_frame_equal(warm.predict(), tuned.predict(), check_exact=True)
    assert warm.choices_ == tuned.choices_


def test_choices_tell_that_weights_were_trained_further(tmp_path):
    df = waves()
    model = Seq2SeqForecaster.pretrained(7, training=SHORT).fit(df)
    assert not any("trained further" in choice for choice in model.choices_)
    model.fit(df, warm_start=True)
    assert any("trained further" in choice for choice in model.choices_)
    model.save(tmp_path / "model")
    assert load(tmp_path / "model").choices_ == model.choices_


def test_a_second_warm_start_goes_on_from_the_first():
    df = waves()
    model = Seq2SeqForecaster.pretrained(7, training=SHORT).fit(df, warm_start=True)
    first = distance(model)[0]
    model.fit(df, warm_start=True)
    assert model.n_steps_ == 3
    assert distance(model)[0] != first


def test_frozen_parts_stay_as_they_came():
    training = Training(max_steps=3, progress=False, freeze=("encoder",))
    model = Seq2SeqForecaster.pretrained(7, training=training).fit(waves(), warm_start=True)
    came, now = pretrained_model("small").state_dict(), model.fitted_.members[0].state_dict()
    changed = {name for name in came if not torch.equal(came[name], now[name])}
    assert changed
    assert not [name for name in changed if ".encoder." in f".{name}"]


@pytest.mark.filterwarnings("ignore:max_time:tsseq2seq.errors.TrainingWarning")  # on a busy machine
def test_the_time_is_kept():
    training = Training(max_time=2, progress=False)
    started = time.monotonic()
    model = Seq2SeqForecaster.pretrained(7, training=training).fit(waves(), warm_start=True)
    assert model.stopped_ == "time"
    assert time.monotonic() - started < 6


def test_without_time_the_weights_stay_as_they_came():
    training = Training(max_time=1e-6, progress=False)  # smoothing alone takes longer
    with pytest.warns(TrainingWarning, match="max_time"):
        model = Seq2SeqForecaster.pretrained(7, training=training).fit(waves(), warm_start=True)
    assert model.stopped_ == "time"
    assert distance(model)[0] == 0


def test_of_noise_little_is_learned():
    df = waves().assign(y=np.random.default_rng(1).normal(size=180))
    moved, size = distance(Seq2SeqForecaster(7, weights="fine_tuned", training=SHORT).fit(df))
    assert moved < 0.05 * size


def test_series_too_short_to_judge_leave_the_weights_as_they_came():
    model = Seq2SeqForecaster(7, weights="fine_tuned", training=SHORT).fit(waves(16, 1))
    assert distance(model)[0] == 0


def weights_of(model):
    return model.fitted_.members[0].state_dict()


@pytest.mark.parametrize("steps_until_the_end", [2, 5])  # in the training itself, and in that of the judge
def test_an_interrupted_one_goes_on_with_the_same_bits(tmp_path, monkeypatch, steps_until_the_end):
    df, kept = (
        waves(),
        Training(max_steps=4, progress=False, checkpoint=tmp_path / "states", checkpoint_every=1),
    )
    whole = Seq2SeqForecaster(
        7, weights="fine_tuned", training=dataclasses.replace(kept, checkpoint=None, checkpoint_every=None)
    ).fit(df)
    real, calls = SeriesObjective.batch_loss, []

    def dying(self, step, total):
        calls.append(step)
        if len(calls) > steps_until_the_end:
            raise RuntimeError("the power failed")
        return real(self, step, total)

    monkeypatch.setattr(SeriesObjective, "batch_loss", dying)
    with pytest.raises(RuntimeError, match="power"):
        Seq2SeqForecaster(7, weights="fine_tuned", training=kept).fit(df)
    monkeypatch.undo()
    resumed = Seq2SeqForecaster(7, weights="fine_tuned", training=kept).fit(df, resume=tmp_path / "states")
    assert all(torch.equal(weights_of(whole)[name], weights_of(resumed)[name]) for name in weights_of(whole))
    assert resumed.network_share_ == whole.network_share_


def test_a_judge_that_diverges_leaves_the_weights_as_they_came(monkeypatch):
    def diverging(build, training, **options):
        raise DivergenceError("the loss is nan")

    monkeypatch.setattr(judging, "train_members", diverging)
    with pytest.warns(TrainingWarning, match="the loss is nan"):
        model = Seq2SeqForecaster(7, weights="fine_tuned", training=SHORT).fit(waves())
    assert distance(model)[0] == 0
    assert model.n_steps_ == 3


def test_no_network_is_judged_on_what_it_was_trained_on(monkeypatch):
    """The last horizon decides on the network's share, and only a network that has not seen it may do so."""
    df, judged = waves(), []
    real = Evidence.of.__func__

    def of(cls, series, windows, base, correction=None, *, horizons):
        judged.append(series.members[0].state_dict())
        return real(cls, series, windows, base, correction, horizons=horizons)

    monkeypatch.setattr(Evidence, "of", classmethod(of))
    monkeypatch.setattr(SmoothingBase, "learned", lambda *args, **kwargs: SmoothingBase.unlearned((12,), 7))
    changed = df.copy()
    last = changed.groupby("unique_id").cumcount(ascending=False) < 7
    changed.loc[last, "y"] += 0.5 * np.sin(np.arange(last.sum()))
    for frame in (df, changed):
        Seq2SeqForecaster(7, weights="fine_tuned", training=SHORT, season_length=12).fit(frame)
    assert len(judged) == 2
    # how far the judge goes is decided by the last horizon, where it goes is not
    came = pretrained_model("small").state_dict()
    ways = [torch.cat([(end[name] - came[name]).flatten() for name in came]) for end in judged]
    lengths = [float(way.norm()) for way in ways]
    assert min(lengths) > 0
    assert float(ways[0] @ ways[1]) / (lengths[0] * lengths[1]) > 0.9999
