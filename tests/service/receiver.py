"""A receiver of webhooks on this machine, which answers as a test says and remembers every request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

from tests.service.running import wait_for


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    at_s: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """The event, after the signature was verified by the reference library."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """Answers with `statuses` one after the other, and the last one again and again; `before` runs first."""

    def __init__(self) -> None:
        self.statuses = [200]
        self.before: Callable[[], object] = lambda: None
        self.received: list[Received] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:  # whoever sent it was killed in the middle of it
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                one = Received(path=self.path, headers=headers, body=body, at_s=time.monotonic())
                receiver.received.append(one)
                receiver.before()
                with suppress(OSError):
                    self.send_response(receiver._status())
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook"

    def wait(self, number: int, *, within_s: float = 20) -> list[Received]:
        """The first so many requests, once they are there."""
        wait_for(lambda: len(self.received) >= number, within_s=within_s, what=f"{number} webhooks")
        return self.received[:number]

    def _status(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@contextmanager
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    try:
        yield one
    finally:
        one.stop()
