"""On a CUDA GPU: training against the bare cuDNN loop, bf16, the autoregressive loop as a graph, and copies.

    python benchmarks/gpu.py
    python benchmarks/gpu.py --compile          # torch.compile beside the graph; takes minutes to compile

Without such a GPU it says so, measures nothing and leaves RESULTS.md as it is. Textbook shape: segment 1,
LSTM 2×128, context 168, horizon 48. All is turn about in one run; medians over rounds, each of several steps
with one synchronisation at its end.

- Training throughput under teacher forcing: the library (drawing windows, scaling, network, optimiser),
  as it trains by itself (steps as CUDA graphs) and kernel by kernel, against the bare encoder–decoder
  ``nn.LSTM`` loop with its batch ready, kernel by kernel too, in float32 and bf16.
- Training steps of the library as CUDA graphs and kernel by kernel: the textbook model under teacher forcing
  and free running (48 steps that feed back their outputs), and the default model.
- Forecasting by the autoregressive loop, as the library runs it, and the very same call captured as a CUDA
  graph by this script. The greatest difference of the two is in the table.
- Copies: memory copies and waits for the device that torch's profiler sees in training steps.
"""

from __future__ import annotations

import argparse
import datetime
import json
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from measuring import Step, long_frame, median_ratio, met, training_step, turn_about
from report import parts, table, write_section
from textbook_step import BATCH, CONTEXT, HORIZON, LAYERS, WIDTH, Bare
from torch import Tensor, nn

if TYPE_CHECKING:
    from tsseq2seq import Seq2SeqForecaster
    from tsseq2seq.data.panel.batch import Batch

TRAINING_BAR, LOOP_BAR = 0.9, 3.0
# A copy of a few numbers is no copy of data.
TINY = 1024
EAGER, GRAPH = "kernel by kernel", "as a CUDA graph"
FREE = "textbook, free running"
NOTHING = "no CUDA device: nothing measured"


def fitted(
    device: str,
    *,
    precision: str = "float32",
    batch: int = BATCH,
    teacher_forcing: float = 1.0,
    lengths: tuple[int, int] = (CONTEXT, HORIZON),
    width: int = WIDTH,
) -> Seq2SeqForecaster:
    """Return a textbook model that was trained for a step."""
    from tsseq2seq import Network, Seq2SeqForecaster, Training

    context, horizon = lengths
    training = Training(
        max_steps=1,
        batch_size=batch,
        precision=precision,
        teacher_forcing=teacher_forcing,
        device=device,
        progress=False,
    )
    network = Network(hidden_size=width, num_layers=LAYERS, residual=None)
    model = Seq2SeqForecaster(
        horizon, context_length=context, segment_length=1, network=network, training=training
    )
    return model.fit(long_frame(100, 4 * (context + horizon)))


def default_model(device: str, precision: str = "auto") -> Seq2SeqForecaster:
    """Return a model at default settings on as many series as M4 Hourly has."""
    from tsseq2seq import Seq2SeqForecaster, Training

    training = Training(max_steps=1, device=device, precision=precision, progress=False)
    return Seq2SeqForecaster(HORIZON, training=training).fit(long_frame(414, 960))


def bare_step(device: str, *, precision: str = "float32", batch: int = BATCH) -> Step:
    """Return a training step of the bare loop on a batch that is on the device."""
    model = Bare().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    context = torch.randn(batch, CONTEXT, 2, device=device)
    previous = torch.randn(batch, HORIZON, 2, device=device)
    target = torch.randn(batch, HORIZON, 1, device=device)

    def step() -> None:
        with torch.autocast(device, torch.bfloat16, enabled=precision == "bf16"):
            forecast = model(context, previous)
        loss = (forecast.float() - target).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def several(step: Step, count: int) -> Step:
    """Return a function that makes several steps and waits for the device."""

    def steps() -> None:
        for _ in range(count):
            step()
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    return steps


def throughput(device: str, batch: int, rounds: int, steps: int) -> str:
    """Measure training against the bare loop, in float32 and bf16."""
    works = {}
    for precision in ("float32", "bf16"):
        works[f"bare cuDNN loop, {precision}"] = several(
            bare_step(device, precision=precision, batch=batch), steps
        )
        model = fitted(device, precision=precision, batch=batch)
        works[f"tsseq2seq, {precision}"] = several(training_step(model, captured=True), steps)
        works[f"tsseq2seq kernel by kernel, {precision}"] = several(training_step(model), steps)
    return throughput_table(turn_about(works, rounds, warm_ups=2), batch, steps)


def throughput_table(seconds: dict[str, list[float]], batch: int, steps: int) -> str:
    """Return windows a second of each, and ours as a share of the bare loop's of the same precision."""
    rows: list[list[object]] = []
    shares = {}
    for name, values in seconds.items():
        precision = name.rpartition(", ")[2]
        shares[name] = median_ratio(seconds[f"bare cuDNN loop, {precision}"], values)
        faster = median_ratio(seconds[f"{name.rpartition(', ')[0]}, float32"], values)
        middle = statistics.median(values) / steps
        rows.append(
            [name, f"{1e3 * middle:.2f}", f"{batch / middle:,.0f}", f"{shares[name]:.3f}", f"{faster:.2f}"]
        )
    header = ["", "step, ms (median)", "windows/s", "share of the bare loop's", "times its own float32"]
    share = shares["tsseq2seq, float32"]
    bar = f"Bar, float32: at least {TRAINING_BAR} of the bare loop: {share:.3f}, {met(TRAINING_BAR, share)}."
    return f"{table(header, rows)}\n\n{bar}"


def captured(function: Callable[[], Tensor]) -> Callable[[], Tensor]:
    """Capture a function of fixed inputs as a CUDA graph; what it returns is overwritten by each call."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            function()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = function()

    def replay() -> Tensor:
        graph.replay()
        return result

    return replay


def first_batch(model: Seq2SeqForecaster, batch: int) -> Batch:
    """Return the first windows to train on."""
    from tsseq2seq.forecasting.training_task import TrainingTask

    fitted = model.fitted_
    windows = TrainingTask.of(fitted).windows
    return windows.gather(torch.arange(batch, device=fitted.panel.values.device) % len(windows))


def free_running(model: Seq2SeqForecaster, batch: Batch) -> Callable[[], Tensor]:
    """Return the forecast of a batch by the autoregressive loop, on the network's scale."""
    network = model.fitted_.members[0].eval()

    def forecast() -> Tensor:
        with torch.no_grad():
            return network.decode(
                network.prepare(network.scaled(batch)), steps=batch.target.shape[1] // network.segment_length
            )

    return forecast


def loop(device: str, batch: int, rounds: int, steps: int, compiled: bool) -> str:
    """Measure forecasting by the autoregressive loop, kernel by kernel and captured."""
    ways: dict[str, Callable[[Callable[[], Tensor]], Callable[[], Tensor]]] = {"CUDA graph": captured}
    if compiled:
        ways["torch.compile"] = lambda function: torch.compile(function, mode="reduce-overhead")
    model = fitted(device, batch=batch, teacher_forcing=0.0)
    eager = free_running(model, first_batch(model, batch))
    expected = eager().clone()
    works, differences, failed = {EAGER: several(eager, steps)}, {EAGER: 0.0}, {}
    for name, way in ways.items():
        try:
            function = way(free_running(model, first_batch(model, batch)))
            differences[name] = float((function() - expected).abs().max())
            works[name] = several(function, steps)
        except Exception as error:  # a way that fails is a row that says so
            failed[name] = f"{type(error).__name__}: {str(error).splitlines()[0][:100]}"
    return loop_table("forecasting", turn_about(works, rounds, warm_ups=2), differences, failed, steps)


def graphs(device: str, batch: int, rounds: int, steps: int) -> str:
    """Measure the library's training steps, kernel by kernel and as CUDA graphs."""
    kinds = {
        FREE: lambda precision: fitted(device, precision=precision, batch=batch, teacher_forcing=0.0),
        "textbook, teacher forcing": lambda precision: fitted(device, precision=precision, batch=batch),
        "default settings": lambda precision: default_model(device, precision),
    }
    works = {}
    for kind, make in kinds.items():
        for precision in ("float32", "bf16"):
            model = make(precision)
            for way, is_captured in ((EAGER, False), (GRAPH, True)):
                step = training_step(model, captured=is_captured)
                works[kind, precision, way] = several(step, steps)
    return graphs_table(turn_about(works, rounds, warm_ups=2), steps)


def graphs_table(seconds: dict[tuple[str, str, str], list[float]], steps: int) -> str:
    """Return the table of training steps, and whether graphs make free running fast enough."""
    faster = {
        (kind, precision): median_ratio(seconds[kind, precision, EAGER], values)
        for (kind, precision, way), values in seconds.items()
        if way == GRAPH
    }
    rows: list[list[object]] = [
        [
            f"{kind}, {precision}",
            *(
                f"{1e3 * statistics.median(seconds[kind, precision, way]) / steps:.2f}"
                for way in (EAGER, GRAPH)
            ),
            f"{times:.2f}",
        ]
        for (kind, precision), times in faster.items()
    ]
    header = ["training step", f"{EAGER}, ms (median)", f"{GRAPH}, ms (median)", "times as fast"]
    worst = min(times for (kind, _), times in faster.items() if kind == FREE)
    state = met(LOOP_BAR, worst)
    bar = (
        f"Bar, the autoregressive loop: at least {LOOP_BAR:g} times as fast as a graph: {worst:.2f}, {state}."
    )
    return f"{table(header, rows)}\n\n{bar}"


def loop_table(
    kind: str,
    seconds: dict[str, list[float]],
    differences: dict[str, float],
    failed: dict[str, str],
    steps: int,
) -> str:
    """Return the table of one kind of loop, and whether the fastest way is fast enough."""
    faster = {name: median_ratio(seconds[EAGER], values) for name, values in seconds.items()}
    rows: list[list[object]] = [
        [
            name,
            f"{1e3 * statistics.median(values) / steps:.2f}",
            f"{faster[name]:.2f}",
            f"{differences[name]:.1e}",
        ]
        for name, values in seconds.items()
    ]
    rows += [[name, f"failed: {reason}", "-", "-"] for name, reason in failed.items()]
    header = [kind, "ms (median)", "times as fast", "greatest difference"]
    best = max((value for name, value in faster.items() if name != EAGER), default=0.0)
    bar = f"Bar: at least {LOOP_BAR:g} times as fast: {best:.2f}, {met(LOOP_BAR, best)}."
    return f"{table(header, rows)}\n\n{bar}"


def traced(step: Step, count: int) -> dict[str, Any]:
    """Return torch's trace of some steps."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    if torch.cuda.is_available():
        activities.append(torch.profiler.ProfilerActivity.CUDA)
    several(step, 6)()
    with torch.profiler.profile(activities=activities, acc_events=True) as profile:
        for _ in range(count):
            step()
    # the wait that ends the profile is none of the steps'
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        profile.export_chrome_trace(str(path))
        return json.loads(path.read_text())


def copies(trace: dict[str, Any]) -> tuple[Counter[str], Counter[str], int]:
    """Return numbers and bytes of memory copies by kind, and how often the host waited for the device."""
    numbers: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    waits = 0
    for event in trace["traceEvents"]:
        name, category = event.get("name", ""), event.get("cat", "")
        if category == "gpu_memcpy":
            kind = next((word for word in name.split() if word in ("HtoD", "DtoH", "DtoD")), name)
            numbers[kind] += 1
            sizes[kind] += int(event.get("args", {}).get("bytes", 0))
        waits += category == "cuda_runtime" and name in ("cudaStreamSynchronize", "cudaEventSynchronize")
    return numbers, sizes, waits


def copies_table(traces: dict[str, dict[str, Any]], count: int) -> str:
    """Return the table of copies a step, and whether any brings data from the host."""
    rows: list[list[object]] = []
    worst, number = 0.0, 0
    for name, trace in traces.items():
        numbers, sizes, waits = copies(trace)
        cells = [
            f"{numbers[kind] / count:g} ({sizes[kind] / count:,.0f} B)" for kind in ("HtoD", "DtoH", "DtoD")
        ]
        rows.append([name, *cells, f"{waits / count:g}"])
        worst, number = max(worst, sizes["HtoD"] / count), number + numbers["HtoD"]
    header = ["training step", "host to device", "device to host", "within the device", "waits"]
    few = f" (copies of at most {worst:,.0f} B a step)" if number and worst <= TINY else ""
    bar = f"Bar: no copy of data from the host in a step: {met(worst, TINY)}{few}."
    return f"{table(header, rows)}\n\n{count} steps each, by torch.profiler; numbers are for one step. {bar}"


def copied(device: str, count: int = 20) -> str:
    """Measure copies in training steps of the default model and the textbook's."""
    models = {
        "default settings": default_model(device),
        "textbook, teacher forcing": fitted(device),
        "textbook, scheduled sampling": fitted(device, teacher_forcing=0.5),
    }
    traces = {}
    for name, model in models.items():
        traces[f"{name}, {EAGER}"] = traced(training_step(model), count)
        traces[f"{name}, {GRAPH}"] = traced(training_step(model, captured=True), count)
    return copies_table(traces, count)


def hardware() -> str:
    """Return the GPU and its driver and library versions, in one line."""
    return (
        f"{torch.cuda.get_device_name()}, {datetime.date.today().isoformat()}; torch {torch.__version__}, "
        f"CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}; TF32 in cuDNN "
        f"{torch.backends.cudnn.allow_tf32}, in matrix products {torch.backends.cuda.matmul.allow_tf32}"
    )


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=20, help="in a round")
    parser.add_argument("--batches", type=int, nargs="+", default=[BATCH, 2048])
    parser.add_argument("--compile", action="store_true", help="torch.compile as well")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    return parser.parse_args()


def main() -> None:
    """Measure part by part, and report."""
    arguments = parse()
    if not torch.cuda.is_available():
        print(NOTHING)
        return
    rounds, steps = arguments.rounds, arguments.steps
    works: list[tuple[str, Callable[[], str]]] = []
    for batch in arguments.batches:
        works.append((f"Training, batch {batch}", partial(throughput, "cuda", batch, rounds, steps)))
    for batch in arguments.batches:
        work = partial(graphs, "cuda", batch, rounds, steps)
        works.append((f"Training steps as CUDA graphs, batch {batch}", work))
        work = partial(loop, "cuda", batch, rounds, steps, arguments.compile)
        works.append((f"Forecasting by a loop of {HORIZON} steps, batch {batch}", work))
    works.append(("Copies", partial(copied, "cuda")))
    sections = [f"{hardware()}. {rounds} rounds of {steps} steps.", *parts(works)]
    if not arguments.dry_run:
        write_section("On a GPU", "benchmarks/gpu.py", "\n\n".join(sections))


if __name__ == "__main__":
    main()
