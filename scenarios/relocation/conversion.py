"""From the border shape of a fleet to what the optimiser is given."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from optimiser.basics.car_fleet import (
    HOURS_A_DAY,
    Base,
    Break,
    Car,
    CarFleet,
    Charging,
    Driver,
    Handling,
    Mode,
    ModeKind,
    Must,
    Plug,
    Prices,
    Rates,
    Station,
    Task,
    Wish,
    WishSource,
    Zone,
)
from optimiser.basics.findings import Findings
from scenarios.cross_checks import odd_coordinates
from scenarios.grid import grid_of
from scenarios.relocation.connectors import check_connectors
from scenarios.relocation.odd_wishes import odd_wishes
from scenarios.relocation.placement import Placed, placed_cars
from scenarios.relocation.schema import CarFleetModel, DriverModel, ModeModel
from scenarios.relocation.schema_cars import CarTypeModel
from scenarios.relocation.schema_places import DemandModel, StationModel

RIDE_S = {ModeKind.FOLDING_BIKE: 60, ModeKind.SHUTTLE: 300}
"""Added to each ride where nobody says: to unfold and fold, to wait."""


def to_fleet(model: CarFleetModel, findings: Findings, *, source: str = "request") -> CarFleet:
    """The fleet of a checked model; cars that stand nowhere near a station are left out and told."""
    places = ("stations", "bases")
    odd_coordinates(model.model_dump(include=set(places)), findings, source=source, parts=places)
    odd_wishes(model, findings, source=source)
    placed = placed_cars(model, findings, source=source)
    grid, made_up = grid_of(model.grid, model.grid_series, own="cars/grid.csv")
    types = {part.id: part for part in model.types}
    stations, cars = _stations(model), tuple(_car(item, types, model) for item in placed)
    check_connectors(model, stations, cars, findings, source=source)
    return CarFleet(
        id=model.id,
        name=model.name,
        time_zone=model.time_zone,
        currency=model.currency,
        as_of=model.as_of.astimezone(ZoneInfo(model.time_zone)),
        opening=model.opening,
        stations=stations,
        cars=cars,
        bases=tuple(Base(id=part.id, name=part.name or part.id, lon=part.lon, lat=part.lat) for part in model.bases),
        drivers=tuple(map(_driver, model.drivers)),
        modes=_modes(model),
        handling=Handling(**model.handling.model_dump()),
        charging=Charging(**model.charging.model_dump()),
        prices=Prices(**model.prices.model_dump()),
        grid=grid,
        zones=tuple(
            Zone(id=part.id, station_ids=part.stations, floor=part.floor, cap=part.cap) for part in model.zones
        ),
        tasks=tuple(
            Task(id=part.id, car_id=part.car_id, minutes=part.minutes, price=part.price, needs=frozenset(part.needs))
            for part in model.tasks
        ),
        musts=tuple(
            Must(car_id=part.car_id, station_ids=frozenset(part.stations), charge=part.charge) for part in model.musts
        ),
        synthetic=(*model.synthetic, *made_up),
        attribution=model.attribution,
    )


def _stations(model: CarFleetModel) -> tuple[Station, ...]:
    plugs: dict[str, list[Plug]] = {}
    for part in model.plugs:
        plug = Plug(id=part.id, kw=part.kw, connector=part.connector, occupied_until=part.occupied_until)
        plugs.setdefault(part.station_id, []).append(plug)
    demand: dict[str, list[DemandModel]] = {}
    for row in model.demand:
        demand.setdefault(row.station_id, []).append(row)
    return tuple(
        Station(
            id=part.id,
            name=part.name,
            lon=part.lon,
            lat=part.lat,
            wish=_wish(part, demand.get(part.id, [])),
            bays=None if part.is_zone else part.bays,
            is_zone=part.is_zone,
            plugs=tuple(plugs.get(part.id, ())),
            site_kw=part.site_kw,
            open=None if part.opens is None or part.closes is None else (part.opens, part.closes),
        )
        for part in model.stations
    )


def _wish(station: StationModel, rows: list[DemandModel]) -> Wish:
    """What is given of a station; else one ready car at least, and of its bays one free."""
    if not station.is_renting:
        return Wish(source=WishSource.HUB)
    if not rows:
        high = None if station.bays is None or station.is_zone else max(1, station.bays - 1)
        return Wish(source=WishSource.DEFAULT, low=min(1, 1 if high is None else station.bays or 0), high=high)
    if rows[0].low is not None:
        lost = 1.0 if rows[0].lost_trips_per_car is None else rows[0].lost_trips_per_car
        return Wish(source=WishSource.TARGET, low=rows[0].low, high=rows[0].high, lost_trips_per_car=lost)
    by_hour = {row.hour: row for row in rows}
    in_order = [by_hour.get(hour) or by_hour[None] for hour in range(HOURS_A_DAY)]
    rates = Rates(
        rentals_per_hour=tuple(row.rentals_per_hour or 0.0 for row in in_order),
        returns_per_hour=tuple(row.returns_per_hour or 0.0 for row in in_order),
    )
    return Wish(source=WishSource.RATES, rates=rates)


def _car(item: Placed, types: dict[str, CarTypeModel], model: CarFleetModel) -> Car:
    part, defaults = item.car, model.defaults
    type_ = types.get(part.type or "")

    def said(name: str) -> Any:
        own = getattr(part, name)
        of_type = None if own is not None or type_ is None else getattr(type_, name)
        return next(value for value in (own, of_type, getattr(defaults, name)) if value is not None)

    return Car(
        id=part.id,
        station_id=item.station.id,
        lon=part.lon if item.has_own_place else None,
        lat=part.lat if item.has_own_place else None,
        type=part.type or "",
        battery_kwh=said("battery_kwh"),
        state_of_charge=part.state_of_charge,
        ready_charge=said("ready_charge"),
        goal_charge=said("goal_charge"),
        kwh_per_km=said("kwh_per_km") * defaults.season_factor,
        charge_kw=said("charge_kw"),
        connectors=frozenset(said("connectors")),
        plug_id=item.plug_id,
        available_from=part.available_from,
        booked_from=part.booked_from,
        in_service=part.in_service,
        can_move=part.can_move,
        needs=frozenset((*part.needs, *(() if type_ is None else type_.needs))),
    )


def _driver(part: DriverModel) -> Driver:
    return Driver(
        id=part.id,
        name=part.name or part.id,
        start_id=part.start,
        end_id=part.end or part.start,
        shift_start=part.shift[0],
        shift_end=part.shift[1],
        mode=part.mode,
        skills=frozenset(part.skills),
        break_=None
        if part.break_ is None
        else Break(duration_s=60 * part.break_.minutes, earliest=part.break_.earliest, latest=part.break_.latest),
    )


def _modes(model: CarFleetModel) -> tuple[Mode, ...]:
    """Modes that are listed, and those that a driver uses by the name of their kind alone."""
    listed = {part.name for part in model.modes}
    by_name = dict.fromkeys(part.mode for part in model.drivers if part.mode not in listed)
    parts = [*model.modes, *(ModeModel(name=name) for name in by_name)]
    return tuple(_mode(part, model) for part in parts)


def _mode(part: ModeModel, model: CarFleetModel) -> Mode:
    kind = ModeKind(part.kind or part.name)
    return Mode(
        name=part.name,
        kind=kind,
        ride_s=RIDE_S.get(kind, 0) if part.ride_s is None else part.ride_s,
        price_km=part.price_km,
        pairs={(pair.from_, pair.to): (pair.seconds, pair.metres) for pair in model.pairs if pair.mode == part.name},
    )
