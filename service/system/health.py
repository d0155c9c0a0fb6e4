"""Whether the service lives, is ready, which version it is, and what it allows."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version

import sqlalchemy as sa
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from service.access.needs import needs
from service.access.scopes import Scope
from service.errors import Unavailable
from service.jobs.engine import WORKFLOW_SCHEMA
from service.problems import responses
from service.settings import Settings
from service.system import condition

router = APIRouter(tags=["service"])

ANY_READER = [needs(Scope.PLANS_READ, Scope.STUDIES_READ)]


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"


class Ready(BaseModel):
    """The service can take and carry out plans."""

    status: str = "ok"
    database: str = Field(description="sqlite or postgresql.")
    workers: int = Field(description="Workers whose heartbeat is fresh.")


class Version(BaseModel):
    """What is running."""

    version: str
    api: str = "v1"
    workflow_schema: str
    python: str
    platform: str


class Limits(BaseModel):
    """Everything beyond these is refused before any work is done."""

    max_body_bytes: int
    max_body_values: int
    max_stations: int
    max_vans: int
    max_cars: int
    max_drivers: int
    max_pairs: int
    max_grid_steps: int
    max_demand_points: int
    max_sites: int
    max_areas: int
    max_study_entries: int
    max_access_pairs: int
    max_servings: int
    max_builds: int
    max_revisions: int
    max_solve_s: float
    max_wait_s: float
    max_page: int
    rate_requests: float
    burst_requests: int
    rate_submissions: float
    burst_submissions: int
    max_open_jobs: int
    max_tenant_streams: int
    max_streams: int
    max_attempts: int
    max_webhook_endpoints: int
    webhook_timeout_s: float
    solver_memory_mb: int
    solver_cpu_s: int
    solver_wall_s: float


@router.get("/livez", summary="Does the process answer?")
async def livez() -> Alive:
    """Always ok; asks nothing else."""
    return Alive()


@router.get("/readyz", summary="Can plans be taken and carried out?", responses=responses(is_public=True))
def readyz(request: Request) -> Ready:
    """Ok when the database answers, a heartbeat is fresh and the disk has room; else 503 with what is missing."""
    database: sa.Engine = request.app.state.database
    living, findings = condition.look(database, request.app.state.settings)
    if findings.errors:
        raise Unavailable("not ready", findings=findings.errors, headers={"Retry-After": "2"})
    return Ready(database=database.dialect.name, workers=living)


@router.get("/v1/version", summary="Which version is this?", dependencies=ANY_READER, responses=responses())
def show_version() -> Version:
    """Version of the product and of what it runs on."""
    return Version(
        version=version("evenfleet"),
        workflow_schema=WORKFLOW_SCHEMA,
        python=sys.version.split()[0],
        platform=platform.platform(),
    )


@router.get("/v1/limits", summary="What is allowed?", dependencies=ANY_READER, responses=responses())
def show_limits(request: Request) -> Limits:
    """Every stated limit."""
    settings: Settings = request.app.state.settings
    return Limits.model_validate(settings.model_dump())
