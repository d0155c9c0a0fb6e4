"""HTTP words for keys and audit events: for the scope admin, and within its own tenant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from service.access import audit
from service.access.caller import Caller
from service.access.keys import ID
from service.access.needs import needs
from service.access.schemas import (
    AuditEventPage,
    KeyPage,
    KeyRequest,
    KeyView,
    NewKeyView,
    RotateRequest,
    audit_event_view,
    key_view,
    new_key_view,
)
from service.access.scopes import Scope, read_scopes
from service.access.service import Keys
from service.access.store import Key
from service.cursors import link_next, read_cursor, write_cursor
from service.errors import (
    BodyTooLarge,
    InvalidRequest,
    KeyEnded,
    KeyInUse,
    KeyReused,
    MalformedBody,
    NotFound,
    NotJson,
)
from service.jobs.bodies import read_shape
from service.jobs.http import read_body
from service.once_http import IdempotencyKey, do_once, once_of
from service.problems import responses

router = APIRouter()
keys_router = APIRouter(prefix="/v1/api-keys", tags=["keys"])
audit_router = APIRouter(prefix="/v1/audit-events", tags=["audit events"])

BODIES = (KeyRequest, RotateRequest)
"""Shapes of bodies that are read by hand, for the API's description."""

MAX_BODY_BYTES = 10_000
MAX_BODY_VALUES = 1_000

Admin = Annotated[Caller, needs(Scope.ADMIN)]
Limit = Annotated[int, Query(ge=1)]
Cursor = Annotated[str | None, Query(max_length=200)]
Model = TypeVar("Model", bound=BaseModel)


def keys_of(request: Request) -> Keys:
    """What `create_app` joined."""
    keys: Keys = request.app.state.keys
    return keys


async def body_of(request: Request, _caller: Admin) -> bytes:
    """The body, counted while it comes in; of nobody but an admin."""
    return await read_body(request, limit=MAX_BODY_BYTES)


KeysDep = Annotated[Keys, Depends(keys_of)]
Body = Annotated[bytes, Depends(body_of)]


@keys_router.post(
    "",
    status_code=201,
    summary="Make a key",
    responses=responses(BodyTooLarge, MalformedBody, NotJson, KeyInUse, KeyReused, InvalidRequest),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/KeyRequest"}}},
        }
    },
)
async def create(
    caller: Admin,
    keys: KeysDep,
    body: Body,
    *,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> NewKeyView:
    """For the caller's own tenant. The answer holds the key itself, this once: keep it."""
    wanted = read_shape(KeyRequest, body, max_values=MAX_BODY_VALUES)
    once = once_of(request, caller, idempotency_key, wanted.model_dump_json())
    return await _made(
        response,
        lambda: keys.create(
            caller,
            tenant_id=caller.tenant_id,
            name=wanted.name,
            scopes=read_scopes(wanted.scopes),
            expires_at=wanted.expires_at,
            once=once,
        ),
        lambda key_id: keys.find(caller, key_id),
    )


@keys_router.get("", summary="List keys", responses=responses(InvalidRequest))
def index(caller: Admin, keys: KeysDep, response: Response, limit: Limit = 20, cursor: Cursor = None) -> KeyPage:
    """Newest first, those that have ended too; follow `next_cursor`, or the `Link` with rel="next"."""
    limit = min(limit, keys.settings.max_page)
    before = read_cursor(cursor, is_id=_is_key_id) if cursor else None
    found = keys.page(tenant_id=caller.tenant_id, limit=limit + 1, before=before)
    shown = found[:limit]
    following = write_cursor(shown[-1].created_ms, shown[-1].id) if len(found) > limit else None
    link_next(response, f"{keys_router.prefix}?limit={limit}", following)
    return KeyPage(items=[key_view(key) for key in shown], next_cursor=following)


# The one with a suffix stands before the plain one, whose id would swallow the suffix.
@keys_router.post(
    "/{key_id}:rotate",
    status_code=201,
    summary="Put a new key in the place of an old one",
    responses=responses(BodyTooLarge, MalformedBody, NotJson, NotFound, KeyEnded, KeyInUse, KeyReused, InvalidRequest),
    openapi_extra={
        "requestBody": {
            "required": False,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RotateRequest"}}},
        }
    },
)
async def rotate(
    caller: Admin,
    keys: KeysDep,
    key_id: str,
    body: Body,
    *,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> NewKeyView:
    """The new key may what the old one may, for as long; the old one stays valid for `grace_s`."""
    wanted = read_shape(RotateRequest, body or b"{}", max_values=MAX_BODY_VALUES)
    grace_s = keys.settings.key_grace_s if wanted.grace_s is None else wanted.grace_s
    once = once_of(request, caller, idempotency_key, wanted.model_dump_json())
    return await _made(
        response,
        lambda: keys.rotate(caller, key_id, grace_s=grace_s, once=once),
        lambda new_id: keys.find(caller, new_id),
    )


@keys_router.get("/{key_id}", summary="A key and how it is", responses=responses(NotFound, InvalidRequest))
def show(caller: Admin, keys: KeysDep, key_id: str) -> KeyView:
    """Everything but the key itself."""
    return key_view(keys.find(caller, key_id))


@keys_router.delete("/{key_id}", summary="Revoke a key", responses=responses(NotFound, InvalidRequest))
def revoke(caller: Admin, keys: KeysDep, key_id: str) -> KeyView:
    """It opens nothing from now on; its row stays, so that what it did can still be told."""
    return key_view(keys.revoke(caller, key_id))


@audit_router.get("", summary="What was done, by whom", responses=responses(InvalidRequest))
def audit_events(
    caller: Admin,
    keys: KeysDep,
    response: Response,
    *,
    limit: Limit = 20,
    cursor: Cursor = None,
    action: audit.Action | None = None,
    actor: Annotated[str | None, Query(pattern=r"^[^\x00-\x1f\x7f]{1,210}$")] = None,
    target: Annotated[str | None, Query(pattern=r"^[\w.-]{1,100}$")] = None,
) -> AuditEventPage:
    """Newest first; follow `next_cursor`, or the `Link` with rel="next", until there is none."""
    limit = min(limit, keys.settings.max_page)
    before = read_cursor(cursor, is_id=audit.is_id) if cursor else None
    found = keys.audit_page(caller, limit=limit + 1, action=action, actor=actor, target=target, before=before)
    shown = found[:limit]
    following = write_cursor(shown[-1].at_ms, shown[-1].id) if len(found) > limit else None
    asked = "".join(
        f"&{name}={quote(value)}" for name, value in (("action", action), ("actor", actor), ("target", target)) if value
    )
    link_next(response, f"{audit_router.prefix}?limit={limit}{asked}", following)
    return AuditEventPage(items=[audit_event_view(event) for event in shown], next_cursor=following)


router.include_router(keys_router)
router.include_router(audit_router)


async def _made(response: Response, make: Callable[[], tuple[Key, str]], find: Callable[[str], Key]) -> NewKeyView:
    """The new key with its text, or without it the one that the same request has made before."""
    (key, text), _ = await do_once(response, make, lambda key_id: (find(key_id), None))
    response.headers["Location"] = f"{keys_router.prefix}/{key.id}"
    response.headers["Cache-Control"] = "no-store"
    return new_key_view(key, text)


def _is_key_id(text: str) -> bool:
    return ID.fullmatch(text) is not None
