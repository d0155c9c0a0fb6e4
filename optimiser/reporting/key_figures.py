"""Key figures in the operator's words: how the stations stand before and after the night, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from optimiser.reporting.night import Night


@dataclass(frozen=True, slots=True, kw_only=True)
class StationFigures:
    """How the stations that take part stand at one moment."""

    expected_lost_trips: float
    """Over the next day."""
    lost_trip_cost: float
    stations_empty: int
    stations_full: int
    stations_below_target: int
    stations_within_target: int
    stations_above_target: int
    bikes_short_of_target: int
    """Bikes missing to the lower ends of the target intervals."""
    bikes_at_stations: int
    bikes_in_vans: int
    """On board; after the night they are kept in the depot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFigures:
    """What the night takes and what it saves; money in the city's currency."""

    vans_used: int
    stops: int
    bikes_moved: int
    """For each van the larger of bikes picked up and bikes dropped off."""
    bike_handlings: int
    """Each pick-up and each drop-off counts."""
    driven_km: float
    van_hours: float
    drive_hours: float
    handling_hours: float
    lost_trips_avoided: float
    lost_trips_avoided_per_van_hour: float | None
    """None where no van drives."""
    lost_trips_avoided_per_km: float | None
    """None where no van drives a metre."""
    cost_lost_trips: float
    cost_van_hours: float
    cost_van_km: float
    cost_van_use: float
    total_cost_before: float
    total_cost_after: float
    total_saved: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigures:
    """The night in numbers."""

    before: StationFigures
    after: StationFigures
    work: WorkFigures

    def as_document(self) -> dict[str, dict[str, Any]]:
        """`before`, `after` (with the work done) and `delta` = after - before, for JSON."""
        before, after = asdict(self.before), asdict(self.after)
        return {
            "before": before,
            "after": after | asdict(self.work),
            "delta": {name: after[name] - before[name] for name in before},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One line of the before/after table."""

    name: str
    label: str
    before: float
    after: float
    digits: int
    better: int
    """-1 where less is better, 1 where more is better, 0 where it is neither."""

    @property
    def delta(self) -> float:
        """Change over the night."""
        return self.after - self.before


def key_figures(night: Night) -> KeyFigures:
    """Figures before and after the night, over the stations that take part."""
    problem, timeline = night.problem, night.timeline
    start = {station.id: station.inventory for station in problem.stations}
    loads = {van.id: van.initial_load for van in problem.vans}
    before = _station_figures(night, start, freed={}, bikes_in_vans=sum(loads.values()))
    loads |= {route.van_id: route.load_at_end for route in timeline.routes}
    after = _station_figures(night, timeline.inventories, freed=timeline.freed, bikes_in_vans=sum(loads.values()))
    return KeyFigures(
        before=before,
        after=after,
        work=_work_figures(night, avoided=before.expected_lost_trips - after.expected_lost_trips),
    )


def figure_rows(figures: KeyFigures, *, currency: str) -> tuple[FigureRow, ...]:
    """The before/after table, top line first, in words an operator uses."""
    words = {
        "expected_lost_trips": ("Expected lost trips, next day", 1, -1),
        "lost_trip_cost": (f"Value of lost trips ({currency})", 0, -1),
        "stations_empty": ("Stations empty", 0, -1),
        "stations_full": ("Stations full", 0, -1),
        "stations_below_target": ("Stations below target", 0, -1),
        "stations_within_target": ("Stations within target", 0, 1),
        "stations_above_target": ("Stations above target", 0, -1),
        "bikes_short_of_target": ("Bikes short of target", 0, -1),
        "bikes_at_stations": ("Bikes at stations", 0, 0),
        "bikes_in_vans": ("Bikes in vans and depot", 0, 0),
    }
    return tuple(
        FigureRow(
            name=field.name,
            label=words[field.name][0],
            before=getattr(figures.before, field.name),
            after=getattr(figures.after, field.name),
            digits=words[field.name][1],
            better=words[field.name][2],
        )
        for field in fields(StationFigures)
    )


def _station_figures(
    night: Night, inventories: Mapping[str, int], *, freed: Mapping[str, int], bikes_in_vans: int
) -> StationFigures:
    stations = night.problem.stations
    held = [(station, inventories[station.id]) for station in stations]
    lost = sum(station.lost_trips(bikes, freed.get(station.id, 0)) for station, bikes in held)
    below = sum(bikes < station.target.low for station, bikes in held)
    above = sum(bikes > station.target.high for station, bikes in held)
    return StationFigures(
        expected_lost_trips=lost,
        lost_trip_cost=night.problem.prices.lost_trip * lost,
        stations_empty=sum(bikes == 0 < station.capacity for station, bikes in held),
        stations_full=sum(bikes == station.capacity > 0 for station, bikes in held),
        stations_below_target=below,
        stations_within_target=len(held) - below - above,
        stations_above_target=above,
        bikes_short_of_target=sum(max(0, station.target.low - bikes) for station, bikes in held),
        bikes_at_stations=sum(bikes for _, bikes in held),
        bikes_in_vans=bikes_in_vans,
    )


def _work_figures(night: Night, *, avoided: float) -> WorkFigures:
    routes = night.timeline.routes
    stops = [timed for route in routes for timed in route.stops]
    picked = [sum(timed.stop.pickup for timed in route.stops) for route in routes]
    dropped = [sum(timed.stop.dropoff for timed in route.stops) for route in routes]
    van_hours = sum(route.duration_s for route in routes) / 3600
    drive_s = sum(timed.drive_s for timed in stops) + sum(route.last_drive_s for route in routes)
    driven_km = sum(route.distance_m for route in routes) / 1000
    before, after = night.cost_before, night.cost_after
    return WorkFigures(
        vans_used=len(routes),
        stops=len(stops),
        bikes_moved=sum(map(max, picked, dropped)),
        bike_handlings=sum(picked) + sum(dropped),
        driven_km=driven_km,
        van_hours=van_hours,
        drive_hours=drive_s / 3600,
        handling_hours=sum(timed.departure_s - timed.begin_s for timed in stops) / 3600,
        lost_trips_avoided=avoided,
        lost_trips_avoided_per_van_hour=avoided / van_hours if van_hours else None,
        lost_trips_avoided_per_km=avoided / driven_km if driven_km else None,
        cost_lost_trips=after.lost_trips,
        cost_van_hours=after.van_hours,
        cost_van_km=after.van_km,
        cost_van_use=after.van_use,
        total_cost_before=before.total,
        total_cost_after=after.total,
        total_saved=before.total - after.total,
    )
