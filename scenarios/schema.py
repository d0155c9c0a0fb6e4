"""
The one border shape of a city: what `city.toml` says and what an inline city over HTTP says.

In a folder, stations, their status and targets usually live in files of their own and join the same shape
before it is checked, so a number is judged by the same rule wherever it came from. `CityModel.model_validate`
reports every error at once, those between parts (`scenarios.cross_checks`) included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from scenarios.cross_checks import cross_errors
from scenarios.schema_errors import CURRENCY_FORM, ID_FORM, merged_errors, nearest

FORMAT_EARLIEST, FORMAT_LATEST = 2000, 2100
"""Years a snapshot may carry; outside, seconds and milliseconds were confused."""

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


def _plain_text(text: str) -> str:
    if CONTROL_CHARACTERS.search(text):
        raise PydanticCustomError("text_control", "holds a control character", {"hint": "use printable characters"})
    return text


def _known_zone(name: str) -> str:
    zones = _zones()
    if name not in zones:
        hint = f"did you mean {guess}?" if (guess := nearest(name, zones)) else "use an IANA name like Europe/Oslo"
        raise PydanticCustomError("time_zone", "is not a time zone of the IANA database", {"hint": hint})
    return name


@cache
def _zones() -> frozenset[str]:
    """All names; looking for them walks a folder."""
    return frozenset(available_timezones())


def _known_country(code: str) -> str:
    import holidays

    country, _, part = code.partition("-")
    known = holidays.list_supported_countries()
    if country not in known or (part and part not in known[country]):
        hint = f"parts of {country}: {', '.join(known[country]) or 'none'}" if country in known else "like NO or US-CA"
        raise PydanticCustomError("country", "is not a country whose holidays are known", {"hint": hint})
    return code


def _feed_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PydanticCustomError("address_scheme", "is not an http or https address", {"hint": "https://…/gbfs.json"})
    return text


def _naive_time(value: time) -> time:
    if value.tzinfo is not None:
        raise PydanticCustomError("time_offset", "has an offset", {"hint": "use the city's local time, like 22:00"})
    return value


def _sane_year(value: datetime) -> datetime:
    if not FORMAT_EARLIEST <= value.year <= FORMAT_LATEST:
        raise PydanticCustomError(
            "time_range", "is outside the years 2000..2100", {"hint": "use RFC 3339 with an offset, or Unix seconds"}
        )
    return value


def _not_empty(value: Any) -> Any:
    # Pydantic's own minimum counts only valid items, so one bad van would also be "no van".
    if isinstance(value, (list, tuple)) and not value:
        raise PydanticCustomError("too_short", "is empty", {"hint": "at least one"})
    return value


def _street_table(value: Any) -> Any:
    return {"source": value} if isinstance(value, str) else value


Id = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_plain_text)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain_text)]
Sentence = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_plain_text)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Price = Annotated[float, Field(ge=0, le=1_000_000)]
Bikes = Annotated[int, Field(ge=0, le=10_000)]
ClockTime = Annotated[time, AfterValidator(_naive_time)]
Moment = Annotated[AwareDatetime, AfterValidator(_sane_year)]
AtLeastOne = BeforeValidator(_not_empty)
FILLED: dict[str, Any] = {"minItems": 1}
"""Told to readers of the JSON Schema, where `AtLeastOne` is not seen."""
TimeZone = Annotated[str, AfterValidator(_known_zone)]
FeedAddress = Annotated[str, Field(max_length=2000), AfterValidator(_plain_text), AfterValidator(_feed_address)]
OnFar = Literal["reject", "drop", "warn"]


class Part(BaseModel):
    """Nothing unknown, nothing infinite; numbers are accepted as ids because feeds write them so."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True, str_strip_whitespace=True
    )


class StreetsModel(Part):
    """Where travel times come from: a street extract, or a straight line times a circuity factor."""

    source: str | None = Field(default=None, min_length=1, max_length=200)
    """File in the city's folder; over HTTP, the name of a bundled city."""
    circuity: float | None = Field(default=None, ge=1, le=5)
    """Street metres per straight metre."""
    speed_kmh: float | None = Field(default=None, ge=1, le=130)

    @model_validator(mode="after")
    def _one_of_two(self) -> StreetsModel:
        line = (self.circuity, self.speed_kmh)
        if (self.source is None) == (None in line) or (self.source is not None and line != (None, None)):
            raise PydanticCustomError(
                "streets_choice",
                "must be either a street source or a straight line",
                {"hint": "give a name, or circuity and speed_kmh together"},
            )
        return self


class DepotModel(Part):
    """Where vans start and end."""

    id: Id
    name: Name
    lon: Longitude
    lat: Latitude


class VanModel(Part):
    """A van and its shift in the city's local time; an end before the start means the next morning."""

    id: Id
    slots: int = Field(ge=1, le=500)
    initial_load: int = Field(default=0, ge=0, le=500)
    start_depot: Id
    end_depot: Id
    shift: tuple[ClockTime, ClockTime]
    speed_factor: float = Field(default=1.0, ge=0.1, le=5)


class HandlingModel(Part):
    """Seconds at a stop: once for parking and unlocking, and for each bike moved."""

    stop_s: int = Field(ge=0, le=7200)
    bike_s: int = Field(ge=0, le=3600)


class PricesModel(Part):
    """What things are worth, in the city's currency."""

    lost_trip: Price
    van_hour: Price
    van_km: Price
    van_use: Price


class StationModel(Part):
    """A place where bikes are rented and returned."""

    id: Id
    name: Name
    lon: Longitude
    lat: Latitude
    capacity: int = Field(ge=1, le=10_000)
    is_zone: bool = False
    """A free-floating zone (GBFS: a virtual station); its capacity is soft."""


class StatusModel(Part):
    """What one station holds; `docks` and `ebikes` may be unknown."""

    station_id: Id
    bikes: Bikes
    docks: Bikes | None = None
    ebikes: Bikes | None = None
    disabled: Bikes = 0
    low_charge: Bikes = 0
    """Among `bikes`, those too low on charge to be rented."""


class SnapshotModel(Part):
    """The city's state at `as_of`, which carries an offset."""

    as_of: Moment
    stations: Annotated[tuple[StatusModel, ...], AtLeastOne] = Field(max_length=20_000, json_schema_extra=FILLED)


class TargetModel(Part):
    """The operator's own target interval of one station."""

    station_id: Id
    low: Bikes
    high: Bikes
    lost_trips_per_bike: float = Field(default=1.0, ge=0, le=1000)
    """Trips lost for each bike below `low` or above `high`."""
    reason: Sentence = "target given by the operator"


class HistoryModel(Part):
    """How to read the city's history."""

    time_zone: TimeZone | None = None
    """Of times that carry no offset; the city's own by default."""
    window_days: int = Field(default=120, ge=7, le=3660)
    """Days before the plan that are looked at."""
    holidays: Annotated[str, AfterValidator(_known_country)] | None = None
    """Country whose public holidays count as Sundays, such as NO, or country and part, such as US-CA."""


class DemandModel(Part):
    """What targets from demand aim for."""

    slot_minutes: Literal[15, 30, 60] = 30
    service_level: float = Field(default=0.95, gt=0.5, lt=1)
    """Share of rentals, and of returns, that a target interval serves."""
    lost_return: float = Field(default=1.0, ge=0, le=10)
    """What a lost return counts, in lost rentals."""
    usable_charge: float = Field(default=0.15, ge=0, le=1)
    """State of charge below which an e-bike cannot be rented, where the feed tells charges."""
    crowding: float = Field(default=0.05, ge=0, le=10)
    """Trips lost per hour for each bike above a zone's soft capacity."""


class CityModel(Part):
    """A city, complete: places, fleet, prices, streets, and the state of its stations."""

    id: str = Field(pattern=ID_FORM)
    name: Name
    time_zone: TimeZone
    currency: str = Field(pattern=CURRENCY_FORM)
    streets: Annotated[
        StreetsModel,
        BeforeValidator(_street_table),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "description": "Name of a bundled city (in a folder: a file in it)."},
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["circuity", "speed_kmh"],
                        "properties": {
                            "circuity": {"type": "number", "minimum": 1, "maximum": 5},
                            "speed_kmh": {"type": "number", "minimum": 1, "maximum": 130},
                        },
                    },
                ]
            }
        ),
    ]
    max_snap_m: float = Field(default=250.0, gt=0, le=10_000)
    """Places further than this from the nearest street are off the streets."""
    on_far: OnFar = "warn"
    """What to do with a station off the streets: refuse, leave out, or leave out with a warning."""
    gbfs: FeedAddress | None = None
    """Of the feed's `gbfs.json`, for `evenfleet record`."""
    depots: Annotated[tuple[DepotModel, ...], AtLeastOne] = Field(max_length=100, json_schema_extra=FILLED)
    vans: Annotated[tuple[VanModel, ...], AtLeastOne] = Field(max_length=500, json_schema_extra=FILLED)
    handling: HandlingModel
    prices: PricesModel
    stations: Annotated[tuple[StationModel, ...], AtLeastOne] = Field(max_length=20_000, json_schema_extra=FILLED)
    snapshot: SnapshotModel
    targets: tuple[TargetModel, ...] | None = Field(default=None, max_length=20_000)
    history: HistoryModel = HistoryModel()
    demand: DemandModel = DemandModel()
    synthetic: tuple[Sentence, ...] = Field(default=(), max_length=20)
    attribution: tuple[Sentence, ...] = Field(default=(), max_length=20)

    @model_validator(mode="wrap")
    @classmethod
    def _every_error_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[CityModel]) -> CityModel:
        # Pydantic stops before cross checks when a field is wrong; the caller wants to hear of both.
        between = cross_errors(data) if isinstance(data, Mapping) else []
        try:
            model = handler(data)
        except ValidationError as error:
            raise merged_errors(cls.__name__, error, between) from None
        if between:
            raise merged_errors(cls.__name__, None, between)
        return model
