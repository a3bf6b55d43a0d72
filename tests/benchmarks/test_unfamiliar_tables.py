from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

NAIVE, OURS, QUANTILES = "seasonal naive", "tsseq2seq", "tsseq2seq Quantiles"


def run_of(name, label, *, held_out=8, seed=0, error=None, seconds=1.0, **scores):
    from peers.records import Run

    return Run(
        label, {"suite": name, "held_out": held_out}, "p 1", None, seed, 1, True, versions={"p": "1"}, scores=scores,
        measured={} if error else {"fit_seconds": seconds, "predict_seconds": 0.5}, error=error,
        date="2026-01-02T03:04", machine="a machine",
    )  # fmt: skip


def frame(**columns):
    from unfamiliar_sets import FIVE

    names = {"naive": NAIVE, "ours": OURS, "quantiles": QUANTILES}
    return pd.DataFrame({names.get(key, key): values for key, values in columns.items()}, index=list(FIVE))


def test_scores_are_means_over_cutoffs_and_seeds_and_missing_where_a_run_failed():
    from unfamiliar_tables import means, seconds

    runs = [
        run_of("a", OURS, mase=1.0), run_of("a", OURS, held_out=16, mase=2.0),
        run_of("a", OURS, seed=1, mase=6.0, seconds=7.0), run_of("b", OURS, mase=1.0),
        run_of("a", "x", mase=5.0, wql=0.1), run_of("b", "x", error="KeyError"),
    ]  # fmt: skip
    mases = means(runs, "mase")
    assert mases.to_dict() == {
        OURS: {"a": 3.0, "b": 1.0},
        "x": {"a": 5.0, "b": pytest.approx(np.nan, nan_ok=True)},
    }
    assert list(means(runs, "wql")) == ["x"]
    assert seconds(runs)[OURS].tolist() == [1.5, 1.5]
    assert np.isnan(seconds(runs)["x"]["b"])


def test_geometric_means_stand_beside_the_naive_method_and_need_every_set():
    from unfamiliar_tables import geometric_means, mean_ranks

    scores = frame(naive=[2.0] * 5, ours=[1.0, 1.0, 2.0, 4.0, 4.0], x=[1.0, 1.0, 1.0, 1.0, np.nan])
    means = geometric_means(scores, list(scores.index))
    assert means[OURS] == pytest.approx(1.0)
    assert means[NAIVE] == 1.0
    assert np.isnan(means["x"])
    assert geometric_means(scores, ["cif2016", "no such set"]).isna().all()
    assert geometric_means(scores.drop(columns=NAIVE), ["cif2016"]).empty
    ranks = mean_ranks(scores)  # of those that have all sets
    assert ranks[NAIVE] == pytest.approx((2 + 2 + 1.5 + 1 + 1) / 5)
    assert np.isnan(ranks["x"])


def test_the_table_has_averages_below_and_dashes_where_there_is_nothing():
    from unfamiliar_tables import score_table

    scores = frame(naive=[2.0] * 5, ours=[1.0] * 5, x=[1.0, np.nan, 1.0, 1.0, 1.0])
    text = score_table(scores, "{:.3f}", lambda name: [len(name)], ["letters"])
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert lines[0] == ["set", "letters", NAIVE, OURS, "x"]
    assert lines[3] == ["tourism_monthly", "15", "2.000", "1.000", "—"]
    assert lines[-3] == ["mean rank", "", "2.00", "1.00", "—"]
    assert lines[-2][0].endswith("five panels")
    assert lines[-2][1:] == ["", "1.000", "0.500", "—"]
    assert lines[-1][0].endswith("all sets")


def verdicts(mases, losses=None, scaled=None, coverages=None):
    from unfamiliar_tables import verdict

    given = (pd.DataFrame() if one is None else one for one in (losses, scaled, coverages))
    return verdict(mases, *given).splitlines()


def test_a_bar_that_was_not_measured_stays_open():
    lines = verdicts(frame(naive=[1.0] * 5))
    assert len(lines) == 6
    assert all(line.endswith("open.") for line in lines)
    incomplete = verdicts(frame(naive=[1.0] * 5, ours=[0.5] * 4 + [np.nan]))
    assert all(line.endswith("open.") for line in incomplete)


@pytest.mark.parametrize(
    ("ours", "met"),
    [
        ([0.7] * 5, [True, True, True]),
        ([0.808] * 5, [False, True, True]),  # within 1 % of the first
        ([0.81, 0.81, 0.5, 0.5, 0.5], [True, False, True]),
        ([1.1, 0.5, 0.5, 0.5, 0.5], [True, True, False]),
    ],
    ids=["all", "near the first", "first on three", "behind on one"],
)
def test_the_bars_of_the_error(ours, met):
    scores = frame(naive=[1.0] * 5, ours=ours, quantiles=[0.1] * 5, x=[0.8] * 5)
    lines = verdicts(scores)[:3]
    assert [line.endswith("**met**.") for line in lines] == met
    assert [line.endswith("**not met**.") for line in lines] == [not one for one in met]


def test_only_others_are_rivals():
    scores = frame(naive=[1.0] * 5, ours=[0.7] * 5, quantiles=[0.1] * 5)
    scores["tsseq2seq Smoothing"] = 0.1
    assert verdicts(scores)[1].endswith("5, **met**.")


@pytest.mark.parametrize(("loss", "met"), [(0.5, True), (0.7, False)])
def test_the_bar_of_the_quantiles_is_the_best_of_the_others(loss, met):
    losses = frame(naive=[1.0] * 5, quantiles=[loss] * 5, x=[0.6] * 5)
    weighted = verdicts(frame(naive=[1.0] * 5), losses)
    scaled = verdicts(frame(naive=[1.0] * 5), scaled=losses)
    assert weighted[4].endswith("open.")
    assert scaled[3].endswith("open.")
    for line in (weighted[3], scaled[4]):
        assert f"{loss:.3f}, x 0.600" in line
        assert line.endswith("**met**." if met else "**not met**.")


def test_the_bar_of_the_coverage_names_the_sets_outside():
    mases = frame(naive=[1.0] * 5)
    within = verdicts(mases, coverages=frame(quantiles=[85.0, 95.0, 90.0, 90.0, 90.0]))[5]
    assert within.endswith("**met**.")
    outside = verdicts(mases, coverages=frame(quantiles=[84.0, 96.0, 90.0, 90.0, 90.0]))[5]
    assert "cif2016 84, tourism_monthly 96, **not met**" in outside


def test_notes_name_failures_fallbacks_and_those_left_out():
    from unfamiliar_notes import notes

    good = run_of("cif2016", OURS, mase=1.0)
    runs = [
        good, run_of("cif2016", "x", held_out=24, error="Traceback\nKeyError: 'a|b'"),
        dataclasses.replace(good, label="y", measured={"fallbacks": 3}, date="2026-01-05"),
    ]  # fmt: skip
    text = notes(runs, {"z": "there is no z"}, {"network__hidden_size": 8})
    assert "- tsseq2seq with network__hidden_size=8." in text
    assert "- z did not run this time: there is no z." in text
    assert "- x on cif2016, 24 steps held out, failed: KeyError: 'a/b'" in text
    assert "- y on cif2016, 8 steps held out: seasonal naive in place of 3 failed fits." in text
    assert "cif2016 12 and 12" in text
    assert text.endswith("Measured on a machine; 2026-01-02 … 2026-01-05.")


def test_the_plot_is_the_same_each_time_and_names_every_set_and_model(tmp_path):
    from unfamiliar_plot import draw

    scores = frame(naive=[1.0] * 5, ours=[0.7, 0.8, 0.9, 1.2, np.nan], x=[0.8] * 5)
    files = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for file in files:
        draw(scores, file, own=OURS)
    text = files[0].read_text(encoding="utf-8")
    assert text == files[1].read_text(encoding="utf-8")
    for name in (*scores.index, *scores):
        assert f">{name}<" in text
