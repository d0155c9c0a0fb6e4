"""Accepts revisions of plans: each is a plan of its own, of the rest of a night, made of what was told so far."""

from __future__ import annotations

import json
from typing import Any

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from service.errors import CityGone, IllegalMove, InvalidRequest
from service.jobs import documents
from service.jobs.bodies import excess, read_json
from service.jobs.desk import Desk
from service.jobs.states import Job
from service.plans.revision_checks import read_asked
from service.publication.stages import Stage
from service.revisor import step_of

OVER = (Stage.DONE, Stage.ARCHIVED)
"""Stages of plans that nobody drives any more."""


def submit(
    desk: Desk, plan_id: str, body: bytes, *, max_values: int, idempotency_key: str | None
) -> tuple[Job, tuple[Finding, ...]]:
    """
    Accept a revision of a plan, with what is odd but possible about it.

    Raises
    ------
    NotFound, NotFinished, NoResult
        There is no such plan, none yet, or there will never be one.
    IllegalMove
        Nobody drives it any more.
    CityGone
        The version of the city that the plan was made of is no longer kept.
    MalformedBody, InvalidRequest
        With everything that is wrong.
    KeyReused, TooManyOpenJobs
        As for every submission.
    """
    document = desk.read_document(plan_id, desk.kind.main)
    plan = desk.find(plan_id)
    was_accepted = idempotency_key is not None and desk.has_key(idempotency_key)
    if plan.stage in OVER and not was_accepted:
        raise IllegalMove(f"a plan that is {plan.stage} cannot be revised; revise the one that is driven")
    settings = desk.settings
    if plan.city_version is not None and not settings.city_folder(plan.city_version).is_dir():
        raise CityGone(f"the city that plan {plan_id} was made of has been changed or forgotten since; plan anew")
    task = _begun(desk, plan)
    findings = Findings()
    asked = read_asked(read_json(body, max_values=max_values), document, settings, findings)
    if len(task["steps"]) >= settings.max_revisions:
        excess(findings, "max_revisions", "", len(task["steps"]) + 1, settings.max_revisions)
    if findings.errors or asked is None:
        raise InvalidRequest(f"the revision has {len(findings.errors)} errors", findings=findings.items)
    task |= {"revises": plan_id, "steps": [*task["steps"], step_of(document, asked)]}
    job = desk.accept(
        json.dumps(task, ensure_ascii=False, separators=(",", ":")).encode(),
        name=asked.name or plan.name,
        idempotency_key=idempotency_key,
        revises=plan,
    )
    return job, findings.warnings


def _begun(desk: Desk, plan: Job) -> dict[str, Any]:
    """The task of the plan, to which a step is added: its night, and what was told of that so far."""
    asked = json.loads(documents.place(desk.settings.documents_dir, plan.request_sha256).read_bytes())
    return asked if plan.revises else {"night": asked, "steps": []}
