"""What OpenStreetMap tags mean to a profile: may it pass, in which direction, how fast, past which barriers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from optimiser.network.profiles import LegalSpeed, Profile

Tags = Mapping[str, str]

_DENIED = frozenset(
    {
        *("no", "private", "permit", "restricted", "residents", "employees", "staff", "military", "emergency"),
        *("agricultural", "forestry", "psv", "bus", "foot", "bicycle", "use_sidepath", "dismount"),
    }
)
_PERMITTED = frozenset({"yes", "designated", "permissive", "official", "destination"})
_FORWARD_ONLY = frozenset({"yes", "true", "1"})
_BACKWARD_ONLY = frozenset({"-1", "reverse"})

SLOWEST_KMH, FASTEST_KMH = 5.0, 130.0
"""Limits on posted speeds; anything outside is a typing error or means `as fast as you like`."""
_MPH = 1.609344
_SPEED_WORDS = {
    "walk": 7.0,
    "none": FASTEST_KMH,
    "living_street": 10.0,
    "pedestrian_zone": 7.0,
    "bicycle_road": 30.0,
    "urban": 50.0,
    "rural": 90.0,
    "trunk": 100.0,
    "expressway": 100.0,
    "motorway": 120.0,
    "nsl_restricted": 48.0,
    "nsl_single": 96.0,
    "nsl_dual": 112.0,
}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|kph)?")
_ZONE = re.compile(r"zone:?(\d+)")


@dataclass(frozen=True, slots=True)
class WayRule:
    """What one way offers to one profile; 0 km/h closes a direction."""

    highway: str
    forward_kmh: float
    backward_kmh: float
    can_stop: bool
    """Whether a place may snap to it."""


def way_rule(tags: Tags, profile: Profile) -> WayRule | None:
    """What the way offers to the profile; None where it offers nothing."""
    highway = tags.get("highway", "")
    if tags.get("area") == "yes" or any(tags.get(key) == value for key, value in profile.closed_by):
        return None
    speed_kmh = profile.speeds_kmh.get(highway)
    if speed_kmh is None:
        speed_kmh = profile.permitted_speeds_kmh.get(highway)
        if speed_kmh is None or tags.get(profile.access_tags[0]) not in _PERMITTED:
            return None
    forward, backward = directions(tags, profile)
    forward_kmh, backward_kmh = (
        _speed_kmh(tags, profile, default_kmh=speed_kmh, direction=direction)
        if is_open and _may_pass(tags, profile, direction=direction)
        else 0.0
        for is_open, direction in ((forward, "forward"), (backward, "backward"))
    )
    if not forward_kmh and not backward_kmh:
        return None
    can_stop = highway not in profile.no_stopping and tags.get("tunnel", "no") in {"no", "building_passage"}
    return WayRule(highway, forward_kmh, backward_kmh, can_stop)


def directions(tags: Tags, profile: Profile) -> tuple[bool, bool]:
    """Whether the way is open along and against the order of its nodes; neither where it changes by the hour."""
    value = next((tags[key] for key in profile.oneway_tags if key in tags), None)
    if value is None and "oneway" in profile.oneway_tags:
        implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") == "motorway"
        value = "yes" if implied else "no"
    if value == "reversible":
        return False, False
    forward, backward = value not in _BACKWARD_ONLY, value not in _FORWARD_ONLY
    if profile.oneway_tags[0] == "oneway:bicycle" and _has_contraflow_lane(tags):
        return True, True
    return forward, backward


def _has_contraflow_lane(tags: Tags) -> bool:
    sides = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
    return any(tags.get(side, "").startswith("opposite") for side in sides)


def _may_pass(tags: Tags, profile: Profile, *, direction: str) -> bool:
    for key in profile.access_tags:
        value = tags.get(f"{key}:{direction}", tags.get(key))
        if value is not None:
            return not _is_denied(value)
    return True


def _is_denied(value: str) -> bool:
    return all(part.strip() in _DENIED for part in value.split(";"))


def _speed_kmh(tags: Tags, profile: Profile, *, default_kmh: float, direction: str) -> float:
    if profile.legal_speed is LegalSpeed.IGNORED:
        return default_kmh
    keys = (f"maxspeed:{direction}", "maxspeed", "maxspeed:type", "source:maxspeed", "zone:maxspeed")
    posted = (parse_maxspeed(tags[key]) for key in keys if key in tags)
    legal_kmh = next((speed for speed in posted if speed is not None), None)
    if legal_kmh is None:
        return default_kmh
    return min(default_kmh, legal_kmh) if profile.legal_speed is LegalSpeed.CAP else legal_kmh


def parse_maxspeed(value: str) -> float | None:
    """
    Kilometres per hour of a maxspeed value: `50`, `30 mph`, `walk`, `none`, `DE:urban`, `FR:zone30`.

    The lowest of several (`50;30`); None where no number can be told (`signals`, `variable`, `DE`).
    Country words stand for the same speed everywhere (urban 50, rural 90, motorway 120).
    """
    speeds = [speed for part in re.split(r"[;|,]", value.lower()) if (speed := _parse_one(part.strip())) is not None]
    return min(speeds) if speeds else None


def _parse_one(text: str) -> float | None:
    number = _NUMBER.fullmatch(text)
    if number:
        speed = float(number[1]) * (_MPH if number[2] == "mph" else 1.0)
        return min(max(speed, SLOWEST_KMH), FASTEST_KMH) if speed > 0 else None
    country, _, word = text.rpartition(":")
    zone = _ZONE.search(text)
    if zone:
        return min(max(float(zone[1]), SLOWEST_KMH), FASTEST_KMH)
    if country and word.isdigit():
        return _parse_one(word)
    return _SPEED_WORDS.get(word)


def blocks(tags: Tags, profile: Profile) -> bool:
    """Whether a node with these tags stops the profile: a bollard in front of a van, a locked gate."""
    barrier = tags.get("barrier")
    if barrier is None or barrier in {"no", "entrance", "kerb", "border_control", "toll_booth"}:
        return False
    for key in profile.access_tags:
        if key in tags:
            return _is_denied(tags[key])
    if barrier == "bollard" and tags.get("bollard") == "rising":
        return False
    return barrier in profile.barriers
