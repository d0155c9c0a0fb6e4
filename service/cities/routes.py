"""HTTP words for cities."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, Field

from optimiser.basics.finding import Finding
from service.access.caller import Caller
from service.access.needs import needs
from service.access.scopes import Scope
from service.cities.content import put_archive, put_snapshot
from service.cities.shelf import BUNDLED_TENANT, Shelf
from service.cities.store import City
from service.errors import BodyTooLarge, BundledCity, Changed, InvalidRequest, MalformedBody, NotFound, NotJson, NotZip
from service.jobs.views import moment
from service.problems import FindingModel, finding_model, responses

router = APIRouter(prefix="/v1/cities", tags=["cities"])

GBFS_STATUS = {
    "last_updated": 1795737600,
    "ttl": 60,
    "version": "2.3",
    "data": {
        "stations": [
            {
                "station_id": "1",
                "num_bikes_available": 3,
                "num_docks_available": 7,
                "is_installed": True,
                "is_renting": True,
                "is_returning": True,
                "last_reported": 1795737590,
            }
        ]
    },
}
"""Example of what operators publish."""


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


def shelf_for(*one_of: Scope) -> Callable[..., Awaitable[Shelf]]:
    """Opens the shelf for a caller who has one of these scopes."""

    allowed = needs(*one_of)

    async def open_shelf(request: Request, caller: Caller = allowed) -> Shelf:
        shelf: Shelf = request.app.state.shelf(caller=caller)
        return shelf

    return open_shelf


ToRead = Annotated[Shelf, Depends(shelf_for(Scope.PLANS_READ, Scope.STUDIES_READ, Scope.CITIES_WRITE))]
ToWrite = Annotated[Shelf, Depends(shelf_for(Scope.CITIES_WRITE))]
IfMatch = Annotated[str | None, Header(max_length=200, description="ETag of the version that is to be replaced.")]


@router.get("", summary="List cities", responses=responses())
def index(shelf: ToRead) -> CityList:
    """Your own and the bundled ones; any of them may be named in a request."""
    return CityList(items=[_view(city) for city in shelf.all()])


@router.get("/{city_id}", summary="A city", responses=responses(NotFound, InvalidRequest))
def show(shelf: ToRead, city_id: str, response: Response) -> CityView:
    """Who it is, what can be planned for it, and how much is in it."""
    return _answer(shelf.find(city_id), response)


@router.put(
    "/{city_id}",
    summary="Bring a city, or a new version of it",
    status_code=200,
    responses={
        201: {"model": CityView, "description": "The name is new"},
        **responses(BundledCity, Changed, BodyTooLarge, NotZip, InvalidRequest),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def bring(
    shelf: ToWrite,
    city_id: str,
    request: Request,
    response: Response,
    *,
    if_match: IfMatch = None,
    if_none_match: Annotated[
        Literal["*"] | None, Header(description="`*` brings a new city only, never a new version.")
    ] = None,
) -> CityView:
    """
    The zip file of a city folder, with streets, fleet, history, cars and wishes for charging sites.

    It is looked over as `evenfleet city check` does, and kept only without errors. Plans that were submitted before
    are made of the version that was then.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/zip", "application/x-zip-compressed"):
        raise NotZip(f"the content type is {kind or 'missing'}")

    def accept(seen: City | None) -> bool:
        return (seen is None or if_none_match is None) and _matches(if_match, seen)

    shelf.settings.cities_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=shelf.settings.cities_dir, prefix=".upload-") as scratch:
        upload = Path(scratch) / "upload.zip"
        await _save(request.stream(), upload, limit=shelf.settings.max_city_mb * 1_000_000)
        brought = await _alone(request, lambda: put_archive(shelf, city_id, upload, accept=accept))
    return _brought(brought, response)


@router.post(
    "/{city_id}/snapshots",
    summary="Tell how many bikes are where",
    responses={**responses(NotFound, BundledCity, Changed, BodyTooLarge, NotJson, MalformedBody, InvalidRequest)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "title": "GBFS station_status"},
                    "examples": {"gbfs": {"summary": "GBFS 2.3", "value": GBFS_STATUS}},
                }
            },
        }
    },
)
async def tell_snapshot(
    shelf: ToWrite, city_id: str, request: Request, response: Response, if_match: IfMatch = None
) -> CityView:
    """A GBFS `station_status` document, 2.x or 3.0, takes the place of the city's; its `last_updated` says when."""
    from service.jobs.http import read_body

    body = await read_body(request, limit=shelf.settings.max_body_bytes)

    def accept(seen: City | None) -> bool:
        return _matches(if_match, seen)

    return _brought(await _alone(request, lambda: put_snapshot(shelf, city_id, body, accept=accept)), response)


@router.delete(
    "/{city_id}",
    summary="Forget a city",
    status_code=204,
    responses=responses(NotFound, BundledCity, InvalidRequest),
)
def remove(shelf: ToWrite, city_id: str) -> None:
    """Plans that were submitted before are still made."""
    shelf.remove(city_id)


@router.get("/{city_id}/{part}", summary="What is in a city", responses=responses(NotFound, InvalidRequest))
def show_part(
    shelf: ToRead,
    city_id: str,
    part: Literal["stations", "snapshot", "vans", "depots", "car_stations", "cars", "drivers"],
) -> list[dict[str, Any]]:
    """One list: stations, snapshot, vans and depots of bikes; car_stations, cars and drivers of e-cars."""
    rows: list[dict[str, Any]] = shelf.lists(shelf.find(city_id))[part]
    return rows


async def _save(stream: AsyncIterator[bytes], path: Path, *, limit: int) -> None:
    written = 0
    async with await anyio.open_file(path, "wb") as file:
        async for chunk in stream:
            written += len(chunk)
            if written > limit:
                headers = {"Connection": "close"}
                raise BodyTooLarge(f"the zip file is over the limit max_city_mb of {limit:,} bytes", headers=headers)
            await file.write(chunk)


async def _alone(
    request: Request, work: Callable[[], tuple[City, bool, list[Finding]]]
) -> tuple[City, bool, list[Finding]]:
    """Do it while nobody else's city is looked over, so that these children never fill the machine."""
    turn: anyio.CapacityLimiter = request.app.state.city_turns
    return await run_sync(work, limiter=turn)


def _matches(if_match: str | None, seen: City | None) -> bool:
    if if_match is None:
        return True
    tags = {tag.strip() for tag in if_match.split(",")}
    return seen is not None and ("*" in tags or f'"{seen.version}"' in tags)


def _brought(brought: tuple[City, bool, list[Finding]], response: Response) -> CityView:
    city, is_new, findings = brought
    if is_new:
        response.status_code = 201
        response.headers["Location"] = f"{router.prefix}/{city.id}"
    return _answer(city, response, findings)


def _answer(city: City, response: Response, findings: list[Finding] | None = None) -> CityView:
    if city.version:
        response.headers["ETag"] = f'"{city.version}"'
    return _view(city, findings)


def _view(city: City, findings: list[Finding] | None = None) -> CityView:
    path = f"{router.prefix}/{city.id}"
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
