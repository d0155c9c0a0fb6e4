"""Ctrl-C and SIGTERM end a recording at once, whether it waits or fetches, but never within a write."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class Stopping:
    """Turns both signals into `KeyboardInterrupt`, at a moment when nothing is half done."""

    asked: bool = False
    is_put_off: bool = False

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Listen to the signals; only in the main thread."""
        before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def put_off(self) -> Iterator[None]:
        """Let what is inside run to its end."""
        self.is_put_off = True
        try:
            yield
        finally:
            self.is_put_off = False
        if self.asked:
            raise KeyboardInterrupt

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True
        if not self.is_put_off:
            raise KeyboardInterrupt
