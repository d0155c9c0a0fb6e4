"""Shapes of cities as the API shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from optimiser.basics.finding import Finding
from service.cities.shelf import BUNDLED_TENANT
from service.cities.store import City
from service.jobs.views import moment
from service.problems import FindingModel, finding_model

PREFIX = "/v1/cities"


class CityLinks(BaseModel):
    """Where the parts of a city are."""

    self: str
    stations: str
    snapshot: str
    vans: str
    depots: str
    car_stations: str
    cars: str
    drivers: str


class CityView(BaseModel):
    """A city that plans can be made for by its name."""

    id: str = Field(description="What requests call it.")
    name: str
    is_bundled: bool = Field(description="Comes with evenfleet and cannot be changed.")
    version: str | None = Field(description="sha256 of its content, also its ETag; null for bundled ones.")
    time_zone: str | None
    currency: str | None
    as_of: datetime | None = Field(description="When its snapshot was taken.")
    has_history: bool = Field(description="Whether targets are learnt from its past.")
    plans: list[str] = Field(description="What can be made for it: rebalancing, relocation, siting.")
    counts: dict[str, int] = Field(description="Stations, bikes, vans, depots, car_stations, cars, drivers.")
    created_at: datetime | None
    updated_at: datetime | None
    links: CityLinks
    warnings: list[FindingModel] = Field([], description="Odd but possible; told when it is brought.")


class CityList(BaseModel):
    """All cities, by name."""

    items: list[CityView]


def city_view(city: City, findings: list[Finding] | None = None) -> CityView:
    """The city as the API shows it."""
    path = f"{PREFIX}/{city.id}"
    is_bundled = city.tenant_id == BUNDLED_TENANT
    parts = {name: f"{path}/{name}" for name in CityLinks.model_fields if name != "self"}
    return CityView(
        id=city.id,
        is_bundled=is_bundled,
        version=city.version or None,
        created_at=None if is_bundled else moment(city.created_ms),
        updated_at=None if is_bundled else moment(city.updated_ms),
        links=CityLinks(self=path, **parts),
        warnings=[finding_model(finding) for finding in findings or ()],
        **city.description,
    )
