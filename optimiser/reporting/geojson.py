"""routes.geojson: the night on a map, RFC 7946."""

from __future__ import annotations

from functools import cache
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.polygon import orient

from optimiser.basics.city import Depot
from optimiser.network.travel import Place, TravelSource
from optimiser.rebalancing.replay import TimedRoute
from optimiser.reporting.document import labels
from optimiser.reporting.night import Night

_DECIMALS = 6
"""Of a degree: a tenth of a metre."""


def routes_geojson(night: Night, travel: TravelSource) -> dict[str, Any]:
    """
    A FeatureCollection of depots, stations, stops and one LineString for each leg, the way back included.

    `properties.kind` is `depot`, `station`, `stop` or `leg`; positions are (lon, lat) in WGS84. `travel` draws the
    legs: the one slow part, one fastest path for each pair of places driven.
    """
    places = {id_: Place(id=id_, lon=place.lon, lat=place.lat) for id_, place in night.place_by_id.items()}

    @cache
    def path(origin_id: str, destination_id: str) -> list[list[float]]:
        return line_of(travel.path(places[origin_id], places[destination_id]))

    features = [*(_depot_feature(night, depot) for depot in night.depots), *_station_features(night)]
    for route in night.timeline.routes:
        features += _stop_features(night, route)
        van = night.problem.van_by_id[route.van_id]
        ids = [van.start_depot_id, *(timed.stop.station_id for timed in route.stops), van.end_depot_id]
        loads = [route.start_load, *(timed.on_board_after for timed in route.stops)]
        legs = [(timed.drive_s, timed.length_m) for timed in route.stops]
        legs.append((route.last_drive_s, route.last_length_m))
        for number, (drive_s, length_m) in enumerate(legs, start=1):
            features.append(
                {
                    "type": "Feature",
                    "id": f"leg/{route.van_id}/{number}",
                    "geometry": {"type": "LineString", "coordinates": path(ids[number - 1], ids[number])},
                    "properties": {
                        "kind": "leg",
                        "van_id": route.van_id,
                        "leg": number,
                        "from": ids[number - 1],
                        "to": ids[number],
                        "load": loads[number - 1],
                        "drive_s": drive_s,
                        "distance_m": length_m,
                    },
                }
            )
    return {
        "type": "FeatureCollection",
        "city": night.city.name,
        "night_start": night.local_time(0).isoformat(),
        "time_zone": night.city.time_zone,
        **labels(night),
        "features": features,
    }


def _position(lon: float, lat: float) -> list[float]:
    return [round(lon, _DECIMALS), round(lat, _DECIMALS)]


def line_of(points: tuple[tuple[float, float], ...]) -> list[list[float]]:
    """Rounded, without repeated points; a line of no length keeps its two ends, as RFC 7946 asks for two."""
    rounded = [_position(lon, lat) for lon, lat in points]
    line = [here for index, here in enumerate(rounded) if index == 0 or here != rounded[index - 1]]
    return line if len(line) > 1 else [*line, *line]


def point_feature(id_: str, lon: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    """A point with its properties; positions to a tenth of a metre."""
    geometry = {"type": "Point", "coordinates": _position(lon, lat)}
    return {"type": "Feature", "id": id_, "geometry": geometry, "properties": properties}


def area_feature(id_: str, area: shapely.Geometry, properties: dict[str, Any]) -> dict[str, Any]:
    """Polygons with their properties; positions to a tenth of a metre, outer rings counterclockwise."""
    rounded = shapely.transform(area, lambda degrees: degrees.round(_DECIMALS))
    parts = [orient(part) for part in shapely.get_parts(rounded).tolist()]
    geometry = mapping(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))
    return {"type": "Feature", "id": id_, "geometry": geometry, "properties": properties}


def _depot_feature(night: Night, depot: Depot) -> dict[str, Any]:
    given, after = night.problem.depot_by_id[depot.id], night.timeline.depots[depot.id]
    properties = {
        "kind": "depot",
        "depot_id": depot.id,
        "name": depot.name,
        "stock": given.stock,
        "stock_after": after.ready,
    }
    return point_feature(f"depot/{depot.id}", depot.lon, depot.lat, properties)


def _station_features(night: Night) -> list[dict[str, Any]]:
    features = []
    planned = night.problem.station_by_id
    left_out = {item.station_id: item for item in night.left_out}
    for place in night.city.stations:
        if place.id in night.made_up:
            continue
        properties: dict[str, Any] = {"kind": "station", "station_id": place.id, "name": place.name}
        if place.id in planned:
            station, after = planned[place.id], night.timeline.inventories[place.id]
            properties |= {
                "capacity": station.capacity,
                "bikes_before": station.inventory,
                "bikes_after": after,
                "target_low": station.target.low,
                "target_high": station.target.high,
                "expected_lost_before": station.lost_trips(station.inventory),
                "expected_lost_after": station.lost_trips(after, night.timeline.freed[place.id]),
                "low_charge_before": station.low_charge,
                "low_charge_after": night.timeline.low_charge[place.id],
                "broken_before": station.broken,
                "broken_after": night.timeline.broken[place.id],
            }
        elif place.id in left_out:
            properties |= {"left_out": left_out[place.id].code, "reason": left_out[place.id].text}
        features.append(point_feature(f"station/{place.id}", place.lon, place.lat, properties))
    return features


def _stop_features(night: Night, route: TimedRoute) -> list[dict[str, Any]]:
    features = []
    for number, timed in enumerate(route.stops, start=1):
        place = night.place_by_id[timed.stop.station_id]
        properties = {
            "kind": "stop",
            "van_id": route.van_id,
            "stop": number,
            "station_id": place.id,
            "is_depot": place.id in night.problem.depot_ids,
            "name": place.name,
            "arrival": night.local_time(timed.arrival_s).isoformat(),
            "wait_s": timed.wait_s,
            "departure": night.local_time(timed.departure_s).isoformat(),
            "pickup": timed.stop.pickup,
            "dropoff": timed.stop.dropoff,
            "swaps": timed.stop.swaps,
            "low_charge_pickup": timed.stop.low_pickup,
            "broken_pickup": timed.stop.broken_pickup,
            "load_after": timed.load_after,
            "low_charge_load_after": timed.low_load_after,
            "broken_load_after": timed.broken_load_after,
            "batteries_after": timed.batteries_after,
            "inventory_after": timed.inventory_after,
        }
        features.append(point_feature(f"stop/{route.van_id}/{number}", place.lon, place.lat, properties))
    return features
