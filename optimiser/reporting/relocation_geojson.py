"""routes.geojson of a night of e-cars, RFC 7946."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from optimiser.network.travel import Place, TravelSource
from optimiser.relocation.cost import is_ready
from optimiser.relocation.replay import TimedRoute
from optimiser.reporting.geojson import line_of, point_feature
from optimiser.reporting.relocation_document import relocation_labels
from optimiser.reporting.relocation_night import RelocationNight


def relocation_geojson(night: RelocationNight, drive: TravelSource, ways: Mapping[str, TravelSource]) -> dict[str, Any]:
    """
    A FeatureCollection of stations, cars as they stand at opening, and a LineString for each ride and each drive.

    `properties.kind` is `station`, `car`, `ride` or `drive`; positions are (lon, lat) in WGS84. `drive` and `ways`
    (by mode) draw the lines; a mode without streets of its own is drawn straight.
    """

    @cache
    def path(mode: str, origin_id: str, destination_id: str) -> list[list[float]]:
        ends = [night.places[origin_id], night.places[destination_id]]
        source = drive if not mode else ways.get(mode)
        if source is None:
            return line_of(tuple((end.lon, end.lat) for end in ends))
        return line_of(source.path(*(Place(id=end.id, lon=end.lon, lat=end.lat) for end in ends)))

    features = [*_stations(night), *_cars(night)]
    for route in night.timeline.routes:
        for properties in _legs(night, route):
            mode = "" if properties["kind"] == "drive" else properties["mode"]
            line = {"type": "LineString", "coordinates": path(mode, properties["from"], properties["to"])}
            id_ = f"{properties['kind']}/{route.driver_id}/{properties['job']}"
            features.append({"type": "Feature", "id": id_, "geometry": line, "properties": properties})
    return {
        "type": "FeatureCollection",
        "city": night.fleet.name,
        "night_start": night.time(0),
        "time_zone": night.fleet.time_zone,
        **relocation_labels(night),
        "features": features,
    }


def _stations(night: RelocationNight) -> list[dict[str, Any]]:
    features = []
    for station in night.problem.stations:
        place, before, after = night.places[station.id], night.ready_before[station.id], night.ready_after[station.id]
        properties = {
            "kind": "station",
            "station_id": station.id,
            "name": place.name,
            "bays": station.bays,
            "plugs": len(station.plugs),
            "ready_before": before,
            "ready_after": after,
            "expected_lost_before": station.lost(before),
            "expected_lost_after": station.lost(after),
        }
        features.append(point_feature(f"station/{station.id}", place.lon, place.lat, properties))
    return features


def _cars(night: RelocationNight) -> list[dict[str, Any]]:
    features = []
    for car in night.problem.cars:
        last = night.timeline.stays[car.id][-1]
        # A car in a zone that nobody has moved stands at its own place.
        moved = any(timed.drives for timed in night.timeline.jobs_of.get(car.id, ()))
        place = night.places[last.station_id if moved else car.at]
        properties = {
            "kind": "car",
            "car_id": car.id,
            "station_id": last.station_id,
            "plug_id": last.plug_id,
            "moved": moved,
            "state_of_charge_before": car.energy_kwh / car.battery_kwh,
            "state_of_charge_after": night.timeline.energy_kwh[car.id] / car.battery_kwh,
            "ready_after": is_ready(night.problem, car, night.timeline),
        }
        features.append(point_feature(f"car/{car.id}", place.lon, place.lat, properties))
    return features


def _legs(night: RelocationNight, route: TimedRoute) -> list[dict[str, Any]]:
    """Rides and drives of a driver, numbered by job from 1 on; the ride home has the number after the last."""
    driver = night.problem.driver_by_id[route.driver_id]
    base = {"driver_id": driver.id}
    legs: list[dict[str, Any]] = []
    at = driver.start_place_id
    for number, timed in enumerate(route.jobs, start=1):
        job = timed.job
        if at != job.origin_id:
            ends = {"from": at, "to": job.origin_id, "mode": driver.mode}
            seconds = {"seconds": timed.ride_s, "distance_m": timed.ride_m}
            legs.append({"kind": "ride", **base, "job": number, **ends, **seconds})
        at = job.origin_id
        if timed.drives:
            ends = {"from": at, "to": job.station_id, "car_id": job.car_id}
            seconds = {"seconds": timed.reach_s - timed.leave_s, "distance_m": timed.drive_m}
            legs.append({"kind": "drive", **base, "job": number, **ends, **seconds})
            at = job.station_id
    if at != driver.end_place_id:
        ends = {"from": at, "to": driver.end_place_id, "mode": driver.mode}
        seconds = {"seconds": route.last_ride_s, "distance_m": route.last_ride_m}
        legs.append({"kind": "ride", **base, "job": len(route.jobs) + 1, **ends, **seconds})
    return legs
