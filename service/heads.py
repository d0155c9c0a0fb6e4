"""How HTTP is read off a connection: by a compiled parser, with a limit on what comes before anything is passed on."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
"""Request line and headers, or the fields after a body in chunks."""


class BoundedHeads(HttpToolsProtocol):
    """
    Refuses a request whose head is longer than it may be; the parser would keep all of it, however much it is.

    Counted is what came since the parser last handed something on, so that a head may be longer by what was read at
    once, and no body is taken for a head.
    """

    _pending_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless it has become too much."""
        self._pending_bytes += len(data)
        super().data_received(data)
        if self._pending_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of this request is too long.")

    def on_headers_complete(self) -> None:
        """A request is handed on."""
        self._pending_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body is handed on."""
        self._pending_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request has come to its end."""
        self._pending_bytes = 0
        super().on_message_complete()
