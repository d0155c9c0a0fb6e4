"""The integer programmes of a study in a thread of their own, beside whatever else is tried."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import numpy as np

from optimiser.siting.bound.phases import Bound
from optimiser.siting.exact import Exact, is_small, solve_exactly
from optimiser.siting.groups import Groups
from optimiser.siting.problem import SitingProblem

LOOK_S = 0.05
"""Between two looks whether somebody wants to stop."""
EACH_SHARE = 0.5
"""Of the time that is left, for the programme of each phase by itself, where that of all is not small, at most."""


class Beside:
    """What that of all phases comes to, once it has."""

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
def exactly_beside(problem: SitingProblem, groups: Groups, bound: Bound, *, seconds: float) -> Iterator[Beside]:
    """Solve it for so many seconds, or until the block ends; the bound is lowered on the way."""
    end = threading.Event()

    def work() -> Exact | None:
        until_s = time.monotonic() + seconds
        if np.isfinite(seconds) and not is_small(problem, groups):
            _close_phases(problem, groups, bound, until_s=until_s, end=end)
        left_s = until_s - time.monotonic()
        return solve_exactly(problem, groups, seconds=left_s, should_stop=end.is_set, on_bound=bound.lower)

    with ThreadPoolExecutor(1) as pool:
        try:
            yield Beside(pool.submit(work))
        finally:
            end.set()


def _close_phases(
    problem: SitingProblem, groups: Groups, bound: Bound, *, until_s: float, end: threading.Event
) -> None:
    """Each phase by itself, the poorest first: its tree is the smallest."""
    count = len(problem.wishes.phases)
    for phase in range(count if count > 1 else 0):
        left_s = until_s - time.monotonic()
        late_s = until_s - (1.0 - EACH_SHARE) * left_s

        def is_late(late_s: float = late_s) -> bool:
            return end.is_set() or time.monotonic() > late_s

        def lower(least: float, phase: int = phase) -> None:
            bound.lower_phase(phase, least)

        exact = solve_exactly(problem, groups, seconds=left_s, phase=phase, should_stop=is_late, on_bound=lower)
        if end.is_set():
            return
        if exact is not None:
            bound.lower_phase(phase, exact.bound, is_closed=not is_late())
