"""Everything that is known once a night of e-cars has been planned; all reports are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from optimiser.basics.car_fleet import Base, CarFleet, Station
from optimiser.basics.finding import Finding
from optimiser.basics.result import Result
from optimiser.relocation.cost import Cost, ready_cars
from optimiser.relocation.plan import Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.replay import Timeline
from optimiser.reporting.night import LeftOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something is on the map."""

    id: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True)
class RelocationNight:
    """A planned and checked night of e-cars."""

    fleet: CarFleet
    problem: Problem
    result: Result[Plan]
    timeline: Timeline
    timeline_before: Timeline
    """Nobody drives; what is on plugs charges at full power."""
    timeline_plain: Timeline
    """The same drives, charged at full power from the moment of plugging in."""
    cost_before: Cost
    cost_after: Cost
    cost_plain: Cost
    """Of `timeline_plain`."""
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @cached_property
    def places(self) -> dict[str, Place]:
        """Stations, bases, and the places of cars in zones, by id; a car's place has its zone's name."""
        named = [Place(id=thing.id, name=thing.name, lon=thing.lon, lat=thing.lat) for thing in self._named()]
        by_id = {place.id: place for place in named}
        for car in self.fleet.cars:
            if car.place_id is not None and car.lon is not None and car.lat is not None:
                name = by_id[car.station_id].name
                by_id[car.place_id] = Place(id=car.place_id, name=name, lon=car.lon, lat=car.lat)
        return by_id

    @cached_property
    def ready_before(self) -> dict[str, int]:
        """Ready cars at opening at each station if nobody drives."""
        return ready_cars(self.problem, self.timeline_before)

    @cached_property
    def ready_after(self) -> dict[str, int]:
        """Ready cars at opening at each station."""
        return ready_cars(self.problem, self.timeline)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.fleet.time_zone)

    def local_time(self, seconds: int) -> datetime:
        """The city's own time so many seconds after the night's start."""
        return (self.problem.start.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(self.zone)

    def time(self, seconds: int) -> str:
        """The same as RFC 3339 has it."""
        return self.local_time(seconds).isoformat()

    def _named(self) -> list[Station | Base]:
        return [*self.fleet.stations, *self.fleet.bases]
