"""
Makes La Serena-Coquimbo: `python derive.py SOURCE.zip FOLDER` writes streets, zones with population, a bike system,
and for siting districts, grid nodes and candidate sites.

Real: the streets and the population of each zone. Made up from a seed: the bike system, stations included; districts
and grid nodes. Candidate sites are real street corners that nobody has been asked about.
`city.toml` beside this file holds depot, vans and prices, and what siting asks for, and is kept by hand.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import struct
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from shapely import Polygon

from scenarios.extracts import Point, metres, write_feed_file, write_points, write_ways
from scenarios.generated_districts import corners_for, grid_nodes, grouped, read_areas, write_districts

SEED = 1544
AS_OF = 1_761_264_000
"""2025-10-24 00:00 UTC, 21:00 the evening before in Coquimbo."""
STATIONS = 40
SPACING_M = 600.0
DISTRICTS = 8
GRID_NODES = 40
UPGRADE = {"upgrade_kw": 250, "upgrade_cost": 40_000_000}
"""Of every transformer, in pesos."""
STATION_STREETS = frozenset({"residential", "tertiary", "secondary", "unclassified"})
ONE_WAY = {1: "yes", -1: "-1"}
"""AequilibraE's `direction`: 1 from a to b, -1 from b to a, 0 both."""


@dataclass(frozen=True)
class Zone:
    """A zone with its outlines; the first ring of each part is its border."""

    id: int
    population: float
    parts: list[list[list[Point]]]

    @property
    def middle(self) -> Point:
        """A point inside the largest part."""
        largest = max((Polygon(part[0], part[1:]) for part in self.parts), key=lambda part: part.area)
        inside = largest.representative_point()
        return inside.x, inside.y


def main() -> None:
    """Read the source, write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    derive(arguments.source, arguments.folder)


def derive(source: Path, folder: Path) -> None:
    """Write all data files of the city into `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(source) as archive:
            database = archive.extract("project_database.sqlite", scratch)
        connection = sqlite3.connect(database)
        links = connection.execute(
            "SELECT link_id, link_type, direction, name, geometry FROM links"
            " WHERE link_type != 'centroid_connector' ORDER BY link_id"
        ).fetchall()
        zones = [
            Zone(id=zone_id, population=population, parts=multipolygon(blob))
            for zone_id, population, blob in connection.execute(
                "SELECT zone_id, population, geometry FROM zones ORDER BY zone_id"
            )
        ]
        connection.close()
    number: dict[Point, int] = {}
    ways, corners = [], []
    for link_id, link_type, direction, name, blob in links:
        points = linestring(blob)
        tags = {"highway": link_type} | ({"oneway": ONE_WAY[direction]} if direction in ONE_WAY else {})
        ways.append((link_id, [number.setdefault(point, len(number) + 1) for point in points], tags))
        if link_type in STATION_STREETS and name:
            corners.append((points[0], name))
    write_ways(folder / "streets.osm.pbf", {id_: point for point, id_ in number.items()}, ways)
    write_zones(folder / "demand.geojson", zones)
    write_siting(folder, corners)
    write_bikes(folder, zones, corners)


def write_zones(path: Path, zones: list[Zone]) -> None:
    """Zones as polygons with their population, coordinates to about a metre."""
    lines = []
    for zone in zones:
        rings = [[[[round(lon, 5), round(lat, 5)] for lon, lat in ring] for ring in part] for part in zone.parts]
        properties = {"id": str(zone.id), "population": round(zone.population, 1)}
        geometry = {"type": "MultiPolygon", "coordinates": rings}
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        lines.append(json.dumps(feature, separators=(",", ":")))
    path.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def write_siting(folder: Path, corners: list[tuple[Point, str]]) -> None:
    """Districts that zones are joined to, transformers, and the street corners that may be sites."""
    areas = read_areas(folder / "demand.geojson")
    write_districts(folder / "districts.geojson", grouped(areas, DISTRICTS, seed=SEED))
    nodes = grid_nodes(areas, GRID_NODES, seed=SEED)
    write_points(
        folder / "grid.geojson",
        [(node.point, {"id": node.id, "hosting_kw": node.hosting_kw, **UPGRADE, "synthetic": True}) for node in nodes],
    )
    candidates = []
    for number, (point, name) in enumerate(corners_for(areas, corners), start=1):
        node = min(nodes, key=lambda node: (metres(node.point, point), node.id))
        place = round(point[0], 6), round(point[1], 6)
        values = {"id": f"K{number:03d}", "name": name, "source": "kerbside", "grid_node": node.id}
        candidates.append((place, values))
    write_points(folder / "candidates.geojson", candidates)


def write_bikes(folder: Path, zones: list[Zone], corners: list[tuple[Point, str]]) -> None:
    """A small made-up bike system: one station in each of the most populous zones, at a street corner."""
    rng = random.Random(SEED)  # noqa: S311 - a city is made up here, no secret
    stations: list[dict[str, object]] = []
    statuses: list[dict[str, object]] = []
    taken: list[Point] = []
    for zone in sorted(zones, key=lambda zone: (-zone.population, zone.id)):
        middle = zone.middle
        (lon, lat), name = min(corners, key=lambda corner: (metres(corner[0], middle), corner))
        if any(metres((lon, lat), other) < SPACING_M for other in taken):
            continue
        taken.append((lon, lat))
        station_id = f"C{len(taken):02d}"
        capacity = 10 + 2 * rng.randint(0, 5)
        bikes = round(rng.choice((rng.uniform(0, 0.15), rng.uniform(0.3, 0.6), rng.uniform(0.85, 1))) * capacity)
        stations.append(
            {
                "station_id": station_id,
                "name": f"{name} ({station_id})",
                "lat": round(lat, 6),
                "lon": round(lon, 6),
                "capacity": capacity,
            }
        )
        statuses.append(
            {
                "station_id": station_id,
                "num_bikes_available": bikes,
                "num_ebikes_available": bikes,
                "num_docks_available": capacity - bikes,
            }
        )
        if len(taken) == STATIONS:
            break
    write_feed_file(folder / "station_information.json", stations, last_updated=AS_OF)
    write_feed_file(folder / "station_status.json", statuses, last_updated=AS_OF)


def linestring(blob: bytes) -> list[Point]:
    """Points of a SpatiaLite line."""
    return coordinates(blob, 43)[0]


def multipolygon(blob: bytes) -> list[list[list[Point]]]:
    """
    Rings of each polygon of a SpatiaLite multipolygon.

    After 39 bytes of header: class, count, then for each polygon a mark, its class, and its rings.
    """
    (polygons,) = struct.unpack_from("<i", blob, 43)
    offset, parts = 47, []
    for _ in range(polygons):
        (rings,) = struct.unpack_from("<i", blob, offset + 5)
        offset += 9
        part = []
        for _ in range(rings):
            ring, offset = coordinates(blob, offset)
            part.append(ring)
        parts.append(part)
    return parts


def coordinates(blob: bytes, offset: int) -> tuple[list[Point], int]:
    """A counted list of little-endian points, and where the next thing starts."""
    (count,) = struct.unpack_from("<i", blob, offset)
    values = struct.unpack_from(f"<{2 * count}d", blob, offset + 4)
    return list(zip(values[::2], values[1::2], strict=True)), offset + 4 + 16 * count


if __name__ == "__main__":
    main()
