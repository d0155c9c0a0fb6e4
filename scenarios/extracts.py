"""
What the scripts beside the bundled cities share: cut OpenStreetMap extracts down to streets, write feed files.

Everything written here is the same byte for byte for the same source, so that a test can compare.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import osmium
from osmium.osm import mutable

Point = tuple[float, float]
"""(lon, lat) in degrees."""

METRES_PER_DEGREE = 111_195.0

UNUSED_HIGHWAYS = frozenset(
    {"abandoned", "bus_guideway", "bus_stop", "construction", "corridor", "elevator", "platform", "proposed"}
    | {"raceway", "razed", "rest_area", "services"}
)
"""Classes on which none of the profiles drive, bike and walk travels."""

STREET_TAGS = frozenset(
    {"access", "area", "bicycle", "cycleway", "cycleway:both", "cycleway:left", "cycleway:right", "foot", "highway"}
    | {"junction", "maxspeed", "motor_vehicle", "motorcar", "oneway", "oneway:bicycle", "service", "vehicle"}
)
"""Tags that decide who may use a way, which way round, and how fast."""


def write_streets(source: Path, target: Path) -> None:
    """
    The streets of an extract with only the tags that matter, as `.osm.pbf`.

    Versions, authors and times of edits are dropped; ids of ways and nodes stay as in the source.
    """
    ways, wanted = [], set()
    for way in osmium.FileProcessor(str(source), osmium.osm.WAY):
        assert isinstance(way, osmium.osm.Way)
        tags = {tag.k: tag.v for tag in way.tags if tag.k in STREET_TAGS}
        if "highway" not in tags or tags["highway"] in UNUSED_HIGHWAYS:
            continue
        nodes = [node.ref for node in way.nodes]
        ways.append((way.id, nodes, tags))
        wanted.update(nodes)
    nodes_of = {}
    for node in osmium.FileProcessor(str(source), osmium.osm.NODE):
        if node.id in wanted:
            assert isinstance(node, osmium.osm.Node)
            nodes_of[node.id] = (node.location.lon, node.location.lat)
    write_ways(target, nodes_of, ways)


def write_ways(
    target: Path, nodes: Mapping[int, Point], ways: Iterable[tuple[int, Sequence[int], Mapping[str, str]]]
) -> None:
    """Nodes and ways as `.osm.pbf`, sorted by id; nothing of today's date gets in."""
    target.unlink(missing_ok=True)
    header = osmium.io.Header()
    header.set("generator", "evenfleet")
    writer = osmium.SimpleWriter(str(target), header=header)
    try:
        for node_id in sorted(nodes):
            writer.add_node(mutable.Node(id=node_id, location=nodes[node_id]))
        for way_id, refs, tags in sorted(ways, key=lambda way: way[0]):
            writer.add_way(mutable.Way(id=way_id, nodes=list(refs), tags=dict(sorted(tags.items()))))
    finally:
        writer.close()


def write_feed_file(path: Path, rows: Iterable[Mapping[str, Any]], *, last_updated: int | None) -> None:
    """A GBFS 2.3 file with a list of stations, one station a line; without `last_updated` where nobody knows it."""
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    updated = "" if last_updated is None else f'"last_updated": {last_updated}, '
    head = f'{{{updated}"ttl": 0, "version": "2.3", "data": {{"stations": [\n'
    path.write_text(f"{head}{lines}\n]}}}}\n", encoding="utf-8")


def write_points(path: Path, points: Iterable[tuple[Point, Mapping[str, Any]]]) -> None:
    """GeoJSON points, one a line."""
    lines = ",\n".join(
        json.dumps(
            {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": point}},
            ensure_ascii=False,
        )
        for point, properties in points
    )
    path.write_text(f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n', encoding="utf-8")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def metres(a: Point, b: Point) -> float:
    """Distance on a plane; good to 0.1 % across a city."""
    return math.hypot((a[0] - b[0]) * math.cos(math.radians(a[1])), a[1] - b[1]) * METRES_PER_DEGREE
