"""A job as it is shown, with its document when there is one; and parts of a document."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fastapi import Response

from optimiser.basics.finding import Finding
from service.asking import ask, read
from service.jobs.desk import Desk
from service.jobs.resource import Part, Resource
from service.jobs.states import Job


async def show(resource: Resource, desk: Desk, job_id: str, *, warnings: Sequence[Finding] = ()) -> tuple[Job, bytes]:
    """
    The job, and in JSON what is shown of it.

    Documents are not read anew as objects only to be written again: they were checked when they were made, and a large
    one would hold up everybody else.
    """
    job, position, path = await ask(desk.database, lambda: desk.look(job_id))
    document = await read(desk.database, path, "whole") if path else None
    return job, resource.body_of(resource.view_of(job, position=position, warnings=warnings), document)


async def show_part(desk: Desk, job_id: str, part: Part) -> bytes:
    """A part of a document of the result, in JSON."""
    path = await ask(desk.database, lambda: desk.document(job_id, part.document))
    key = part.key
    if key is None:
        return await read(desk.database, path, "whole")
    return await read(desk.database, path, f"part {key}", lambda document: _cut(document, key))


def in_json(content: bytes, response: Response, *, status: int = 200) -> Response:
    """The answer with this content, and with what has been said about it so far."""
    return Response(
        content, response.status_code or status, headers=dict(response.headers), media_type="application/json"
    )


def _cut(document: bytes, key: str) -> bytes:
    return json.dumps(json.loads(document)[key], ensure_ascii=False, allow_nan=False).encode()
