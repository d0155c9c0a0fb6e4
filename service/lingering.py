"""An answer to somebody who is still talking."""

from __future__ import annotations

import anyio
from fastapi.responses import Response
from starlette.types import Message, Receive, Scope, Send

LINGER_S = 2.0
MOST_BYTES = 32_000_000


class LingeringResponse(Response):
    """
    Answers at once and then lets what still comes in run to waste, for a while.

    A line that is closed while bytes come in is reset, and the answer in it is lost; so whoever sends a body that is
    refused half-way would never learn why.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, whole, and end it once the other side has stopped or time is up."""

        async def send_open(message: Message) -> None:
            await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

        await super().__call__(scope, receive, send_open)
        wasted = 0
        with anyio.move_on_after(LINGER_S):
            while wasted < MOST_BYTES:
                message = await receive()
                wasted += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    break
        await send({"type": "http.response.body", "body": b"", "more_body": False})
