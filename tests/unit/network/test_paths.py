"""Paths run from place to place along the streets whose time the matrix tells."""

from __future__ import annotations

import pytest

from optimiser.basics.errors import NetworkError
from optimiser.network.build import build_graph
from optimiser.network.osm import read_osm
from optimiser.network.streets import Streets
from tests.unit.network.osm_files import LEGAL, STEP, at, streets_of, way, write_osm

SQUARE = {1: (0, 0), 2: (4, 0), 3: (4, 4), 4: (0, 4)}
RING = way(1, 2, 3, 4, 1, oneway="yes")


def steps(path):
    """Points in steps of 100 m, rounded to the metre."""
    return [(round(lon / STEP, 2), round(lat / STEP, 2)) for lon, lat in path]


def test_a_path_begins_and_ends_at_the_places_with_parts_of_their_streets(tmp_path):
    streets = streets_of(tmp_path, SQUARE, RING, way(1, 3))
    path = streets.path(at("a", 1, -0.5), at("b", 4.2, 2))
    assert steps(path) == [(1, -0.5), (1, 0), (4, 0), (4, 2), (4.2, 2)]


def test_against_the_one_way_the_path_goes_round(tmp_path):
    streets = streets_of(tmp_path, SQUARE, RING)
    assert steps(streets.path(at("a", 3, 0), at("b", 1, 0))) == [(3, 0), (4, 0), (4, 4), (0, 4), (0, 0), (1, 0)]


def test_within_one_street_the_path_follows_its_bends_both_ways(tmp_path):
    streets = streets_of(tmp_path, SQUARE, way(1, 2, 3))
    there = [(3, 0), (4, 0), (4, 1)]
    assert steps(streets.path(at("a", 3, 0), at("b", 4, 1))) == there
    assert steps(streets.path(at("b", 4, 1), at("a", 3, 0))) == there[::-1]


def test_from_a_loop_the_nearer_way_out_is_drawn(tmp_path):
    streets = streets_of(tmp_path, {**SQUARE, 9: (-1, 0)}, way(1, 2, 3, 4, 1), way(1, 9))
    assert steps(streets.path(at("a", 4, 1), at("d", -1, 0))) == [(4, 1), (4, 0), (0, 0), (-1, 0)]
    assert steps(streets.path(at("a", 1, 4), at("d", -1, 0))) == [(1, 4), (0, 4), (0, 0), (-1, 0)]


def test_a_path_between_nodes_is_the_streets_alone(tmp_path):
    streets = streets_of(tmp_path, SQUARE, way(1, 2, 3), way(3, 4), way(2, 4))
    assert steps(streets.path(at("a", 0, 0), at("b", 4, 4))) == [(0, 0), (4, 0), (4, 4)]


def test_a_path_to_the_same_place_still_is_a_line(tmp_path):
    streets = streets_of(tmp_path, SQUARE, way(1, 2))
    assert steps(streets.path(at("a", 1, 0), at("a", 1, 0))) == [(1, 0), (1, 0)]


def test_no_way_is_an_error_that_names_both(tmp_path):
    path = write_osm(tmp_path / "islands.osm", SQUARE, way(1, 2), way(3, 4))
    streets = Streets(build_graph(read_osm(path, LEGAL), LEGAL, night=True, keep_largest=False))
    with pytest.raises(NetworkError, match="from a to b") as caught:
        streets.path(at("a", 0, 0), at("b", 0, 4))
    assert caught.value.ids == ("a", "b")
