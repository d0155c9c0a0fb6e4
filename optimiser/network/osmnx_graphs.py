"""Graphs as OSMnx makes them, from `.graphml` files or by place name, read into ways."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding, Severity
from optimiser.network.osm import check_limits
from optimiser.network.profiles import DRIVE, Profile
from optimiser.network.tags import WayRule, parse_maxspeed, way_rule
from optimiser.network.ways import Position, Way, Ways, cut_ways

if TYPE_CHECKING:
    import networkx as nx

_NETWORK_TYPES = {"drive": "drive", "bike": "bike", "walk": "walk"}


def read_graphml(path: Path, profile: Profile) -> Ways:
    """
    Read a file that `osmnx.save_graphml` wrote.

    Raises InvalidInput when it is not one.
    """
    # OSMnx takes a second to import and most cities come as OpenStreetMap files.
    import networkx as nx
    import osmnx
    import shapely

    # ElementTree's ParseError is a SyntaxError; OSMnx, networkx and Shapely raise the others on foreign GraphML.
    check_limits(path)
    foreign = (OSError, ValueError, LookupError, TypeError, AttributeError, SyntaxError, ArithmeticError)
    try:
        graph = osmnx.load_graphml(path)
        return ways_of(graph, profile)
    except (*foreign, RecursionError, MemoryError, nx.NetworkXException, shapely.errors.ShapelyError) as error:
        raise _unusable(path.name, f"is not a street graph as OSMnx saves it: {error!r}") from error


def fetch_place(place_name: str, path: Path, *, profile: Profile = DRIVE) -> None:
    """
    Fetch the streets of a named place through OSMnx and save them as the `.graphml` file `path`.

    Needs internet and asks public servers: once for a city, never in a loop. Raises InvalidInput when the place
    is not known or the servers cannot be reached.
    """
    import osmnx
    import requests

    # OSMnx would leave a folder `cache` wherever the process happens to run.
    osmnx.settings.use_cache = False
    try:
        graph = osmnx.graph_from_place(place_name, network_type=_NETWORK_TYPES[profile.name], retain_all=True)
    except (requests.RequestException, OSError, ValueError, TypeError) as error:
        raise _unusable(place_name, f"cannot be fetched: {error}") from error
    osmnx.save_graphml(graph, path)


def ways_of(graph: nx.MultiDiGraph[Any], profile: Profile) -> Ways:
    """
    The edges of an OSMnx-shaped graph as ways.

    Edges are taken in the directions that the graph has; two that follow the same line in opposite directions
    become one two-way street. On foot every edge is open both ways. Lists of tags, as simplification makes them,
    count as their first highway class and their lowest speed.
    """
    number = {node: index for index, node in enumerate(graph.nodes)}
    positions: dict[int, Position] = {
        number[node]: _position(data["x"], data["y"]) for node, data in graph.nodes(data=True)
    }
    rules: dict[tuple[Position, ...], tuple[tuple[int, int], WayRule]] = {}
    for tail, head, data in graph.edges(data=True):
        rule = way_rule(_tags(data), profile)
        if rule is None:
            continue
        ends = (number[tail], number[head])
        line = _line(data, positions[ends[0]], positions[ends[1]])
        back = rules.get(line[::-1])
        if back is not None and back[0] == ends[::-1]:
            both = WayRule(rule.highway, back[1].forward_kmh, rule.forward_kmh, rule.can_stop)
            rules[line[::-1]] = (back[0], both)
        else:
            backward_kmh = rule.forward_kmh if "oneway" not in profile.oneway_tags else 0.0
            rules[line] = (ends, WayRule(rule.highway, rule.forward_kmh, backward_kmh, rule.can_stop))

    ways = []
    for line, (ends, rule) in rules.items():
        inner = range(len(positions), len(positions) + len(line) - 2)
        positions.update(zip(inner, line[1:-1], strict=True))
        ways.append(Way((ends[0], *inner, ends[1]), rule))
    return cut_ways(ways, positions)


def _tags(data: Mapping[str, Any]) -> dict[str, str]:
    """The edge's tags as text; direction is left out, because each edge already has one."""
    tags = {key: _one(key, value) for key, value in data.items() if isinstance(value, str | list)}
    for key in ("oneway", "oneway:bicycle", "oneway:foot", "junction"):
        tags.pop(key, None)
    tags.setdefault("highway", "road")
    # A motorway without this would count as one-way along a direction that the graph has settled already.
    return {**tags, "oneway": "no"}


def _one(key: str, value: str | list[Any]) -> str:
    if isinstance(value, str):
        return value
    texts = [str(item) for item in value]
    if key == "maxspeed":
        return min(texts, key=lambda text: parse_maxspeed(text) or float("inf"))
    return texts[0]


def _line(data: Mapping[str, Any], tail: Position, head: Position) -> tuple[Position, ...]:
    geometry = data.get("geometry")
    inner = () if geometry is None else tuple(_position(*point[:2]) for point in geometry.coords[1:-1])
    return (tail, *inner, head)


def _position(lon: Any, lat: Any) -> Position:
    position = float(lon), float(lat)
    if not (abs(position[0]) <= 180.0 and abs(position[1]) <= 90.0):
        raise ValueError(f"longitude {position[0]} and latitude {position[1]} are no place on Earth")
    return position


def _unusable(source: str, message: str) -> InvalidInput:
    finding = Finding(
        code="streets_unreadable",
        severity=Severity.ERROR,
        source=source,
        where="",
        value=source,
        message=message,
        hint="a file of osmnx.save_graphml, or a place that OpenStreetMap knows",
    )
    return InvalidInput("streets", findings=(finding,))
