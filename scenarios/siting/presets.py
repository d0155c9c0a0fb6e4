"""
What is assumed of chargers, people and places where `city.toml` says nothing; every output tells what was.

Figures are orders of magnitude, in euros, for a European city: docs/siting.md names what each is held against. Put
your own wherever you have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

AC = ("ac7", "ac11", "ac22")
DC = ("dc50", "dc150", "dc300")

Presets = Mapping[str, Mapping[str, Any]]


class _Kind(NamedTuple):
    """One row of the table of kinds."""

    name: str
    power_kw: float
    plug_cost: float
    session_minutes: float
    max_plugs: int
    max_wait_minutes: float
    wait_share: float
    simultaneity: float


class _Segment(NamedTuple):
    """One row of the table of segments."""

    name: str
    kinds: tuple[str, ...]
    reach_s: int
    full_s: int
    least: float
    sessions_per_day: float
    kwh_per_session: float
    peak_share: float
    profile: str = "walk"


class _Source(NamedTuple):
    """One row of the table of sources."""

    open_cost: float
    max_plugs: int
    kinds: tuple[str, ...]


def _table(rows: Mapping[str, NamedTuple]) -> Presets:
    return MappingProxyType({id_: MappingProxyType(row._asdict()) for id_, row in rows.items()})


KINDS: Presets = _table(
    {
        "ac7": _Kind("AC 7 kW", 7.4, 2_500.0, 480.0, 8, 60.0, 0.2, 0.6),
        "ac11": _Kind("AC 11 kW", 11.0, 4_000.0, 300.0, 8, 30.0, 0.2, 0.6),
        "ac22": _Kind("AC 22 kW", 22.0, 5_000.0, 150.0, 8, 20.0, 0.1, 0.6),
        "dc50": _Kind("DC 50 kW", 50.0, 35_000.0, 35.0, 4, 10.0, 0.1, 0.8),
        "dc150": _Kind("DC 150 kW", 150.0, 80_000.0, 25.0, 6, 10.0, 0.1, 0.8),
        "dc300": _Kind("DC 300 kW", 300.0, 140_000.0, 18.0, 8, 10.0, 0.1, 0.8),
        "ebike": _Kind("E-bike dock", 0.2, 1_200.0, 240.0, 24, 10.0, 0.1, 0.6),
    }
)
"""Kinds of chargers; the cost is that of one plug, hardware and installation."""

SEGMENTS: Presets = _table(
    {
        "residents": _Segment("Residents", (*AC, "dc50"), 600, 300, 0.5, 0.0045, 18.0, 0.12),
        "workers": _Segment("Workers", AC, 600, 300, 0.5, 0.004, 15.0, 0.25),
        "visitors": _Segment("Visitors", ("ac22", *DC), 480, 240, 0.5, 0.005, 20.0, 0.12),
        "shared_fleet": _Segment("Shared cars", ("ac11", "ac22", "dc50"), 600, 300, 0.5, 0.15, 15.0, 0.1),
        "ebikes": _Segment("Shared e-bikes", ("ebike",), 300, 120, 0.5, 0.3, 0.3, 0.1),
    }
)
"""Who charges; sessions are those of one unit of weight: a person, or a trip's end of the shared fleet."""

SOURCES: Presets = _table(
    {
        "existing": _Source(5_000.0, 12, (*AC, *DC)),
        "parking": _Source(12_000.0, 8, (*AC, *DC)),
        "fuel": _Source(25_000.0, 6, DC),
        "street_lamp": _Source(1_000.0, 1, ("ac7",)),
        "kerbside": _Source(8_000.0, 4, AC),
        "car_sharing": _Source(8_000.0, 4, AC),
        "bike_parking": _Source(1_500.0, 24, ("ebike",)),
        "upload": _Source(10_000.0, 8, (*AC, *DC, "ebike")),
    }
)
"""Where a site was taken from: what its first plug costs beside itself, its room, and kinds that may come there."""

STUDIED = ("ac11", "ac22", "dc50")
"""Kinds of a study that names none."""

MAX_NEW_SITES = 10
"""New sites of a study that names neither a number nor a budget."""

SEGMENT = "residents"
"""Segment of demand that names none."""

CURRENCY = "EUR"
"""Of all prices here."""
