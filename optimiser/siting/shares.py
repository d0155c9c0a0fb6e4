"""Time for several studies, one after the other: what is left is shared evenly among those that are left."""

from __future__ import annotations

import time
from dataclasses import replace

from optimiser.basics.limits import SolveLimits

LEAST_S = 0.1
"""For a study whose time others have used up."""


class Shares:
    """Limits for each of so many studies; without a clock all have the same."""

    def __init__(self, limits: SolveLimits, studies: int) -> None:
        self._limits, self._left = limits, studies
        self._end_s = None if limits.seconds is None else time.monotonic() + limits.seconds

    def next(self) -> SolveLimits:
        """Those of the next one."""
        seconds = None
        if self._end_s is not None:
            seconds = max(LEAST_S, (self._end_s - time.monotonic()) / max(1, self._left))
        self._left -= 1
        return replace(self._limits, seconds=seconds)


def even_share(limits: SolveLimits, studies: int) -> SolveLimits:
    """Limits of one of so many studies that are made at the same time."""
    if limits.seconds is None:
        return limits
    return replace(limits, seconds=max(LEAST_S, limits.seconds / studies))
