"""The command ``tsseq2seq``."""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

__all__ = ["main"]

_LONGEST = 1000  # characters of a line on standard error
_OUT_OF_MEMORY = (
    "out of memory: take a shorter context, fewer members, or fewer series; a horizon or a context "
    "of millions of steps fits no memory"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    An error is printed as one line on standard error, and the status is 2; where memory runs out, it is 1.
    After an interrupt (Ctrl-C, or SIGTERM) without a result the status is 130.

    Parameters
    ----------
    arguments
        The words after ``tsseq2seq``. None: those of the process, ``sys.argv[1:]``.

    Returns
    -------
    int
        0 if all went well.

    Examples
    --------
    >>> main(["forecast", "missing.csv", "--horizon", "12"])
    2
    """
    from tsseq2seq.cli.app import parse
    from tsseq2seq.cli.wording import as_options
    from tsseq2seq.memory import ran_out_of_memory

    arguments = sys.argv[1:] if arguments is None else arguments
    translating = bool(arguments) and arguments[0] in ("translate", "transcribe")
    with warnings.catch_warnings(), _terminable(), _safe_path():
        warnings.showwarning = functools.partial(_show_warning, translating=translating)
        try:
            job = parse(arguments or ["--help"])
            status = job if isinstance(job, int) else _run(job)
            sys.stdout.flush()
        except KeyboardInterrupt:
            return _refuse("interrupted", status=130)
        except BrokenPipeError:
            # the reader of our output has closed it; the interpreter must not flush into it again
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except Exception as error:
            if ran_out_of_memory(error):
                return _refuse(_OUT_OF_MEMORY, status=1)
            message = _refusal(error)
            if message is None:
                raise
            return _refuse(as_options(message, translating=translating))
    return status


def _run(job: Callable[[], None]) -> int:
    job()
    return 0


def _refusal(error: Exception) -> str | None:
    """Return the message for the user; None for an error that is a fault of this library."""
    from tsseq2seq.errors import TsSeq2SeqError

    if hasattr(error, "format_message"):  # an error of the command line's parser
        return str(error.format_message())
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    names = {base.__name__ for base in type(error).__mro__}
    if isinstance(error, TsSeq2SeqError) or "NotFittedError" in names:
        return str(error)
    return None


def _refuse(message: str, *, status: int = 2) -> int:
    _print_line("error", message)
    return status


def _show_warning(message: Warning | str, *_: object, translating: bool, **__: object) -> None:
    from tsseq2seq.cli.wording import as_options

    _print_line("warning", as_options(str(message), translating=translating))


def _print_line(kind: str, message: str) -> None:
    from tsseq2seq.cli.terminal import harmless

    line = " ".join(harmless(message).split())
    if len(line) > _LONGEST:  # it must have data of the user in it
        line = f"{line[: _LONGEST * 3 // 4]} … {line[-_LONGEST // 4 :]}"
    print(f"{kind}: {line}", file=sys.stderr)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let the signal that asks a process to end do what Ctrl-C does; signals are for the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Keep the processes that the command starts from importing modules of the current folder.

    What this process imports from there it was told to: ``python -m tsseq2seq`` looks there itself.
    """
    if "PYTHONSAFEPATH" in os.environ or "" in sys.path:
        yield
        return
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTHONSAFEPATH"]
