"""What is done about plans: accept them once, tell how they are, cancel them, hand out their documents."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOSClient

from optimiser.basics.finding import Finding
from scenarios.schema import CityModel
from service.db import reading, writing
from service.errors import KeyReused, NoResult, NotFinished, NotFound
from service.jobs import documents, engine, store
from service.jobs.states import Event, Job, State
from service.planner import PlanRequest
from service.plans.requests import read_request
from service.settings import Settings

KIND = "rebalancing"
TENANT = "default"
"""Everybody's, until there are keys."""

ID_BYTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """What plans are made of."""

    database: sa.Engine
    jobs: DBOSClient
    settings: Settings

    def submit(self, body: bytes, *, idempotency_key: str | None) -> tuple[Job, tuple[Finding, ...]]:
        """
        Accept a plan: once this returns it is never lost. The same key with the same request gives the same job.

        Raises
        ------
        MalformedBody, InvalidRequest
            See `read_request`.
        KeyReused
            The key came with another request before.
        """
        request, warnings = read_request(body, self.settings)
        sha256 = documents.keep(self.settings.documents_dir, request.model_dump_json().encode())
        job_id = f"pln_{secrets.token_hex(ID_BYTES)}"
        try:
            with writing(self.database) as connection:
                store.create(
                    connection,
                    tenant_id=TENANT,
                    job_id=job_id,
                    kind=KIND,
                    name=_name(request),
                    request_sha256=sha256,
                    idempotency_key=idempotency_key,
                )
                engine.enqueue(self.jobs, connection, job_id)
        except sa.exc.IntegrityError:
            if idempotency_key is None:
                raise
            return self._submitted_before(idempotency_key, sha256), warnings
        return self.find(job_id), warnings

    def find(self, plan_id: str) -> Job:
        """The plan's job."""
        with reading(self.database) as connection:
            return self._find(connection, plan_id)

    def look(self, plan_id: str) -> tuple[Job, int | None, dict[str, Any] | None]:
        """The job, how many wait before it, and the plan document when there is one."""
        with reading(self.database) as connection:
            job = self._find(connection, plan_id)
            position = store.queued_before(connection, job) if job.state is State.QUEUED else None
            files = store.result_files(connection, job.id)
        return job, position, self._json(files["plan.json"]) if files else None

    def page(self, *, limit: int, state: State | None, before: tuple[int, str] | None) -> list[Job]:
        """Newest first."""
        with reading(self.database) as connection:
            return store.page(connection, tenant_id=TENANT, kind=KIND, limit=limit, state=state, before=before)

    def events(self, plan_id: str, *, after: int) -> tuple[list[Event], bool]:
        """Events with a higher number than `after`, and whether no more will follow these."""
        with reading(self.database) as connection:
            job = self._find(connection, plan_id)
            events = store.events_after(connection, plan_id, seq=after)
        return events, job.state.is_final and (not events or events[-1].kind == "end")

    def cancel(self, plan_id: str) -> Job:
        """Stop the plan and keep the best so far; nothing happens to one that has ended."""
        with writing(self.database) as connection:
            self._find(connection, plan_id)
            store.cancel(connection, plan_id)
            return self._find(connection, plan_id)

    def document(self, plan_id: str, name: str) -> Path:
        """
        Where a document of the result is.

        Raises
        ------
        NotFinished, NoResult
            There is none yet, or there will never be one.
        """
        with reading(self.database) as connection:
            job = self._find(connection, plan_id)
            files = store.result_files(connection, plan_id)
        if files is not None:
            return documents.place(self.settings.documents_dir, files[name])
        if job.state.is_final:
            raise NoResult(f"plan {plan_id} ended as {job.state} without a result")
        raise NotFinished(f"plan {plan_id} is {job.state}", headers={"Retry-After": "2"})

    def part(self, plan_id: str, name: str, key: str | None = None) -> Any:
        """A JSON document of the result, or one part of it."""
        whole = json.loads(self.document(plan_id, name).read_bytes())
        return whole if key is None else whole[key]

    def _find(self, connection: sa.Connection, plan_id: str) -> Job:
        # What is no id at all is not asked of the database, which may not even be able to spell it.
        job = store.find(connection, plan_id, tenant_id=TENANT, kind=KIND) if is_plan_id(plan_id) else None
        if job is None:
            raise NotFound("there is no plan with this id")
        return job

    def _submitted_before(self, idempotency_key: str, sha256: str) -> Job:
        with reading(self.database) as connection:
            job = store.find_by_key(connection, idempotency_key, tenant_id=TENANT, kind=KIND)
        assert job is not None, "the key is taken, and jobs are not deleted"
        if job.request_sha256 != sha256:
            raise KeyReused("this Idempotency-Key was sent with another request before; use a new key")
        return job

    def _json(self, sha256: str) -> Any:
        return json.loads(documents.place(self.settings.documents_dir, sha256).read_bytes())


def is_plan_id(text: str) -> bool:
    """Whether a plan could have this id."""
    return re.fullmatch(rf"pln_[0-9a-f]{{{2 * ID_BYTES}}}", text, re.ASCII) is not None


def _name(request: PlanRequest) -> str:
    return request.name or (request.city.id if isinstance(request.city, CityModel) else request.city)
