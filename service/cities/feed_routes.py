"""HTTP words for fetching the feed of a city."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from optimiser.basics.findings import Findings
from service.cities.content import feed_of, put_feed
from service.cities.routes import IfMatch, ToWrite, alone, answer_brought, matches
from service.cities.schemas import PREFIX, CityView
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
)
from service.feeds import fetch_gbfs
from service.jobs.bodies import read_shape
from service.jobs.http import read_body
from service.once import MadeBefore
from service.once_http import IdempotencyKey, once_of, tell_replayed
from service.problems import responses

router = APIRouter(prefix=PREFIX, tags=["cities"])

MAX_BODY_BYTES = 10_000
MAX_BODY_VALUES = 100


class FeedRequest(BaseModel):
    """Which feed is to be fetched."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"url": "https://gbfs.example/gbfs.json"}]}
    )

    url: str | None = Field(
        None,
        min_length=1,
        max_length=2000,
        description="Of the feed's gbfs.json; https, and a public host. Default: `gbfs` in the city's city.toml.",
    )
    language: str = Field("en", max_length=35, description="Of names, where a feed (2.x) has several.")


BODIES = (FeedRequest,)
"""Shapes of bodies that are read by hand, for the API's description."""


@router.post(
    "/{city_id}:import-gbfs",
    summary="Fetch the city's stations and their status from its feed",
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
            "required": False,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FeedRequest"}}},
        }
    },
)
async def import_feed(
    shelf: ToWrite,
    city_id: str,
    *,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> CityView:
    """
    A GBFS feed, 2.x or 3.0: the answer is the new version of the city, looked over like one that is brought.

    Only public hosts are asked, and those that the operator allows. Whatever is wrong, at an address or in a file, is
    told at once, and then nothing changes.
    """
    body = await read_body(request, limit=MAX_BODY_BYTES)
    wanted = read_shape(FeedRequest, body or b"{}", max_values=MAX_BODY_VALUES)
    once = once_of(request, shelf.caller, idempotency_key, wanted.model_dump_json())
    turns: CapacityLimiter = request.app.state.feed_turns
    own_url = await run_sync(feed_of, shelf, city_id)

    def fetch(folder: Path) -> None:
        once.look(shelf.database)
        fetch_gbfs(_address(wanted.url or own_url), folder, request.app.state.connector, language=wanted.language)

    shelf.settings.cities_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=shelf.settings.cities_dir, prefix=".feed-") as scratch:
        feed = Path(scratch)
        try:
            await run_sync(fetch, feed, limiter=turns)
            brought = await alone(
                request,
                lambda: put_feed(shelf, city_id, feed, accept=lambda seen: matches(if_match, seen), once=once),
            )
        except MadeBefore:
            tell_replayed(response)
            brought = (await run_sync(shelf.find, city_id), False, [])
    return answer_brought(brought, response)


def _address(url: str | None) -> str:
    if url is None:
        findings = Findings()
        findings.error(
            "feed_unknown",
            "the city names no feed",
            source="request",
            where="/url",
            hint="give url here, or gbfs in city.toml",
        )
        raise InvalidRequest("there is no feed to fetch", findings=findings.errors)
    return url
