"""The grid's series at the border: what electricity costs and emits by hour or moment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.schema_fields import Moment, Part, Price, Sentence


class GridModel(Part):
    """How the series is used."""

    slot_minutes: Annotated[int, Field(ge=5, le=60, multiple_of=5)] = 15
    """What charging is planned in."""
    source: Sentence | None = None
    """Where the series is from."""
    currency_per_euro: Annotated[float, Field(gt=0, le=1e9)] | None = None
    """Turns the bundled tariff, in euros, into the city's currency; needed where no series is given."""


class GridStepModel(Part):
    """What a kWh costs and emits from one hour or moment on."""

    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    """Of the local clock, every day."""
    time: Moment | None = None
    """Or from a moment on, with an offset."""
    tariff: Price
    co2_g_per_kwh: Annotated[float, Field(ge=0, le=5000)]
