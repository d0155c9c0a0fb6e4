"""Cars at the border: each car, its type, what holds where neither says, and what is to be done with it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from scenarios.relocation.words import Connector, split_connectors, split_words
from scenarios.schema_fields import Id, Latitude, Longitude, Moment, Part, Price, Skill

Words = Annotated[tuple[Skill, ...], BeforeValidator(split_words), Field(max_length=20)]
Connectors = Annotated[tuple[Connector, ...], BeforeValidator(split_connectors), Field(max_length=20)]
Ids = Annotated[tuple[Id, ...], BeforeValidator(split_words), Field(max_length=5000)]
Charge = Annotated[float, Field(ge=0, le=1)]
Battery = Annotated[float, Field(gt=0, le=500)]
Consumption = Annotated[float, Field(gt=0, le=2)]
Power = Annotated[float, Field(gt=0, le=1000)]


class CarDefaultsModel(Part):
    """What holds of a car where neither it nor its type says."""

    battery_kwh: Battery = 50.0
    kwh_per_km: Consumption = 0.17
    charge_kw: Power = 11.0
    connectors: Connectors = ("type2",)
    ready_charge: Charge = 0.4
    goal_charge: Charge = 0.0
    season_factor: Annotated[float, Field(gt=0, le=3)] = 1.0
    """What tonight's weather makes of the consumption: about 1.25 in frost."""


class CarTypeModel(Part):
    """A model of car; its id is that of the feed's `vehicle_type_id`."""

    id: Id
    battery_kwh: Battery | None = None
    kwh_per_km: Consumption | None = None
    charge_kw: Power | None = None
    connectors: Connectors | None = None
    ready_charge: Charge | None = None
    goal_charge: Charge | None = None
    needs: Words = ()
    """Skills of whoever drives it."""


class CarModel(Part):
    """One car at the moment of the snapshot: at a station, or at a place of its own."""

    id: Id
    station_id: Id | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    type: Id | None = None
    state_of_charge: Charge
    battery_kwh: Battery | None = None
    kwh_per_km: Consumption | None = None
    charge_kw: Power | None = None
    connectors: Connectors | None = None
    ready_charge: Charge | None = None
    goal_charge: Charge | None = None
    plug_id: Id | None = None
    """The plug of its station that it is on."""
    available_from: Moment | None = None
    """A rider brings it by then."""
    booked_from: Moment | None = None
    """A rider has it from then on."""
    in_service: bool = True
    """Whether it can be rented once it is charged."""
    can_move: bool = True
    """Whether it can be driven."""
    needs: Words = ()


class TaskModel(Part):
    """Work at a car: cleaning, an inspection."""

    id: Id
    car_id: Id
    minutes: Annotated[float, Field(gt=0, le=480)]
    price: Price
    """What it costs to leave it undone."""
    needs: Words = ()


class MustModel(Part):
    """What has to become of one car tonight."""

    car_id: Id
    stations: Ids = ()
    """It stands at one of these at opening."""
    charge: Charge = 0.0
    """State of charge at opening, at least."""
