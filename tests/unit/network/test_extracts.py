"""Real extracts load whole, and their graphs are about as large as OSMnx's of the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optimiser.network.streets import open_streets
from optimiser.network.travel import Place

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs the real extracts in ../shared/data")

# Largest strongly connected component of the simplified OSMnx drive graph, as ../shared/data/README.md gives it.
OSMNX_NODES = {
    "goteborg/goteborg_highways.osm.pbf": 6327,
    "paris_8e/paris_8e.osm.pbf": 229,
    "oslo/oslo-east-filtered.osm.pbf": 2695,
    "porto_alegre/poa_osm.pbf": 7692,
    "heidelberg/heidelberg.test.pbf": 5226,
}


@pytest.fixture(scope="module", params=list(OSMNX_NODES))
def extract(request, tmp_path_factory):
    return request.param, open_streets(DATA / request.param, cache_dir=tmp_path_factory.mktemp("cache"))


def test_the_graph_is_about_as_large_as_that_of_osmnx(extract):
    name, streets = extract
    # More than OSMnx, because a node also stays where speed or class changes; fewer behind barriers and closed ways.
    assert OSMNX_NODES[name] * 0.97 < streets.report.kept_nodes < OSMNX_NODES[name] * 1.10
    assert streets.report.kept_length_m > 0.8 * streets.report.length_m
    assert streets.report.ways_cut <= streets.report.ways_read


def test_times_between_random_places_are_finite_asymmetric_and_obey_the_triangle(extract):
    _, streets = extract
    graph, random = streets.graph, np.random.default_rng(3)
    points = random.integers(0, len(graph.point_lon), 80)
    shift = random.uniform(-0.001, 0.001, (80, 2))
    places = [
        Place(id=str(index), lon=float(graph.point_lon[point] + east), lat=float(graph.point_lat[point] + north))
        for index, (point, (east, north)) in enumerate(zip(points, shift, strict=True))
    ]
    times = streets.times(places)
    seconds = times.travel_s.astype(np.int64)
    assert times.unreachable == ()
    assert (seconds >= 0).all()
    assert (np.diag(seconds) == 0).all()
    assert (seconds != seconds.T).any()
    detour = (seconds[:, :, None] + seconds[None, :, :]).min(axis=1)
    assert (seconds <= detour).all()
    # nobody drives faster than the motorway at night, nor shorter than the straight line between the snapped points
    snapping = streets.snap(places)
    straight = np.hypot(
        (snapping.lon[:, None] - snapping.lon) * np.cos(np.radians(snapping.lat.mean())),
        snapping.lat[:, None] - snapping.lat,
    ) * np.radians(6_371_009)
    assert (times.length_m >= straight * 0.99 - 1).all()
    assert (times.length_m <= seconds * 130 / 3.6 + 1).all()


def test_paths_are_as_long_as_the_matrix_says(extract):
    _, streets = extract
    graph, random = streets.graph, np.random.default_rng(4)
    nodes = random.integers(0, len(graph.node_lon), 20)
    places = [
        Place(id=str(index), lon=float(graph.node_lon[node]) + 1e-4, lat=float(graph.node_lat[node]))
        for index, node in enumerate(nodes)
    ]
    times, off_street = streets.times(places), streets.snap(places).distance_m
    for index in range(len(places) - 1):
        points = np.array(streets.path(places[index], places[index + 1]))
        steps = np.diff(points, axis=0) * [np.cos(np.radians(points[:, 1].mean())), 1.0]
        drawn_m = np.radians(np.hypot(steps[:, 0], steps[:, 1])).sum() * 6_371_009
        expected_m = times.length_m[index, index + 1] + off_street[index] + off_street[index + 1]
        assert drawn_m == pytest.approx(expected_m, rel=0.002, abs=2)


@pytest.mark.parametrize("keep_every", [2, 3])
def test_an_extract_with_missing_nodes_still_loads(tmp_path, keep_every):
    """Real streets with some nodes thrown away, as a rough clipping leaves them."""
    import osmium

    source, clipped = DATA / "paris_8e" / "paris_8e.osm.pbf", tmp_path / "clipped.osm.pbf"
    with osmium.SimpleWriter(str(clipped)) as writer:
        for thing in osmium.FileProcessor(str(source), osmium.osm.NODE | osmium.osm.WAY):
            if thing.is_way() or thing.id % (keep_every * 10):
                writer.add(thing)
    whole, cut = open_streets(source).report, open_streets(clipped).report
    assert whole.ways_cut == 0
    assert cut.ways_read == whole.ways_read
    assert cut.ways_cut > 0
    assert cut.nodes_missing > 0
    assert cut.pieces + cut.ways_lost > cut.ways_read
    assert 0 < cut.kept_nodes < whole.kept_nodes
