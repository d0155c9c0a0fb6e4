"""Everything that is known once a night has been planned; all reports are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.basics.city import City, Snapshot
from optimiser.basics.findings import Finding
from optimiser.basics.result import Result
from optimiser.rebalancing.cost import Cost
from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A station that could not take part in planning."""

    station_id: str
    code: str
    """`FAR_FROM_STREET` or `UNREACHABLE`."""
    text: str
    distance_m: float | None = None


@dataclass(frozen=True, kw_only=True)
class Night:
    """A planned and checked night."""

    city: City
    snapshot: Snapshot
    problem: Problem
    """Holds the stations that take part."""
    result: Result[Plan]
    timeline: Timeline
    """The plan, replayed."""
    cost_before: Cost
    """Of doing nothing."""
    cost_after: Cost
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[Finding, ...] = ()
