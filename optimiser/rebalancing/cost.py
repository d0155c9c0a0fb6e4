"""What a plan costs, term by term, in the city's currency; and which wishes it leaves open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Must, Problem
from optimiser.rebalancing.replay import TimedRoute, Timeline, replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Terms of the objective; `total` is what the planner makes small."""

    lost_trips: float
    """Expected trips lost over the next day, times their price."""
    van_hours: float
    van_km: float
    van_use: float
    swaps: float = 0.0
    broken_left: float = 0.0
    """Broken bikes that stay in the street."""
    must: float = 0.0
    """Must-do work that is not done."""
    zones: float = 0.0
    """Bikes short of a zone's floor or over its cap."""
    fairness: float = 0.0
    """Hours by which working times differ from their mean."""

    @property
    def total(self) -> float:
        """Sum of all terms."""
        as_driven = self.lost_trips + self.van_hours + self.van_km + self.van_use
        return as_driven + self.swaps + self.broken_left + self.must + self.zones + self.fairness


@dataclass(frozen=True, slots=True, kw_only=True)
class UnservedMust:
    """Must-do work that a plan leaves open at one station."""

    station_id: str
    kind: Literal["visit", "low", "high", "swaps", "broken"]
    """Named like the field of `Must`; `low` = too few ready bikes at opening, `high` = too many."""
    amount: int
    """What is missing: a visit, bikes, swaps, broken bikes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneMiss:
    """A zone that opens with too few or too many ready bikes."""

    zone_id: str
    kind: Literal["floor", "cap"]
    """Which end of its interval is missed."""
    amount: int
    """Bikes short of the floor or over the cap."""


def cost(problem: Problem, plan: Plan) -> Cost:
    """Price a plan from its decisions alone. Raises KeyError for ids that are not in the problem."""
    return cost_of(problem, replay(problem, plan))


def cost_of(problem: Problem, timeline: Timeline) -> Cost:
    """Price a plan that has been replayed; inventories must be within 0..capacity and freed docks."""
    prices, routes = problem.prices, timeline.routes
    lost = sum(
        station.lost_trips(timeline.inventories[station.id], timeline.freed[station.id]) for station in problem.stations
    )
    return Cost(
        lost_trips=prices.lost_trip * lost,
        van_hours=prices.van_hour * sum(route.duration_s for route in routes) / 3600,
        van_km=prices.van_km * sum(route.distance_m for route in routes) / 1000,
        van_use=prices.van_use * len(routes),
        swaps=prices.swap * sum(timed.stop.swaps for route in routes for timed in route.stops),
        broken_left=prices.broken_left * sum(timeline.broken.values()),
        must=prices.must * sum(item.amount for item in unserved_musts(problem, timeline)),
        zones=prices.zone_bike * sum(miss.amount for miss in missed_zones(problem, timeline)),
        fairness=prices.fairness * _uneven_hours(routes),
    )


def unserved_musts(problem: Problem, timeline: Timeline) -> tuple[UnservedMust, ...]:
    """Must-do work that is missing, in the order of the stations."""
    visits: Counter[str] = Counter()
    swaps: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for timed in (timed for route in timeline.routes for timed in route.stops):
        visits[timed.stop.station_id] += 1
        swaps[timed.stop.station_id] += timed.stop.swaps
        broken[timed.stop.station_id] += timed.stop.broken_pickup

    def missing(id_: str, must: Must) -> Iterator[UnservedMust]:
        bikes = timeline.inventories[id_]
        if must.visit and not visits[id_]:
            yield UnservedMust(station_id=id_, kind="visit", amount=1)
        if must.low is not None and bikes < must.low:
            yield UnservedMust(station_id=id_, kind="low", amount=must.low - bikes)
        if must.high is not None and bikes > must.high:
            yield UnservedMust(station_id=id_, kind="high", amount=bikes - must.high)
        if swaps[id_] < must.swaps:
            yield UnservedMust(station_id=id_, kind="swaps", amount=must.swaps - swaps[id_])
        if broken[id_] < must.broken:
            yield UnservedMust(station_id=id_, kind="broken", amount=must.broken - broken[id_])

    return tuple(
        item for station in problem.stations if station.must is not None for item in missing(station.id, station.must)
    )


def missed_zones(problem: Problem, timeline: Timeline) -> tuple[ZoneMiss, ...]:
    """Zones that open with too few or too many ready bikes, in the problem's order."""
    misses = []
    for zone in problem.zones:
        bikes = sum(timeline.inventories[id_] for id_ in zone.station_ids)
        if zone.floor is not None and bikes < zone.floor:
            misses.append(ZoneMiss(zone_id=zone.id, kind="floor", amount=zone.floor - bikes))
        if zone.cap is not None and bikes > zone.cap:
            misses.append(ZoneMiss(zone_id=zone.id, kind="cap", amount=bikes - zone.cap))
    return tuple(misses)


def _uneven_hours(routes: tuple[TimedRoute, ...]) -> float:
    """Sum over the vans that drive of how far their working hours are from the mean."""
    hours = [route.duration_s / 3600 for route in routes]
    mean = sum(hours) / len(hours) if hours else 0.0
    return sum(abs(value - mean) for value in hours)
