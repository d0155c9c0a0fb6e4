"""Everything that is known once a night has been planned; all reports are made from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from optimiser.basics.city import City, Depot, Must, Snapshot, Station
from optimiser.basics.finding import Finding
from optimiser.basics.result import Result, StopReason
from optimiser.batteries.outcome import BatteryNight
from optimiser.demand.targets import TargetSource
from optimiser.rebalancing.cost import Cost
from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.problem import Station as PlannedStation
from optimiser.rebalancing.replay import Timeline
from optimiser.rebalancing.why_not import WhyNot, why_not

if TYPE_CHECKING:
    # Only its type: reports are read by programs that fit no demand and need not load what compiles it.
    from optimiser.demand.city_demand import CityDemand


HURRIED_S = 1.0
"""Processor time for the reasons of a night that was cancelled."""


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
    musts_out: tuple[Must, ...] = ()
    """Must-do work at stations that take no part."""
    warnings: tuple[Finding, ...] = ()
    demand: CityDemand | None = None
    """What targets from demand rest on; None where there are none."""
    batteries: BatteryNight | None = None
    """Packs charged at the depots; None where the city says nothing of it."""
    history: Mapping[str, Any] | None = None
    """What was read of the city's history, counted; plain values."""
    made_up: frozenset[str] = frozenset()
    """Places that stand for the ways that vans have made so far, in the rest of a night; the city holds them."""
    revision: Mapping[str, Any] | None = None
    """What was told in mid-shift and what it changed; plain values. None for a night that is planned whole."""

    @cached_property
    def stations(self) -> tuple[PlannedStation, ...]:
        """The real stations that take part."""
        return tuple(station for station in self.problem.stations if station.id not in self.made_up)

    @cached_property
    def place_of_station(self) -> dict[str, Station]:
        """Names and positions of the city's stations by id, those left out included."""
        return {station.id: station for station in self.city.stations}

    @cached_property
    def place_by_id(self) -> dict[str, Station | Depot]:
        """Names and positions of every place where a van may stop, start or end."""
        return {**self.place_of_station, **{depot.id: depot for depot in self._all_depots}}

    @cached_property
    def depots(self) -> tuple[Depot, ...]:
        """The real depots where tonight's vans start, end or may call, in the city's order."""
        return tuple(depot for depot in self._all_depots if depot.id not in self.made_up)

    @property
    def _all_depots(self) -> tuple[Depot, ...]:
        return tuple(depot for depot in self.city.depots if depot.id in self.problem.depot_ids)

    @cached_property
    def target_sources(self) -> dict[TargetSource, int]:
        """How many stations that take part have a target from where."""
        return {source: sum(station.target.source is source for station in self.stations) for source in TargetSource}

    @cached_property
    def why_not(self) -> tuple[WhyNot, ...]:
        """
        Why each wish that the plan leaves open is left open; a large city takes seconds, once.

        Who cancels has not so long: what was not looked into within `HURRIED_S` is told as left open by the search.
        """
        stop_reason = self.result.stop_reason
        return why_not(
            self.problem,
            self.result.plan,
            is_proven_best=stop_reason is StopReason.OPTIMAL,
            within_s=HURRIED_S if stop_reason is StopReason.CANCELLED else math.inf,
        )

    @cached_property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.city.time_zone)

    def local_time(self, seconds: int) -> datetime:
        """
        The city's own time so many seconds after the night's start.

        Seconds are added in UTC and converted afterwards: where the clock changes in the night, adding to
        local time would be an hour wrong.
        """
        return (self.problem.start.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(self.zone)
