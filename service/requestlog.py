"""Gives every request an id and leaves one line about it in the log; never anything of its body or headers."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import problems
from service.access.caller import Caller

log = structlog.get_logger()

HEADER = "X-Request-Id"


class RequestLog:
    """Takes over a caller's request id when it is harmless, else makes one; answers with it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if re.fullmatch(r"[\w.-]{1,64}", given, re.ASCII) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started_s, status = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, answer)
            except Exception:
                log.exception("internal_error", path=scope["path"])
                if status:
                    raise
                await problems.bug(Request(scope))(scope, receive, answer)
            finally:
                seconds = time.monotonic() - started_s
                ms = round(seconds * 1000, 1)
                scope["app"].state.metrics.observe(scope, status, seconds)
                caller: Caller | None = scope["state"].get("caller")
                who = {"tenant_id": caller.tenant_id, "actor": caller.actor} if caller else {}
                log.info("request", method=scope["method"], path=scope["path"], status=status, ms=ms, **who)
