"""Matrices by hand: mid-street trips, one-way streets, ties, places without a way."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from optimiser.network.build import build_graph
from optimiser.network.matrix import travel_matrices
from optimiser.network.osm import read_osm
from optimiser.network.profiles import DRIVE
from optimiser.network.streets import Streets, open_streets
from tests.unit.network.osm_files import LEGAL, at, streets_of, way, write_osm

SQUARE = {1: (0, 0), 2: (4, 0), 3: (4, 4), 4: (0, 4)}


def test_trips_within_one_street_go_straight(tmp_path):
    streets = streets_of(tmp_path, SQUARE, way(1, 2))
    times = streets.times([at("a", 1, 0), at("b", 3.5, 0)])
    # 250 m at 10 m/s
    assert times.travel_s.tolist() == [[0, 25], [25, 0]]
    assert times.length_m.tolist() == [[0, 250], [250, 0]]


def test_against_a_one_way_street_the_trip_goes_round(tmp_path):
    ring = way(1, 2, 3, 4, 1, oneway="yes")
    streets = streets_of(tmp_path, SQUARE, ring, way(2, 4, oneway="yes", maxspeed="36"))
    # the ring is 4 x 400 m one way; the chord 2 -> 4 is 565.7 m instead of 800 m
    times = streets.times([at("a", 1, 0), at("b", 3, 0)])
    assert times.travel_s[0, 1] == 20
    # b to a: 100 m to node 2, 565.7 m by the chord, 400 m to node 1, 100 m = 1165.7 m = 116.6 s
    assert times.travel_s[1, 0] == 117
    assert times.length_m[1, 0] == pytest.approx(1166, abs=1)


def test_metres_are_those_of_the_fastest_path_not_of_the_shortest(tmp_path):
    # straight 400 m at 18 km/h = 80 s; round 1200 m at 108 km/h = 40 s
    fast = {"maxspeed": "108"}
    streets = streets_of(tmp_path, SQUARE, way(1, 2, maxspeed="18"), way(2, 3, 4, 1, **fast))
    times = streets.times([at("a", 0, 0), at("b", 4, 0)])
    assert (times.travel_s[0, 1], times.length_m[0, 1]) == (40, 1200)


@pytest.mark.parametrize("turned", [False, True])
def test_of_equally_fast_paths_the_shortest_is_measured(tmp_path, turned):
    # 200 m straight at 36 km/h and 400 m round at 72 km/h are both 20 s
    grid = {1: (0, 0), 2: (2, 0), 3: (0, 1), 4: (2, 1)}
    ways = [way(1, 2), way(1, 3, 4, 2, maxspeed="72")]
    times = streets_of(tmp_path, grid, *(ways[::-1] if turned else ways)).times([at("a", 0, 0), at("b", 2, 0)])
    assert (times.travel_s[0, 1], times.length_m[0, 1]) == (20, 200)


def test_places_that_share_a_point_are_no_time_apart(tmp_path):
    streets = streets_of(tmp_path, SQUARE, way(1, 2, 3, 4, 1, oneway="yes"))
    times = streets.times([at("a", 2, -0.1), at("b", 2, 0.1), at("c", 0, 2)])
    assert times.travel_s[0, 1] == times.travel_s[1, 0] == 0
    assert times.travel_s[0, 2] == times.travel_s[1, 2] == 120


def test_pairs_without_a_way_are_listed_and_hold_minus_one(tmp_path):
    grid = {1: (0, 0), 2: (1, 0), 3: (0, 9), 4: (1, 9), 5: (2, 0)}
    path = write_osm(tmp_path / "islands.osm", grid, way(1, 2), way(3, 4), way(2, 5, oneway="yes"))
    graph = build_graph(read_osm(path, LEGAL), LEGAL, night=True, keep_largest=False)
    times = Streets(graph).times([at("south", 0, 0), at("trap", 2, 0), at("north", 0, 9)])
    assert times.unreachable == (
        ("south", "north"),
        ("trap", "south"),
        ("trap", "north"),
        ("north", "south"),
        ("north", "trap"),
    )
    assert times.travel_s.tolist() == [[0, 20, -1], [-1, 0, -1], [-1, -1, 0]]
    assert times.length_m.tolist() == [[0, 200, -1], [-1, 0, -1], [-1, -1, 0]]


def test_nights_are_faster_by_the_factor_of_the_profile(tmp_path):
    path = write_osm(tmp_path / "street.osm", SQUARE, way(1, 2))
    places = [at("a", 0, 0), at("b", 4, 0)]
    # 400 m at 36 km/h = 40 s; by day x 1.5 = 60 s, at night x 0.8 = 48 s
    assert open_streets(path, profile=DRIVE, night=False).times(places).travel_s[0, 1] == 60
    assert open_streets(path, profile=DRIVE, night=True).times(places).travel_s[0, 1] == 48
    slower = dataclasses.replace(DRIVE, night_factor=1.0)
    assert open_streets(path, profile=slower).times(places).travel_s[0, 1] == 60


def test_the_answer_does_not_depend_on_the_number_of_threads(tmp_path):
    grid = {row * 10 + column: (column, row) for row in range(8) for column in range(8)}
    rows = [way(*(row * 10 + column for column in range(8)), oneway="yes" if row % 2 else "-1") for row in range(8)]
    columns = [way(*(row * 10 + column for row in range(8)), maxspeed=str(20 + column)) for column in range(8)]
    streets = streets_of(tmp_path, grid, *rows, *columns)
    random = np.random.default_rng(5)
    places = [at(str(index), *random.uniform(0, 7, 2)) for index in range(100)]
    snapping = streets.snap(places)
    alone = travel_matrices(streets.graph, snapping, threads=1)
    for threads in (2, 7):
        together = travel_matrices(streets.graph, snapping, threads=threads)
        assert np.array_equal(alone[0], together[0])
        assert np.array_equal(alone[1], together[1])


def test_matrices_are_whole_numbers_and_cannot_be_changed(tmp_path):
    times = streets_of(tmp_path, SQUARE, way(1, 2)).times([at("a", 0, 0), at("b", 4, 0)])
    for matrix in (times.travel_s, times.length_m):
        assert matrix.dtype == np.int32
        with pytest.raises(ValueError, match="read-only"):
            matrix[0, 0] = 1
    assert times.label == "street graph, legal, night"
