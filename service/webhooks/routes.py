"""HTTP words for webhook endpoints and deliveries: for the scope admin, and within its own tenant."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel

from service.access.caller import Caller
from service.access.needs import needs
from service.access.scopes import Scope
from service.cursors import link_next, read_cursor, write_cursor
from service.errors import (
    BodyTooLarge,
    EndpointDisabled,
    InvalidRequest,
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
from service.webhooks.schemas import (
    DeliveryPage,
    DeliveryView,
    EndpointChange,
    EndpointPage,
    EndpointRequest,
    EndpointView,
    Event,
    NewEndpointView,
    SecretRotation,
    delivery_view,
    endpoint_view,
    new_endpoint_view,
)
from service.webhooks.service import Webhooks
from service.webhooks.states import DELIVERY_ID, ENDPOINT_ID, Status

router = APIRouter()
endpoints = APIRouter(prefix="/v1/webhook-endpoints", tags=["webhooks"])
deliveries = APIRouter(prefix="/v1/webhook-deliveries", tags=["webhooks"])

BODIES = (EndpointRequest, EndpointChange, SecretRotation)
"""Shapes of bodies that are read by hand, for the API's description."""

MAX_BODY_BYTES = 10_000
MAX_BODY_VALUES = 1_000
OF_BODY = (BodyTooLarge, MalformedBody, NotJson, InvalidRequest)
OF_KEY = (KeyInUse, KeyReused)

Admin = Annotated[Caller, needs(Scope.ADMIN)]
Limit = Annotated[int, Query(ge=1)]
Cursor = Annotated[str | None, Query(max_length=200)]
Model = TypeVar("Model", bound=BaseModel)


def webhooks_of(request: Request) -> Webhooks:
    """What `create_app` joined."""
    webhooks: Webhooks = request.app.state.webhooks
    return webhooks


async def body_of(request: Request, _caller: Admin) -> bytes:
    """The body, counted while it comes in; of nobody but an admin."""
    return await read_body(request, limit=MAX_BODY_BYTES)


WebhooksDep = Annotated[Webhooks, Depends(webhooks_of)]
Body = Annotated[bytes, Depends(body_of)]


def _read(shape: type[Model], body: bytes, webhooks: Webhooks) -> Model:
    """The body as this shape; where it is not, the address is looked at all the same, and told with the rest."""
    return read_shape(shape, body, max_values=MAX_BODY_VALUES, look=webhooks.wrong_address)


def told(shape: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """The body that is read by hand, for the API's description."""
    schema = {"$ref": f"#/components/schemas/{shape.__name__}"}
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


@endpoints.post(
    "",
    status_code=201,
    summary="Make a webhook endpoint",
    responses=responses(*OF_BODY, *OF_KEY),
    openapi_extra=told(EndpointRequest),
)
async def create_endpoint(
    caller: Admin,
    webhooks: WebhooksDep,
    body: Body,
    *,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> NewEndpointView:
    """Of what happens from now on in the caller's tenant. The answer holds the secret, this once: keep it."""
    wanted = await run_sync(lambda: _read(EndpointRequest, body, webhooks))
    once = once_of(request, caller, idempotency_key, wanted.model_dump_json())
    made, is_old = await do_once(
        response,
        lambda: webhooks.create(caller, url=wanted.url, name=wanted.name, types=wanted.types, once=once),
        lambda endpoint_id: webhooks.find(caller, endpoint_id),
    )
    response.headers["Location"] = f"{endpoints.prefix}/{made.id}"
    response.headers["Cache-Control"] = "no-store"
    return new_endpoint_view(made, is_told=not is_old)


@endpoints.get("", summary="List webhook endpoints", responses=responses(InvalidRequest))
def list_endpoints(
    caller: Admin, webhooks: WebhooksDep, response: Response, limit: Limit = 20, cursor: Cursor = None
) -> EndpointPage:
    """Newest first; follow `next_cursor`, or the `Link` with rel="next", until there is none."""
    limit = min(limit, webhooks.settings.max_page)
    before = read_cursor(cursor, is_id=lambda text: ENDPOINT_ID.fullmatch(text) is not None) if cursor else None
    found = webhooks.page(caller, limit=limit + 1, before=before)
    following = write_cursor(found[limit - 1].created_ms, found[limit - 1].id) if len(found) > limit else None
    link_next(response, f"{endpoints.prefix}?limit={limit}", following)
    return EndpointPage(items=[endpoint_view(one) for one in found[:limit]], next_cursor=following)


# Those with a suffix stand before the plain ones, whose id would swallow the suffix.
@endpoints.post(
    "/{endpoint_id}:rotate-secret",
    summary="Put a new secret in the place of the old one",
    responses=responses(*OF_BODY, *OF_KEY, NotFound),
    openapi_extra=told(SecretRotation, required=False),
)
async def rotate_secret(
    caller: Admin,
    webhooks: WebhooksDep,
    endpoint_id: str,
    body: Body,
    *,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> NewEndpointView:
    """Both sign for `overlap_s`, a day when nothing is said, so that receivers can change over in between."""
    wanted = read_shape(SecretRotation, body or b"{}", max_values=MAX_BODY_VALUES)
    once = once_of(request, caller, idempotency_key, wanted.model_dump_json())
    changed, is_old = await do_once(
        response,
        lambda: webhooks.rotate(caller, endpoint_id, overlap_s=wanted.overlap_s, once=once),
        lambda _: webhooks.find(caller, endpoint_id),
    )
    response.headers["Cache-Control"] = "no-store"
    return new_endpoint_view(changed, is_told=not is_old)


@endpoints.post(
    "/{endpoint_id}:test",
    status_code=202,
    summary="Try a webhook endpoint",
    responses=responses(NotFound, EndpointDisabled, *OF_KEY, InvalidRequest),
)
async def try_endpoint(
    caller: Admin,
    webhooks: WebhooksDep,
    endpoint_id: str,
    *,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DeliveryView:
    """Sends a `webhook.test`, whatever types it has chosen; look at the delivery for what came of it."""
    once = once_of(request, caller, idempotency_key, "")
    made, _ = await do_once(
        response,
        lambda: webhooks.try_out(caller, endpoint_id, once=once),
        lambda delivery_id: webhooks.find_delivery(caller, delivery_id),
    )
    return delivery_view(made)


@endpoints.get("/{endpoint_id}", summary="A webhook endpoint", responses=responses(NotFound, InvalidRequest))
def show_endpoint(caller: Admin, webhooks: WebhooksDep, endpoint_id: str) -> EndpointView:
    """Everything but the secret."""
    return endpoint_view(webhooks.find(caller, endpoint_id))


@endpoints.patch(
    "/{endpoint_id}",
    summary="Change a webhook endpoint",
    responses=responses(*OF_BODY, NotFound),
    openapi_extra=told(EndpointChange),
)
async def change_endpoint(caller: Admin, webhooks: WebhooksDep, endpoint_id: str, body: Body) -> EndpointView:
    """What is left out stays; `is_enabled` enables one that was disabled, also after it was gone."""
    wanted = await run_sync(lambda: _read(EndpointChange, body or b"{}", webhooks))
    changes = wanted.model_dump(exclude_unset=True)
    return endpoint_view(await run_sync(lambda: webhooks.change(caller, endpoint_id, changes)))


@endpoints.delete(
    "/{endpoint_id}",
    status_code=204,
    summary="Delete a webhook endpoint",
    responses=responses(NotFound, InvalidRequest),
)
def delete_endpoint(caller: Admin, webhooks: WebhooksDep, endpoint_id: str) -> None:
    """What was on its way is discarded; the log of deliveries stays."""
    webhooks.delete(caller, endpoint_id)


@deliveries.get("", summary="List webhook deliveries", responses=responses(InvalidRequest))
def list_deliveries(
    caller: Admin,
    webhooks: WebhooksDep,
    response: Response,
    *,
    limit: Limit = 20,
    cursor: Cursor = None,
    endpoint_id: Annotated[str | None, Query(pattern=f"^{ENDPOINT_ID.pattern}$")] = None,
    status: Status | None = None,
) -> DeliveryPage:
    """Newest first; follow `next_cursor`, or the `Link` with rel="next", until there is none."""
    limit = min(limit, webhooks.settings.max_page)
    before = read_cursor(cursor, is_id=lambda text: DELIVERY_ID.fullmatch(text) is not None) if cursor else None
    found = webhooks.deliveries(caller, limit=limit + 1, endpoint_id=endpoint_id, status=status, before=before)
    following = write_cursor(found[limit - 1].created_ms, found[limit - 1].id) if len(found) > limit else None
    asked = "".join(f"&{name}={value}" for name, value in (("endpoint_id", endpoint_id), ("status", status)) if value)
    link_next(response, f"{deliveries.prefix}?limit={limit}{asked}", following)
    return DeliveryPage(items=[delivery_view(one) for one in found[:limit]], next_cursor=following)


@deliveries.post(
    "/{delivery_id}:redeliver",
    status_code=202,
    summary="Send a webhook again",
    responses=responses(NotFound, EndpointDisabled, InvalidRequest),
)
def redeliver(caller: Admin, webhooks: WebhooksDep, delivery_id: str) -> DeliveryView:
    """Now, with the same `webhook-id` and the same body, whatever has become of it; and with all its retries."""
    return delivery_view(webhooks.send_again(caller, delivery_id))


@deliveries.get("/{delivery_id}", summary="A webhook delivery", responses=responses(NotFound, InvalidRequest))
def show_delivery(caller: Admin, webhooks: WebhooksDep, delivery_id: str) -> DeliveryView:
    """What was sent, how often, and what came back."""
    return delivery_view(webhooks.find_delivery(caller, delivery_id))


router.include_router(endpoints)
router.include_router(deliveries)


def describe_events(app: FastAPI) -> None:
    """Tell in the API's description what a receiver gets."""

    @app.webhooks.post(
        "job-ended",
        operation_id="job_ended",
        summary="A plan or a study has ended",
        tags=["webhooks"],
        status_code=204,
        responses={
            410: {"description": "Nothing more is to be sent here"},
            "default": {"description": "Anything else than 2xx is tried again"},
        },
    )
    def job_ended(event: Event) -> None:
        """Posted to each endpoint that wants the type; any 2xx within 15 s is an answer, 410 ends it for good."""
