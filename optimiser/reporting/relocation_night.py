"""Everything that is known once a night of e-cars has been planned; all reports are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from optimiser.basics.car_fleet import CarFleet
from optimiser.basics.finding import Finding
from optimiser.basics.result import Result
from optimiser.relocation.cost import Cost
from optimiser.relocation.plan import Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.replay import Timeline
from optimiser.reporting.night import LeftOut


@dataclass(frozen=True, kw_only=True)
class RelocationNight:
    """A planned and checked night of e-cars."""

    fleet: CarFleet
    problem: Problem
    result: Result[Plan]
    timeline: Timeline
    timeline_before: Timeline
    """Nobody drives; what is on plugs charges at full power."""
    cost_before: Cost
    cost_after: Cost
    cost_plain: Cost
    """The same drives, charged at full power from the moment of plugging in."""
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.fleet.time_zone)

    def local_time(self, seconds: int) -> datetime:
        """The city's own time so many seconds after the night's start."""
        return (self.problem.start.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(self.zone)
