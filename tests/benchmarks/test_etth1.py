from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

TRAINING, PART = 60, (60, 90)
HORIZON, CONTEXT = 4, 12
# scaled by the context alone, so that a forecast from the context alone is the same
TINY = {"scaling": "window", "network__residual": "value", "network__residual_seasons": 1, "context_length": CONTEXT, "segment_length": 4, "network__hidden_size": 8, "training__max_steps": 2,
        "training__max_time": None, "training__batch_size": 8}  # fmt: skip


@pytest.fixture
def values():
    """Two channels of 100 hours, standardised."""
    from etth1 import standardised

    steps = np.arange(100)
    rng = np.random.default_rng(0)
    table = {
        "HUFL": 5 + 3 * np.sin(steps / 24 * 2 * np.pi) + rng.normal(size=100),
        "OT": 0.1 * steps - rng.normal(size=100),
    }
    index = pd.date_range("2016-07-01", periods=100, freq="h", name="ds")
    return standardised(pd.DataFrame(table, index=index), TRAINING)


@pytest.fixture
def model(values):
    """A forecaster after two steps on the training rows."""
    from etth1 import forecaster, long

    return forecaster(HORIZON, 1.0, 0, [TINY]).fit(long(values[:TRAINING]))


def test_training_rows_alone_standardise(values):
    known = values[:TRAINING].to_numpy()
    np.testing.assert_allclose(known.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(np.sqrt((known**2).mean(0)), 1, atol=1e-12)


@pytest.mark.skipif("TSSEQ2SEQ_DATA" not in os.environ, reason="TSSEQ2SEQ_DATA does not name the public data")
def test_the_channels_are_scaled_as_is_customary():
    import etth1

    from tsseq2seq import datasets

    raw, scaled = datasets.load("etth1"), etth1.data()
    # mean and deviation of the training rows, as the data's own card has them
    expected = {"HUFL": (7.9377, 5.8127), "LULL": (0.7885, 0.6302), "OT": (17.1283, 9.1765)}
    assert scaled.shape == (17_420, 7)
    for name, (mean, deviation) in expected.items():
        restored = scaled[name].to_numpy() * deviation + mean
        np.testing.assert_allclose(restored, raw[name], atol=2e-3)
    assert str(scaled.index[etth1.PARTS["test"][0]]) == "2017-10-24 00:00:00"


@pytest.mark.parametrize("rows", [1, 150, 10**6], ids=["a window", "some windows", "all"])
def test_windows_are_those_of_the_protocol(values, model, rows):
    from etth1 import forecasts

    frames = list(forecasts(model, values, PART, rows=rows))
    whole = pd.concat(frames)
    windows = PART[1] - PART[0] - HORIZON + 1
    assert len(frames) == {1: windows, 150: 2, 10**6: 1}[rows]
    assert len(whole) == windows * HORIZON * 2
    for name, channel in whole.groupby("unique_id"):
        first = values.index[PART[0] - 1 : PART[1] - HORIZON]
        assert sorted(channel["cutoff"].unique()) == list(first)
        counts = channel["ds"].value_counts().sort_index()
        assert list(counts.index) == list(values.index[PART[0] : PART[1]])
        # one window has the first target and one the last
        assert (counts.iloc[0], counts.iloc[-1], counts.max()) == (1, 1, HORIZON)
        np.testing.assert_array_equal(channel["y"], values[name].loc[channel["ds"]])


@pytest.mark.parametrize("every", [1, 5], ids=["all", "every fifth"])
def test_errors_are_those_of_single_forecasts(values, model, every):
    from etth1 import errors, forecasts

    starts = range(PART[1] - HORIZON, PART[0] - 1, -every)
    wrong = []
    for start in starts:
        for name in values:
            context = values[name].iloc[start - CONTEXT : start]
            frame = pd.DataFrame({"unique_id": name, "ds": context.index, "y": context.to_numpy()})
            guess = model.predict(frame)["Seq2Seq"].to_numpy()
            wrong.append(values[name].to_numpy()[start : start + HORIZON] - guess)
    found = errors(forecasts(model, values, PART, every, rows=100), 2, HORIZON)
    assert found[:2] == pytest.approx((np.mean(np.square(wrong)), np.mean(np.abs(wrong))), rel=1e-4)
    assert found[2] == len(starts)


def test_a_run_trains_on_the_training_rows_alone(values, monkeypatch):
    import etth1

    monkeypatch.setattr(etth1, "TRAINING_ROWS", TRAINING)
    monkeypatch.setattr(etth1, "PARTS", {"validation": PART, "test": (90, 100)})
    seen = []
    own = etth1.forecaster

    def forecaster(*given):
        model = own(*given)
        fit = model.fit
        monkeypatch.setattr(model, "fit", lambda df: (seen.append(df["ds"].max()), fit(df))[1])
        return model

    monkeypatch.setattr(etth1, "forecaster", forecaster)
    arguments = SimpleNamespace(validation=True, seconds=1.0, every=1)
    scores = [etth1.run(values, HORIZON, 0, arguments, [TINY])]
    changed = values.copy()
    changed.iloc[TRAINING:] += 100  # neither weights nor steps may notice
    scores.append(etth1.run(changed, HORIZON, 0, arguments, [TINY]))
    assert seen == [values.index[TRAINING - 1]] * 2
    assert [score.windows for score in scores] == [27, 27]
    assert scores[0].steps == 2
    assert scores[0].mse < scores[1].mse


def test_a_failed_run_is_a_row(values, capsys):
    import etth1

    arguments = SimpleNamespace(validation=True, seconds=1.0, every=1)
    score = etth1.run(values, HORIZON, 3, arguments, [{"network__cell": "a|b"}])
    assert score.row()[:2] == [HORIZON, 3]
    assert len(score.row()) == len(etth1.HEADER)
    assert "failed: ParameterError" in score.row()[-1]
    assert "a/b" in score.row()[-1]
    assert "ParameterError" in capsys.readouterr().err


def test_the_settings_are_those_of_the_script_and_the_ones_given():
    from etth1 import forecaster

    model = forecaster(96, 5.0, 7, [{"network__dropout": 0.25}])
    assert (model.horizon, model.context_length, model.segment_length, model.seed) == (96, 720, 24, 7)
    assert (model.network.decoding, model.network.dropout, model.training.max_time) == ("parallel", 0.25, 5.0)


def test_several_settings_are_one_ensemble_that_is_scored_by_its_median(values, monkeypatch):
    import etth1

    monkeypatch.setattr(etth1, "TRAINING_ROWS", TRAINING)
    monkeypatch.setattr(etth1, "PARTS", {"validation": PART, "test": (90, 100)})
    others = [TINY, TINY | {"network__residual": None}]
    arguments = SimpleNamespace(validation=True, seconds=20.0, every=1)
    score = etth1.run(values, HORIZON, 0, arguments, others)
    frames = []
    for own in others:
        model = etth1.forecaster(HORIZON, 20.0, 0, [own]).fit(etth1.long(values[:TRAINING]))
        frames.append(pd.concat(etth1.forecasts(model, values, PART)))
    halfway = (frames[0]["Seq2Seq"] + frames[1]["Seq2Seq"]) / 2
    assert score.mse == pytest.approx(((halfway - frames[0]["y"]) ** 2).mean(), rel=1e-4)
    assert (score.windows, score.steps, score.reason) == (27, 2, None)


def test_every_variant_can_be_made():
    import etth1

    for name, (_, several) in etth1.VARIANTS.items():
        model = etth1.forecaster(96, 5.0, 7, several)
        assert (model.horizon, name == "four") == (96, hasattr(model, "forecasters"))


def scores(mse, mae=0.0):
    from etth1 import HORIZONS, Score

    return [Score(horizon, 0, value, mae) for horizon, value in zip(HORIZONS, mse, strict=False)]


@pytest.mark.parametrize(
    ("mse", "mae", "said"),
    [
        ([0.3514, 0.38, 0.4, 0.42], 0.1, ("**met** (4 of 4)", "**met** (4 of 4)", "**met** (0.3879")),
        ([0.352, 0.38, 0.4, 0.42], 0.42, ("**not met** (3 of 4)", "**not met** (2 of 4)", "**met** (0.3880")),
        ([0.36, 0.4, 0.43, 0.47], 0.1, ("**not met** (0 of 4)", "**met** (4 of 4)", "**not met** (0.4150")),
        ([0.3], 0.1, ("**open** (1 of 4)", "**open** (1 of 4)", "**open**.")),
    ],
    ids=["all met", "one missed", "all missed", "one horizon"],
)
def test_the_bars(mse, mae, said):
    from etth1 import verdict

    lines = verdict(scores(mse, mae)).splitlines()
    assert all(expected in line for expected, line in zip(said, lines, strict=True))


def test_bars_take_the_mean_over_seeds_and_stay_open_after_a_failure():
    from etth1 import Score, verdict

    worse = [Score(96, 1, 0.40, 0.1)]
    assert "**not met** (3 of 4)" in verdict(scores([0.34, 0.38, 0.4, 0.42]) + worse).splitlines()[0]
    failed = [Score(96, 1, reason="KeyError")]
    assert "**open** (3 of 4)" in verdict(scores([0.34, 0.38, 0.4, 0.42]) + failed).splitlines()[0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--every", "2"], "all windows count"),
        (["--every", "0", "--dry-run"], "must be 1 or more"),
        (["--horizons", "96"], "shows all of them"),
        (["--variant", "four"], "shows all of them"),
        (["--set", "scaling=none"], "settings are not chosen on the test part"),
    ],
    ids=["thinned test", "no step", "not all horizons", "one variant", "settings of the test"],
)
def test_what_the_command_line_refuses(monkeypatch, capsys, given, message):
    from etth1 import parse

    monkeypatch.setattr(sys, "argv", ["etth1.py", *given])
    with pytest.raises(SystemExit):
        parse()
    assert message in capsys.readouterr().err


def test_blocks_are_whole_and_what_is_trained_on_lies_outside():
    from etth1_blocks import LENGTH, blocks

    found = list(blocks(11_520))
    assert [(block.first, block.end) for block in found] == [(i * 2880, (i + 1) * 2880) for i in range(4)]
    assert len(list(blocks(4 * LENGTH - 1))) == 3
    rows = pd.DataFrame({"y": np.arange(11_520)})
    for block in found:
        held_out = set(range(block.first, block.end))
        pieces = block.pieces(rows, least=1000)
        kept = {int(y) for piece in pieces for y in piece["y"]}
        assert kept == set(range(11_520)) - held_out
        assert all((piece["y"].diff().dropna() == 1).all() for piece in pieces), "a piece has no gap"
    assert len(found[0].pieces(rows, least=1)) == 1


def test_windows_of_a_block_have_context_and_targets_within_the_rows():
    from etth1_blocks import Block

    assert Block(2880, 5760).windows(720, 96, 1) == 2880 - 96 + 1
    assert Block(0, 2880).windows(720, 96, 24) == (2880 - 720 - 96) // 24 + 1


def test_each_block_is_forecast_by_a_model_that_never_saw_it(values, monkeypatch):
    import etth1
    import etth1_blocks

    monkeypatch.setattr(etth1_blocks, "LENGTH", 50)
    monkeypatch.setattr(etth1, "CONTEXT", CONTEXT)
    seen = []

    class Watched:
        horizon = HORIZON

        def fit(self, frame):
            seen.append(frame)

        def predict_cutoffs(self, frame, *, windows, step):
            tail = frame[frame["unique_id"] == "OT"].tail(windows)
            return tail.assign(Seq2Seq=tail["y"] - 2.0)

    monkeypatch.setattr(etth1, "forecaster", lambda *given: Watched())
    arguments = SimpleNamespace(seconds=1.0, every=2)
    line = etth1.cross_validated(values, HORIZON, 3, arguments, [{}])
    assert line == [HORIZON, 3, "4.000", "4.000", "4.000", "2.000"]
    assert [frame["unique_id"].unique().tolist() for frame in seen] == [["HUFL 0", "OT 0"]] * 2
    assert (seen[0]["ds"] >= values.index[50]).all()
    assert (seen[1]["ds"] < values.index[50]).all()
