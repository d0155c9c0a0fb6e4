"""Ways become a graph: what is contracted, what is kept apart, what is dropped, by hand on tiny networks."""

from __future__ import annotations

import dataclasses

import networkx as nx
import numpy as np
import pytest

from optimiser.network.build import build_graph
from optimiser.network.osm import read_osm
from tests.unit.network.osm_files import LEGAL, at, streets_of, way, write_osm

CROSS = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1), 5: (1, 2), 6: (1, 3)}


def whole_graph(folder, grid, *ways):
    """The graph with every component, also those that cannot be left."""
    return build_graph(
        read_osm(write_osm(folder / "whole.osm", grid, *ways), LEGAL), LEGAL, night=True, keep_largest=False
    )


def test_nodes_where_nothing_branches_are_contracted_and_their_geometry_kept(tmp_path):
    graph = streets_of(tmp_path, CROSS, way(1, 2, 3), way(2, 4, 5), way(5, 6)).graph
    # left are junction 2 and the dead ends 1, 3, 6; three streets, both ways
    assert (len(graph.node_lon), len(graph.highway), len(graph.head)) == (4, 3, 6)
    (long,) = (street for street in range(3) if graph.length_m[graph.forward_edge[street]] > 250)
    assert len(graph.points(long)) == 4
    edge = graph.forward_edge[long]
    # 3 x 99.998 m at 10 m/s, in whole milliseconds
    assert graph.travel_s[edge] == pytest.approx(29.999, abs=0.0011)
    assert graph.length_m[edge] == pytest.approx(299.99, abs=0.02)


@pytest.mark.parametrize(
    ("further", "why"),
    [
        ({"maxspeed": "72"}, "speed"),
        ({"maxspeed__forward": "72"}, "speed of one direction"),
        ({"highway": "tertiary"}, "class"),
        ({"tunnel": "yes"}, "no stopping"),
    ],
)
def test_a_node_stays_where_something_changes(tmp_path, further, why):
    graph = streets_of(tmp_path, CROSS, way(1, 2), way(2, 3, **further)).graph
    assert len(graph.node_lon) == 3, why


def test_ways_drawn_towards_each_other_are_still_one_street(tmp_path):
    graph = streets_of(tmp_path, CROSS, way(1, 2), way(3, 2)).graph
    assert (len(graph.node_lon), len(graph.head)) == (2, 2)


def test_a_one_way_street_keeps_its_direction_through_contraction(tmp_path):
    square = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (2, 0)}
    # round the square one way only, the west side drawn backwards; a stub at 2 makes it a junction
    graph = streets_of(tmp_path, square, way(1, 2, 3, 4, oneway="yes"), way(1, 4, oneway="-1"), way(2, 5)).graph
    assert sorted(np.diff(graph.indptr).tolist()) == [1, 2]
    loop = int(np.argmax(graph.length_m))
    assert graph.length_m[loop] == pytest.approx(400, abs=0.1)
    assert graph.twin[loop] == -1
    assert graph.tail[loop] == graph.head[loop]


def test_meeting_one_way_streets_are_not_joined_into_one(tmp_path):
    # 1 -> 2 <- 3: nothing passes through 2, so it must remain a node (and is a trap)
    graph = whole_graph(tmp_path, CROSS, way(1, 2, oneway="yes"), way(3, 2, oneway="yes"))
    assert (len(graph.node_lon), len(graph.head)) == (3, 2)


def test_a_two_way_street_that_turns_one_way_keeps_the_node_between(tmp_path):
    graph = whole_graph(tmp_path, CROSS, way(1, 2), way(2, 3, oneway="yes"))
    assert (len(graph.node_lon), len(graph.head)) == (3, 3)


def test_a_loop_at_the_end_of_a_cul_de_sac_stays(tmp_path):
    grid = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (2, 1), 5: (1, 1)}
    streets = streets_of(tmp_path, grid, way(1, 2, 3, 4, 5, 2))
    graph = streets.graph
    # dead end 1 and junction 2; the stem and the loop of 400 m, both ways
    assert (len(graph.node_lon), len(graph.head)) == (2, 4)
    assert sorted(np.rint(graph.length_m).tolist()) == [100, 100, 400, 400]
    # from the far side of the loop (node 4, 200 m round either way) to the dead end: 200 + 100 m at 10 m/s
    assert streets.times([at("loop", 2, 1), at("end", 0, 0)]).travel_s[0, 1] == 30


def test_a_ring_without_any_junction_becomes_a_loop(tmp_path):
    streets = streets_of(tmp_path, {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1)}, way(1, 2, 3, 4, 1))
    assert (len(streets.graph.node_lon), len(streets.graph.head)) == (1, 2)
    # opposite corners: 200 m either way
    assert streets.times([at("a", 0, 0), at("b", 1, 1)]).travel_s.tolist() == [[0, 20], [20, 0]]
    # points on the sides beside node 3: 50 + 50 m, not the long way through the loop's node
    assert streets.times([at("a", 1, 0.5), at("b", 0.5, 1)]).travel_s.tolist() == [[0, 10], [10, 0]]


def test_a_roundabout_is_driven_one_way_round(tmp_path):
    grid = {1: (1, 0), 2: (2, 1), 3: (1, 2), 4: (0, 1), 5: (1, -1), 6: (1, 3)}
    ring = way(1, 2, 3, 4, 1, junction="roundabout")
    streets = streets_of(tmp_path, grid, ring, way(1, 5), way(3, 6))
    times = streets.times([at("south", 1, -1), at("north", 1, 3), at("west", 0, 1)])
    # each quarter is 141.4 m; south to north: 100 + 2 x 141.4 + 100 m = 48.28 s, and the same back
    assert times.travel_s[0, 1] == times.travel_s[1, 0] == 49
    # north to west is one quarter (24.1 s), south to west three (52.4 s)
    assert (times.travel_s[1, 2], times.travel_s[0, 2]) == (25, 53)


def test_streets_drawn_twice_count_once_and_the_fastest_wins(tmp_path):
    graph = streets_of(tmp_path, CROSS, way(1, 2, maxspeed="18"), way(2, 1, maxspeed="36")).graph
    assert len(graph.head) == 2
    assert graph.travel_s.tolist() == [10.0, 10.0]


def test_two_different_streets_between_the_same_junctions_both_stay(tmp_path):
    # straight on 200 m, or round by 4 (2 x 141.4 m): a place on the crescent must find its own street
    grid = {1: (0, 0), 3: (2, 0), 4: (1, 1), 7: (-1, 0), 8: (3, 0)}
    streets = streets_of(tmp_path, grid, way(7, 1, 3, 8), way(1, 4, 3))
    assert len(streets.graph.highway) == 4
    assert streets.times([at("a", 0, 0), at("b", 2, 0), at("c", 1, 1)]).travel_s[0].tolist() == [0, 20, 15]
    assert streets.far_places([at("c", 1, 1)], max_snap_m=1) == ()


def test_only_the_largest_part_that_reaches_itself_is_kept_and_the_rest_reported(tmp_path):
    grid = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0), 8: (0, 5), 9: (1, 5)}
    # 1-2-3 two-way; 3 -> 4 cannot be left; 8-9 lies apart
    report = streets_of(tmp_path, grid, way(1, 2, 3), way(3, 4, oneway="yes"), way(8, 9)).report
    assert (report.nodes, report.edges, report.components) == (5, 5, 3)
    assert (report.kept_nodes, report.kept_edges) == (2, 2)
    assert (report.dropped_nodes, report.dropped_edges) == (3, 3)
    assert report.kept_length_m == pytest.approx(200, abs=0.1)
    assert report.dropped_length_m == pytest.approx(200, abs=0.1)
    assert "dropped 3 nodes, 0.2 km" in str(report)


def test_the_graph_cannot_be_changed(tmp_path):
    graph = streets_of(tmp_path, CROSS, way(1, 2, 3)).graph
    with pytest.raises(ValueError, match="read-only"):
        graph.travel_s[0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        graph.night = False


def test_twins_pair_the_directions_of_each_two_way_street(tmp_path):
    graph = streets_of(tmp_path, CROSS, way(1, 2, 3), way(2, 4, 5, 3, oneway="yes")).graph
    for edge, twin in enumerate(graph.twin):
        if twin >= 0:
            assert graph.twin[twin] == edge
            assert (graph.tail[twin], graph.head[twin]) == (graph.head[edge], graph.tail[edge])
    assert (graph.twin < 0).sum() == 1


def test_networkx_gets_the_same_graph_in_the_shape_of_osmnx(tmp_path):
    graph = streets_of(tmp_path, CROSS, way(1, 2, 3), way(2, 4, 5, 3, oneway="yes")).graph
    made = graph.to_networkx()
    assert isinstance(made, nx.MultiDiGraph)
    assert made.graph["crs"] == "epsg:4326"
    assert (made.number_of_nodes(), made.number_of_edges()) == (len(graph.node_lon), len(graph.head))
    for tail, head, data in made.edges(data=True):
        first, last = data["geometry"].coords[0], data["geometry"].coords[-1]
        assert first == (made.nodes[tail]["x"], made.nodes[tail]["y"])
        assert last == (made.nodes[head]["x"], made.nodes[head]["y"])
        assert data["highway"] == "residential"


def test_lines_draw_each_street_once_with_its_class(tmp_path):
    lines = streets_of(tmp_path, CROSS, way(1, 2, 3), way(2, 4, highway="tertiary")).lines()
    assert sorted(line.highway for line in lines) == ["residential", "residential", "tertiary"]
    assert all(len(line.points) >= 2 for line in lines)
