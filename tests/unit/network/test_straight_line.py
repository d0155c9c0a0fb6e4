"""Straight-line travel: hand-computed lengths and times, nonsense refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.network.straight_line import StraightLine
from optimiser.network.travel import Place, TravelSource

EQUATOR = (Place(id="a", lon=0.0, lat=0.0), Place(id="b", lon=0.01, lat=0.0), Place(id="c", lon=0.01, lat=0.01))


def test_times_are_great_circle_times_circuity_over_speed():
    travel: TravelSource = StraightLine(circuity=1.4, speed_kmh=36)
    times = travel.times(EQUATOR)
    # 0.01 degrees of the equator: 6 371 009 m x 0.01 x pi / 180 = 1111.95 m; x 1.4 = 1556.7 m; / 10 m/s = 155.67 s
    assert times.length_m[0, 1] == 1557
    assert times.travel_s[0, 1] == 156
    # a to c is sqrt(2) longer on this almost flat bit: 1556.7 x 1.41421 = 2201.5 m, 220.2 s
    assert times.length_m[0, 2] == 2202
    assert times.travel_s[0, 2] == 221
    assert np.array_equal(times.travel_s, times.travel_s.T)
    assert np.diag(times.travel_s).tolist() == [0, 0, 0]
    assert times.place_ids == ("a", "b", "c")
    assert times.unreachable == ()


def test_the_label_says_that_there_are_no_streets():
    assert StraightLine(1.3, 25).label == "straight line × 1.3 at 25 km/h, no streets"


def test_the_hash_changes_with_each_setting():
    assert len({StraightLine(c, v).content_hash for c in (1.2, 1.3) for v in (20, 25)}) == 4
    assert StraightLine(1, 20).content_hash == StraightLine(1.0, 20.0).content_hash


def test_the_path_is_the_two_places_and_nothing_is_far():
    travel = StraightLine(1.3, 25)
    assert travel.path(EQUATOR[0], EQUATOR[2]) == ((0.0, 0.0), (0.01, 0.01))
    assert travel.far_places(EQUATOR, max_snap_m=1) == ()


def test_no_places_give_empty_times():
    assert StraightLine(1.3, 25).times(()).travel_s.shape == (0, 0)


def test_both_wrong_settings_are_told_at_once():
    with pytest.raises(InvalidInput) as caught:
        StraightLine(0.9, math.inf)
    assert [finding.code for finding in caught.value.findings] == ["circuity", "speed_kmh"]


def test_every_place_off_the_globe_is_named():
    places = (*EQUATOR, Place(id="x", lon=181.0, lat=0.0), Place(id="y", lon=0.0, lat=math.nan))
    with pytest.raises(InvalidInput) as caught:
        StraightLine(1.3, 25).times(places)
    assert [finding.where for finding in caught.value.findings] == ["/3/lon", "/4/lat"]
