"""States the problem of one night: from a fleet by its city's local clock to seconds after the night's start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from optimiser.basics import car_fleet
from optimiser.basics.car_fleet import CarFleet
from optimiser.basics.findings import Findings
from optimiser.basics.night_grid import night_grid
from optimiser.basics.shifts import (
    Span,
    break_window,
    next_moment,
    next_shift,
    night_start,
    open_spans,
    seconds_after,
)
from optimiser.network.travel import TravelTimes
from optimiser.relocation.problem.fleet import Break, Car, Driver, Must, Task
from optimiser.relocation.problem.night import Problem
from optimiser.relocation.problem.station import Plug, Station, Zone
from optimiser.relocation.problem.terms import Mode
from optimiser.relocation.problem.wishes import lost_trip_tables


def state_problem(
    fleet: CarFleet,
    as_of: datetime,
    drive: TravelTimes,
    modes: Mapping[str, TravelTimes],
    *,
    findings: Findings | None = None,
) -> Problem:
    """
    The relocation problem of the night that follows `as_of`, from the first shift until opening.

    Parameters
    ----------
    drive
        Of cars, between all places that take part; stations and cars whose place is not among them are left out.
    modes
        Times between the same places by the name of each mode that a driver uses.
    findings
        Told of what holds only in part: shifts after opening, opening hours, zones, work at cars that are left out.

    Raises
    ------
    InvalidInput
        When the grid's series does not cover the night.
    """
    findings = Findings() if findings is None else findings
    start, end = night_span(fleet, as_of)
    opening_s = seconds_after(start, end)
    reached = set(drive.place_ids)
    tables = lost_trip_tables(fleet)
    places = [place for place in fleet.stations if place.id in reached]
    in_part = {place.id for place in places}
    cars = [
        car for car in fleet.cars if car.station_id in in_part and (car.place_id is None or car.place_id in reached)
    ]
    _tell_cars_out(fleet, cars, findings)
    car_by_id = {car.id: car for car in cars}
    grid = night_grid(fleet.grid, fleet.time_zone, start, opening_s, findings)
    findings.raise_errors("grid")
    return Problem(
        start=start,
        opening_s=opening_s,
        stations=tuple(_station(place, tables[place.id], fleet, (start, end), findings) for place in places),
        cars=tuple(_car(car, start) for car in cars),
        drivers=tuple(_drivers(fleet, as_of, (start, end), findings)),
        drive=drive,
        modes=tuple(
            Mode(name=mode.name, travel=modes[mode.name], ride_s=mode.ride_s, km=mode.price_km)
            for mode in fleet.modes
            if mode.name in modes
        ),
        grid=grid,
        prices=fleet.prices,
        handling=fleet.handling,
        charging=fleet.charging,
        zones=tuple(_zones(fleet, in_part, findings)),
        tasks=tuple(_tasks(fleet, car_by_id)),
        musts=tuple(_musts(fleet, car_by_id, in_part, findings)),
    )


def night_span(fleet: CarFleet, as_of: datetime) -> Span:
    """From when the first driver sets out until the day opens (UTC)."""
    start = night_start(fleet.drivers, fleet.time_zone, as_of)
    return start, next_moment(fleet.opening, fleet.time_zone, start)


def _station(
    place: car_fleet.Station, lost_trips: tuple[float, ...], fleet: CarFleet, night: Span, findings: Findings
) -> Station:
    opens_s, closes_s = _hours(place, fleet.time_zone, night, findings)
    return Station(
        id=place.id,
        lost_trips=lost_trips,
        bays=place.bays,
        plugs=tuple(
            Plug(id=plug.id, kw=plug.kw, connector=plug.connector, free_from_s=_after(night[0], plug.occupied_until))
            for plug in place.plugs
        ),
        site_kw=place.site_kw,
        opens_s=opens_s,
        closes_s=closes_s,
    )


def _car(car: car_fleet.Car, start: datetime) -> Car:
    available_from_s = _after(start, car.available_from)
    booked_s = None if car.booked_from is None else max(available_from_s, _after(start, car.booked_from))
    return Car(
        id=car.id,
        station_id=car.station_id,
        place_id=car.place_id,
        battery_kwh=car.battery_kwh,
        energy_kwh=car.state_of_charge * car.battery_kwh,
        ready_kwh=car.ready_charge * car.battery_kwh,
        goal_kwh=car.goal_charge * car.battery_kwh,
        kwh_per_km=car.kwh_per_km,
        charge_kw=car.charge_kw,
        connectors=car.connectors,
        plug_id=car.plug_id,
        available_from_s=available_from_s,
        available_until_s=booked_s,
        in_service=car.in_service,
        can_move=car.can_move,
        needs=car.needs,
    )


def _drivers(fleet: CarFleet, as_of: datetime, night: Span, findings: Findings) -> Iterable[Driver]:
    """Drivers of tonight; a shift that goes on after opening ends then."""
    for driver in fleet.drivers:
        begin, end = next_shift(driver, fleet.time_zone, as_of)
        if begin >= night[1]:
            text = f"begins at {driver.shift_start:%H:%M}, after opening at {fleet.opening:%H:%M}: not tonight"
            findings.warning("shift_after_opening", text, source="drivers", where=f"driver {driver.id}")
            continue
        if end > night[1]:
            text = (
                f"ends at {driver.shift_end:%H:%M}; what is done after opening at {fleet.opening:%H:%M} does not count"
            )
            findings.warning("shift_cut", text, source="drivers", where=f"driver {driver.id}")
        yield Driver(
            id=driver.id,
            start_place_id=driver.start_id,
            end_place_id=driver.end_id,
            shift_start_s=seconds_after(night[0], begin),
            shift_end_s=seconds_after(night[0], min(end, night[1])),
            mode=driver.mode,
            skills=driver.skills,
            break_=_break(driver, fleet.time_zone, as_of, night),
        )


def _break(driver: car_fleet.Driver, time_zone: str, as_of: datetime, night: Span) -> Break | None:
    window = break_window(driver, time_zone, as_of)
    if window is None or driver.break_ is None:
        return None
    earliest_s, latest_s = (seconds_after(night[0], moment) for moment in window)
    return Break(duration_s=driver.break_.duration_s, earliest_s=earliest_s, latest_s=latest_s)


def _hours(place: car_fleet.Station, time_zone: str, night: Span, findings: Findings) -> tuple[int, int | None]:
    """Opening hours in seconds after the night's start: the longest that fall into it."""
    if place.open is None:
        return 0, None
    spans = open_spans(place.open, time_zone, night)
    longest = max(spans, key=lambda span: min(span[1], night[1]) - max(span[0], night[0]))
    hours, where = "–".join(f"{clock:%H:%M}" for clock in place.open), f"station {place.id}"
    if longest[0] >= night[1]:
        findings.warning("closed_tonight", f"is open {hours}, not tonight", source="stations", where=where)
    elif len(spans) > 1:
        text = f"is open {hours}, which tonight meets {len(spans)} times; only the longest time is planned for"
        findings.warning("hours_split", text, source="stations", where=where, value=len(spans))
    opens_s, closes_s = (seconds_after(night[0], moment) for moment in longest)
    return max(0, opens_s), closes_s


def _zones(fleet: CarFleet, in_part: set[str], findings: Findings) -> Iterable[Zone]:
    for zone in fleet.zones:
        inside = tuple(id_ for id_ in zone.station_ids if id_ in in_part)
        if missing := [id_ for id_ in zone.station_ids if id_ not in in_part]:
            text = f"{len(missing)} of {len(zone.station_ids)} stations take no part tonight: {', '.join(missing[:20])}"
            findings.warning("zone_in_part", text, source="zones", where=f"zone {zone.id}", value=len(missing))
        if inside:
            yield Zone(id=zone.id, station_ids=inside, floor=zone.floor, cap=zone.cap)


def _tasks(fleet: CarFleet, cars: Mapping[str, car_fleet.Car]) -> Iterable[Task]:
    for task in fleet.tasks:
        if task.car_id in cars:
            duration_s = round(60 * task.minutes)
            yield Task(id=task.id, car_id=task.car_id, duration_s=duration_s, price=task.price, needs=task.needs)


def _musts(fleet: CarFleet, cars: Mapping[str, car_fleet.Car], in_part: set[str], findings: Findings) -> Iterable[Must]:
    """Musts of cars that take part; where none of the stations does, the car would have nowhere to go."""
    for must in fleet.musts:
        stations = must.station_ids & in_part
        if must.car_id not in cars or (must.station_ids and not stations):
            text = "takes no part tonight, or none of its stations does, so its must-do work stays undone"
            findings.warning("must_left_out", text, source="musts", where=f"car {must.car_id}", value=must.car_id)
            continue
        energy_kwh = must.charge * cars[must.car_id].battery_kwh
        yield Must(car_id=must.car_id, station_ids=stations, energy_kwh=energy_kwh)


def _tell_cars_out(fleet: CarFleet, cars: list[car_fleet.Car], findings: Findings) -> None:
    kept = {car.id for car in cars}
    out = [car.id for car in fleet.cars if car.id not in kept]
    undone = [task.id for task in fleet.tasks if task.car_id not in kept]
    if out:
        text = f"{len(out)} cars take no part tonight, their place is out of reach: {', '.join(out[:20])}"
        findings.warning("cars_left_out", text, source="cars", value=len(out))
    if undone:
        text = f"{len(undone)} tasks are at cars that take no part tonight: {', '.join(undone[:20])}"
        findings.warning("tasks_left_out", text, source="tasks", value=len(undone))


def _after(start: datetime, moment: datetime | None) -> int:
    """Seconds after the night's start, 0 for what is over by then."""
    return 0 if moment is None else max(0, seconds_after(start, moment.astimezone(UTC)))
