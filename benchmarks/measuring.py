"""Helpers of the measuring scripts: timing in turns, peak memory, a panel of any size, a training step."""

from __future__ import annotations

import dataclasses
import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from tsseq2seq import Seq2SeqForecaster

MIB = 2**20

Step = Callable[[], object]
Key = TypeVar("Key")


def turn_about(works: Mapping[Key, Step], rounds: int, warm_ups: int = 1) -> dict[Key, list[float]]:
    """Time calls in turns, every other round in reverse order; the first rounds do not count."""
    seconds: dict[Key, list[float]] = {name: [] for name in works}
    names = list(works)
    for turn in range(-warm_ups, rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            begun = time.perf_counter()
            works[name]()
            if turn >= 0:
                seconds[name].append(time.perf_counter() - begun)
    return seconds


def median_ratio(ones: list[float], others: list[float]) -> float:
    """Return the median over rounds of one / other."""
    return statistics.median(one / other for one, other in zip(ones, others, strict=True))


def met(value: float, bar: float) -> str:
    """Return whether a figure meets its bar, as a text."""
    return "**met**" if value <= bar else "**not met**"


def resident(mark: str = "VmRSS") -> int:
    """Return this process' resident memory in bytes; of ``VmHWM`` the highest since the mark was reset."""
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == mark:
            return 1024 * int(value.split()[0])
    raise OSError(f"/proc/self/status has no {mark}")


class PeakMemory:
    """The highest resident memory from here on, beyond what is resident now; needs Linux."""

    def __init__(self) -> None:
        gc.collect()
        if "pyarrow" in sys.modules:  # which keeps what it has freed
            sys.modules["pyarrow"].default_memory_pool().release_unused()
        self.reset()
        self.before = resident()

    @staticmethod
    def reset() -> None:
        """Lower the mark to what is resident now."""
        Path("/proc/self/clear_refs").write_text("5")

    @property
    def beyond(self) -> int:
        """Bytes of the peak beyond the beginning."""
        return max(0, resident("VmHWM") - self.before)


def long_frame(series: int, steps: int, ids: str = "text") -> pd.DataFrame:
    """Return hourly series with a daily season, made with little memory beside the frame itself."""
    rng = np.random.default_rng(0)
    y = rng.standard_normal((series, steps))
    y *= 0.1  # little enough for the season to be found, which decides the default sizes
    y += np.sin(np.arange(steps) / 24 * 2 * np.pi)
    y += rng.uniform(5, 50, (series, 1))
    names = pd.Index([f"H{number:06}" for number in range(series)])
    if ids == "category":
        codes = np.arange(series, dtype=np.int32).repeat(steps)
        column: Any = pd.Categorical.from_codes(codes, categories=names)
    else:
        column = names.repeat(steps)
    stamps = pd.date_range("2024-01-01", periods=steps, freq="h").to_numpy()
    columns = {"unique_id": column, "ds": np.tile(stamps, series), "y": y.reshape(-1)}
    return pd.DataFrame(columns, copy=False)


def as_in_fit() -> AbstractContextManager[None]:
    """Prepare the processor as ``fit`` does, while steps are timed."""
    import torch

    from tsseq2seq.hardware.devices import device_prepared

    return device_prepared(torch.device("cpu"))


def training_step(model: Seq2SeqForecaster, *, captured: bool = False) -> Step:
    """Return a training step of a fitted forecaster: draw windows, scale, network, optimiser.

    Windows are drawn in each step, and not for several steps at once as in ``fit``, so that each step has all
    of its costs. ``captured`` steps are CUDA graphs, as the library makes them on a GPU by itself.
    """
    from tsseq2seq.forecasting.scaled_batch import RandomBatches
    from tsseq2seq.forecasting.training_task import TrainingTask
    from tsseq2seq.training.captured_steps import captured_steps
    from tsseq2seq.training.step import GradientSteps, make_optimizer

    fitted, training = model.fitted_, model.training_
    objective = TrainingTask.of(fitted).objective(fitted.members[0], seed=0)
    objective.batches = RandomBatches(
        objective.windows,
        objective.model.scaled,
        size=training.batch_size or 1,
        generator=objective.generator,
        most_ahead=1,
    )
    objective.module.train()
    optimizer = make_optimizer(objective, training)
    if captured:
        steps = captured_steps(objective, optimizer, dataclasses.replace(training, cuda_graphs=True))
        assert steps is not None
        return lambda: steps(1, 100)
    make_step = GradientSteps(objective, optimizer, training)
    return lambda: make_step(1, 100)
