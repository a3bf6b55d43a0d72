from __future__ import annotations

import pytest


def made(name, turn, rate, *, error=None, **changed):
    """Return a run of ``rate`` windows a second after the first steps."""
    from peers.records import Run
    from throughput import CONTESTANTS

    measured = {
        "steps": 20, "batch": 256, "fit_seconds": 99.0, "train_steps": 10, "train_seconds": 2560 / (rate or 1),
        "fit_peak_mib": 500.0 + turn, "predict_peak_mib": 600.0, "predict_seconds": 0.5,
    }  # fmt: skip
    return Run(
        CONTESTANTS[name].label, {}, "p 1", 20.0, turn, 2, True,
        measured={} if error else measured | changed, error=error, date="2026-01-02", machine="a machine",
    )  # fmt: skip


def test_the_first_steps_are_left_out_where_there_are_others():
    from throughput import windows_per_second

    run = made("darts_rnn", 0, 320.0)
    assert windows_per_second(run) == pytest.approx(320)
    for name in ("train_steps", "train_seconds"):
        del run.measured[name]
    assert windows_per_second(run) == pytest.approx(20 * 256 / 99)
    assert windows_per_second(made("darts_rnn", 0, 0, error="KeyError")) is None


def test_ratios_are_those_of_a_round():
    from throughput import BASE, CONTESTANTS, ratios

    base = [made("neuralforecast_lstm", turn, rate) for turn, rate in enumerate((100.0, 200.0, 400.0))]
    own = [made("ours_float32", turn, rate) for turn, rate in ((0, 90.0), (2, 200.0), (3, 7.0))]
    own.append(made("ours_float32", 1, 0, error="KeyError"))
    assert ratios(base + own, CONTESTANTS["ours_float32"].label) == pytest.approx([0.9, 0.5])
    assert ratios(base + own, BASE) == pytest.approx([1, 1, 1])


def test_the_bars_take_the_median_of_rounds():
    from throughput import verdicts

    runs = [made("neuralforecast_lstm", turn, 100.0) for turn in range(3)]
    runs += [made("ours_float32", turn, rate) for turn, rate in enumerate((70.0, 80.0, 200.0))]
    runs += [made("ours_bf16", turn, rate) for turn, rate in enumerate((179.0, 500.0, 100.0))]
    lines = verdicts(runs).split("\n\n")
    assert [line.split(": ")[-1] for line in lines] == [
        "0.80, **met**.", "1.79, **not met**.", "not measured, **open**.",
    ]  # fmt: skip


def test_tables_show_medians_and_failures():
    from throughput import memory, speed

    runs = [made("neuralforecast_lstm", turn, 100.0 + turn) for turn in range(3)]
    runs += [made("darts_rnn", turn, 0, error="Traceback\nKeyError: 'a|b'") for turn in range(3)]
    runs += [made("ours_float32", 1, 202.0)]
    fast = speed(runs).splitlines()
    assert fast[2] == "| NeuralForecast LSTM | 256 | 20 | 101 | 1.00 | 1.00 … 1.00 |"
    assert fast[3] == "| Darts RNN | — | — | failed: KeyError: 'a/b' | — | — |"
    assert fast[4] == "| tsseq2seq textbook, float32 | 256 | 20 | 202 | 2.00 | 2.00 … 2.00 |"
    small = memory(runs).splitlines()
    assert small[2] == "| NeuralForecast LSTM | 501 | 600 | 0.50 |"
    assert small[3] == "| Darts RNN | failed: KeyError: 'a/b' | — | — |"


def test_rounds_are_turn_about():
    from throughput import tasks

    planned = tasks(2, 5.0, ["ours_float32", "ours_bf16"])
    first, second = "tsseq2seq textbook, float32", "tsseq2seq textbook, bf16"
    assert [(task.seed, task.contestant.label) for task in planned] == [
        (0, first), (0, second), (1, second), (1, first),
    ]  # fmt: skip


def test_the_textbook_shape_is_one_that_the_library_takes_and_that_of_the_peers():
    from throughput import CONTESTANTS, TEXTBOOK

    from tsseq2seq import Seq2SeqForecaster

    model = Seq2SeqForecaster(48).set_params(**TEXTBOOK)
    assert (model.context_length, model.segment_length) == (168, 1)
    assert (model.network.hidden_size, model.network.num_layers) == (128, 2)
    peers = [entry.settings for name, entry in CONTESTANTS.items() if name.startswith(("darts", "gluonts"))]
    assert {settings["batch_size"] for settings in peers} == {model.training.batch_size} == {256}
    assert len({entry.label for entry in CONTESTANTS.values()}) == len(CONTESTANTS)


def test_a_part_of_the_contestants_is_a_dry_run(monkeypatch):
    import throughput

    monkeypatch.setattr("sys.argv", ["throughput.py", "--only", "ours_bf16"])
    assert throughput.parse().dry_run
    monkeypatch.setattr("sys.argv", ["throughput.py"])
    assert not throughput.parse().dry_run


def test_redrawing_writes_both_sections(tmp_path, monkeypatch, capsys):
    import report
    import throughput
    from peers import contest
    from peers.records import Records

    records = Records(tmp_path / "throughput.jsonl")
    for turn in range(3):
        records.add(made("neuralforecast_lstm", turn, 100.0))
        records.add(made("ours_default", turn, 2500.0))
    monkeypatch.setattr(contest, "RECORDS", tmp_path)
    monkeypatch.setattr(report, "RESULTS", tmp_path / "RESULTS.md")
    monkeypatch.setattr("sys.argv", ["throughput.py", "--redraw"])
    throughput.main()
    text = (tmp_path / "RESULTS.md").read_text()
    assert "## Throughput\n" in text
    assert "## Memory\n" in text
    assert "25.00, **met**" in text
    monkeypatch.setattr("sys.argv", ["throughput.py", "--redraw", "--seconds", "7"])
    with pytest.raises(SystemExit, match="there is no run to show"):
        throughput.main()
    capsys.readouterr()
