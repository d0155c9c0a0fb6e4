"""The integer programme of a study in a thread of its own, beside whatever else is tried."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from optimiser.siting.exact import Exact, solve_exactly
from optimiser.siting.groups import Groups
from optimiser.siting.problem import SitingProblem

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
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(
            solve_exactly,
            problem,
            groups,
            seconds=seconds,
            should_stop=end.is_set,
        )
        try:
            yield Beside(future)
        finally:
            end.set()
