"""A GBFS feed on this machine whose answers a test writes down beforehand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TYPES = [
    {"vehicle_type_id": "pedal", "form_factor": "bicycle", "propulsion_type": "human"},
    {"vehicle_type_id": "boost", "form_factor": "bicycle", "propulsion_type": "electric_assist"},
]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer of the server."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def station(id_: Any, bikes: int = 3, **more: Any) -> dict[str, Any]:
    return {"station_id": id_, "num_bikes_available": bikes, "is_installed": True, "is_renting": True} | more


def status(ts: Any, stations: list[dict[str, Any]], *, ttl: Any = 60) -> Answer:
    """A `station_status` as of `ts`."""
    document = {"last_updated": ts, "ttl": ttl, "version": "2.3", "data": {"stations": stations}}
    return Answer(body=json.dumps(document).encode())


class FeedServer:
    """Serves `answers[path]` one after the other and the last one again and again; a function is asked each time."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer | Callable[[], Answer]]] = {}
        self.asked: list[str] = []
        self.port = 0
        self.start()
        self.answers["/vehicle_types.json"] = [Answer(body=json.dumps({"data": {"vehicle_types": TYPES}}).encode())]
        self.list_files(3)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/gbfs.json"

    def list_files(self, version: int, *names: str) -> None:
        """Write `gbfs.json` as that version does."""
        named = names or ("station_status", "vehicle_types")
        feeds = {"feeds": [{"name": name, "url": f"{name}.json"} for name in named]}
        document = {"data": feeds if version == 3 else {"nb": feeds}}
        self.answers["/gbfs.json"] = [Answer(body=json.dumps(document).encode())]

    def script(self, *answers: Answer | Callable[[], Answer]) -> None:
        """What `station_status` will say."""
        self.answers["/station_status.json"] = list(answers)

    def start(self) -> None:
        """Listen, after `stop` on the same port."""
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = feed._answer(self.path)
                # Who asks may be killed by the test.
                with suppress(ConnectionError):
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def _answer(self, path: str) -> Answer:
        self.asked.append(path)
        answers = self.answers.get(path)
        if not answers:
            return Answer(status=404)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer() if callable(answer) else answer


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    server = FeedServer()
    try:
        yield server
    finally:
        server.stop()


def rfc3339(ts: int) -> str:
    return datetime.fromtimestamp(ts, UTC).isoformat().replace("+00:00", "Z")
