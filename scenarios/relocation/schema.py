"""
The one border shape of a fleet of e-cars: what `cars.toml` and the files beside it say, or one JSON document.

`CarFleetModel.model_validate` reports every error at once, those between parts (`scenarios.relocation.contradictions`)
included. docs/cars.md explains every field.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import Field, ModelWrapValidatorHandler, model_validator

from scenarios.relocation.contradictions import contradictions
from scenarios.relocation.schema_cars import CarDefaultsModel, CarModel, CarTypeModel, MustModel, TaskModel
from scenarios.relocation.schema_places import (
    BasePlaceModel,
    DemandModel,
    PlugModel,
    StationModel,
)
from scenarios.schema import StreetSource
from scenarios.schema_errors import ID_FORM, validated
from scenarios.schema_fields import (
    FILLED,
    AtLeastOne,
    ClockTime,
    Currency,
    Id,
    Moment,
    Name,
    OnFar,
    Part,
    Price,
    Sentence,
    TimeZone,
)
from scenarios.schema_grid import GridModel, GridStepModel
from scenarios.schema_work import BreakModel, Skills, ZoneModel

Seconds = Annotated[int, Field(ge=0, le=7200)]
Share = Annotated[float, Field(ge=0, le=1)]


class DriverModel(Part):
    """Somebody who relocates cars, and the shift in the city's local time; an end before the start is next morning."""

    id: Id
    name: Name | None = None
    start: Id
    """A base or a station."""
    end: Id | None = None
    """Where the shift ends; where it starts if not said."""
    shift: tuple[ClockTime, ClockTime]
    mode: Id
    """How the way to the next car is made: name of one of the modes."""
    skills: Skills = ()
    break_: BreakModel | None = Field(default=None, alias="break")


class ModeModel(Part):
    """A way of getting from one car to the next."""

    name: Id
    kind: Literal["folding-bike", "foot", "shuttle", "matrix"] | None = None
    """The name, where it is one of these."""
    ride_s: Seconds | None = None
    """Added to each ride; 60 for a folding bike, 300 for a shuttle, 0 else."""
    price_km: Price = 0.0


class PairModel(Part):
    """One way of a mode that has times of its own."""

    mode: Id
    from_: Id = Field(alias="from")
    to: Id
    seconds: Annotated[int, Field(ge=0, le=86_400)]
    metres: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class HandlingModel(Part):
    """Seconds that a driver takes at a car."""

    handover_s: Seconds = 120
    """Find it, open it, look it over."""
    park_s: Seconds = 120
    plug_in_s: Seconds = 60
    unplug_s: Seconds = 60


class ChargingModel(Part):
    """How batteries take energy."""

    efficiency: Annotated[float, Field(gt=0, le=1)] = 0.9
    taper_from: Annotated[float, Field(ge=0, lt=1)] = 0.8
    taper_end: Share = 0.1
    reserve: Annotated[float, Field(ge=0, lt=1)] = 0.05


class PricesModel(Part):
    """What things are worth, in the city's currency."""

    lost_trip: Price
    driver_hour: Price
    driver_use: Price = 0.0
    car_km: Price = 0.0
    co2_kg: Price = 0.0
    missing_kwh: Price = 0.0
    must: Price = 1000.0
    zone_car: Price = 0.0


class CarFleetModel(Part):
    """A fleet, complete: stations with plugs, cars, drivers, the grid, prices, streets."""

    id: str = Field(pattern=ID_FORM)
    name: Name
    time_zone: TimeZone
    currency: Currency
    streets: StreetSource
    max_snap_m: float = Field(default=250.0, gt=0, le=10_000)
    on_far: OnFar = "warn"
    as_of: Moment
    """When cars were where they are said to be."""
    opening: ClockTime = time(6, 0)
    """When the next day opens: where cars stand and what they hold then is what counts."""
    station_m: float = Field(default=60.0, ge=0, le=1000)
    """A car without a station stands at the nearest that is no further."""
    zone_m: float = Field(default=800.0, ge=0, le=20_000)
    """Else in the nearest zone whose middle is no further."""
    stations: Annotated[tuple[StationModel, ...], AtLeastOne] = Field(max_length=5000, json_schema_extra=FILLED)
    plugs: tuple[PlugModel, ...] = Field(default=(), max_length=20_000)
    cars: Annotated[tuple[CarModel, ...], AtLeastOne] = Field(max_length=5000, json_schema_extra=FILLED)
    types: tuple[CarTypeModel, ...] = Field(default=(), max_length=500)
    defaults: CarDefaultsModel = CarDefaultsModel()
    demand: tuple[DemandModel, ...] = Field(default=(), max_length=120_000)
    bases: tuple[BasePlaceModel, ...] = Field(default=(), max_length=500)
    drivers: tuple[DriverModel, ...] = Field(default=(), max_length=500)
    modes: tuple[ModeModel, ...] = Field(default=(), max_length=20)
    pairs: tuple[PairModel, ...] = Field(default=(), max_length=1_000_000)
    handling: HandlingModel = HandlingModel()
    charging: ChargingModel = ChargingModel()
    prices: PricesModel
    grid: GridModel = GridModel()
    grid_series: tuple[GridStepModel, ...] = Field(default=(), max_length=100_000)
    """Tariff and CO2 by hour of the day or by moment; none = the synthetic series that is bundled."""
    tasks: tuple[TaskModel, ...] = Field(default=(), max_length=20_000)
    musts: tuple[MustModel, ...] = Field(default=(), max_length=5000)
    zones: tuple[ZoneModel, ...] = Field(default=(), max_length=1000)
    """Stations that together are to open with `floor` to `cap` ready cars."""
    synthetic: tuple[Sentence, ...] = Field(default=(), max_length=20)
    attribution: tuple[Sentence, ...] = Field(default=(), max_length=20)

    @model_validator(mode="wrap")
    @classmethod
    def _every_error_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[CarFleetModel]) -> CarFleetModel:
        between = contradictions(data) if isinstance(data, Mapping) else []
        return validated(cls.__name__, handler, data, between)
