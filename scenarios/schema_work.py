"""The working night at the border: depots, vans, handling times, rules of stations, zones, must-do work."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.schema_fields import FILLED, AtLeastOne, Bikes, ClockTime, Id, Latitude, Longitude, Name, Part, Skill

Skills = Annotated[tuple[Skill, ...], Field(max_length=20)]


class DepotModel(Part):
    """Where vans start and end, and may call in mid-shift."""

    id: Id
    name: Name
    lon: Longitude
    lat: Latitude
    stock: Bikes = 0
    """Ready bikes that vans may take."""
    room: Bikes | None = None
    """Ready bikes that fit; any number where it is not said."""


class BreakModel(Part):
    """A driver's break, which begins from `earliest` to `latest`, the city's local time within the shift."""

    minutes: int = Field(ge=1, le=480)
    earliest: ClockTime
    latest: ClockTime


class VanModel(Part):
    """A van and its shift in the city's local time; an end before the start means the next morning."""

    id: Id
    slots: int = Field(ge=1, le=500)
    initial_load: int = Field(default=0, ge=0, le=500)
    start_depot: Id
    end_depot: Id
    shift: tuple[ClockTime, ClockTime]
    speed_factor: float = Field(default=1.0, ge=0.1, le=5)
    batteries: int = Field(default=0, ge=0, le=1000)
    """Charged packs on board at the start; a visit of a depot brings them back to this number."""
    range_km: float | None = Field(default=None, gt=0, le=2000)
    """What it can drive in a shift; any distance where it is not said."""
    skills: Skills = ()
    break_: BreakModel | None = Field(default=None, alias="break")


class HandlingModel(Part):
    """Seconds of work: once at a stop, for each bike lifted, for each battery swapped, once at a depot in mid-shift."""

    stop_s: int = Field(ge=0, le=7200)
    bike_s: int = Field(ge=0, le=3600)
    swap_s: int = Field(default=90, ge=0, le=3600)
    depot_s: int = Field(default=300, ge=0, le=7200)


class StationRulesModel(Part):
    """What holds for stops at some stations, night after night."""

    stations: Annotated[tuple[Id, ...], AtLeastOne] = Field(max_length=20_000, json_schema_extra=FILLED)
    needs: Skills = ()
    """Skills that a van must have to stop here."""
    open: tuple[ClockTime, ClockTime] | None = None
    """From when to when vans may work here, the city's local time, past midnight where it ends before it begins."""
    pick_up: bool = True
    """Whether ready bikes may be taken away."""
    drop_off: bool = True
    """Whether ready bikes may be brought."""
    forbidden: bool = False
    """No van stops here."""
    once: bool = False
    """At most one stop a night, over all vans."""


class MustModel(Part):
    """Work to be done tonight at one station."""

    station_id: Id
    visit: bool = False
    """A stop at least."""
    low: Bikes | None = None
    """Ready bikes at opening, at least."""
    high: Bikes | None = None
    """Ready bikes at opening, at most."""
    swaps: Bikes = 0
    """Batteries swapped, at least."""
    broken: Bikes = 0
    """Broken bikes taken home, at least."""


class ZoneModel(Part):
    """Stations that together are to open with `floor` to `cap` ready bikes."""

    id: Id
    stations: Annotated[tuple[Id, ...], AtLeastOne] = Field(max_length=20_000, json_schema_extra=FILLED)
    floor: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    cap: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
