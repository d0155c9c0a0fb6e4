"""
Makes Göteborg: `python derive.py SOURCE.osm.pbf FOLDER` writes streets, hubs, inventories and targets.

Real: the streets, and where the hubs are (public-transport platforms). Made up from a seed: capacities,
inventories and targets. `city.toml` beside this file holds depots, vans and prices and is kept by hand.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import osmium
from shapely import LineString, STRtree
from shapely import Point as ShapelyPoint

from scenarios.extracts import Point, write_feed_file, write_streets, write_table

SEED = 20161227
AS_OF = 1_763_755_200
"""2025-11-21 20:00 UTC, 21:00 in Göteborg, a Friday evening."""

HUBS = 72
MERGE_M = 160.0
"""Platforms this near each other are one hub."""
SPACING_M = 420.0
"""Hubs are at least this far apart."""
NEAR_STREET_M = 80.0
"""A hub is at most this far from a street that vans may use."""
CENTRE: Point = (11.9735, 57.7075)
"""Centralstationen."""

METRES_PER_DEGREE = 111_195.0
VAN_STREETS = frozenset({"primary", "secondary", "tertiary", "unclassified", "residential", "living_street"})
NAMED_STREETS = VAN_STREETS | {"pedestrian", "trunk"}


@dataclass(frozen=True)
class Hub:
    """A cluster of platforms."""

    point: Point
    platforms: int
    name: str


def main() -> None:
    """Read the source, write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    derive(arguments.source, arguments.folder)


def derive(source: Path, folder: Path) -> None:
    """Write all data files of the city into `folder`."""
    write_streets(source, folder / "streets.osm.pbf")
    hubs = find_hubs(source)
    rng = random.Random(SEED)  # noqa: S311 - a city is made up here, no secret
    stations, statuses, targets = [], [], []
    for number, hub in enumerate(hubs, start=1):
        station_id = f"G{number:02d}"
        lon, lat = hub.point
        capacity = 2 * round((12 + 2.2 * min(hub.platforms, 10) + rng.uniform(0, 8)) / 2)
        stations.append({"station_id": station_id, "name": hub.name, "lat": lat, "lon": lon, "capacity": capacity})

        # By morning, homes need bikes and workplaces need docks; the nearer the centre, the more workplaces.
        work = math.exp(-((metres(hub.point, CENTRE) / 2600) ** 2))
        wanted = 0.72 - 0.42 * work + rng.uniform(-0.06, 0.06)
        low, high = round((wanted - 0.12) * capacity), round((wanted + 0.12) * capacity)
        lost = 0.25 + 0.75 * min(hub.platforms, 10) / 10 + rng.uniform(0, 0.3)

        # After the evening some hubs have run dry, some are full, the rest lies around the wish for the morning.
        mood = rng.choices(("dry", "full", "usual"), weights=(0.36, 0.33, 0.31))[0]
        share = {"dry": rng.uniform(0, 0.1), "full": rng.uniform(0.9, 1.0), "usual": wanted + rng.uniform(-0.2, 0.2)}
        standing = min(capacity, max(0, round(share[mood] * capacity)))
        disabled = min(standing, rng.choices((0, 1, 2), weights=(0.8, 0.16, 0.04))[0])
        bikes = standing - disabled
        statuses.append(
            {
                "station_id": station_id,
                "num_bikes_available": bikes,
                "num_ebikes_available": bikes,
                "num_bikes_disabled": disabled,
                "num_docks_available": capacity - standing,
                "is_installed": True,
                "is_renting": True,
                "is_returning": True,
                "last_reported": AS_OF,
            }
        )
        reason = "workplaces: docks free for the morning" if work > 0.5 else "homes: bikes there for the morning"
        targets.append((station_id, low, high, f"{lost:.2f}", reason))
    write_feed_file(folder / "station_information.json", stations, last_updated=AS_OF)
    write_feed_file(folder / "station_status.json", statuses, last_updated=AS_OF)
    write_table(folder / "targets.csv", ("station_id", "low", "high", "lost_trips_per_bike", "reason"), targets)


def find_hubs(source: Path) -> list[Hub]:
    """Real platforms, merged, spaced out, largest first, named after the streets they stand at."""
    platforms: list[Point] = []
    van_lines: list[LineString] = []
    named: list[tuple[LineString, str]] = []
    for way in osmium.FileProcessor(str(source)).with_locations():
        if not isinstance(way, osmium.osm.Way):
            continue
        points = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
        highway = way.tags.get("highway", "")
        if len(points) < 2:
            continue
        if way.tags.get("public_transport") == "platform":
            platforms.append(middle(points))
        if highway in VAN_STREETS and "access" not in way.tags:
            van_lines.append(plane(points))
        if highway in NAMED_STREETS and "name" in way.tags and "public_transport" not in way.tags:
            named.append((plane(points), way.tags["name"]))
    streets, labels = STRtree(van_lines), STRtree([line for line, _ in named])
    hubs: list[Hub] = []
    taken: set[str] = set()
    for cluster in sorted(clusters(platforms), key=lambda members: (-len(members), metres(middle(members), CENTRE))):
        point = middle(cluster)
        if any(metres(point, hub.point) < SPACING_M for hub in hubs):
            continue
        spot = plane([point, point]).centroid
        if streets.query_nearest(spot, return_distance=True)[1][0] > NEAR_STREET_M:
            continue
        name = name_at(spot, labels, named, taken)
        if name is None:
            continue
        taken.add(name)
        hubs.append(Hub(point=point, platforms=len(cluster), name=name))
        if len(hubs) == HUBS:
            break
    return hubs


def clusters(points: list[Point]) -> list[list[Point]]:
    """Points joined by chains of steps shorter than `MERGE_M`."""
    leader = list(range(len(points)))

    def find(index: int) -> int:
        while leader[index] != index:
            index = leader[index]
        return index

    for first, a in enumerate(points):
        for second in range(first):
            if metres(a, points[second]) < MERGE_M:
                leader[find(first)] = find(second)
    members = defaultdict(list)
    for index, point in enumerate(points):
        members[find(index)].append(point)
    return [sorted(group) for group in members.values()]


def name_at(spot: ShapelyPoint, labels: STRtree, named: list[tuple[LineString, str]], taken: set[str]) -> str | None:
    """The nearest street name, with the next one when it is taken."""
    near = sorted((named[index][0].distance(spot), named[index][1]) for index in labels.query(spot.buffer(300)))
    names = list(dict.fromkeys(name for _, name in near))
    spelled = [*names[:1], *(f"{names[0]} / {other}" for other in names[1:])]
    return next((text for text in spelled if text not in taken), None)


def middle(points: list[Point]) -> Point:
    """Mean of points, to about ten centimetres."""
    return (
        round(math.fsum(lon for lon, _ in points) / len(points), 6),
        round(math.fsum(lat for _, lat in points) / len(points), 6),
    )


def plane(points: list[Point]) -> LineString:
    """Metres east and north of the centre; good to 0.1 % across a city."""
    narrow = math.cos(math.radians(CENTRE[1]))
    return LineString(
        [((lon - CENTRE[0]) * METRES_PER_DEGREE * narrow, (lat - CENTRE[1]) * METRES_PER_DEGREE) for lon, lat in points]
    )


def metres(a: Point, b: Point) -> float:
    """Distance in the plane of `plane`."""
    narrow = math.cos(math.radians(CENTRE[1]))
    return math.hypot((a[0] - b[0]) * narrow, a[1] - b[1]) * METRES_PER_DEGREE


if __name__ == "__main__":
    main()
