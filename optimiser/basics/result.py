"""What every solve answers: the plan, how good it is, why the search stopped; and what a broken rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from optimiser.basics.findings import Findings

P = TypeVar("P")


class StopReason(StrEnum):
    """Why the search ended."""

    OPTIMAL = "optimal"
    """The bound meets the objective."""
    GAP = "gap"
    """The gap asked for is reached."""
    STALLED = "stalled"
    """No better plan was found for a while, or the search has nothing left to try."""
    TIME_LIMIT = "time_limit"
    """The limit in seconds or rounds is used up."""
    CANCELLED = "cancelled"
    """Somebody stopped it; the best plan so far is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One moment of a search; objective never rises, bound never falls."""

    elapsed_s: float
    objective: float
    best_bound: float
    gap: float


OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule: its name, the ids it is about, by how much, and a sentence."""

    rule: str
    ids: tuple[str, ...]
    amount: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Generic[P]):
    """A checked plan with its quality and everything needed to get it again."""

    plan: P
    objective: float
    """Cost in the city's currency, recomputed from the plan."""
    best_bound: float
    """No plan can cost less; proven."""
    stop_reason: StopReason
    seed: int
    engine: str
    """Name and version."""
    input_hash: str
    elapsed_s: float
    progress: tuple[Progress, ...] = ()
    refused: tuple[Violation, ...] = ()
    """Rules broken by plans that the search offered and the checker refused; empty unless the engine has a bug."""

    @property
    def gap(self) -> float:
        """How far the objective may be above the best possible, relative to the objective; 0 is proven best."""
        return relative_gap(self.objective, self.best_bound)


def relative_gap(objective: float, bound: float) -> float:
    """(objective - bound) / objective, within 0..1; 0 where both are 0."""
    if objective <= bound or objective <= 0:
        return 0.0
    return min(1.0, (objective - bound) / objective)


def tell_refused(refused: Iterable[Violation], *, engine: str, findings: Findings) -> None:
    """Warn of plans that a search offered and the checker refused."""
    for violation in refused:
        findings.warning(
            "plan_refused",
            f"the search offered a plan that breaks {violation.rule}: {violation.text}",
            source=engine,
            hint="the checker refused it and the plan at hand is valid; please report this",
        )
