"""On random street maps, times between places equal those that networkx finds on the uncontracted streets."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import cos, sin

import networkx as nx
import numpy as np
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimiser.network.build import build_graph
from optimiser.network.geodesy import great_circle_m
from optimiser.network.profiles import DRIVE
from optimiser.network.streets import Streets
from optimiser.network.tags import WayRule
from optimiser.network.travel import Place
from optimiser.network.ways import Way, cut_ways

STEP = 0.001
"""Degrees, about 111 m."""
SCALE = DRIVE.time_scale(night=True)


@dataclass(frozen=True)
class Map:
    """A random map: ways over grid points, and places anywhere."""

    positions: dict[int, tuple[float, float]]
    ways: tuple[Way, ...]
    places: tuple[Place, ...]


@st.composite
def maps(draw) -> Map:
    """Up to 12 points, up to 10 ways with crossings, doublings, loops and one-way streets."""
    width = draw(st.integers(2, 4))
    height = draw(st.integers(2, 3))
    # Shaken a little, so that no step runs through a third point: on top of each other, streets are ambiguous.
    positions = {
        row * width + column: (
            (column + 0.1 * sin(7 * column + row)) * STEP,
            (row + 0.1 * cos(3 * row + column)) * STEP,
        )
        for row, column in itertools.product(range(height), range(width))
    }
    speeds = (0.0, 20.0, 36.0, 50.0)
    pairs = [pair for pair in itertools.product(speeds, repeat=2) if any(pair)]
    rules = st.sampled_from(pairs).map(lambda pair: WayRule("residential", *pair, True))
    nodes = st.tuples(
        st.permutations(sorted(positions)).map(lambda order: order[:2]),
        st.lists(st.sampled_from(sorted(positions)), max_size=4),
    ).map(lambda parts: (*parts[0], *parts[1]))
    ways = draw(st.lists(st.builds(Way, nodes, rules), min_size=1, max_size=10))
    # Places lie on a raster of a metre or so, because two within a centimetre count as one.
    raster = st.integers(-50, 100 * max(width, height) - 50).map(lambda hundredths: hundredths / 100)
    spot = st.tuples(raster, raster)
    spots = draw(st.lists(spot, min_size=2, max_size=6))
    places = tuple(Place(id=str(i), lon=x * STEP, lat=y * STEP) for i, (x, y) in enumerate(spots))
    return Map(positions, tuple(ways), places)


def seconds(a: tuple[float, float], b: tuple[float, float], kmh: float) -> float:
    return float(great_circle_m(*a, *b)) * 3.6 / kmh * SCALE


def raw_graph(city: Map) -> nx.DiGraph:
    """Every step of every way as an edge; of doubled ones the fastest."""
    raw: nx.DiGraph = nx.DiGraph()
    for way in city.ways:
        for a, b in itertools.pairwise(way.nodes):
            if a == b:
                continue
            for tail, head, kmh in ((a, b, way.rule.forward_kmh), (b, a, way.rule.backward_kmh)):
                raw.add_nodes_from((tail, head))
                if kmh:
                    s = seconds(city.positions[tail], city.positions[head], kmh)
                    known = raw.get_edge_data(tail, head, {"s": float("inf")})["s"]
                    raw.add_edge(tail, head, s=min(s, known))
    return raw


def insert(raw: nx.DiGraph, city: Map, name: str, point: tuple[float, float]) -> float:
    """Join a point to the raw graph where it lies on its steps; how far off it is, in degrees."""
    position = {**city.positions, **nx.get_node_attributes(raw, "at")}
    steps = {frozenset(edge) for edge in raw.edges}
    spot = shapely.Point(point)
    off = {step: shapely.LineString([position[node] for node in step]).distance(spot) for step in steps}
    nearest = min(off.values())
    raw.add_node(name, at=point)
    for step, distance in off.items():
        if distance > nearest + 1e-9:
            continue
        a, b = tuple(step)
        length = float(great_circle_m(*position[a], *position[b]))
        share = min(1.0, float(great_circle_m(*position[a], *point)) / length) if length else 0.0
        for tail, head, before in ((a, b, share), (b, a, 1 - share)):
            if raw.has_edge(tail, head):
                s = raw.edges[tail, head]["s"]
                raw.add_edge(tail, name, s=s * before)
                raw.add_edge(name, head, s=s * (1 - before))
    return nearest


def are_apart(points: list[tuple[float, float]], city: Map) -> bool:
    """No two of the points, nor a point and a node, lie within 5 cm of each other unless they are the same."""
    pairs = itertools.chain(itertools.combinations(points, 2), itertools.product(points, city.positions.values()))
    return not any(1e-6 < float(great_circle_m(*one, *other)) < 0.05 for one, other in pairs)


def whole(city: Map) -> Streets:
    """All components, so that pairs without a way occur."""
    graph = build_graph(cut_ways(city.ways, city.positions), DRIVE, night=True, keep_largest=False)
    return Streets(graph)


@settings(deadline=None)
@given(maps())
def test_times_equal_those_of_networkx_on_the_uncontracted_map(city):
    streets = whole(city)
    snapping = streets.snap(city.places)
    assume(are_apart([*zip(snapping.lon.tolist(), snapping.lat.tolist(), strict=True)], city))
    raw = raw_graph(city)
    for place, lon, lat in zip(city.places, snapping.lon.tolist(), snapping.lat.tolist(), strict=True):
        assert insert(raw, city, place.id, (lon, lat)) < 1e-7, "the snapped point lies on a street"
    times = streets.times(city.places)
    unreachable = set(times.unreachable)
    for (i, origin), (j, destination) in itertools.permutations(enumerate(city.places), 2):
        expected = nx.single_source_dijkstra_path_length(raw, origin.id, weight="s").get(destination.id)
        if expected is None:
            assert (origin.id, destination.id) in unreachable
            assert times.travel_s[i, j] == times.length_m[i, j] == -1
        else:
            # Whole seconds rounded up; milliseconds are rounded once per street, of which there are at most 30.
            assert expected - 0.05 <= times.travel_s[i, j] <= expected + 1.05
            assert (origin.id, destination.id) not in unreachable


@settings(deadline=None)
@given(maps())
def test_the_kept_part_reaches_itself_and_nothing_longer_was_dropped(city):
    ways = cut_ways(city.ways, city.positions)
    kept = build_graph(ways, DRIVE, night=True)
    everything = build_graph(ways, DRIVE, night=True, keep_largest=False)
    parts = list(nx.strongly_connected_components(everything.to_networkx()))
    assert kept.report.components == len(parts)
    if len(kept.head):
        assert nx.is_strongly_connected(kept.to_networkx())
    longest = 0.0
    for part in parts:
        inside = np.isin(everything.ends, list(part)).all(axis=1)
        streets = np.flatnonzero(inside)
        longest = max(longest, sum(everything.length_m[everything.street == street][0] for street in streets))
    assert abs(kept.report.kept_length_m - longest) < 1e-6
    assert kept.report.kept_length_m <= kept.report.length_m + 1e-6


@settings(deadline=None)
@given(maps())
def test_a_detour_never_seems_faster_than_the_direct_way(city):
    streets = whole(city)
    matrix = streets.times(city.places).travel_s.astype(np.int64)
    matrix[matrix < 0] = 10**9
    assert (matrix <= (matrix[:, :, None] + matrix[None, :, :]).min(axis=1)).all()


@settings(deadline=None)
@given(maps())
def test_each_place_snaps_to_the_nearest_street_of_all(city):
    streets = whole(city)
    snapping = streets.snap(city.places)
    lines = [shapely.LineString(line.points) for line in streets.lines()]
    for index, place in enumerate(city.places):
        nearest_m = min(line.distance(shapely.Point(place.lon, place.lat)) for line in lines) * np.radians(6_371_009)
        # On the equator a degree is as long one way as the other, to some millimetres.
        assert abs(snapping.distance_m[index] - nearest_m) < 0.05


@settings(deadline=None)
@given(maps())
def test_paths_are_as_long_as_the_matrix_says(city):
    streets = whole(city)
    times, off_street = streets.times(city.places), streets.snap(city.places).distance_m
    for (i, origin), (j, destination) in itertools.permutations(enumerate(city.places), 2):
        if times.travel_s[i, j] >= 0:
            points = np.array(streets.path(origin, destination))
            drawn = great_circle_m(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1]).sum()
            assert abs(drawn - times.length_m[i, j] - off_street[i] - off_street[j]) < 0.6
