"""What the bound says of itself, and what it may spend."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from optimiser.basics.result import StopReason

OnBound = Callable[[float], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingBound:
    """A proven lower bound on the cost of routes, and how it was found."""

    value: float
    """No set of routes can cost less."""
    arc_value: float
    """What arcs with set inequalities alone proved."""
    root_value: float
    """What loaded arcs proved before the first branch."""
    rounds: int
    """Linear programs solved."""
    branches: int
    """Branches looked into; 0 where none were needed."""
    rows: Mapping[str, int]
    """Inequalities found broken and used, by family."""
    routes: tuple[tuple[int, ...], ...] | None
    """Best routes, vertices in order without the depot, where the search came upon them; they cost `value`."""
    stop_reason: StopReason
    """`optimal`: nothing cheaper than this exists, either because routes at this cost were found or because the
    upper bound given is met."""


class SpentError(Exception):
    """Time or rounds are used up, or the caller wants no more."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Budget:
    """Time and rounds, and the best bound so far."""

    def __init__(
        self,
        *,
        seconds: float | None,
        rounds: int | None,
        unit: int,
        upper_bound: float | None,
        should_stop: ShouldStop | None,
        on_bound: OnBound | None,
    ) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self._limit = rounds
        self.unit = unit
        self._should_stop = should_stop
        self._on_bound = on_bound
        self.upper_bound = math.inf
        if upper_bound is not None and math.isfinite(upper_bound):
            # Routes that cost no more exist, and cost a multiple of the unit.
            self.upper_bound = float(math.floor((upper_bound + 1e-6) / unit) * unit)
        self.rounds = 0
        self.value = -math.inf

    def spend(self) -> None:
        """Count one more linear program; raises `SpentError` where it may not be solved."""
        if self._should_stop is not None and self._should_stop():
            raise SpentError(StopReason.CANCELLED)
        left = self.seconds_left
        if (left is not None and left <= 0) or (self._limit is not None and self.rounds >= self._limit):
            raise SpentError(StopReason.TIME_LIMIT)
        self.rounds += 1

    def give_up(self) -> NoReturn:
        """A linear program was not solved: time is up, or the engine failed and nothing is left to try."""
        left = self.seconds_left
        raise SpentError(StopReason.TIME_LIMIT if left is not None and left < 0.1 else StopReason.STALLED)

    @property
    def seconds_left(self) -> float | None:
        """Before time is up."""
        return None if self._end is None else self._end - time.monotonic()

    def rounded(self, value: float) -> float:
        """The least cost that is not below a proven value: costs are multiples of one unit."""
        safe = value - 1e-4 - 1e-9 * abs(value)
        return float(math.ceil(safe / self.unit) * self.unit)

    def enough(self, value: float) -> bool:
        """Whether nothing better than the upper bound can hide above this proven value."""
        return self.rounded(value) >= self.upper_bound

    def improve(self, value: float) -> None:
        """Keep and tell a better proven value."""
        better = min(self.rounded(value), self.upper_bound)
        if better > self.value:
            self.value = better
            if self._on_bound is not None:
                self._on_bound(better)
