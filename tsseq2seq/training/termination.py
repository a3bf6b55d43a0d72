"""Termination: SIGTERM waits until the state of a training is stored.

Machines that are taken away (spot instances, batch queues, ``docker stop``) send SIGTERM some seconds before.
"""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any

__all__ = ["Termination"]


class Termination:
    """Hold SIGTERM back inside a ``with`` block.

    What the signal does otherwise, which is to end the process unless the program has a handler of its own,
    it does at :meth:`comply`, at the latest at the end of the block. Only the main thread can hold it back.

    Attributes
    ----------
    asked
        Whether the signal has come.

    Examples
    --------
    >>> with Termination() as termination:
    ...     termination.asked
    False
    """

    def __init__(self) -> None:
        self.asked = False
        self._held = False
        self._before: Any = None  # what signal.getsignal returns

    def __enter__(self) -> Termination:
        """Hold the signal back, unless the program ignores it."""
        if threading.current_thread() is not threading.main_thread():
            return self
        before = signal.getsignal(signal.SIGTERM)
        # None: a handler that was not set from Python, and could not be set again
        if before is not None and before != signal.SIG_IGN:
            self._before = before
            signal.signal(signal.SIGTERM, self._note)
            self._held = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the signal do what it does otherwise."""
        self.comply()
        self._release()

    def comply(self) -> None:
        """Send the signal again, if it has come, with what it does outside of the block."""
        if not self.asked:
            return
        self.asked = False
        self._release()
        os.kill(os.getpid(), signal.SIGTERM)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = True

    def _release(self) -> None:
        if self._held:
            self._held = False
            signal.signal(signal.SIGTERM, self._before)
