"""What can be done about jobs of one kind: accept them once, tell how they are, cancel them, hand out documents."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOSClient

from optimiser.basics.finding import Finding, Severity
from service.access import audit
from service.access.caller import Caller
from service.cities.shelf import Shelf
from service.db import glance, reading, writing
from service.errors import InvalidRequest, KeyReused, NoResult, NotFinished, NotFound, TooManyOpenJobs, Unavailable
from service.jobs import documents, engine, journal, store
from service.jobs.bodies import written
from service.jobs.kinds import JobKind
from service.jobs.requests import Known
from service.jobs.states import Event, Job, State
from service.jobs.turns import queued_before, take_turns
from service.settings import Settings

ID_BYTES = 10

ROOM_RETRY_S = 30


Read = Callable[[bytes, Settings, Known], tuple[Any, tuple[Finding, ...]]]
"""A checked request and what is odd but possible about it; given what of the user's own it may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Jobs of one kind, for one caller: those of other tenants are not there."""

    kind: JobKind
    read: Read
    """What a body of this kind asks for."""
    database: sa.Engine
    jobs: DBOSClient
    settings: Settings
    caller: Caller

    @property
    def shelf(self) -> Shelf:
        """The cities that the caller may name."""
        return Shelf(database=self.database, settings=self.settings, caller=self.caller)

    def submit(self, body: bytes, *, idempotency_key: str | None) -> tuple[Job, tuple[Finding, ...]]:
        """
        Accept what a body asks for, with what is odd but possible about it.

        The same body under the same key is the same job, also where what it names has changed or gone since.

        Raises
        ------
        MalformedBody, InvalidRequest
            The body is wrong; with everything that is.
        KeyReused
            The key came with another request before.
        TooManyOpenJobs
            As below; told before what is wrong with the body.
        """
        with reading(self.database) as connection:
            # Before the body costs anything; and once more below, where nobody can come in between.
            self._check_room(connection, idempotency_key)
            first = None if idempotency_key is None else self._find_by_key(connection, idempotency_key)
        body_sha256 = hashlib.sha256(body).hexdigest()
        if first is not None and first.body_sha256 == body_sha256:
            return first, self._oddities(body)
        known = self._known()
        request, warnings = self.read(body, self.settings, known)
        city = request.city if isinstance(request.city, str) else None
        job = self.accept(
            written(request),
            name=request.name or city or request.city.id,
            idempotency_key=idempotency_key,
            city=city if city in known.cities else None,
            body_sha256=body_sha256,
        )
        return job, warnings

    def accept(
        self,
        request: bytes,
        *,
        name: str,
        idempotency_key: str | None,
        city: str | None = None,
        revises: Job | None = None,
        body_sha256: str | None = None,
    ) -> Job:
        """
        Accept a checked request: once this returns it is never lost. The same key and request give the same job.

        `city` is a city of the user's own; the job is about the version of it that there is now. One that `revises`
        another is about the version that the other is about.

        Raises
        ------
        KeyReused
            The key came with another request before.
        TooManyOpenJobs
            The tenant has as many as it may; a request that was accepted before is not refused for that.
        NotFound
            The city has just been taken away.
        """
        sha256 = documents.keep(self.settings.documents_dir, request)
        version = revises.city_version if revises else None
        job_id = f"{self.kind.prefix}_{secrets.token_hex(ID_BYTES)}"
        try:
            with writing(self.database) as connection:
                take_turns(connection, self.caller.tenant_id)
                self._check_room(connection, idempotency_key)
                turn = store.create(
                    connection,
                    tenant_id=self.caller.tenant_id,
                    job_id=job_id,
                    kind=self.kind.name,
                    name=name,
                    request_sha256=sha256,
                    idempotency_key=idempotency_key,
                    city_version=version if city is None else self.shelf.hold(connection, city),
                    revises=revises.id if revises else None,
                    body_sha256=body_sha256,
                )
                audit.record(connection, self.caller, audit.Action.JOB_SUBMIT, target=job_id)
                engine.enqueue(self.jobs, connection, job_id, turn=turn)
        except sa.exc.IntegrityError:
            if idempotency_key is None:
                raise
            return self._submitted_before(idempotency_key, sha256)
        return self.find(job_id)

    def has_key(self, idempotency_key: str) -> bool:
        """Whether something was accepted under this key."""
        with reading(self.database) as connection:
            return self._find_by_key(connection, idempotency_key) is not None

    def find(self, job_id: str) -> Job:
        """The job."""
        return glance(self.database, lambda connection: self.find_in(connection, job_id))

    def look(self, job_id: str) -> tuple[Job, int | None, Path | None]:
        """The job, how many wait before it, and where its first document is when there is one."""

        def question(connection: sa.Connection) -> tuple[Job, dict[str, str] | None, int | None]:
            job, files = self._find_with_files(connection, job_id)
            return job, files, queued_before(connection, job) if job.state is State.QUEUED else None

        job, files, position = glance(self.database, question)
        return job, position, documents.place(self.settings.documents_dir, files[self.kind.main]) if files else None

    def page(
        self,
        *,
        limit: int,
        state: State | None,
        stage: str | None = None,
        revises: str | None = None,
        before: tuple[int, str] | None,
    ) -> list[Job]:
        """Newest first."""
        question = partial(
            store.page,
            tenant_id=self.caller.tenant_id,
            kind=self.kind.name,
            limit=limit,
            state=state,
            stage=stage,
            revises=revises,
            before=before,
        )
        return glance(self.database, question)

    def events(self, job_id: str, *, after: int) -> tuple[list[Event], bool]:
        """Events with a higher number than `after`, and whether no more will follow these."""
        self._check_id(job_id)
        tenant_id, kind = self.caller.tenant_id, self.kind.name
        question = partial(journal.state_and_events, job_id=job_id, tenant_id=tenant_id, kind=kind, seq=after)
        found = glance(self.database, question)
        if found is None:
            raise self._not_found()
        state, events = found
        return events, state.is_final and (not events or events[-1].kind == "end")

    def cancel(self, job_id: str) -> Job:
        """Stop the job and keep the best so far; nothing happens to one that has ended."""
        with writing(self.database) as connection:
            self.find_in(connection, job_id)
            if store.cancel(connection, job_id):
                audit.record(connection, self.caller, audit.Action.JOB_CANCEL, target=job_id)
            return self.find_in(connection, job_id)

    def document(self, job_id: str, name: str) -> Path:
        """
        Where a document of the result is.

        Raises
        ------
        NotFinished, NoResult
            There is none yet, or there will never be one.
        """
        job, files = glance(self.database, lambda connection: self._find_with_files(connection, job_id))
        if files is not None and name not in files:
            raise NoResult(f"{self.kind.noun} {job_id} was made without {name}")
        if files is not None:
            return documents.place(self.settings.documents_dir, files[name])
        if job.state.is_final:
            raise NoResult(f"{self.kind.noun} {job_id} ended as {job.state} without a result")
        raise NotFinished(f"{self.kind.noun} {job_id} is {job.state}", headers={"Retry-After": "2"})

    def read_document(self, job_id: str, name: str) -> Any:
        """A JSON document of the result."""
        return json.loads(self.document(job_id, name).read_bytes())

    def is_id(self, text: str) -> bool:
        """Whether a job of this kind could have this id."""
        return re.fullmatch(rf"{self.kind.prefix}_[0-9a-f]{{{2 * ID_BYTES}}}", text, re.ASCII) is not None

    def find_in(self, connection: sa.Connection, job_id: str) -> Job:
        """The job, as it is in this transaction."""
        self._check_id(job_id)
        job = store.find(connection, job_id, tenant_id=self.caller.tenant_id, kind=self.kind.name)
        if job is None:
            raise self._not_found()
        return job

    def _known(self) -> Known:
        return Known(cities=self.shelf.names(self.kind.name), result=partial(self.read_document, name=self.kind.main))

    def _oddities(self, body: bytes) -> tuple[Finding, ...]:
        """What is odd about a body that was accepted; what would be wrong with it now is not told."""
        try:
            _, warnings = self.read(body, self.settings, self._known())
        except InvalidRequest as error:
            return tuple(finding for finding in error.findings if finding.severity is Severity.WARNING)
        return warnings

    def _find_with_files(self, connection: sa.Connection, job_id: str) -> tuple[Job, dict[str, str] | None]:
        self._check_id(job_id)
        found = store.find_with_files(connection, job_id, tenant_id=self.caller.tenant_id, kind=self.kind.name)
        if found is None:
            raise self._not_found()
        return found

    def _check_id(self, job_id: str) -> None:
        """What is no id at all is not asked of the database, which may not even be able to spell it."""
        if not self.is_id(job_id):
            raise self._not_found()

    def _not_found(self) -> NotFound:
        return NotFound(f"there is no {self.kind.noun} with this id")

    def _check_room(self, connection: sa.Connection, idempotency_key: str | None) -> None:
        tenant_id, most = self.caller.tenant_id, self.settings.max_open_jobs
        if store.count_open(connection, tenant_id=tenant_id) < most:
            return
        if idempotency_key is not None and self._find_by_key(connection, idempotency_key):
            return
        raise TooManyOpenJobs(
            f"{most} jobs of yours wait or run, the limit max_open_jobs; cancel some, or wait until some have ended",
            headers={"Retry-After": str(ROOM_RETRY_S)},
        )

    def _find_by_key(self, connection: sa.Connection, idempotency_key: str) -> Job | None:
        return store.find_by_key(connection, idempotency_key, tenant_id=self.caller.tenant_id, kind=self.kind.name)

    def _submitted_before(self, idempotency_key: str, sha256: str) -> Job:
        with reading(self.database) as connection:
            job = self._find_by_key(connection, idempotency_key)
        if job is None:
            text = "the job of this Idempotency-Key was so old that it has just gone; send the request once more"
            raise Unavailable(text, headers={"Retry-After": "1"})
        if job.request_sha256 != sha256:
            raise KeyReused("this Idempotency-Key was sent with another request before; use a new key")
        return job
