"""The next items are made in a second thread while the caller works on the last."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")


class _Done:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(items: Iterator[Item], *, room: int = 2) -> Iterator[Item]:
    """The same items in the same order, at most `room` of them made before they are asked for; errors come through."""
    waiting: queue.Queue[Item | _Done] = queue.Queue(maxsize=room)
    stopped = threading.Event()

    def put(item: Item | _Done) -> None:
        while not stopped.is_set():
            try:
                waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def make() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                put(item)
                if stopped.is_set():
                    break
        except BaseException as raised:
            error = raised
        put(_Done(error))

    thread = threading.Thread(target=make, name="history-ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := waiting.get(), _Done):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        thread.join()
