"""Key figures in the operator's words: how the stations stand before and after the night, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from optimiser.reporting.night import Night
from optimiser.reporting.wishes import must_do, zone_outcomes


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
    """Ready ones."""
    bikes_in_vans: int
    """Ready ones on board and in the depots, where all on board is kept after the night."""
    bikes_low_on_charge: int
    """At stations; each blocks a dock."""
    bikes_broken: int
    """At stations; each blocks a dock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFigures:
    """What the night takes and what it saves; money in the city's currency."""

    vans_used: int
    stops: int
    """Calls at depots in mid-shift included."""
    depot_calls: int
    """Stops at depots in mid-shift."""
    bikes_moved: int
    """For each van the larger of ready bikes picked up and dropped off at stations."""
    bike_handlings: int
    """Each bike lifted, up or down, of any kind, at stations and at depots."""
    batteries_swapped: int
    low_charge_picked_up: int
    broken_picked_up: int
    driven_km: float
    van_hours: float
    """Driving, handling, waiting and breaks."""
    drive_hours: float
    handling_hours: float
    wait_hours: float
    break_hours: float
    lost_trips_avoided: float
    lost_trips_avoided_per_van_hour: float | None
    """None where no van drives."""
    lost_trips_avoided_per_km: float | None
    """None where no van drives a metre."""
    cost_lost_trips: float
    cost_van_hours: float
    cost_van_km: float
    cost_van_use: float
    cost_swaps: float
    cost_broken_left: float
    cost_must: float
    cost_zones: float
    cost_fairness: float
    must_do_left: int
    """Pieces of must-do work that are not done in full, those at stations that take no part included."""
    zones_missed: int
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
    start = {station.id: station.inventory for station in night.stations}
    at_work = {route.van_id for route in timeline.routes}
    parked = sum(van.initial_load for van in problem.vans if van.id not in at_work)
    before = _station_figures(
        night,
        start,
        freed={},
        bikes_in_vans=sum(van.initial_load for van in problem.vans)
        + sum(depot.stock for depot in problem.depot_by_id.values()),
        low_charge=sum(station.low_charge for station in night.stations),
        broken=sum(station.broken for station in night.stations),
    )
    after = _station_figures(
        night,
        timeline.inventories,
        freed=timeline.freed,
        bikes_in_vans=parked + sum(depot.ready for depot in timeline.depots.values()),
        low_charge=sum(timeline.low_charge.values()),
        broken=sum(timeline.broken.values()),
    )
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
        "bikes_low_on_charge": ("Bikes low on charge at stations", 0, -1),
        "bikes_broken": ("Broken bikes at stations", 0, -1),
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
    night: Night,
    inventories: Mapping[str, int],
    *,
    freed: Mapping[str, int],
    bikes_in_vans: int,
    low_charge: int,
    broken: int,
) -> StationFigures:
    stations = night.stations
    held = [(station, inventories[station.id]) for station in stations]
    lost = sum(station.lost_trips(bikes, freed.get(station.id, 0)) for station, bikes in held)
    below = sum(bikes < station.target.low for station, bikes in held)
    above = sum(bikes > station.target.high for station, bikes in held)
    return StationFigures(
        expected_lost_trips=lost,
        lost_trip_cost=night.problem.prices.lost_trip * lost,
        stations_empty=sum(bikes == 0 < station.capacity for station, bikes in held),
        stations_full=sum(bikes == station.capacity + freed.get(station.id, 0) > 0 for station, bikes in held),
        stations_below_target=below,
        stations_within_target=len(held) - below - above,
        stations_above_target=above,
        bikes_short_of_target=sum(max(0, station.target.low - bikes) for station, bikes in held),
        bikes_at_stations=sum(bikes for _, bikes in held),
        bikes_in_vans=bikes_in_vans,
        bikes_low_on_charge=low_charge,
        bikes_broken=broken,
    )


def _work_figures(night: Night, *, avoided: float) -> WorkFigures:
    problem, routes = night.problem, night.timeline.routes
    stops = [timed for route in routes for timed in route.stops]
    at_stations = [
        [timed.stop for timed in route.stops if timed.stop.station_id not in problem.depot_ids] for route in routes
    ]
    moved = [max(sum(stop.pickup for stop in one), sum(stop.dropoff for stop in one)) for one in at_stations]
    loaded = [abs(route.start_load - problem.van_by_id[route.van_id].initial_load) for route in routes]
    van_hours = sum(route.duration_s for route in routes) / 3600
    drive_s = sum(timed.drive_s for timed in stops) + sum(route.last_drive_s for route in routes)
    handling_s = sum(timed.departure_s - timed.begin_s for timed in stops)
    handling_s += sum(route.leave_s - route.start_s for route in routes)
    driven_km = sum(route.distance_m for route in routes) / 1000
    before, after = night.cost_before, night.cost_after
    return WorkFigures(
        vans_used=len(routes),
        stops=len(stops),
        depot_calls=len(stops) - sum(map(len, at_stations)),
        bikes_moved=sum(moved),
        bike_handlings=sum(timed.lifted for timed in stops) + sum(loaded),
        batteries_swapped=sum(timed.stop.swaps for timed in stops),
        low_charge_picked_up=sum(timed.stop.low_pickup for timed in stops),
        broken_picked_up=sum(timed.stop.broken_pickup for timed in stops),
        driven_km=driven_km,
        van_hours=van_hours,
        drive_hours=drive_s / 3600,
        handling_hours=handling_s / 3600,
        wait_hours=sum(timed.wait_s for timed in stops) / 3600,
        break_hours=sum(route.break_s for route in routes) / 3600,
        lost_trips_avoided=avoided,
        lost_trips_avoided_per_van_hour=avoided / van_hours if van_hours else None,
        lost_trips_avoided_per_km=avoided / driven_km if driven_km else None,
        cost_lost_trips=after.lost_trips,
        cost_van_hours=after.van_hours,
        cost_van_km=after.van_km,
        cost_van_use=after.van_use,
        cost_swaps=after.swaps,
        cost_broken_left=after.broken_left,
        cost_must=after.must,
        cost_zones=after.zones,
        cost_fairness=after.fairness,
        must_do_left=sum(entry.is_open for entry in must_do(night)),
        zones_missed=sum(zone.is_missed for zone in zone_outcomes(night)),
        total_cost_before=before.total,
        total_cost_after=after.total,
        total_saved=before.total - after.total,
    )
