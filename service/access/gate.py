"""
The gate before everything below /v1: who calls is told by the key, before a path is looked up or a body is read.

What a caller may do is said by each route (`needs`); a route that forgot to say so is behind the gate nevertheless.
"""

from __future__ import annotations

from anyio.to_thread import run_sync
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import problems
from service.access.caller import Caller
from service.access.keys import holds_key
from service.access.nearby import is_nearby
from service.access.quotas import Level, Quotas
from service.access.service import HOW, Keys, refused
from service.access.store import Key
from service.access.tokens import Tokens, is_token
from service.asking import ask
from service.errors import KeyInUrl, ServiceError

GUARDED = "/v1"

KEY_PARAMETERS = ("access_token", "api_key", "api-key", "apikey", "authorization", "key", "token")


class Gate:
    """Lets a request pass with its caller in `request.state.caller`, and tells how much the tenant has left."""

    def __init__(self, app: ASGIApp, *, keys: Keys, quotas: Quotas, tokens: Tokens | None = None) -> None:
        self.app, self.keys, self.quotas, self.tokens = app, keys, quotas, tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request through, or answer why not."""
        if scope["type"] != "http" or not _is_guarded(scope["path"]):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            caller, key = await self._admit(request)
            request.state.levels = [self.quotas.requests.take(caller.tenant_id)]
        except ServiceError as error:
            await problems.answer(request, error)(scope, receive, send)
            return
        except problems.DATABASE_AWAY as error:
            await problems.answer_away(request, error)(scope, receive, send)
            return
        request.state.caller = caller
        await self.app(scope, receive, _telling(send, request.state.levels))
        if key is not None and not key.is_use_noted:
            await run_sync(self.keys.note_use, key)

    async def _admit(self, request: Request) -> tuple[Caller, Key | None]:
        _refuse_key_in_url(request)
        database, request_id = self.keys.database, getattr(request.state, "request_id", None)
        sent = request.headers.getlist("authorization")
        if not sent:
            near = is_nearby(request.scope)
            return await ask(
                database, lambda: self.keys.caller_without_key(is_nearby=near, request_id=request_id)
            ), None
        scheme, _, text = sent[0].partition(" ")
        if len(sent) > 1 or scheme.lower() != "bearer":
            raise refused("there is one way to send a key, once: Authorization: Bearer")
        text, tokens = text.strip(), self.tokens
        if tokens is not None and is_token(text):
            return await run_sync(lambda: tokens.caller_of(text, request_id=request_id)), None
        return await self.keys.caller_of(text, request_id=request_id)


def _is_guarded(path: str) -> bool:
    return path == GUARDED or path.startswith(f"{GUARDED}/")


def _refuse_key_in_url(request: Request) -> None:
    named = any(name.lower() in KEY_PARAMETERS for name in request.query_params)
    if named or holds_key(request.url.path) or holds_key(str(request.query_params)):
        raise KeyInUrl(
            f"addresses end up in logs and histories: take this key for known and revoke it, then {HOW}",
            headers={"WWW-Authenticate": 'Bearer realm="evenfleet", error="invalid_request"'},
        )


def _telling(send: Send, levels: list[Level]) -> Send:
    """Sends the answer with what is left of each quota that the request drew on."""

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if "RateLimit" not in headers:
                headers["RateLimit-Policy"] = ", ".join(level.policy_item for level in levels)
                headers["RateLimit"] = ", ".join(level.item for level in levels)
        await send(message)

    return tell
