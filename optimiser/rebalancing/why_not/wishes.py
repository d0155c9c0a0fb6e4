"""What a plan leaves undone: must-do work that is missing, stations short of ready bikes or with some to spare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from optimiser.rebalancing.cost import unserved_musts
from optimiser.rebalancing.problem import Problem, Station
from optimiser.rebalancing.replay import Timeline

WishKind = Literal["visit", "low", "high", "swaps", "broken", "short", "spare"]
"""Must-do work is named like the field of `Must`; `short` = fewer ready bikes than the target, `spare` = more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Something asked for at one station that a plan leaves undone, or does in part."""

    station_id: str
    kind: WishKind
    amount: int
    """What is missing: a visit, bikes, swaps, broken bikes."""
    lost_trips: float
    """Trips that are expected to be lost only because it is missing."""
    money: float
    """The price of these trips and of the must-do work that is missing."""

    @property
    def is_must(self) -> bool:
        """Whether it is must-do work."""
        return self.kind not in {"short", "spare"}

    @property
    def brings(self) -> bool:
        """Whether more ready bikes are wanted."""
        return self.kind in {"low", "short"}

    @property
    def fetches(self) -> bool:
        """Whether fewer ready bikes are wanted."""
        return self.kind in {"high", "spare"}


def missing(problem: Problem, timeline: Timeline) -> dict[tuple[str, WishKind], int]:
    """What is missing by station and kind, stations in the problem's order; nothing that is fulfilled is told."""
    found: dict[tuple[str, WishKind], int] = {
        (item.station_id, item.kind): item.amount for item in unserved_musts(problem, timeline)
    }
    for station in problem.stations:
        bikes = timeline.inventories[station.id]
        if bikes < station.target.low:
            found[station.id, "short"] = station.target.low - bikes
        if bikes > station.target.high:
            found[station.id, "spare"] = bikes - station.target.high
    return found


def wishes(problem: Problem, timeline: Timeline) -> tuple[Wish, ...]:
    """Every wish that a plan leaves open, must-do work first."""
    made = [
        _wish(problem, timeline, problem.station_by_id[id_], kind, amount)
        for (id_, kind), amount in missing(problem, timeline).items()
    ]
    return tuple(sorted(made, key=lambda wish: not wish.is_must))


def _wish(problem: Problem, timeline: Timeline, station: Station, kind: WishKind, amount: int) -> Wish:
    bikes, freed = timeline.inventories[station.id], timeline.freed[station.id]
    ready, free = _STEPS[kind](amount)
    free = min(freed + free, station.blocked)
    ready = min(bikes + ready, station.capacity + free)
    lost = max(0.0, station.lost_trips(bikes, freed) - station.lost_trips(ready, free))
    money = problem.prices.lost_trip * lost
    if kind not in {"short", "spare"}:
        money += problem.prices.must * amount
    if kind == "broken":
        money += problem.prices.broken_left * min(amount, timeline.broken[station.id])
    return Wish(station_id=station.id, kind=kind, amount=amount, lost_trips=lost, money=money)


_STEPS: dict[WishKind, Callable[[int], tuple[int, int]]] = {
    "visit": lambda _: (0, 0),
    "low": lambda amount: (amount, 0),
    "high": lambda amount: (-amount, 0),
    "swaps": lambda amount: (amount, amount),
    "broken": lambda amount: (0, amount),
    "short": lambda amount: (amount, 0),
    "spare": lambda amount: (-amount, 0),
}
"""Ready bikes more and docks freed once so much that was missing is done."""
