"""Places find the nearest street, in the middle of it as well as at its ends."""

from __future__ import annotations

import math

import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.network.travel import Place
from tests.unit.network.osm_files import STEP, at, streets_of, way

GRID = {1: (0, 0), 2: (10, 0), 3: (10, 5), 4: (0, 0.5), 5: (10, 0.5)}


def test_a_place_snaps_to_the_middle_of_a_street_not_to_its_nodes(tmp_path):
    streets = streets_of(tmp_path, GRID, way(1, 2), way(2, 3))
    snapping = streets.snap([at("p", 4, 0.3)])
    # the street runs along the equator: 30 m north of its point at 400 of 1500 m, seen from either end
    assert snapping.distance_m[0] == pytest.approx(30, abs=0.01)
    assert min(snapping.fraction[0], 1 - snapping.fraction[0]) == pytest.approx(400 / 1500, abs=1e-6)
    assert snapping.lon[0] == pytest.approx(4 * STEP, abs=1e-9)
    assert snapping.lat[0] == pytest.approx(0, abs=1e-9)


def test_distance_is_true_to_scale_away_from_the_equator(tmp_path):
    # at 60 degrees north a degree of longitude is half as long: 10 steps east are 500 m
    north = 60 / STEP
    grid = {1: (0, north), 2: (0, north + 5), 3: (1, north + 5)}
    streets = streets_of(tmp_path, grid, way(1, 2), way(2, 3))
    (far,) = streets.far_places([at("p", 10, north + 2)], max_snap_m=100)
    assert far.distance_m == pytest.approx(500, rel=0.001)


def test_every_far_place_is_listed_with_its_distance(tmp_path):
    streets = streets_of(tmp_path, GRID, way(1, 2))
    places = [at("near", 5, 0.2), at("far", 5, 3), at("beyond", 12, 0)]
    far = streets.far_places(places, max_snap_m=100)
    assert [(item.place.id, round(item.distance_m)) for item in far] == [("far", 300), ("beyond", 200)]
    assert streets.far_places(places, max_snap_m=301) == ()


def test_a_place_at_a_junction_may_leave_by_any_street(tmp_path):
    # the one-way street 1 -> 2 -> 3 is met first, but at node 2 a van may turn into 2-5 at once
    grid = {1: (0, 0), 2: (1, 0), 3: (2, 0), 5: (1, 1)}
    streets = streets_of(tmp_path, grid, way(1, 2, oneway="yes"), way(2, 3, oneway="yes"), way(3, 5, 1), way(2, 5))
    # 2 to 5 and back: 100 m each
    assert streets.times([at("j", 1, 0), at("d", 1, 1)]).travel_s.tolist() == [[0, 10], [10, 0]]


def test_nothing_snaps_to_a_motorway_unless_there_is_nothing_else(tmp_path):
    near_motorway = [at("p", 5, 0.1)]
    both = streets_of(tmp_path, GRID, way(1, 2, highway="motorway", oneway="no"), way(4, 5), way(1, 4), way(2, 5))
    assert both.snap(near_motorway).distance_m[0] == pytest.approx(40, abs=0.1)
    alone = streets_of(tmp_path, GRID, way(1, 2, highway="motorway", oneway="no"))
    assert alone.snap(near_motorway).distance_m[0] == pytest.approx(10, abs=0.1)


def test_of_equally_near_streets_the_first_is_taken(tmp_path):
    grid = {1: (0, -1), 2: (9, -1), 3: (0, 1), 4: (9, 1)}
    streets = streets_of(tmp_path, grid, way(1, 2), way(3, 4), way(1, 3, maxspeed="20"))
    snapping = streets.snap([at("between", 8, 0), at("south", 8, -0.9), at("north", 8, 0.9)])
    between, south, north = snapping.street.tolist()
    assert south != north
    assert between == min(south, north)


def test_no_places_are_no_trouble(tmp_path):
    streets = streets_of(tmp_path, GRID, way(1, 2))
    assert streets.far_places((), max_snap_m=1) == ()
    assert streets.times(()).travel_s.shape == (0, 0)


def test_places_off_the_globe_are_all_named(tmp_path):
    streets = streets_of(tmp_path, GRID, way(1, 2))
    places = [Place(id="x", lon=math.nan, lat=0), at("fine", 0, 0), Place(id="y", lon=0, lat=-91)]
    with pytest.raises(InvalidInput) as caught:
        streets.times(places)
    assert [finding.where for finding in caught.value.findings] == ["/0/lon", "/2/lat"]
