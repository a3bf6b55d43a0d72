"""Computing with denormal numbers flushed to zero, because CPUs are slow at them.

Gradients that vanish over a long recurrence become denormal (below 10⁻³⁸): at the textbook shape, 168
steps of an untrained LSTM, they made a training step four times slower (benchmarks/textbook_step.py).
Torch can flush them, but only in the calling thread and in the worker threads that it starts
*afterwards*. So the work is done in a thread of its own, whose workers inherit the setting, and the
caller's threads keep theirs.

It pays for long recurrences only: with two teams of workers OpenMP no longer spins between kernels, which
made short recurrences, whose kernels are small, 1.7 times slower (benchmarks/processor.py).
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import torch

__all__ = ["LONG_RECURRENCE", "without_denormals"]

#: Recurrent steps from which on gradients vanish so far that flushing pays.
LONG_RECURRENCE = 64

Result = TypeVar("Result")


class _Work(threading.Thread, Generic[Result]):
    def __init__(self, function: Callable[[], Result]) -> None:
        super().__init__(name="tsseq2seq-training", daemon=True)
        self.function = function
        self.results: list[Result] = []
        self.error: BaseException | None = None
        self.done = threading.Event()

    def run(self) -> None:
        torch.set_flush_denormal(True)
        try:
            self.results.append(self.function())
        except BaseException as error:  # handed to the caller's thread, which raises it
            self.error = error
        finally:
            self.done.set()

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in this thread, as Ctrl-C does in the main one."""
        identity = ctypes.c_ulong(self.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(KeyboardInterrupt))


def without_denormals(function: Callable[[], Result]) -> Result:
    """Call a function in a thread that flushes denormals, and return what it returns.

    Ctrl-C and exceptions pass through as if it had been called here.

    Examples
    --------
    >>> tiny = torch.tensor([1e-39])
    >>> float(tiny * 1) > 0, without_denormals(lambda: float(tiny * 1) > 0)
    (True, False)
    """
    work = _Work(function)
    work.start()
    # not join: in Python 3.11 an interrupted join takes the thread for ended
    while work.is_alive():
        try:
            work.done.wait()
            break
        except KeyboardInterrupt:
            work.interrupt()
    if work.error is not None:
        raise work.error
    if not work.results:
        raise KeyboardInterrupt
    return work.results[0]
