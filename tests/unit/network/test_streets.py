"""Streets as other rooms meet them: the protocol, the label, the hash, OSMnx's files, and compiling ahead."""

from __future__ import annotations

import networkx as nx
import osmnx
import pytest
from shapely import LineString

from optimiser.basics.errors import InvalidInput
from optimiser.network import osmnx_graphs
from optimiser.network.profiles import DRIVE, WALK
from optimiser.network.streets import open_streets, warm_up
from optimiser.network.travel import TravelSource
from tests.unit.network.osm_files import LEGAL, STEP, at, streets_of, way, write_osm

GRID = {1: (0, 0), 2: (4, 0), 3: (4, 4), 4: (0, 4)}


def osmnx_graph() -> nx.MultiDiGraph:
    """1 <-> 2 with a bend, 2 -> 3 one way, 3 <-> 1; speeds as OSMnx writes them."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (east, north) in GRID.items():
        graph.add_node(node, x=east * STEP, y=north * STEP, street_count=2)
    bend = [(0, 0), (2 * STEP, 2 * STEP), (4 * STEP, 0)]
    common = {"osmid": 1, "length": 1.0, "highway": "residential", "maxspeed": "36"}
    graph.add_edge(1, 2, oneway=False, reversed=False, geometry=LineString(bend), **common)
    graph.add_edge(2, 1, oneway=False, reversed=True, geometry=LineString(bend[::-1]), **common)
    graph.add_edge(2, 3, oneway=True, reversed=False, **{**common, "maxspeed": ["36", "50"]})
    graph.add_edge(3, 1, oneway=False, reversed=False, **{**common, "highway": ["residential", "tertiary"]})
    graph.add_edge(1, 3, oneway=False, reversed=True, **{**common, "highway": ["residential", "tertiary"]})
    graph.add_edge(3, 4, oneway=False, reversed=False, **{**common, "access": "no"})
    return graph


def test_streets_stand_behind_the_narrow_door(tmp_path):
    source: TravelSource = streets_of(tmp_path, GRID, way(1, 2, 3))
    assert source.label == "street graph, legal, night"
    assert source.times([at("a", 0, 0), at("b", 4, 0)]).label == source.label


def test_streets_name_whom_to_thank(tmp_path):
    assert streets_of(tmp_path, GRID, way(1, 2)).attribution == "© OpenStreetMap contributors"


def test_the_hash_follows_the_streets_not_the_file(tmp_path):
    plain = streets_of(tmp_path, GRID, way(1, 2, 3))
    packed = open_streets(write_osm(tmp_path / "same.osm.pbf", GRID, way(1, 2, 3)), profile=LEGAL)
    slower = streets_of(tmp_path, GRID, way(1, 2, 3, maxspeed="35"))
    assert plain.content_hash == packed.content_hash
    assert plain.content_hash != slower.content_hash


def test_a_graphml_file_of_osmnx_opens(tmp_path):
    osmnx.save_graphml(osmnx_graph(), tmp_path / "city.graphml")
    streets = open_streets(tmp_path / "city.graphml", profile=LEGAL)
    # the two edges over the bend are one street, which 1 joins to 1-3; 2 -> 3 stays one way; 3-4 is closed
    assert (streets.report.kept_nodes, streets.report.kept_edges) == (2, 3)
    times = streets.times([at("a", 0, 0), at("b", 4, 0), at("c", 4, 4)])
    # 1 to 2 by the bend: 2 x 282.8 m at 10 m/s = 56.6 s; 2 to 3: 40 s; 3 to 1: 565.7 m = 56.6 s
    assert times.travel_s.tolist() == [[0, 57, 57], [57, 0, 40], [57, 114, 0]]


def test_on_foot_the_edges_of_a_drive_graph_are_open_both_ways(tmp_path):
    osmnx.save_graphml(osmnx_graph(), tmp_path / "city.graphml")
    streets = open_streets(tmp_path / "city.graphml", profile=WALK)
    assert (streets.graph.twin >= 0).all()


def test_our_own_graph_survives_osmnx(tmp_path):
    streets = streets_of(tmp_path, GRID, way(1, 2, 3, 4, 1, oneway="yes"), way(1, 3))
    osmnx.save_graphml(streets.graph.to_networkx(), tmp_path / "ours.graphml")
    again = open_streets(tmp_path / "ours.graphml", profile=LEGAL)
    assert (again.report.kept_nodes, again.report.kept_edges) == (streets.report.kept_nodes, streets.report.kept_edges)
    assert again.report.kept_length_m == pytest.approx(streets.report.kept_length_m)


def test_a_place_name_goes_through_osmnx(tmp_path, monkeypatch):
    """The public servers are no part of a test; what they would answer is."""
    asked = []

    def answer(place, *, network_type, retain_all):
        asked.append((place, network_type, retain_all))
        return osmnx_graph()

    monkeypatch.setattr(osmnx, "graph_from_place", answer)
    osmnx_graphs.fetch_place("Tinytown", tmp_path / "streets.graphml")
    assert asked == [("Tinytown", "drive", True)]
    assert open_streets(tmp_path / "streets.graphml").report.kept_edges == 3


def test_an_unknown_place_or_a_dead_net_is_told_with_the_name(tmp_path, monkeypatch):
    def refuse(place, **_):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(osmnx, "graph_from_place", refuse)
    with pytest.raises(InvalidInput, match="Tinytown: cannot be fetched: no route to host"):
        osmnx_graphs.fetch_place("Tinytown", tmp_path / "streets.graphml")


@pytest.mark.parametrize(("lon", "lat"), [("0.004", "1e9999"), ("nan", "0.0"), ("-180.1", "0.0"), ("0.0", "90.1")])
def test_a_node_that_is_no_place_on_earth_is_told(tmp_path, lon, lat):
    graph = osmnx_graph()
    graph.nodes[3].update(x=lon, y=lat)
    osmnx.save_graphml(graph, tmp_path / "city.graphml")
    with pytest.raises(InvalidInput, match="no place on Earth"):
        open_streets(tmp_path / "city.graphml", profile=LEGAL)


def test_a_bend_that_is_no_place_on_earth_is_told():
    graph = osmnx_graph()
    graph.add_edge(1, 4, highway="residential", geometry=LineString([(0, 0), (0, 91), (0, 4 * STEP)]))
    with pytest.raises(ValueError, match=r"latitude 91\.0 are no place on Earth"):
        osmnx_graphs.ways_of(graph, DRIVE)


def test_edges_without_a_class_count_as_roads():
    graph = osmnx_graph()
    for _, _, data in graph.edges(data=True):
        data.pop("highway")
    assert {rule.highway for rule in osmnx_graphs.ways_of(graph, DRIVE).rule} == {"road"}


def test_warming_up_compiles_every_search():
    from optimiser.network import search

    warm_up()
    assert all(function.signatures for function in (search.fill_rows, search.search, search.arrive))
