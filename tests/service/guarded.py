"""A service with keys of two tenants, and something of everything that the first may have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import sqlalchemy as sa

from service import db
from service.access.caller import COMMAND_LINE, Caller
from service.access.scopes import Scope
from service.access.service import Keys
from service.settings import Settings
from service.webhooks import outbox
from service.webhooks import store as webhooks
from service.webhooks.signing import make_secret
from service.webhooks.states import EventType
from tests.city_documents import write_city_folder
from tests.feed_folders import write_gbfs_2
from tests.service.cities import packed, tiny_request
from tests.service.running import RunningService, wait_for

PLANS, RELOCATIONS, STUDIES = "/v1/rebalancing-plans", "/v1/relocation-plans", "/v1/siting-studies"
SUBMISSIONS = {PLANS: tiny_request(), RELOCATIONS: {"city": "paris-8e"}, STUDIES: {"city": "paris-8e"}}
STREAMS = 3
ENDPOINT = f"whe_{20 * 'a'}"
CITY = "town-of-a"


class Guarded:
    """A service with keys of two tenants and jobs of the first, and a record of all that it answered."""

    def __init__(self, running: RunningService, database: sa.Engine) -> None:
        self.running = running
        self.database = database
        self.keys = Keys(database=database, settings=Settings())
        self.description = running.http.get("/openapi.json").json()
        self.sent: set[str] = set()
        self.answers: list[str] = []
        self.everything = self.key("a", *Scope)
        self.foreign = self.key("b", *Scope)
        self.delivery = self.hook()
        self.bring(CITY)
        nightly = {"city": "paris-8e", "local_time": "21:30", "is_paused": True}
        self.schedule = self.ask("POST", "/v1/schedules", self.everything, json=nightly).json()["id"]
        self.jobs = {path: self.submit(path, body) for path, body in SUBMISSIONS.items()}
        # The first has a result; the others, which would take longer, are cancelled before they begin.
        for path in (RELOCATIONS, STUDIES):
            assert self.ask("POST", f"{path}/{self.jobs[path]}:cancel", self.everything).status_code == 200
        wait_for(lambda: self.is_done(f"{PLANS}/{self.jobs[PLANS]}"), within_s=120, what="a plan")

    def key(self, tenant_id: str, *scopes: Scope) -> str:
        """A new key."""
        caller = Caller(tenant_id=tenant_id, actor=COMMAND_LINE, scopes=frozenset(Scope))
        _, text = self.keys.create(caller, tenant_id=tenant_id, name="test", scopes=scopes, expires_at=None)
        self.sent.add(text)
        return text

    def hook(self) -> str:
        """A webhook endpoint of tenant a, and a delivery to it, whose id is given."""
        with db.writing(self.database) as connection:
            webhooks.add_endpoint(
                connection, ENDPOINT, tenant_id="a", name="", url="https://127.0.0.1/", types=[], secret=make_secret()
            )
            return outbox.queue(
                connection, tenant_id="a", endpoint_id=ENDPOINT, event_type=EventType.TEST, at_ms=0, data={}
            )

    def ask(self, method: str, path: str, key: str | None, **more: Any) -> httpx.Response:
        """Ask with a key, or none."""
        headers = {**more.pop("headers", {}), **({"Authorization": f"Bearer {key}".strip()} if key is not None else {})}
        answer = self.running.http.request(method, path, headers=headers, **more)
        self.answers.append(answer.text)
        return answer

    def bring(self, name: str) -> None:
        """A city of tenant a."""
        with TemporaryDirectory() as folder:
            content = packed(write_gbfs_2(write_city_folder(Path(folder))))
        headers = {"content-type": "application/zip"}
        answer = self.ask("PUT", f"/v1/cities/{name}", self.everything, content=content, headers=headers, timeout=150)
        assert answer.status_code == 201, answer.text

    def submit(self, path: str, body: dict[str, Any]) -> str:
        """A job of tenant a."""
        answer = self.ask("POST", path, self.everything, json=body)
        assert answer.status_code in (200, 202), answer.text
        job_id: str = answer.json()["id"]
        return job_id

    def is_done(self, path: str) -> bool:
        """Whether the job has ended well."""
        status = self.ask("GET", path, self.everything).json()["status"]
        assert status in ("queued", "preparing", "solving", "succeeded"), status
        return bool(status == "succeeded")

    def routes(self) -> Iterator[tuple[str, str, str, list[str]]]:
        """Method, path as described, path of something of tenant a's, scopes of which one is needed."""
        ids = {"demo_id": "goteborg", "key_id": self.everything.replace("evf_", "key_")[:16]}
        ids |= {"endpoint_id": ENDPOINT, "delivery_id": self.delivery, "city_id": CITY, "part": "stations"}
        ids |= {"schedule_id": self.schedule}
        for described, operations in self.description["paths"].items():
            for method, operation in operations.items():
                kind = next((kind for kind in self.jobs if described.startswith(kind)), "")
                values = {**ids, "plan_id": self.jobs.get(kind, ""), "study_id": self.jobs.get(kind, "")}
                suffixes = next(
                    (one["schema"] for one in operation.get("parameters", ()) if one["name"] == "suffix"), {}
                )
                values["suffix"] = suffixes.get("enum", [suffixes.get("const")])[0] or ""
                path = re.sub(r"{(\w+)}", lambda found, values=values: values[found[1]], described)
                needed = [scope for entry in operation.get("security", ()) for scope in entry["key"]]
                yield method.upper(), described, path, needed
