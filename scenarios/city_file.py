"""Writes `city.toml` for a new city: what was said, and what was assumed with the reason beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from optimiser.basics.city import Depot


@dataclass(frozen=True, kw_only=True)
class Said:
    """What identifies a new city, and which of it was assumed."""

    id: str
    name: str
    time_zone: str
    time_zone_assumed: bool
    currency: str
    currency_assumed: bool
    as_of: datetime | None
    """None where the feed says when."""
    as_of_assumed: bool
    streets: str
    gbfs: str | None = None
    """Address of the feed; None where it came from a folder."""

    @property
    def assumed(self) -> tuple[str, ...]:
        """What was assumed, in words."""
        parts = (
            (self.time_zone_assumed, f"time zone {self.time_zone} (where the stations are)"),
            (self.currency_assumed, f"currency {self.currency}"),
            (self.as_of_assumed, f"time of the station status {self.as_of} (from the date of the file)"),
        )
        return tuple(text for is_assumed, text in parts if is_assumed)


@dataclass(frozen=True, kw_only=True)
class CityFile:
    """What goes into `city.toml`."""

    said: Said
    depot: Depot
    vans: int
    stations: int
    """Stations that take part."""


def city_toml(city: CityFile) -> str:
    """The text of `city.toml`."""
    said, depot = city.said, city.depot
    zone_reason = "assumed from where the stations are" * said.time_zone_assumed
    money_reason = "assumed: put yours; prices below are in it" * said.currency_assumed
    lines = [
        "# A city for evenfleet; docs/city-folder.md explains every field.",
        "# Lines marked `assumed` were filled in because nobody said otherwise: put your own figures.",
        f"id = {_text(said.id)}",
        f"name = {_text(said.name)}",
        _noted(f"time_zone = {_text(said.time_zone)}", zone_reason),
        _noted(f"currency = {_text(said.currency)}", money_reason),
        f"streets = {_text(said.streets)}",
        *([] if said.gbfs is None else [f"gbfs = {_text(said.gbfs)} # `evenfleet record` polls it into history/"]),
        "max_snap_m = 250 # assumed: further from a street, a station is off the map",
        'on_far = "warn" # assumed: such stations are left out with a warning; "reject" stops, "drop" is silent',
        "synthetic = [",
        '  "Depot, vans, shifts, handling times and prices are assumed; see city.toml.",',
        "]",
        'attribution = ["© OpenStreetMap contributors (ODbL 1.0)"]',
        "",
        *_snapshot(said),
        "# assumed: beside the station that all others are nearest to by travel time, docks counted",
        "[[depots]]",
        f"id = {_text(depot.id)}",
        f"name = {_text(depot.name)}",
        f"lon = {depot.lon!r}",
        f"lat = {depot.lat!r}",
        "",
        f"# assumed: one van for every 50 stations, here {city.stations}; 20 bikes each; at night, streets being free",
        *(line for number in range(1, city.vans + 1) for line in _van(number, depot)),
        "# assumed: usual figures for hand loading with two straps or a ramp",
        "[handling]",
        "stop_s = 240 # park, open, walk the row of docks",
        "bike_s = 45 # lift, strap or dock one bike",
        "",
        f"# assumed, {_money(said.currency)}; a plan depends on their proportions only",
        "[prices]",
        "lost_trip = 3.5 # fare and goodwill lost with a trip that could not start or end",
        "van_hour = 38.0 # driver and van",
        "van_km = 0.45 # energy and wear",
        "van_use = 15.0 # once for each van that goes out",
        "",
    ]
    return "\n".join(lines)


def _snapshot(said: Said) -> list[str]:
    if said.as_of is None:
        return []
    reason = "assumed from the date of the status file" * said.as_of_assumed
    return [
        "# when the station status was taken, unless the feed itself says so",
        "[snapshot]",
        _noted(f"as_of = {said.as_of.isoformat()}", reason),
        "",
    ]


def _van(number: int, depot: Depot) -> list[str]:
    return [
        "[[vans]]",
        f'id = "van-{number}"',
        "slots = 20",
        "initial_load = 0",
        f"start_depot = {_text(depot.id)}",
        f"end_depot = {_text(depot.id)}",
        'shift = ["22:00", "05:30"]',
        "",
    ]


def _noted(line: str, reason: str) -> str:
    return f"{line} # {reason}" if reason else line


def _money(currency: str) -> str:
    return "in euros" if currency == "EUR" else f"in euros: put yours in {currency}"


def _text(value: str) -> str:
    # A JSON string is a TOML basic string once DEL, which TOML forbids and JSON allows, is escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
