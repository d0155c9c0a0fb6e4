"""What tags mean: access, direction, speed, barriers, for each profile."""

from __future__ import annotations

import math

import pytest

from optimiser.network.profiles import BIKE, DRIVE, PROFILES, WALK
from optimiser.network.tags import blocks, directions, parse_maxspeed, way_rule


def rule(profile, **tags):
    return way_rule(
        {"highway": "residential", **{key.replace("__", ":"): value for key, value in tags.items()}}, profile
    )


@pytest.mark.parametrize(
    ("value", "kmh"),
    [
        ("50", 50),
        ("50 km/h", 50),
        ("30 mph", 48.28032),
        ("20mph", 32.18688),
        ("walk", 7),
        ("none", 130),
        ("DE:urban", 50),
        ("RO:rural", 90),
        ("DE:motorway", 120),
        ("FR:zone30", 30),
        ("DE:zone:20", 20),
        ("RO:40", 40),
        ("50;30", 30),
        ("1", 5),
        ("999", 130),
        ("signals", None),
        ("variable", None),
        ("DE", None),
        ("0", None),
        ("-50", None),
        ("", None),
        ("fast", None),
    ],
)
def test_maxspeed_is_understood_or_left_to_the_default(value, kmh):
    assert parse_maxspeed(value) == (None if kmh is None else pytest.approx(kmh))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"oneway": "no", "junction": "roundabout"}, (True, True)),
        ({"junction": "roundabout"}, (True, False)),
        ({"junction": "circular"}, (True, False)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, (True, True)),
        ({"highway": "motorway_link"}, (True, True)),
        ({"oneway": "reversible"}, (False, False)),
        ({"oneway": "alternating"}, (True, True)),
        ({"oneway": "yes", "oneway:bicycle": "no"}, (True, False)),
    ],
)
def test_directions_of_a_van(tags, expected):
    assert directions({"highway": "residential", **tags}, DRIVE) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "yes", "oneway:bicycle": "no"}, (True, True)),
        ({"oneway:bicycle": "yes"}, (True, False)),
        ({"oneway": "yes", "cycleway": "opposite_lane"}, (True, True)),
        ({"oneway": "yes", "cycleway:left": "opposite_track"}, (True, True)),
        ({"oneway": "yes", "cycleway:left": "lane"}, (True, False)),
    ],
)
def test_directions_of_a_bike(tags, expected):
    assert directions({"highway": "residential", **tags}, BIKE) == expected


def test_feet_ignore_oneway_streets():
    assert directions({"highway": "residential", "oneway": "yes", "junction": "roundabout"}, WALK) == (True, True)
    assert directions({"highway": "steps", "oneway:foot": "yes"}, WALK) == (True, False)


@pytest.mark.parametrize(
    ("tags", "may_drive"),
    [
        ({}, True),
        ({"access": "no"}, False),
        ({"access": "private"}, False),
        ({"access": "destination"}, True),
        ({"access": "no", "motor_vehicle": "yes"}, True),
        ({"access": "no", "vehicle": "yes", "motorcar": "no"}, False),
        ({"motor_vehicle": "agricultural;forestry"}, False),
        ({"motor_vehicle": "forestry;destination"}, True),
        ({"bicycle": "no"}, True),
        ({"area": "yes"}, False),
        ({"highway": "footway"}, False),
        ({"highway": "service"}, False),
        ({"highway": "construction"}, False),
        ({"highway": "pedestrian", "motor_vehicle": "delivery"}, False),
        ({"oneway": "reversible"}, False),
    ],
)
def test_where_a_van_may_go(tags, may_drive):
    assert (rule(DRIVE, **tags) is not None) == may_drive


@pytest.mark.parametrize(
    ("profile", "tags", "may_pass"),
    [
        (BIKE, {"highway": "footway"}, False),
        (BIKE, {"highway": "footway", "bicycle": "yes"}, True),
        (BIKE, {"highway": "path"}, True),
        (BIKE, {"highway": "path", "bicycle": "dismount"}, False),
        (BIKE, {"highway": "motorway", "bicycle": "yes"}, False),
        (BIKE, {"highway": "trunk"}, False),
        (BIKE, {"highway": "primary", "motorroad": "yes"}, False),
        (BIKE, {"motor_vehicle": "no"}, True),
        (BIKE, {"vehicle": "no"}, False),
        (WALK, {"vehicle": "no"}, True),
        (WALK, {"highway": "steps"}, True),
        (WALK, {"highway": "cycleway"}, False),
        (WALK, {"highway": "cycleway", "foot": "designated"}, True),
        (WALK, {"access": "private", "foot": "yes"}, True),
        (WALK, {"highway": "motorway"}, False),
    ],
)
def test_where_bikes_and_feet_may_go(profile, tags, may_pass):
    assert (rule(profile, **tags) is not None) == may_pass


def test_access_may_differ_by_direction():
    only_forward = rule(DRIVE, motor_vehicle__backward="no")
    assert only_forward is not None
    assert (only_forward.forward_kmh, only_forward.backward_kmh) == (30, 0)


def test_speeds_come_from_the_tag_or_the_class():
    assert rule(DRIVE).forward_kmh == 30
    assert rule(DRIVE, maxspeed="signals").forward_kmh == 30
    assert rule(DRIVE, maxspeed__type="DE:urban").forward_kmh == 50
    both = rule(DRIVE, maxspeed="60", maxspeed__backward="40")
    assert (both.forward_kmh, both.backward_kmh) == (60, 40)


def test_a_posted_speed_slows_bikes_but_never_speeds_them_up_and_feet_ignore_it():
    assert rule(BIKE, maxspeed="10").forward_kmh == 10
    assert rule(BIKE, maxspeed="70").forward_kmh == 15
    assert rule(WALK, maxspeed="70").forward_kmh == pytest.approx(4.8)


def test_nothing_is_loaded_on_motorways_or_in_tunnels():
    assert not rule(DRIVE, highway="motorway").can_stop
    assert not rule(DRIVE, tunnel="yes").can_stop
    assert rule(DRIVE, tunnel="building_passage").can_stop
    assert rule(DRIVE, highway="primary", bridge="yes").can_stop


@pytest.mark.parametrize(
    ("profile", "tags", "stops"),
    [
        (DRIVE, {"barrier": "bollard"}, True),
        (DRIVE, {"barrier": "bollard", "bollard": "rising"}, False),
        (DRIVE, {"barrier": "bollard", "motor_vehicle": "yes"}, False),
        (DRIVE, {"barrier": "gate"}, False),
        (DRIVE, {"barrier": "gate", "access": "private"}, True),
        (DRIVE, {"barrier": "kerb"}, False),
        (DRIVE, {"highway": "crossing"}, False),
        (BIKE, {"barrier": "bollard"}, False),
        (BIKE, {"barrier": "stile"}, True),
        (WALK, {"barrier": "stile"}, False),
        (WALK, {"barrier": "gate", "access": "no"}, True),
    ],
)
def test_which_barriers_stop_whom(profile, tags, stops):
    assert blocks(tags, profile) == stops


def test_every_default_is_a_speed_and_nights_are_never_slower():
    for profile in PROFILES.values():
        speeds = [*profile.speeds_kmh.values(), *profile.permitted_speeds_kmh.values()]
        assert all(math.isfinite(speed) and speed > 0 for speed in speeds)
        assert not set(profile.speeds_kmh) & set(profile.permitted_speeds_kmh)
        assert profile.time_scale(night=True) <= profile.time_scale(night=False)
