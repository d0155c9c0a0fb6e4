"""HTTP words for `Idempotency-Key`: reading it, and answering a request that has been carried out before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Header, Request, Response

from service.access.caller import Caller
from service.once import MadeBefore, Once

Made = TypeVar("Made")

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        description="The same key with the same request makes one thing, however often it is sent within 24 h.",
    ),
]


def once_of(request: Request, caller: Caller, key: str | None, said: bytes | str) -> Once:
    """What this request makes; `said` is its body, or what was read of it."""
    content = said.encode() if isinstance(said, str) else said
    return Once(
        tenant_id=caller.tenant_id,
        operation=f"{request.method} {request.url.path}",
        key=key,
        request_sha256=hashlib.sha256(content).hexdigest(),
    )


def tell_replayed(response: Response) -> None:
    """Say that this request made nothing, since it had been made before."""
    response.headers["Idempotency-Replayed"] = "true"


async def do_once(
    response: Response,
    make: Callable[[], Made],
    find: Callable[[str], Made],
    *,
    limiter: CapacityLimiter | None = None,
) -> tuple[Made, bool]:
    """What `make` makes, or what the same request has made before, as it is now; and whether it has."""
    try:
        return await run_sync(make, limiter=limiter), False
    except MadeBefore as made:
        tell_replayed(response)
        return await run_sync(find, made.target), True
