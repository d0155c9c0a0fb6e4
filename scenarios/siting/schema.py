"""
The border shape of `[siting]`: what may be built, for whom, for which money, and what is wished for.

Everything may be left out; what then holds stands in `scenarios.siting.presets`. Over HTTP the same shape comes as
JSON. Every error is told at once, those between parts (`scenarios.siting.contradictions`) included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ModelWrapValidatorHandler, model_validator

from optimiser.siting.problem import Measure
from scenarios.schema import StreetSource
from scenarios.schema_errors import ID_FORM, validated
from scenarios.schema_fields import (
    FILLED,
    AtLeastOne,
    Currency,
    Figure,
    Flag,
    Id,
    Name,
    OnFar,
    Part,
    Sentence,
    TimeZone,
)
from scenarios.siting.contradictions import contradictions

Money = Annotated[float, Field(ge=0, le=1e12), Figure]
Share = Annotated[float, Field(ge=0, le=1), Figure]
Factor = Annotated[float, Field(ge=0, le=1000), Figure]
Power = Annotated[float, Field(gt=0, le=2000), Figure]
Plugs = Annotated[int, Field(ge=1, le=200), Figure]
Minutes = Annotated[float, Field(gt=0, le=2880), Figure]
Kinds = Annotated[tuple[Id, ...], AtLeastOne, Field(max_length=50, json_schema_extra=FILLED)]
Factors = Annotated[dict[Id, Factor], Field(max_length=1000)]


class KindModel(Part):
    """A kind of charger; one whose id is a preset's needs nothing but that."""

    id: Id
    name: Name | None = None
    power_kw: Power | None = None
    plug_cost: Money | None = None
    """One plug, hardware and installation."""
    session_minutes: Minutes | None = None
    """Mean time that a session holds a plug."""
    max_plugs: Plugs | None = None
    """At one site."""
    max_wait_minutes: Annotated[float, Field(ge=0, le=1440), Figure] | None = None
    wait_share: Annotated[float, Field(gt=0, le=1), Figure] | None = None
    """Of the drivers in the busiest hour, so many may wait longer than that."""
    simultaneity: Annotated[float, Field(gt=0, le=1), Figure] | None = None
    """Power that the grid holds ready, of what all plugs could draw."""


class SegmentModel(Part):
    """People of one kind; one whose id is a preset's needs nothing but that."""

    id: Id
    name: Name | None = None
    column: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """Of `demand`, the column that counts them; then rows name no segment of their own."""
    kinds: Kinds | None = None
    """Kinds of chargers that serve them."""
    profile: Literal["walk", "bike", "drive"] | None = None
    """How they go to a charger."""
    reach_s: Annotated[int, Field(ge=1, le=7200), Figure] | None = None
    """As far as they go."""
    full_s: Annotated[int, Field(ge=0, le=7200), Figure] | None = None
    """Up to here a charger is worth its full value to them."""
    least: Share | None = None
    """What is left of that value at `reach_s`."""
    sessions_per_day: Annotated[float, Field(ge=0, le=100), Figure] | None = None
    """Of one unit of weight; 0 = counted as covered, whatever the plugs can take."""
    kwh_per_session: Annotated[float, Field(ge=0, le=1000), Figure] | None = None
    peak_share: Share | None = None
    """Of a day's sessions, how many begin in the busiest hour."""


class SourceModel(Part):
    """What holds for sites that were taken from one source, where their file does not say otherwise."""

    open_cost: Money | None = None
    """Once, with the first plug: groundworks, connection, permits."""
    max_plugs: Plugs | None = None
    max_kw: Power | None = None
    kinds: Kinds | None = None


class PhaseModel(Part):
    """A stretch of building; what it builds stays."""

    name: Name
    budget: Money | None = None
    """Money that comes with it; what is left goes on to the next. No limit where it is not said."""
    weight: Annotated[float, Field(ge=0, le=100), Figure] = 1.0
    """What a unit served in it counts, such as years that it lasts."""
    growth: Factors = Field(default_factory=dict)
    """Demand in it, as a multiple of what is given, by segment."""


class ScenarioModel(Part):
    """One way in which demand may turn out."""

    name: Name
    probability: Share
    by_segment: Factors = Field(default_factory=dict)
    """Demand as a multiple of what is given."""
    by_district: Factors = Field(default_factory=dict)


class EmissionsModel(Part):
    """From energy to CO2, for the report; what is not given is assumed there, and told."""

    kwh_per_km: Annotated[float, Field(gt=0, le=5), Figure] | None = None
    """Of an electric car, losses of charging included."""
    combustion_g_per_km: Annotated[float, Field(ge=0, le=1000), Figure] | None = None
    """CO2 of the car that it replaces."""
    grid_g_per_kwh: Annotated[float, Field(ge=0, le=2000), Figure] | None = None
    """CO2 of the electricity."""
    replaced_share: Share | None = None
    """Of the kilometres, those that would have been driven on petrol or diesel."""
    ebike_kwh_per_km: Annotated[float, Field(gt=0, le=1), Figure] | None = None
    """Of an e-bike, losses of charging included."""
    ebike_replaced_share: Share | None = None
    """Of the kilometres of e-bikes, those that would have been driven by such a car; left out where not given."""
    source: Sentence | None = None
    """Where the figures are from."""


class NightsModel(Part):
    """How a study is weighed by the nights of the city's bikes and cars."""

    nights: Annotated[int, Field(ge=1, le=60), Figure] = 5
    """Of the city's history, the last so many; without one it is the snapshot's."""
    seconds: Annotated[float, Field(gt=0, le=600), Figure] = 5.0
    """To search for each plan; every night has two, one of cars a third where the second was no better."""
    station_m: Annotated[float, Field(ge=0, le=500), Figure] = 50.0
    """A dock belongs to the nearest station that is no further."""
    low_share: Share | None = None
    """Of the e-bikes, those low on charge in the evening, where the city's files do not say it of each."""
    free_share: Share = 1.0
    """Of the new plugs for cars, those that stand free for the fleet all night."""
    nights_a_year: Annotated[float, Field(gt=0, le=366), Figure] = 365.0
    van_g_per_km: Annotated[float, Field(ge=0, le=2000), Figure] | None = None
    """CO2 of a van."""


class SitingModel(Part):
    """A siting study: kinds, people, places, phases, wishes."""

    measure: Measure = Measure.PEOPLE
    """What a plan is to bring as much of as possible."""
    max_new_sites: Annotated[int, Field(ge=0, le=100_000), Figure] | None = None
    """Over all phases."""
    spacing_m: Annotated[float, Field(ge=0, le=100_000), Figure] = 0.0
    """New sites keep this far from each other, in a straight line."""
    floor: Share = 0.0
    """Share of every district that is to be served in the last phase, in every scenario."""
    floors: Annotated[dict[Id, Share], Field(max_length=5000)] = Field(default_factory=dict)
    """The same for some districts, instead of `floor`."""
    force: Annotated[tuple[Id, ...], Field(max_length=10_000)] = ()
    """Sites at which something has to be built."""
    ban: Annotated[tuple[Id, ...], Field(max_length=100_000)] = ()
    """Sites at which nothing may be built."""
    osm_candidates: Flag = False
    """Whether candidates that the street extract knows of are offered beside those of a file; without one they are."""
    currency_per_euro: Annotated[float, Field(gt=0, le=1e9), Figure] | None = None
    """Turns prices that are assumed, in euros, into the city's currency."""
    kinds: Annotated[tuple[KindModel, ...], Field(max_length=50)] = ()
    segments: Annotated[tuple[SegmentModel, ...], Field(max_length=100)] = ()
    sources: Annotated[dict[Id, SourceModel], Field(max_length=100)] = Field(default_factory=dict)
    phases: Annotated[tuple[PhaseModel, ...], Field(max_length=30)] = ()
    scenarios: Annotated[tuple[ScenarioModel, ...], Field(max_length=30)] = ()
    emissions: EmissionsModel = EmissionsModel()
    weigh_nights: Flag = False
    """Whether to plan nights of the city's bikes and cars without what the study builds and with it."""
    nights: NightsModel = NightsModel()
    synthetic: tuple[Sentence, ...] = Field(default=(), max_length=20)
    """What is made up of the data for siting; shown instead of what the city says of all its data."""


class SitingCityModel(Part):
    """A city as far as siting asks: who it is, its streets, and the study."""

    id: str = Field(pattern=ID_FORM)
    name: Name
    time_zone: TimeZone | None = None
    currency: Currency
    streets: StreetSource
    max_snap_m: Annotated[float, Field(gt=0, le=10_000), Figure] = 250.0
    """Places further than this from the nearest street are off the streets."""
    on_far: OnFar = "warn"
    """What to do with demand and sites off the streets: refuse, leave out, or leave out with a warning."""
    siting: SitingModel = SitingModel()
    synthetic: tuple[Sentence, ...] = Field(default=(), max_length=20)
    attribution: tuple[Sentence, ...] = Field(default=(), max_length=20)

    @model_validator(mode="wrap")
    @classmethod
    def _every_error_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[SitingCityModel]) -> SitingCityModel:
        # Pydantic stops before cross checks when a field is wrong; the caller wants to hear of both.
        between = contradictions(data) if isinstance(data, Mapping) else []
        return validated(cls.__name__, handler, data, between)
