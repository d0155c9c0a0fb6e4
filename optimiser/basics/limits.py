"""How long to search, how good is good enough, and with which seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from optimiser.basics.errors import InvalidProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveLimits:
    """
    Stop at whichever limit comes first.

    `seconds` is wall-clock time for the whole solve, `rounds` a count of search steps that does not depend
    on the machine: with `seconds=None` and the same `seed`, the same problem gives the same plan.
    """

    seconds: float | None = 30.0
    rounds: int | None = None
    gap: float = 0.0
    """Relative gap, 0.02 = 2 %, at which the plan is good enough."""
    stalled_s: float | None = None
    """Stop after so many seconds without a better plan; where a proof follows the search, without a better bound."""
    seed: int = 1

    def __post_init__(self) -> None:
        if self.seconds is None and self.rounds is None:
            raise InvalidProblem("limits: neither seconds nor rounds is given, the search would never stop")
        if self.seconds is not None and not (math.isfinite(self.seconds) and self.seconds > 0):
            raise InvalidProblem(f"limits: seconds is {self.seconds}, must be above 0")
        if self.rounds is not None and self.rounds < 1:
            raise InvalidProblem(f"limits: rounds is {self.rounds}, must be at least 1")
        if not 0 <= self.gap < 1:
            raise InvalidProblem(f"limits: gap is {self.gap}, must be within 0..1")
        if self.stalled_s is not None and not self.stalled_s > 0:
            raise InvalidProblem(f"limits: stalled_s is {self.stalled_s}, must be above 0")
        if not 0 <= self.seed < 2**31:
            raise InvalidProblem(f"limits: seed is {self.seed}, must be within 0..2147483647")
