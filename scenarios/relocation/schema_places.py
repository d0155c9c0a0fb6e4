"""Places and power at the border: stations, plugs, what is wanted where, bases."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.relocation.words import Connector
from scenarios.schema_fields import ClockTime, Id, Latitude, Longitude, Moment, Name, Part

Kilowatts = Annotated[float, Field(gt=0, le=2000)]
Cars = Annotated[int, Field(ge=0, le=10_000)]
PerHour = Annotated[float, Field(ge=0, le=1000)]


class StationModel(Part):
    """A place where cars stand."""

    id: Id
    name: Name
    lon: Longitude
    lat: Latitude
    bays: Cars | None = None
    """Cars that fit, those at plugs included; any number where it is not said, as in a zone."""
    is_zone: bool = False
    """A free-floating zone around its middle (GBFS: a virtual station)."""
    is_renting: bool = True
    """Whether riders rent here; not at a charging hub."""
    site_kw: Annotated[float, Field(ge=0, le=100_000)] | None = None
    """What all plugs together may draw; all at full power where it is not said."""
    opens: ClockTime | None = None
    """Drivers may work here from then on, the city's local time …"""
    closes: ClockTime | None = None
    """… until then; past midnight where that is earlier."""


class PlugModel(Part):
    """One cable that charges one car at a time; ids are each once within a station."""

    id: Id
    station_id: Id
    kw: Kilowatts
    connector: Connector = "type2"
    occupied_until: Moment | None = None
    """Somebody else's car holds it until then."""
    car_id: Id | None = None
    """The car of the fleet that is on it."""


class DemandModel(Part):
    """What is wanted of a station at opening: an interval of ready cars, or rentals and returns per hour."""

    station_id: Id
    low: Cars | None = None
    high: Cars | None = None
    """Any number where only `low` is given."""
    lost_trips_per_car: Annotated[float, Field(ge=0, le=1000)] | None = None
    """Trips lost for each ready car below `low` or above `high`; 1 where it is not said."""
    rentals_per_hour: PerHour | None = None
    returns_per_hour: PerHour | None = None
    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    """Hour of the local clock that the rates hold in; all day where it is not said."""


class BasePlaceModel(Part):
    """Where drivers start and end, beside stations."""

    id: Id
    name: Name | None = None
    lon: Longitude
    lat: Latitude
