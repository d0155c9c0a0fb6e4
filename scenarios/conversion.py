"""From the border shape to the optimiser's values; nothing is judged here except what is odd but possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from optimiser.basics.battery_terms import Batteries, Cabinet
from optimiser.basics.city import (
    Break,
    City,
    Depot,
    Handling,
    Must,
    Prices,
    Snapshot,
    Station,
    StationRules,
    StationStatus,
    Van,
    Zone,
)
from optimiser.basics.findings import Findings
from optimiser.demand.targets import Target, interval_target
from scenarios.cross_checks import odd_coordinates
from scenarios.feed import named
from scenarios.grid import grid_of
from scenarios.schema import CityModel
from scenarios.schema_errors import findings_of
from scenarios.schema_work import StationRulesModel, VanModel


def read_city(document: Mapping[str, Any], findings: Findings, *, source: str = "request") -> CityModel | None:
    """
    The checked model of a raw document, or None with every error in `findings`.

    The `where` of each finding is a JSON Pointer into `document`.
    """
    try:
        model = CityModel.model_validate(document)
    except ValidationError as error:
        findings.extend(findings_of(error, model=CityModel, source=source))
        return None
    odd_coordinates(model.model_dump(include={"stations", "depots"}), findings, source=source)
    return model


def to_city(model: CityModel) -> tuple[City, Snapshot, tuple[Target, ...]]:
    """
    The city, its snapshot and the operator's own targets, in the order of `city.stations`.

    Stations that the operator leaves out have none (`targets_missing` names them).
    """
    batteries, made_up = _batteries(model)
    city = City(
        id=model.id,
        name=model.name,
        time_zone=model.time_zone,
        currency=model.currency,
        stations=tuple(
            Station(
                id=part.id,
                name=part.name,
                lon=part.lon,
                lat=part.lat,
                capacity=part.capacity,
                is_zone=part.is_zone,
            )
            for part in model.stations
        ),
        depots=tuple(
            Depot(id=part.id, name=part.name, lon=part.lon, lat=part.lat, stock=part.stock, room=part.room)
            for part in model.depots
        ),
        vans=tuple(map(_van, model.vans)),
        handling=Handling(**model.handling.model_dump()),
        prices=Prices(**model.prices.model_dump()),
        rules=_rules(model),
        zones=tuple(
            Zone(id=part.id, station_ids=part.stations, floor=part.floor, cap=part.cap) for part in model.zones
        ),
        batteries=batteries,
        synthetic=(*model.synthetic, *made_up),
        attribution=model.attribution,
    )
    snapshot = Snapshot(
        as_of=model.snapshot.as_of.astimezone(ZoneInfo(model.time_zone)),
        stations=tuple(
            StationStatus(
                station_id=part.station_id,
                bikes=part.bikes,
                docks=part.docks,
                ebikes=part.ebikes,
                disabled=part.disabled,
                low_charge=part.low_charge,
            )
            for part in model.snapshot.stations
        ),
    )
    return city, snapshot, _targets(model, city)


def targets_missing(model: CityModel, findings: Findings, *, source: str) -> None:
    """Warn of stations without a target in a city that has targets."""
    given = {part.station_id for part in model.targets or ()}
    missing = [part.id for part in model.stations if part.id not in given]
    if model.targets is not None and missing:
        findings.warning(
            "target_missing",
            f"{len(missing)} stations have no target of yours and aim at what demand or the fleet's average fill asks: "
            f"{named(missing)}",
            source=source,
            where="/targets",
            value=len(missing),
            hint="a target for each station",
        )


def to_musts(model: CityModel) -> tuple[Must, ...]:
    """Tonight's must-do work, in the order of the document; stations out of service may be among it."""
    return tuple(
        Must(
            station_id=part.station_id,
            visit=part.visit,
            low=part.low,
            high=part.high,
            swaps=part.swaps,
            broken=part.broken,
        )
        for part in model.musts
    )


def _batteries(model: CityModel) -> tuple[Batteries | None, tuple[str, ...]]:
    """How packs are charged, and what of its grid is made up; the grid is nobody's where nothing is charged."""
    part = model.batteries
    if part is None:
        return None, ()
    grid, made_up = grid_of(model.grid, model.grid_series, own="grid.csv")
    cabinets = tuple(
        Cabinet(
            depot_id=item.depot,
            slots=item.slots,
            slot_kw=item.slot_kw,
            site_kw=item.site_kw,
            waiting=item.waiting,
            changes=item.changes,
        )
        for item in part.cabinets
    )
    batteries = Batteries(
        pack_kwh=part.pack_kwh,
        state_of_charge=part.state_of_charge,
        efficiency=part.efficiency,
        ready_by=part.ready_by,
        co2_kg=part.co2_kg,
        cabinets=cabinets,
        grid=grid,
    )
    return batteries, made_up


def _van(part: VanModel) -> Van:
    return Van(
        id=part.id,
        slots=part.slots,
        initial_load=part.initial_load,
        start_depot_id=part.start_depot,
        end_depot_id=part.end_depot,
        shift_start=part.shift[0],
        shift_end=part.shift[1],
        speed_factor=part.speed_factor,
        batteries=part.batteries,
        range_m=None if part.range_km is None else round(1000 * part.range_km),
        skills=frozenset(part.skills),
        break_=None
        if part.break_ is None
        else Break(duration_s=60 * part.break_.minutes, earliest=part.break_.earliest, latest=part.break_.latest),
    )


def _rules(model: CityModel) -> tuple[StationRules, ...]:
    """One set of rules for each station that any entry names; several entries add to each other."""
    said: dict[str, list[StationRulesModel]] = {}
    for part in model.station_rules:
        for id_ in part.stations:
            said.setdefault(id_, []).append(part)
    return tuple(
        StationRules(
            station_id=id_,
            needs=frozenset(skill for part in parts for skill in part.needs),
            open=next((part.open for part in parts if part.open is not None), None),
            may_pick_up=all(part.pick_up for part in parts),
            may_drop_off=all(part.drop_off for part in parts),
            is_forbidden=any(part.forbidden for part in parts),
            once=any(part.once for part in parts),
        )
        for id_, parts in said.items()
    )


def _targets(model: CityModel, city: City) -> tuple[Target, ...]:
    given = {part.station_id: part for part in model.targets or ()}
    return tuple(
        interval_target(
            station.id,
            capacity=station.capacity,
            low=given[station.id].low,
            high=given[station.id].high,
            trips_per_bike=given[station.id].lost_trips_per_bike,
            reason=given[station.id].reason,
        )
        for station in city.stations
        if station.id in given
    )
