from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from utilsforecast.losses import mase as mase_of_utilsforecast

LABELS = ["tsseq2seq", "seasonal naive", "statsmodels ETS", "NeuralForecast LSTM"]


@pytest.fixture
def job(tmp_path):
    """Make a job for a runner: a monthly wave whose third value is missing."""
    from peers.protocol import Job, Series

    steps = np.arange(72.0)
    values = 50 + steps / 4 + 10 * np.sin(steps / 12 * 2 * np.pi) + np.random.default_rng(0).normal(size=72)
    values[2] = np.nan
    Series(["wave"], [values]).save(tmp_path / "series.npz")

    def make(**settings):
        given = {"start": "2001-01-01", "freq": "MS", "season": 12} | settings
        return Job(str(tmp_path / "series.npz"), str(tmp_path), 6, 0.0, threads=1, settings=given)

    return make


def test_mase_is_that_of_utilsforecast():
    from small_series import mase

    rng = np.random.default_rng(0)
    known, truth, forecast = rng.normal(size=60), rng.normal(size=8), rng.normal(size=8)
    train = pd.DataFrame({"unique_id": "a", "ds": range(60), "y": known})
    frame = pd.DataFrame({"unique_id": "a", "ds": range(60, 68), "y": truth, "m": forecast})
    expected = mase_of_utilsforecast(frame, ["m"], 4, train)["m"].item()
    assert mase(known, truth, forecast, 4) == pytest.approx(expected, rel=1e-12)


def test_steps_without_a_row_do_not_count():
    from small_series import mase

    known = np.array([1.0, 2.0, np.nan, 4.0, 4.0])  # differences at a lag of 2: 2 (of 4 and 2)
    assert mase(known, np.array([7.0, np.nan]), np.array([6.0, 0.0]), 2) == pytest.approx(1 / 2)


@pytest.mark.parametrize(
    ("validation", "expected"),
    [(False, [84, 96, 108, 120, 132]), (True, [48, 60, 72])],
    ids=["test", "before"],
)
def test_cutoffs_of_the_airline_series(validation, expected):
    from small_series import SUBJECTS, cutoffs

    # 144 months: the test's windows begin after 84; before 48 there are no four seasons
    assert cutoffs(144, SUBJECTS["airline"], 5, validation) == expected


def test_a_validation_sees_nothing_of_the_test(monkeypatch):
    from small_series import SUBJECTS, matches

    test, validation = matches(["airline"], 5, False), matches(["airline"], 5, True)
    assert len(test[0].values) == 144
    assert len(validation[0].values) == test[0].cutoff == 84
    horizon = SUBJECTS["airline"].horizon
    assert max(match.cutoff for match in validation) + horizon == 84
    assert [len(match.known) for match in validation] == [48, 60, 72]


@pytest.mark.skipif("TSSEQ2SEQ_DATA" not in os.environ, reason="TSSEQ2SEQ_DATA does not name the public data")
@pytest.mark.parametrize(
    ("name", "length", "missing"),
    [
        ("ausbeer", 211, 0),
        ("taylor", 4032, 0),
        ("taxi", 10_320, 0),
        ("gasoline", 1578, 0),
        ("ILINet", 1305, 4),
    ],
)
def test_series_lie_on_their_grids(name, length, missing):
    from small_series import SUBJECTS

    values = SUBJECTS[name].values()
    assert (len(values), int(values.isna().sum())) == (length, missing)


def test_a_score_is_taken_after_the_cutoff():
    from peers.launch import Result
    from small_series import SUBJECTS, matches

    match = matches(["airline"], 2, False)[0]
    naive = match.known[-12:]
    y = match.values.to_numpy()
    expected = np.abs(y[120:132] - y[108:120]).mean() / np.abs(y[12:120] - y[:108]).mean()
    task = SimpleNamespace()
    assert match.cutoff == 120
    assert match.score(task, Result(None, naive[None]))["mase"] == pytest.approx(expected)
    assert match.score(task, Result(None, error="KeyError")) == {}
    assert SUBJECTS["airline"].horizon == 12


def test_ours_gets_the_frame_without_the_missing_row_and_the_horizon_alone(job, monkeypatch):
    from peers import small_series_models
    from peers.protocol import Record

    import tsseq2seq

    monkeypatch.setattr("peers.ours.set_up_threads", lambda job: None)  # the test process keeps its own
    seen = []

    class Forecaster(tsseq2seq.Seq2SeqForecaster):
        def fit(self, df, **options):
            seen.append((df, self.get_params()))
            return super().fit(df, **options)

    monkeypatch.setattr(tsseq2seq, "Seq2SeqForecaster", Forecaster)
    record = Record()
    forecast = small_series_models.run(job(model="ours", max_steps=2), record)
    frame, params = seen[0]
    assert forecast.shape == (1, 6)
    assert (len(frame), record["steps"], record["season"]) == (71, 2, 12)
    assert str(frame["ds"].iloc[[0, 2, -1]].dt.date.tolist()) == str(
        pd.to_datetime(["2001-01-01", "2001-04-01", "2006-12-01"]).date.tolist()
    )
    default = tsseq2seq.Seq2SeqForecaster(6).get_params(deep=False)
    changed = {name for name, value in default.items() if params[name] != value}
    assert changed == {"training"}
    assert params["training"] == tsseq2seq.Training(max_steps=2)


def test_naive_repeats_the_last_season_and_fills_by_a_line(job):
    from peers import small_series_models
    from peers.protocol import Record

    asked = job(model="naive")
    (values,) = asked.series().values
    np.testing.assert_array_equal(small_series_models.run(asked, Record()), values[None, -12:-6])
    filled = small_series_models.filled(asked)
    assert filled[2] == pytest.approx((values[1] + values[3]) / 2)
    np.testing.assert_array_equal(np.delete(filled, 2), np.delete(values, 2))


def test_ets_is_as_good_as_the_library_s_own():
    pytest.importorskip("statsmodels")
    from peers.small_series_models import fit_ets

    from tsseq2seq import datasets
    from tsseq2seq.evaluation.baselines.ets import fit_ets as own

    y = datasets.load("air_passengers")["y"].to_numpy()
    form, fitted = fit_ets(y / y.mean(), 12)
    assert form.startswith("M,A")
    assert form.endswith(",M")
    assert fitted.aicc <= own(y / y.mean(), 12)[1].aicc + 0.1


def test_ets_with_a_long_season_estimates_the_form_chosen(monkeypatch):
    pytest.importorskip("statsmodels")
    from peers import small_series_models
    from peers.small_series_models import fit_ets

    monkeypatch.setattr(small_series_models, "LONGEST_ESTIMATED", 3)
    steps = np.arange(48)
    values = np.array([1.0, -2.0, 0.5, 0.5])[steps % 4] + np.random.default_rng(0).normal(0, 0.1, 48)
    form, fitted = fit_ets(values, 4)
    assert form == "A,N,A"
    np.testing.assert_allclose(fitted.forecast(4), values.reshape(12, 4).mean(0), atol=0.15)


def test_ets_tries_multiplicative_forms_for_positive_values_alone():
    from peers.small_series_models import ets_forms

    assert len(ets_forms(positive=False)) == 6
    assert len(ets_forms(positive=True)) == len(set(ets_forms(positive=True))) == 15
    assert not any(error == "add" and season == "mul" for error, _, season in ets_forms(positive=True))


def run_of(series, label, mase, cutoff=1, error=None, seed=0):
    from peers.records import Run

    scores = {} if error else {"mase": mase}
    measured = {"fit_seconds": 1.0, "predict_seconds": 0.25, "season": 12}
    settings = {"series": series, "cutoff": cutoff}
    return Run(label, settings, "some 1", None, seed, 2, True, {"package": "1"}, scores, measured, error,
               "2026-01-02T03", "a machine")  # fmt: skip


def errors_of(*columns):
    from small_series import SUBJECTS

    return pd.DataFrame(dict(zip(LABELS, columns, strict=False)), index=list(SUBJECTS))


def test_the_table_sums_up_series_and_says_what_failed():
    from small_series_tables import error_rows, means, seconds_rows

    runs = [run_of("a", "x", 1.0), run_of("a", "x", 2.0, cutoff=2), run_of("a", "y", 4.0)]
    runs += [run_of("b", "x", 0.5), run_of("b", "y", 0.0, error="Traceback\nKeyError: 'a|b'")]
    errors = means(runs)
    assert errors.loc["a"].tolist() == [1.5, 4.0]
    assert np.isnan(errors.loc["b", "y"])
    rows = {row[0]: row[1:] for row in error_rows(errors, runs)}
    assert rows["a"] == [2, "1.500", "4.000"]
    assert rows["b"] == [1, "0.500", "failed (1 of 1): KeyError: 'a/b'"]
    assert rows["mean"] == ["", "1.000", "—"]
    assert rows["mean rank"] == ["", "1.00", "—"]
    assert rows["series won"] == ["", "2", "—"]
    assert seconds_rows(errors, runs) == [["a", "1.25", "1.25"], ["b", "1.25", "—"]]


@pytest.mark.parametrize(
    ("ours", "lstm", "said"),
    [
        ([1.0] * 6, [2.0] * 6, "**met**"),
        ([1.0, 1.0, 1.0, 1.0, 1.0, 9.0], [2.0] * 6, "**not met**"),  # on five, but not on average
        ([1.9, 3.0, 3.0, 3.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0, 9.0, 9.0], "**not met**"),  # on three of six
        ([1.0] * 6, [2.0, 2.0, 2.0, 2.0, 2.0, np.nan], "**open**"),
        ([3.0] * 6, [2.0, 2.0, 2.0, 2.0, 2.0, np.nan], "**not met**"),
    ],
    ids=["all", "not on average", "half", "one failed", "failed, and behind another"],
)
def test_the_bar(ours, lstm, said):
    from small_series import verdict

    text = verdict(errors_of(ours, [2.5] * 6, [2.5] * 6, lstm))
    assert said in text.splitlines()[-1]
    assert len(text.splitlines()) == 4


def test_the_bar_stays_open_without_a_rival_or_a_series():
    from small_series import verdict

    assert "**open**" in verdict(errors_of([1.0] * 6, [2.0] * 6, [2.0] * 6))
    assert "**open**" in verdict(errors_of([1.0] * 6, [2.0] * 6, [2.0] * 6, [2.0] * 6)[:5])
    assert "beats seasonal naive on 6 of 6 series, and on average (1.000 against 2.000): yes" in verdict(
        errors_of([1.0] * 6, [2.0] * 6)
    )


def test_a_contest_runs_each_task_once_and_goes_on_from_its_records(monkeypatch, tmp_path):
    import small_series
    from peers.records import Records

    ran = []

    def recorded(order, terms, records, score, *, again):
        for task in order:
            run = run_of("", task.contestant.label, 1.0, seed=task.seed)
            run = type(run)(**{**vars(run), "settings": task.contestant.settings, "threads": terms.threads})
            if run.label in again or not any(
                (run.label, run.settings, run.seed) == (o.label, o.settings, o.seed) for o in records.runs
            ):
                ran.append((task.contestant.label, task.seed, task.contestant.settings["cutoff"]))
                records.add(run)

    monkeypatch.setattr(small_series, "recorded", recorded)
    arguments = SimpleNamespace(again=[], only=["ours", "naive"], seeds=[0, 1], max_steps=None, threads=1)
    found = small_series.matches(["airline"], 2, False)
    for _ in range(2):  # the second time everything is there
        runs = small_series.compete(found, Records(tmp_path / "records.jsonl"), arguments, {})
    assert ran == [
        ("tsseq2seq", 0, 120), ("tsseq2seq", 1, 120), ("seasonal naive", 0, 120),
        ("tsseq2seq", 1, 132), ("seasonal naive", 0, 132), ("tsseq2seq", 0, 132),
    ]  # fmt: skip
    assert [run.seed for run in runs] == [0, 1, 0] * 2
    monkeypatch.setattr(small_series, "code", lambda: "changed")
    small_series.compete(found, Records(tmp_path / "records.jsonl"), arguments, {})
    assert [label for label, *_ in ran[6:]] == ["tsseq2seq"] * 4
    arguments.again = ["naive"]
    small_series.compete(found, Records(tmp_path / "records.jsonl"), arguments, {})
    assert [label for label, *_ in ran[10:]] == ["seasonal naive"] * 2


def test_the_report_names_settings_and_versions(monkeypatch):
    from small_series import report

    runs = [run_of("airline", label, mase) for mase, label in enumerate(LABELS, 1)]
    arguments = SimpleNamespace(validation=True, seeds=[0], threads=2)
    text = report(runs, arguments, {"network__cell": "gru"})
    assert "MASE, cutoffs before the test's." in text
    assert "only `horizon` is set, and network__cell=gru. It chose: airline: season 12." in text
    assert "- statsmodels ETS: package 1." in text
    assert "2 threads each. Measured on a machine; 2026-01-02." in text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--max-steps", "3"], "compared as they come"),
        (["--set", "scaling=none"], "settings are not chosen on the test part"),
    ],
    ids=["steps", "settings of the test"],
)
def test_what_the_command_line_refuses(monkeypatch, capsys, given, message):
    from small_series import parse

    monkeypatch.setattr(sys, "argv", ["small_series.py", *given])
    with pytest.raises(SystemExit):
        parse()
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ([], True),
        (["--series", "airline"], False),
        (["--only", "ours"], False),
        (["--dry-run"], False),
        (["--validation"], False),
    ],
    ids=["all", "a series", "a model", "dry", "validation"],
)
def test_only_a_whole_contest_is_written(monkeypatch, given: list[str], written: bool):
    import small_series

    sections = []
    monkeypatch.setattr(sys, "argv", ["small_series.py", *given])
    monkeypatch.setattr(small_series, "matches", lambda *given: [])
    monkeypatch.setattr(small_series, "compete", lambda *given: [])
    monkeypatch.setattr(small_series, "report", lambda *given: "what was found")
    monkeypatch.setattr(small_series, "write_section", lambda *given: sections.append(given))
    small_series.main()
    assert [body for *_, body in sections] == ["what was found"] * written
