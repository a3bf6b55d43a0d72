from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def model():
    from measuring import long_frame

    from tsseq2seq import Seq2SeqForecaster, Training

    return Seq2SeqForecaster(6, training=Training(max_steps=1, progress=False)).fit(long_frame(3, 200))


@pytest.fixture
def df():
    from measuring import long_frame

    return long_frame(7, 80)


def test_forecasts_a_minute():
    from forecasts_per_minute import a_minute

    assert a_minute(100_000, 12) == 500_000


def test_parts_of_a_call_add_up(model, df):
    from forecasts_per_minute import BETWEEN, READING, REST, WRITING, calls

    seconds, parts = calls(model, df, 3)
    assert len(seconds) == 3
    assert set(parts) == {READING, BETWEEN, WRITING, REST}
    assert 0.5 * sum(seconds) / 3 < sum(parts.values()) <= sum(seconds) / 3


def test_the_bar_is_for_the_first_history(model, monkeypatch):
    import forecasts_per_minute

    monkeypatch.setattr(
        forecasts_per_minute,
        "calls",
        lambda model, df, rounds: ([9.0, len(df) / 800, 0.1], {"the rest": 1.5}),
    )
    said = forecasts_per_minute.rate_section(model, 100, [96, 24], 3)
    # 100 × 96 / 800 = 12 s is above 9 s, 100 × 24 / 800 = 3 s below: the medians are 9 s and 3 s
    assert "| 96 | 9.00 | 0.00 | 0.00 | 0.00 | 1.50 | 667 |" in said
    assert "| 24 | 3.00 |" in said
    assert "667, **not met**" in said
    monkeypatch.setattr(forecasts_per_minute, "calls", lambda model, df, rounds: ([0.012], {}))
    assert "500,000, **met**" in forecasts_per_minute.rate_section(model, 100, [96], 1)


def test_chunks_have_the_size_asked_for(model, df, monkeypatch):
    from forecasts_per_minute import forecast

    from tsseq2seq.data.panel.windows import Windows
    from tsseq2seq.forecasting import prediction as series_prediction

    own, gathered = series_prediction._CHUNK, []
    gather = Windows.gather

    def noted(self, index):
        gathered.append(len(index))
        return gather(self, index)

    monkeypatch.setattr(Windows, "gather", noted)
    windows = model.fitted_.forecast_windows(model.fitted_.read(df), None, 6)
    forecast(model, windows, 3)
    assert gathered == [3, 3, 1]
    assert own == series_prediction._CHUNK


def test_chunks_are_compared_and_the_librarys_is_named(model, df, monkeypatch):
    import forecasts_per_minute

    monkeypatch.setattr(forecasts_per_minute, "HORIZON", 6)
    said = forecasts_per_minute.chunk_section(model, df, [2, 256], 1)
    assert "| 2 | " in said
    assert "| 256 (the library) | " in said
    assert said.endswith("7 windows, 1 rounds turn about.")


def test_the_profile_shows_functions_and_operators(model, df):
    from forecasts_per_minute import profile

    said = profile(model, df)
    assert "(predict)" in said
    assert "aten::" in said


def test_a_dry_run_at_default_settings(monkeypatch, capsys):
    import forecasts_per_minute

    monkeypatch.setattr(
        forecasts_per_minute, "write_section", lambda *given: pytest.fail("RESULTS.md was written")
    )
    options = "--series 5 --histories --rounds 1 --chunks 4 --dry-run"
    monkeypatch.setattr("sys.argv", ["forecasts_per_minute.py", *options.split()])
    forecasts_per_minute.main()
    said = capsys.readouterr().out
    assert "| 168 | " in said
    assert "5 windows, 1 rounds" in said
