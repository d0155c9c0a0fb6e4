"""
The one border shape of a city: what `city.toml` says and what an inline city over HTTP says.

In a folder, stations, their status, targets and must-do work usually live in files of their own and join the same
shape before it is checked, so a number is judged by the same rule wherever it came from. `CityModel.model_validate`
reports every error at once, those between parts (`scenarios.cross_checks`) included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from scenarios.cross_checks import cross_errors
from scenarios.schema_batteries import BatteriesModel
from scenarios.schema_errors import ID_FORM, validated
from scenarios.schema_fields import (
    FILLED,
    AtLeastOne,
    Bikes,
    Currency,
    FeedAddress,
    Id,
    Latitude,
    Longitude,
    Moment,
    Name,
    OnFar,
    Part,
    Price,
    Sentence,
    TimeZone,
    known_country,
    street_table,
)
from scenarios.schema_grid import GridModel, GridStepModel
from scenarios.schema_work import DepotModel, HandlingModel, MustModel, StationRulesModel, VanModel, ZoneModel


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


StreetSource = Annotated[
    StreetsModel,
    BeforeValidator(street_table),
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
"""A plain name is a source."""


class PricesModel(Part):
    """What things are worth, in the city's currency."""

    lost_trip: Price
    van_hour: Price
    van_km: Price
    van_use: Price
    """Once for each van that goes out."""
    swap: Price = 0.0
    """Each battery swapped."""
    broken_left: Price = 0.0
    """Each broken bike that stays in the street."""
    must: Price = 1000.0
    """Each unit of must-do work that is not done."""
    zone_bike: Price = 0.0
    """Each bike by which a zone opens below its floor or above its cap."""
    fairness: Price = 0.0
    """Each hour by which a van's working time differs from the mean of the vans that drive."""


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
    """Bikes that stand there broken; none of them is among `bikes`."""
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
    holidays: Annotated[str, AfterValidator(known_country)] | None = None
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
    currency: Currency
    streets: StreetSource
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
    musts: tuple[MustModel, ...] = Field(default=(), max_length=20_000)
    station_rules: tuple[StationRulesModel, ...] = Field(default=(), max_length=20_000)
    zones: tuple[ZoneModel, ...] = Field(default=(), max_length=1000)
    out_of_service: tuple[Id, ...] = Field(default=(), max_length=20_000)
    """Stations that exist but take no part tonight: rules, zones, targets and must-do work may name them."""
    batteries: BatteriesModel | None = None
    """How packs that vans bring to the depots are charged; not planned where it is not said."""
    grid: GridModel = GridModel()
    grid_series: tuple[GridStepModel, ...] = Field(default=(), max_length=100_000)
    """Tariff and CO2 by hour of the day or by moment, for batteries; none = the synthetic series that is bundled."""
    history: HistoryModel = HistoryModel()
    demand: DemandModel = DemandModel()
    synthetic: tuple[Sentence, ...] = Field(default=(), max_length=20)
    attribution: tuple[Sentence, ...] = Field(default=(), max_length=20)

    @model_validator(mode="wrap")
    @classmethod
    def _every_error_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[CityModel]) -> CityModel:
        # Pydantic stops before cross checks when a field is wrong; the caller wants to hear of both.
        between = cross_errors(data) if isinstance(data, Mapping) else []
        return validated(cls.__name__, handler, data, between)
