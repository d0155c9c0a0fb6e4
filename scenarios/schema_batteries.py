"""Battery packs of bikes at the border: what a pack takes, and the cabinets at depots where packs are charged."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.schema_fields import ClockTime, Id, Part, Price


class CabinetModel(Part):
    """Where a depot charges packs."""

    depot: Id
    slots: Annotated[int, Field(ge=1, le=5000)]
    """Packs that charge side by side."""
    slot_kw: Annotated[float, Field(gt=0, le=50)]
    """What a slot draws from the grid while its pack charges, as a mean over a whole charge."""
    site_kw: Annotated[float, Field(ge=0, le=100_000)] | None = None
    """What the depot may draw for packs in all; every slot at once where it is not said."""
    waiting: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Empty packs that lie there when the night starts."""
    changes: tuple[ClockTime, ...] = Field(default=(), max_length=24)
    """Local times at which somebody takes full packs out and puts waiting ones in; nobody where none is said."""


class BatteriesModel(Part):
    """Packs, all alike, and how they are charged between two nights."""

    pack_kwh: Annotated[float, Field(gt=0, le=20)]
    """What a full pack holds."""
    state_of_charge: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Of a pack that comes out of a bike."""
    efficiency: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Of a kWh from the grid, what reaches the pack."""
    ready_by: ClockTime | None = None
    """Local time by which all are to be full; the first shift of the next night where it is not said."""
    co2_kg: Price = 0.0
    """Price of a kg of CO2."""
    cabinets: tuple[CabinetModel, ...] = Field(default=(), max_length=100)
