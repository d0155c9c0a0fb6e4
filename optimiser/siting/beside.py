"""The integer programme of a study in a thread of its own, beside whatever else is tried."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import numpy as np

from optimiser.siting.exact import Exact, solve_exactly
from optimiser.siting.groups import Groups
from optimiser.siting.problem import SitingProblem

ENTRIES_PER_S, MOST_BESIDE = 5_000, 100_000
"""Of the programme's matrix, for each second that there is, where a clock counts; and all in all."""
LOOK_S = 0.05
"""Between two looks whether somebody wants to stop."""


class Beside:
    """What it comes to, once it has."""

    def __init__(self, future: Future[Exact | None]) -> None:
        self._future = future

    @property
    def is_over(self) -> bool:
        """Whether it has ended, solved or not."""
        return self._future.done()

    @property
    def told(self) -> Exact | None:
        """What it has come to: None where the study is too large, or nothing keeps its floors. Waits for its end."""
        return self._future.result()

    def wait(self, *, is_late: Callable[[], bool]) -> None:
        """Let it have the machine to itself, until it ends or that is late."""
        while not self.is_over and not is_late():
            wait([self._future], timeout=LOOK_S)


@contextmanager
def exactly_beside(problem: SitingProblem, groups: Groups, *, seconds: float) -> Iterator[Beside]:
    """Solve it for so many seconds, or until the block ends."""
    end = threading.Event()
    most = min(MOST_BESIDE, ENTRIES_PER_S * seconds) if np.isfinite(seconds) else 0.0
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(
            solve_exactly,
            problem,
            groups,
            seconds=seconds,
            most_entries=most,
            should_stop=end.is_set,
        )
        try:
            yield Beside(future)
        finally:
            end.set()
