"""What a proof may still do, and in how many threads it does it."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from optimiser.basics.compiled import available_cores

THREADS = 2
WATCH_S = 0.05
MOST_NODES, MOST_ROUNDS = 5000, 400
"""Without a clock: of branch and bound, and of programmes solved again with rows that were broken."""

Task = Callable[[], Callable[[], None] | None]
"""Runs in a thread of its own; what it returns is then called by whoever asked for the proof."""


class Work:
    """What may still be done: seconds by a clock, or else nodes and programmes, so that any machine stops alike."""

    def __init__(self, left_s: Callable[[], float], on_rise: Callable[[], None] | None) -> None:
        self._left_s, self._on_rise = left_s, on_rise
        self._has_clock, self.stopped = not math.isinf(left_s()), threading.Event()
        self.nodes, self.rounds = MOST_NODES, MOST_ROUNDS

    def is_over(self) -> bool:
        """Whether to stop; asked from any thread."""
        return self.stopped.is_set() or (not self._has_clock and (self.nodes <= 0 or self.rounds <= 0))

    def limit(self, highs: Any) -> None:
        """Let a solver do no more than what is left, and count that it is run."""
        self.rounds -= 1
        if not self._has_clock:
            highs.setOptionValue("mip_max_nodes", self.nodes)

    def tell_rise(self) -> None:
        """Say that more is proven than before."""
        if self._on_rise is not None:
            self._on_rise()

    def count(self, highs: Any) -> None:
        """Nodes that a solver went through."""
        self.nodes -= max(1, int(highs.getInfo().mip_node_count))

    def do(self, next_task: Callable[[], Task | None]) -> None:
        """
        Do tasks, each asked for when there is a thread for it, until there are no more or all is over.

        A task that is done, or what is called then, may bring new ones.

        Solvers work without the interpreter lock. With a clock two of them do at once; without one only one, so that
        all comes out alike.
        """
        running: set[Future[Callable[[], None] | None]] = set()
        threads = min(THREADS, available_cores()) if self._has_clock else 1
        with ThreadPoolExecutor(threads, "rounds") as pool:
            try:
                while True:
                    self._look()
                    while len(running) < threads and not self.is_over() and (task := next_task()) is not None:
                        running.add(pool.submit(task))
                    if not running:
                        return
                    done, running = wait(running, WATCH_S, FIRST_COMPLETED)
                    for future in done:
                        if (then := future.result()) is not None:
                            then()
            except BaseException:
                self.stopped.set()
                raise

    def _look(self) -> None:
        """Look at the clock, in the thread of whoever asked for the proof."""
        if self._left_s() <= 0:
            self.stopped.set()
