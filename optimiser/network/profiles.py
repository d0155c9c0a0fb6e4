"""Who travels: which streets may be used and how fast, for vans, bikes and feet. Tables in `docs/models/streets.md`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class LegalSpeed(StrEnum):
    """What the maxspeed tag means to a profile."""

    DRIVEN = "driven"
    """It replaces the default of the highway class."""
    CAP = "cap"
    """It lowers the default, never raises it."""
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """
    One way of travelling.

    A street takes length / speed × `time_factor` seconds by day, and `night_factor` times that at night.
    """

    name: str
    speeds_kmh: Mapping[str, float]
    """Highway classes that may be used, with the speed where no usable maxspeed is given."""
    permitted_speeds_kmh: Mapping[str, float]
    """Highway classes that need an explicit permission (e.g. `bicycle=yes` on a footway), with their speed."""
    access_tags: tuple[str, ...]
    """Tags that say who may pass; the first one present decides."""
    oneway_tags: tuple[str, ...]
    """Tags that say in which direction; the first one present decides."""
    closed_by: tuple[tuple[str, str], ...]
    """Further tags that close a street, e.g. `motorroad=yes`."""
    barriers: tuple[str, ...]
    """Values of `barrier` on a node that cannot be passed unless an access tag there allows it."""
    legal_speed: LegalSpeed
    no_stopping: tuple[str, ...]
    """Highway classes along which nothing can be loaded; places never snap to them. Nor do they to tunnels."""
    time_factor: float
    """Real time over time at the speeds above: lights, corners, traffic."""
    night_factor: float
    """Night time over day time."""

    def time_scale(self, *, night: bool) -> float:
        """What to multiply length / speed with."""
        return self.time_factor * (self.night_factor if night else 1.0)


_BODY_BARRIERS = ("wall", "fence", "hedge", "debris", "log")

DRIVE = Profile(
    name="drive",
    # Service roads (yards, parking aisles, drives) are left out like in OSMnx: mostly private, and a van
    # stops at the street.
    speeds_kmh={
        "motorway": 110,
        "motorway_link": 60,
        "trunk": 80,
        "trunk_link": 50,
        "primary": 50,
        "primary_link": 40,
        "secondary": 50,
        "secondary_link": 40,
        "tertiary": 50,
        "tertiary_link": 40,
        "unclassified": 40,
        "residential": 30,
        "living_street": 10,
        "road": 30,
    },
    permitted_speeds_kmh={},
    access_tags=("motorcar", "motor_vehicle", "vehicle", "access"),
    oneway_tags=("oneway:motorcar", "oneway:motor_vehicle", "oneway"),
    closed_by=(),
    barriers=(
        *_BODY_BARRIERS,
        "bollard",
        "block",
        "jersey_barrier",
        "chain",
        "planter",
        "bus_trap",
        "sump_buster",
        "cycle_barrier",
        "motorcycle_barrier",
        "vehicle_barrier",
        "vehicle_block",
        "turnstile",
        "full-height_turnstile",
        "stile",
        "kissing_gate",
        "horse_stile",
        "chicane",
    ),
    legal_speed=LegalSpeed.DRIVEN,
    no_stopping=("motorway", "motorway_link"),
    # A 50 km/h street gives 33 km/h by day and 42 km/h at night; 0.8 × maxspeed is what OSRM's car profile drives.
    time_factor=1.5,
    night_factor=0.8,
)
"""A delivery van in a city."""

BIKE = Profile(
    name="bike",
    speeds_kmh={
        "cycleway": 16,
        "primary": 15,
        "primary_link": 15,
        "secondary": 15,
        "secondary_link": 15,
        "tertiary": 15,
        "tertiary_link": 15,
        "unclassified": 15,
        "residential": 15,
        "living_street": 12,
        "service": 12,
        "road": 15,
        "track": 12,
        "path": 12,
    },
    permitted_speeds_kmh={"footway": 8, "pedestrian": 8, "bridleway": 8, "trunk": 15, "trunk_link": 15, "busway": 15},
    access_tags=("bicycle", "vehicle", "access"),
    oneway_tags=("oneway:bicycle", "oneway"),
    closed_by=(("motorroad", "yes"),),
    barriers=(*_BODY_BARRIERS, "turnstile", "full-height_turnstile", "stile", "kissing_gate", "horse_stile"),
    legal_speed=LegalSpeed.CAP,
    no_stopping=(),
    time_factor=1.0,
    night_factor=1.0,
)
"""A rider on a shared e-bike; the speeds are door to door, so neither lights nor night change them."""

WALK = Profile(
    name="walk",
    speeds_kmh={
        "footway": 4.8,
        "pedestrian": 4.8,
        "path": 4.8,
        "steps": 2.4,
        "corridor": 4.8,
        "elevator": 1.0,
        "platform": 4.8,
        "living_street": 4.8,
        "residential": 4.8,
        "service": 4.8,
        "unclassified": 4.8,
        "tertiary": 4.8,
        "tertiary_link": 4.8,
        "secondary": 4.8,
        "secondary_link": 4.8,
        "primary": 4.8,
        "primary_link": 4.8,
        "road": 4.8,
        "track": 4.8,
        "bridleway": 4.8,
    },
    permitted_speeds_kmh={"cycleway": 4.8, "trunk": 4.8, "trunk_link": 4.8},
    access_tags=("foot", "access"),
    oneway_tags=("oneway:foot",),
    closed_by=(("motorroad", "yes"),),
    barriers=_BODY_BARRIERS,
    legal_speed=LegalSpeed.IGNORED,
    no_stopping=(),
    time_factor=1.0,
    night_factor=1.0,
)
"""A person on foot."""

PROFILES = {profile.name: profile for profile in (DRIVE, BIKE, WALK)}
