"""HTTP words for cities."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from optimiser.basics.finding import Finding
from service.access.caller import Caller
from service.access.needs import needs
from service.access.scopes import Scope
from service.cities.content import put_archive, put_snapshot
from service.cities.schemas import PREFIX, CityList, CityView, city_view
from service.cities.shelf import Shelf
from service.cities.store import City
from service.cursors import link_next, read_cursor, write_cursor
from service.errors import (
    BodyTooLarge,
    BundledCity,
    Changed,
    InvalidRequest,
    KeyInUse,
    KeyReused,
    MalformedBody,
    NotFound,
    NotJson,
    NotZip,
)
from service.once_http import IdempotencyKey, do_once, once_of
from service.problems import responses

router = APIRouter(prefix=PREFIX, tags=["cities"])

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
    return CityList(items=[city_view(city) for city in shelf.all()])


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
        str | None, Header(pattern=r"^\*$", description="`*` brings a new city only, never a new version.")
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
        return (seen is None or if_none_match is None) and matches(if_match, seen)

    shelf.settings.cities_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=shelf.settings.cities_dir, prefix=".upload-") as scratch:
        upload = Path(scratch) / "upload.zip"
        await _save(request.stream(), upload, limit=shelf.settings.max_city_mb * 1_000_000)
        brought = await alone(request, lambda: put_archive(shelf, city_id, upload, accept=accept))
    return answer_brought(brought, response)


@router.post(
    "/{city_id}/snapshots",
    summary="Tell how many bikes are where",
    responses=responses(
        NotFound,
        BundledCity,
        Changed,
        BodyTooLarge,
        NotJson,
        MalformedBody,
        KeyInUse,
        KeyReused,
        InvalidRequest,
    ),
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
    shelf: ToWrite,
    city_id: str,
    *,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> CityView:
    """A GBFS `station_status` document, 2.x or 3.0, takes the place of the city's; its `last_updated` says when."""
    from service.jobs.http import read_body

    body = await read_body(request, limit=shelf.settings.max_body_bytes)

    def accept(seen: City | None) -> bool:
        return matches(if_match, seen)

    once = once_of(request, shelf.caller, idempotency_key, body)
    brought, _ = await do_once(
        response,
        lambda: put_snapshot(shelf, city_id, body, accept=accept, once=once),
        lambda _: (shelf.find(city_id), False, []),
        limiter=_turns(request),
    )
    return answer_brought(brought, response)


@router.delete(
    "/{city_id}",
    summary="Forget a city",
    status_code=204,
    responses=responses(NotFound, BundledCity, InvalidRequest),
)
def remove(shelf: ToWrite, city_id: str) -> None:
    """Plans that were submitted before are still made."""
    shelf.remove(city_id)


@router.get(
    "/{city_id}/{part}",
    summary="What is in a city",
    response_model=list[dict[str, Any]],
    responses={
        304: {"description": "It is what `If-None-Match` names"},
        **responses(NotFound, InvalidRequest),
    },
)
def show_part(
    shelf: ToRead,
    city_id: str,
    part: Literal["stations", "snapshot", "vans", "depots", "car_stations", "cars", "drivers"],
    response: Response,
    *,
    limit: Annotated[int | None, Query(ge=1, description="Rows of one page; all of them when left out.")] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    if_none_match: Annotated[str | None, Header(max_length=200, description="ETag of what is known already.")] = None,
) -> Any:
    """
    One list: stations, snapshot, vans and depots of bikes; car_stations, cars and drivers of e-cars.

    With `limit` in pages: follow the `Link` with rel="next" until there is none. Its cursor is refused once the city
    has changed, so that pages of two versions never mix.
    """
    city = shelf.find(city_id)
    rows: list[dict[str, Any]] = shelf.lists(city)[part]
    version = city.version or sha256(json.dumps(rows).encode()).hexdigest()
    headers = {"ETag": f'"{version}"'}
    if if_none_match and headers["ETag"] in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    first, _ = read_cursor(cursor, is_id=lambda seen: seen == version) if cursor else (0, "")
    last = len(rows) if limit is None else first + limit
    following = write_cursor(last, version) if last < len(rows) else None
    link_next(response, f"{router.prefix}/{city_id}/{part}?limit={limit}", following)
    return rows[first:last]


async def _save(stream: AsyncIterator[bytes], path: Path, *, limit: int) -> None:
    written = 0
    async with await anyio.open_file(path, "wb") as file:
        async for chunk in stream:
            written += len(chunk)
            if written > limit:
                headers = {"Connection": "close"}
                raise BodyTooLarge(f"the zip file is over the limit max_city_mb of {limit:,} bytes", headers=headers)
            await file.write(chunk)


async def alone(
    request: Request, work: Callable[[], tuple[City, bool, list[Finding]]]
) -> tuple[City, bool, list[Finding]]:
    """Do it while nobody else's city is looked over, so that these children never fill the machine."""
    return await run_sync(work, limiter=_turns(request))


def _turns(request: Request) -> anyio.CapacityLimiter:
    turns: anyio.CapacityLimiter = request.app.state.city_turns
    return turns


def matches(if_match: str | None, seen: City | None) -> bool:
    """Whether the precondition holds of the version that there is."""
    if if_match is None:
        return True
    tags = {tag.strip() for tag in if_match.split(",")}
    return seen is not None and ("*" in tags or f'"{seen.version}"' in tags)


def answer_brought(brought: tuple[City, bool, list[Finding]], response: Response) -> CityView:
    """The city as it is now, and what is odd but possible about it."""
    city, is_new, findings = brought
    if is_new:
        response.status_code = 201
        response.headers["Location"] = f"{router.prefix}/{city.id}"
    return _answer(city, response, findings)


def _answer(city: City, response: Response, findings: list[Finding] | None = None) -> CityView:
    if city.version:
        response.headers["ETag"] = f'"{city.version}"'
    return city_view(city, findings)
