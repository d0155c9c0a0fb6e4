"""Pairs within reach by hand: mid-street, one-way, far from streets; and the streets from which a site is reached."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from optimiser.basics.errors import InvalidInput
from optimiser.network.geodesy import great_circle_m
from optimiser.network.limits import limits_of
from optimiser.network.reach import Starts, labels_within
from optimiser.network.search import MM_BITS, NEVER
from optimiser.network.straight_line import StraightLine
from optimiser.network.travel import Place
from tests.unit.network.osm_files import STEP, at, streets_of, way

SQUARE = {1: (0, 0), 2: (4, 0), 3: (4, 4), 4: (0, 4)}
RING = way(1, 2, 3, 4, 1, oneway="yes")


def rows(access) -> list[list[tuple[str, int, int]]]:
    found = list(zip(access.site.tolist(), access.travel_s.tolist(), access.length_m.tolist(), strict=True))
    named = [(access.site_ids[site], travel_s, length_m) for site, travel_s, length_m in found]
    return [named[a:b] for a, b in zip(access.first[:-1], access.first[1:], strict=True)]


def test_ways_lead_from_demand_to_sites_as_one_way_streets_allow(tmp_path):
    streets = streets_of(tmp_path, SQUARE, RING)
    demand, sites = [at("a", 1, 0), at("b", 3, 0)], [at("x", 2, 0), at("y", 4, 1)]
    access = streets.access(demand, sites, cutoff_s=40, cutoff_m=None, max_snap_m=50)
    # a to x 100 m ahead, to y 300 + 100 m; b to y 100 + 100 m, to x all the way round: 1,500 m
    assert rows(access) == [[("x", 10, 100), ("y", 40, 400)], [("y", 20, 200)]]
    longer = streets.access(demand, sites, cutoff_s=150, cutoff_m=None, max_snap_m=50)
    assert rows(longer)[1] == [("x", 150, 1500), ("y", 20, 200)]
    assert rows(longer.within(cutoff_s=40)) == rows(longer.within(cutoff_m=400)) == rows(access)


def test_a_limit_in_metres_holds_for_the_fastest_way_not_for_the_shortest(tmp_path):
    # straight 400 m at 18 km/h = 80 s; round 1200 m at 108 km/h = 40 s
    fast = {"maxspeed": "108"}
    streets = streets_of(tmp_path, SQUARE, way(1, 2, maxspeed="18"), way(2, 3, 4, 1, **fast))
    for limit, expected in ((1199, [[]]), (1200, [[("b", 40, 1200)]])):
        access = streets.access([at("a", 0, 0)], [at("b", 4, 0)], cutoff_s=None, cutoff_m=limit, max_snap_m=50)
        assert rows(access) == expected
    # Half-way along the slow street 200 m at 18 km/h are as fast as round: 40 s + 200 m = 80 s, so straight it is.
    half = streets.access([at("a", 2, 0)], [at("b", 4, 0)], cutoff_s=None, cutoff_m=250, max_snap_m=50)
    assert rows(half) == [[("b", 40, 200)]]


def test_places_far_from_streets_are_told_and_have_no_pairs(tmp_path):
    streets = streets_of(tmp_path, SQUARE, RING)
    demand = [at("far", 2, -3), at("near", 2, 0)]
    sites = [at("remote", 9, 4), at("x", 3, 0), at("beside", 3, 0.4)]
    access = streets.access(demand, sites, cutoff_s=60, cutoff_m=None, max_snap_m=50)
    assert rows(access) == [[], [("x", 10, 100), ("beside", 10, 100)]]
    assert [far.place.id for far in access.far_demand] == ["far"]
    assert access.far_demand[0].distance_m == pytest.approx(300, abs=1)
    assert [far.place.id for far in access.far_sites] == ["remote"]


def test_pairs_of_nothing_are_none(tmp_path):
    streets = streets_of(tmp_path, SQUARE, RING)
    for travel in (streets, StraightLine(1.3, 25)):
        for demand, sites in (([], [at("x", 1, 0)]), ([at("a", 1, 0)], []), ([], [])):
            access = travel.access(demand, sites, cutoff_s=60, cutoff_m=None, max_snap_m=50)
            assert len(access.site) == 0
            assert access.first.tolist() == [0] * (len(demand) + 1)
            assert access.first.dtype == np.int64
            assert access.site.dtype == access.travel_s.dtype == access.length_m.dtype == np.int32


def test_both_senseless_limits_are_told_at_once():
    with pytest.raises(InvalidInput) as caught:
        limits_of(-1, float("nan"))
    assert [finding.code for finding in caught.value.findings] == ["cutoff_s", "cutoff_m"]


def test_labels_of_an_isochrone_do_not_depend_on_the_room_in_the_queue(tmp_path):
    grid = {row * 10 + column: (column, row) for row in range(6) for column in range(6)}
    lines = [way(*(row * 10 + column for column in range(6)), maxspeed=str(10 + 17 * row)) for row in range(6)]
    lines += [way(*(row * 10 + column for row in range(6)), maxspeed=str(95 - 16 * column)) for column in range(6)]
    streets = streets_of(tmp_path, grid, *lines)
    over = streets._search_graph
    starts = Starts(
        np.array([-1]), np.array([[14, -1]]), np.zeros((1, 2), dtype=np.int64), np.full((1, 2), -1, dtype=np.int64)
    )
    labels = labels_within(over, starts, limits_of(30, None))
    full = labels_within(over, starts, limits_of(None, None))
    near = full >> MM_BITS <= 30_000
    assert 1 < near.sum() < len(full)
    assert np.array_equal(labels, np.where(near, full, NEVER))


def metres_of(isochrone) -> float:
    points = [np.array(line) for line in isochrone.lines]
    return sum(float(great_circle_m(*line[:-1].T, *line[1:].T).sum()) for line in points)


def test_an_isochrone_ends_where_the_limit_is_met(tmp_path):
    streets = streets_of(tmp_path, SQUARE, RING)
    found = streets.isochrone(at("x", 2, 0), cutoff_s=30, cutoff_m=None)
    # One-way: 200 m of its own street and 100 m of the one before.
    assert metres_of(found) == pytest.approx(300, abs=0.5)
    west, south, east, north = shapely.MultiLineString(found.lines).bounds
    assert (west, south, east) == pytest.approx((0, 0, 2 * STEP), abs=1e-6)
    assert north == pytest.approx(STEP, abs=1e-6)
    both_ways = streets_of(tmp_path, SQUARE, way(1, 2, 3, 4, 1))
    assert metres_of(both_ways.isochrone(at("x", 2, 0), cutoff_s=None, cutoff_m=300)) == pytest.approx(600, abs=1)
    # All of the ring is within 800 m one way or the other, and drawn once.
    assert metres_of(both_ways.isochrone(at("x", 2, 0), cutoff_s=100, cutoff_m=None)) == pytest.approx(1600, abs=1)


def test_the_area_of_an_isochrone_holds_its_lines_and_little_else(tmp_path):
    found = streets_of(tmp_path, SQUARE, RING).isochrone(at("x", 2, 0), cutoff_s=40, cutoff_m=None)
    area = shapely.MultiPolygon([(outer, holes) for outer, *holes in found.area])
    assert area.is_valid
    assert area.covers(shapely.MultiLineString(found.lines))
    # 400 m of street, 60 m to either side, and the round ends
    square_m = area.area * (111_194.0**2)
    assert square_m == pytest.approx(400 * 120, rel=0.3)


def test_in_a_straight_line_it_is_a_circle():
    # 600 s at 36 km/h = 6 km by a way 1.2 times as long as the line: 5 km
    found = StraightLine(1.2, 36).isochrone(Place(id="x", lon=12, lat=57.7), cutoff_s=600, cutoff_m=9000)
    ((ring,),) = found.area
    lon, lat = np.array(ring).T
    assert great_circle_m(lon, lat, 12, 57.7) == pytest.approx(5000, abs=20)
