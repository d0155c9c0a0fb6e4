"""How a route says what it needs: `caller: Annotated[Caller, needs(Scope.PLANS_READ)]`."""

from __future__ import annotations

from typing import Any

import structlog
from anyio.to_thread import run_sync
from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase

from service.access import audit
from service.access.caller import Caller
from service.access.quotas import Quotas
from service.access.scopes import Scope
from service.db import writing
from service.errors import Forbidden

SCHEME = "key"

log = structlog.get_logger()


class _Key(SecurityBase):
    """A key in the header, as the API's description shows it, and the caller that the gate found by it."""

    def __init__(self) -> None:
        self.scheme_name = SCHEME
        self.model = HTTPBearer(
            bearerFormat="evf_<prefix>_<secret>",
            description="Needed from the first key on, and by everybody who is not on the machine of the service. "
            "The scopes of an endpoint stand beside it; one of them is enough.",
        )

    async def __call__(self, request: Request, scopes: SecurityScopes) -> Caller:
        caller: Caller = request.state.caller
        if not caller.may(scopes.scopes):
            await run_sync(_record_refusal, request, caller)
            wanted = " or ".join(scopes.scopes)
            raise Forbidden(
                f"this needs the scope {wanted}, which {caller.actor} lacks",
                headers={
                    "WWW-Authenticate": 'Bearer realm="evenfleet", error="insufficient_scope", '
                    f'scope="{scopes.scopes[0]}"'
                },
            )
        return caller


_KEY = _Key()


def needs(*one_of: Scope) -> Any:
    """The caller, who has one of these scopes; everybody else is refused with 403."""
    return Security(_KEY, scopes=[str(scope) for scope in one_of])


async def spend_submission(request: Request) -> None:
    """Draw on what the tenant may submit; before the body is read. Comes after `needs`."""
    quotas: Quotas = request.app.state.quotas
    caller: Caller = request.state.caller
    request.state.levels.append(quotas.submissions.take(caller.tenant_id))


def _record_refusal(request: Request, caller: Caller) -> None:
    """Keep that somebody tried to change what they may not; reading that is refused changes nothing."""
    if request.method in ("GET", "HEAD"):
        return
    action = f"{request.method} {request.scope['route'].path}"
    with writing(request.app.state.database) as connection:
        audit.record(connection, caller, action, target=request.url.path, outcome=audit.REFUSED)
