"""What searches tell of on their way, and how far they are on it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.search.annealer import Found

REPORTS = 20
"""How often each search tells of its best where rounds alone count."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class News:
    """The best of one search after so many rounds."""

    rounds: int
    number: int
    found: Found


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Course:
    """The way that all searches of a night go."""

    limits: SolveLimits
    elapsed_s: Callable[[], float]
    """Seconds of `limits.seconds` that are used up."""
    is_over: Callable[[], bool]
    """Whether somebody has said so."""
    news: deque[News] = field(default_factory=deque)

    def fraction(self, rounds: int, started_s: float) -> float:
        """How much of a search is behind it after so many rounds, if it began when so many seconds were used up."""
        fractions = [0.0]
        if self.limits.rounds is not None:
            fractions.append(rounds / self.limits.rounds)
        if self.limits.seconds is not None:
            fractions.append((self.elapsed_s() - started_s) / max(1e-9, self.limits.seconds - started_s))
        return max(fractions)

    def left(self, rounds: int, most: int) -> int:
        """So many rounds at most, if so many are done."""
        return most if self.limits.rounds is None else min(most, self.limits.rounds - rounds)

    def is_time_to_tell(self, before: int, after: int) -> bool:
        """Whether news are due between two counts of rounds."""
        limits = self.limits
        every = 1 if limits.rounds is None or limits.seconds is not None else max(1, limits.rounds // REPORTS)
        return after // every > before // every or after == limits.rounds


def worth_offering(waiting: list[News], *, until: int, is_every: bool) -> list[News]:
    """
    Take out of what is waiting the cheapest plan.

    Where rounds alone count, every plan of the rounds that all searches have behind them, in an order that no clock
    has a say in: of plans that cost the same the first is kept.
    """
    taken = [one for one in waiting if not is_every or one.rounds <= until]
    waiting[:] = [one for one in waiting if is_every and one.rounds > until]
    if is_every:
        return sorted(taken, key=lambda one: (one.rounds, one.number))
    return sorted(taken, key=lambda one: one.found.cost)[:1]
