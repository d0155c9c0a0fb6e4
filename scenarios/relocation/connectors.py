"""Which cars fit which plugs, and cars that fit none."""

from __future__ import annotations

from optimiser.basics.car_fleet import Car, Station
from optimiser.basics.findings import Findings
from scenarios.relocation.schema import CarFleetModel


def check_connectors(
    model: CarFleetModel, stations: tuple[Station, ...], cars: tuple[Car, ...], findings: Findings, *, source: str
) -> None:
    """A car is on no plug that it has no connector for; one that no plug fits cannot be charged, which is told."""
    index_of = {part.id: index for index, part in enumerate(model.cars)}
    connector_of = {(station.id, plug.id): plug.connector for station in stations for plug in station.plugs}
    offered, told = set(connector_of.values()), set[frozenset[str]]()
    for car in cars:
        own, where = ", ".join(sorted(car.connectors)), f"/cars/{index_of[car.id]}"
        if car.plug_id is not None and (connector := connector_of[car.station_id, car.plug_id]) not in car.connectors:
            findings.error(
                "plug_does_not_fit",
                f"car {car.id} is on plug {car.plug_id} of station {car.station_id}, which is {connector}",
                source=source,
                where=where,
                value=connector,
                hint=f"its connectors are {own}",
            )
        elif offered and not offered & car.connectors and car.connectors not in told:
            told.add(car.connectors)
            findings.warning(
                "no_plug_fits",
                f"car {car.id} cannot be charged: no plug has {own or 'any connector of it'}",
                source=source,
                where=where,
                value=own,
                hint=f"connectors of plugs: {', '.join(sorted(offered))}",
            )
