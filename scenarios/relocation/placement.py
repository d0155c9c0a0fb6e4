"""Where cars stand that name no station: at the nearest station, in the nearest zone, or nowhere that is known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from optimiser.basics.findings import Findings
from optimiser.network.geodesy import great_circle_m
from scenarios.feed import named
from scenarios.relocation.schema import CarFleetModel
from scenarios.relocation.schema_cars import CarModel
from scenarios.relocation.schema_places import StationModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A car and where it stands."""

    car: CarModel
    station: StationModel
    plug_id: str | None = None

    @property
    def has_own_place(self) -> bool:
        """Whether it stands in the street of a zone rather than at a station's place, or on a plug there."""
        is_placed = self.car.lon is not None and self.car.lat is not None
        return self.station.is_zone and is_placed and self.plug_id is None


def placed_cars(model: CarFleetModel, findings: Findings, *, source: str) -> tuple[Placed, ...]:
    """Cars with their stations; those near none are left out, and told."""
    by_id = {part.id: part for part in model.stations}
    plug_of = {plug.car_id: plug for plug in model.plugs if plug.car_id is not None}
    placed, lost = [], []
    for car in model.cars:
        plug = plug_of.get(car.id)
        station_id = car.station_id or (None if plug is None else plug.station_id)
        station = by_id.get(station_id) if station_id is not None else _nearest(car, model)
        if station is None:
            lost.append(car.id)
            continue
        placed.append(Placed(car=car, station=station, plug_id=car.plug_id or (None if plug is None else plug.id)))
    if lost:
        findings.warning(
            "car_far_from_station",
            f"{len(lost)} cars are further than {model.station_m:g} m from every station and {model.zone_m:g} m from "
            f"the middle of every zone, and left out: {named(lost)}",
            source=source,
            where="/cars",
            value=len(lost),
            hint="a zone there, or larger station_m and zone_m",
        )
    _tell_crowded(placed, findings, source=source)
    return tuple(placed)


def _nearest(car: CarModel, model: CarFleetModel) -> StationModel | None:
    if car.lon is None or car.lat is None:
        return None
    for is_zone, reach_m in ((False, model.station_m), (True, model.zone_m)):
        near = [
            (float(great_circle_m(car.lon, car.lat, part.lon, part.lat)), index)
            for index, part in enumerate(model.stations)
            if part.is_zone is is_zone
        ]
        if near and min(near)[0] <= reach_m:
            return model.stations[min(near)[1]]
    return None


def _tell_crowded(placed: list[Placed], findings: Findings, *, source: str) -> None:
    count = Counter(item.station.id for item in placed)
    bays = {item.station.id: item.station.bays for item in placed}
    for id_, cars in count.items():
        if (most := bays[id_]) is not None and cars > most:
            text = (
                f"{cars} cars stand at station {id_}, which has {most} bays: none can be brought until some have left"
            )
            findings.warning("more_cars_than_bays", text, source=source, where="/cars", value=cars)
