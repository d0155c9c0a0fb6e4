"""What is asked of an evaluation and what is answered, and the child process that works it out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from optimiser.basics.finding import Finding, Severity
from optimiser.basics.findings import Findings
from service.errors import CityGone, InvalidRequest
from service.jobs import documents
from service.jobs.desk import Desk
from service.plans.shapes import EditedRoute, Id
from service.processes import child_environment
from service.settings import Settings

COMMAND = (sys.executable, "-m", "service.plans.evaluating")


class Stock(BaseModel):
    """How many bikes stand at a station."""

    model_config = ConfigDict(extra="forbid")

    station_id: Id
    bikes: int = Field(ge=0, le=100_000)


class EvaluationRequest(BaseModel):
    """Routes to be priced and checked, and what stands where."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"routes": [{"van_id": "van-1", "stops": [{"station_id": "s1", "pickup": 2}]}]},
                {"stock": [{"station_id": "s1", "bikes": 0}]},
            ]
        },
    )

    routes: list[EditedRoute] | None = Field(None, max_length=200, description="All routes; null = those of the plan.")
    stock: list[Stock] = Field(
        [], max_length=10_000, description="Stations that hold something else than when the plan was made."
    )


class EvaluationView(BaseModel):
    """What routes cost, which rules they break and what they leave open; seconds are counted from the night's start."""

    input_hash: str
    is_same_input: bool = Field(description="Whether city and stock are still those that the plan was made of.")
    is_valid: bool = Field(description="Whether no rule is broken.")
    cost: dict[str, float] = Field(description="Term by term, and `total`, in the city's currency.")
    violations: list[dict[str, Any]] = Field(description="Every broken rule: its name, ids, amount and a sentence.")
    routes: list[dict[str, Any]] = Field(description="With clock, loads, and what is left of shift and range.")
    must_do_left: list[dict[str, Any]]
    zones_missed: list[dict[str, Any]]
    unpriced: list[dict[str, Any]] = Field(description="What the cost leaves out; empty means that it is exact.")
    difference: dict[str, Any] = Field(description="From the plan as it is: cost by term, and stops that differ.")


def evaluate(desk: Desk, job_id: str, asked: EvaluationRequest) -> dict[str, Any]:
    """
    Price and check routes against the night of a plan; takes seconds, and for large cities tens of them.

    Raises
    ------
    NotFinished, NoResult
        There is no plan yet, or there will never be one.
    CityGone
        The version of the city that the plan was made of is no longer kept.
    InvalidRequest
        With every finding; and when it takes more time or memory than it may.
    """
    plan = desk.document(job_id, desk.kind.main)
    job = desk.find(job_id)
    settings = desk.settings
    city = None if job.city_version is None else settings.city_folder(job.city_version).resolve()
    if city is not None and not city.is_dir():
        raise CityGone(f"the city that plan {job_id} was made of has been changed or forgotten since; plan anew")
    settings.attempts_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.attempts_dir, prefix="evaluation-") as scratch:
        folder = Path(scratch).resolve()
        for name, content in (
            ("task.json", json.dumps(_task(settings, city, is_revision=job.revises is not None)).encode()),
            ("request.json", documents.place(settings.documents_dir, job.request_sha256).read_bytes()),
            ("plan.json", plan.read_bytes()),
            ("asked.json", asked.model_dump_json(by_alias=True).encode()),
        ):
            (folder / name).write_bytes(content)
        return _run(folder, settings)


def _task(settings: Settings, city: Path | None, *, is_revision: bool) -> dict[str, Any]:
    settings.cache_dir.mkdir(parents=True, exist_ok=True)
    return {
        "parent_pid": os.getpid(),
        "memory_mb": settings.solver_memory_mb,
        "cpu_s": round(settings.evaluate_s) + 1,
        "file_mb": settings.solver_file_mb,
        "cache_dir": str(settings.cache_dir.resolve()),
        "city": None if city is None else str(city),
        "is_revision": is_revision,
    }


def _run(folder: Path, settings: Settings) -> dict[str, Any]:
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter, our own module
            [*COMMAND, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
            start_new_session=True,
            timeout=settings.evaluate_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_heavy(f"it takes more than {settings.evaluate_s:g} s") from None
    if ended.returncode != 0:
        raise _too_heavy("it took more memory or time than it may, or broke off")
    told = json.loads((folder / "told.json").read_text())
    if told["evaluation"] is None:
        found = [Finding(**{**row, "severity": Severity(row["severity"])}) for row in told["findings"]]
        errors = sum(finding.severity is Severity.ERROR for finding in found)
        raise InvalidRequest(f"the evaluation has {errors} errors", findings=found)
    evaluation: dict[str, Any] = told["evaluation"]
    return evaluation


def _too_heavy(why: str) -> InvalidRequest:
    findings = Findings()
    findings.error("evaluation_too_heavy", why, source="request", hint="raise EVENFLEET_EVALUATE_S, or plan anew")
    return InvalidRequest("the routes could not be evaluated", findings=findings.errors)
