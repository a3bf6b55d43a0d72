"""How many series a minute ``predict`` forecasts, frames in and out included.

    python benchmarks/forecasts_per_minute.py
    python benchmarks/forecasts_per_minute.py --profile        # where the time goes, printed
    python benchmarks/forecasts_per_minute.py --series 300 --rounds 1 --chunks 64 256 --dry-run

A model at default settings, horizon 48, is trained for a few steps on hourly series: its weights do not
matter here. Then ``predict`` is given a frame of 100,000 other series (names as text, hourly stamps) whose
histories are as long as the context that it reads, and returns the frame of forecasts; more history only
costs reading, which the second row shows. The time of a call is booked by part. Chunk sizes are compared on
what lies between the frames, turn about; the size is the library's own constant and no parameter.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import statistics
import time
from typing import TYPE_CHECKING, Any
from unittest import mock

import pandas as pd
from measuring import long_frame, met, turn_about
from report import table, write_section
from step_costs import Stopwatch

if TYPE_CHECKING:
    from tsseq2seq import Seq2SeqForecaster
    from tsseq2seq.data.panel.windows import Windows

HORIZON = 48
BAR = 500_000
# Series and steps that the defaults' sizes for large data are chosen on.
TRAINED = (100, 1000)
READING, BETWEEN, WRITING, REST = "reading the frame", "windows and network", "making the frame", "the rest"


def trained(steps: int = 3) -> Seq2SeqForecaster:
    """Return a model at default settings that has seen a few batches."""
    from tsseq2seq import Seq2SeqForecaster, Training

    training = Training(max_steps=steps, progress=False)
    return Seq2SeqForecaster(HORIZON, training=training).fit(long_frame(*TRAINED))


def a_minute(series: int, seconds: float) -> float:
    """Return forecasts a minute."""
    return 60 * series / seconds


def places_of_predict() -> list[tuple[Any, str, str]]:
    """Return the functions of ``predict`` by the part that their time is counted for."""
    from tsseq2seq import Seq2SeqForecaster, forecaster
    from tsseq2seq.forecasting import history_end

    return [
        (Seq2SeqForecaster, "predict", REST),
        (forecaster, "read_history_end", READING),
        (forecaster, "forecast_columns", BETWEEN),
        (history_end, "forecast_frame", WRITING),
        (history_end, "give_back", WRITING),
    ]


def calls(model: Seq2SeqForecaster, df: pd.DataFrame, rounds: int) -> tuple[list[float], dict[str, float]]:
    """Time ``predict``; return the seconds of each call, and the mean seconds of its parts."""
    model.predict(df)
    seconds, watch = [], Stopwatch()
    with watch.watching(places_of_predict()):
        for _ in range(rounds):
            begun = time.perf_counter()
            model.predict(df)
            seconds.append(time.perf_counter() - begun)
    return seconds, {name: value / rounds for name, value in watch.seconds.items()}


def rate_section(model: Seq2SeqForecaster, series: int, histories: list[int], rounds: int) -> str:
    """Return the table of forecasts a minute, by length of the histories, and whether the bar is reached."""
    rows: list[list[object]] = []
    reached: list[float] = []
    for history in histories:
        seconds, parts = calls(model, long_frame(series, history), rounds)
        middle = statistics.median(seconds)
        reached.append(a_minute(series, middle))
        shares = [f"{parts.get(name, 0.0):.2f}" for name in (READING, BETWEEN, WRITING, REST)]
        rows.append([history, f"{middle:.2f}", *shares, f"{reached[-1]:,.0f}"])
    header = [
        "steps of history",
        "predict, s (median)",
        READING,
        BETWEEN,
        WRITING,
        REST,
        "forecasts a minute",
    ]
    bar = (
        f"Bar: {BAR:,} forecasts a minute on two cores, histories as long as the context: "
        f"{reached[0]:,.0f}, {met(BAR, reached[0])}."
    )
    return f"{table(header, rows)}\n\n{rounds} calls each. {bar}"


def forecast(model: Seq2SeqForecaster, windows: Windows, chunk: int) -> None:
    """Forecast windows in chunks of a size."""
    from tsseq2seq.forecasting import prediction as series_prediction
    from tsseq2seq.forecasting.forecast_columns import forecast_columns

    with mock.patch.object(series_prediction, "_CHUNK", chunk):
        forecast_columns(model.fitted_, windows, conformal=None, levels=None, paths=200, seed=0)


def chunk_section(model: Seq2SeqForecaster, df: pd.DataFrame, chunks: list[int], rounds: int) -> str:
    """Return the table of forecasts a minute, without reading and writing frames, by chunk size."""
    from tsseq2seq.forecasting import prediction as series_prediction

    fitted = model.fitted_
    windows = fitted.forecast_windows(fitted.read(df), None, HORIZON)

    def work(chunk: int) -> Any:
        return lambda: forecast(model, windows, chunk)

    seconds = turn_about({chunk: work(chunk) for chunk in chunks}, rounds)
    own = series_prediction._CHUNK
    rows: list[list[object]] = []
    for chunk, values in seconds.items():
        middle = statistics.median(values)
        rows.append([f"{chunk}{' (the library)' if chunk == own else ''}", f"{middle:.2f}",
                     f"{a_minute(len(windows), middle):,.0f}"])  # fmt: skip
    header = ["windows in a chunk", f"{BETWEEN}, s (median)", "forecasts a minute"]
    return f"{table(header, rows)}\n\n{len(windows):,} windows, {rounds} rounds turn about."


def profile(model: Seq2SeqForecaster, df: pd.DataFrame, lines: int = 20) -> str:
    """Return where the time of ``predict`` goes: Python functions, and torch's operators."""
    import torch

    profiler = cProfile.Profile()
    profiler.runcall(model.predict, df)
    text = io.StringIO()
    stats = pstats.Stats(profiler, stream=text)
    stats.strip_dirs().sort_stats("cumulative").print_stats(lines)
    stats.sort_stats("tottime").print_stats(lines)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as traced:
        model.predict(df)
    operators = traced.key_averages().table(sort_by="self_cpu_time_total", row_limit=lines)
    return f"{text.getvalue()}\n{operators}"


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument(
        "--histories", type=int, nargs="*", default=[504], help="besides the context's length"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chunks", type=int, nargs="+", default=[64, 128, 256, 512, 1024, 4096])
    parser.add_argument("--profile", action="store_true", help="print where the time goes, and end")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    return parser.parse_args()


def main() -> None:
    """Measure, and report."""
    arguments = parse()
    model = trained()
    context = model.context_length_
    if arguments.profile:
        print(profile(model, long_frame(arguments.series, context)))
        return
    settings = (
        f"{arguments.series:,} hourly series, `Seq2SeqForecaster({HORIZON})`, all else default: context "
        f"{context}, segment {model.segment_length_}, width {model.network_.hidden_size}."
    )
    histories = [context, *arguments.histories]
    rates = rate_section(model, arguments.series, histories, arguments.rounds)
    print(rates, flush=True)
    chunks = chunk_section(model, long_frame(arguments.series, context), arguments.chunks, arguments.rounds)
    print(chunks)
    if not arguments.dry_run:
        body = f"{settings}\n\n{rates}\n\n{chunks}"
        write_section("Forecasts a minute", "benchmarks/forecasts_per_minute.py", body)


if __name__ == "__main__":
    main()
