"""What is done about plans: read what is asked for; the desk does the rest."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.basics.finding import Finding
from scenarios.schema import CityModel
from service.jobs.desk import Desk
from service.jobs.kinds import REBALANCING
from service.jobs.states import Job
from service.planner import PlanRequest
from service.plans.requests import read_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans(Desk):
    """Rebalancing plans."""

    kind = REBALANCING

    def submit(self, body: bytes, *, idempotency_key: str | None) -> tuple[Job, tuple[Finding, ...]]:
        """
        Accept a plan, with what is odd but possible about it.

        Raises
        ------
        MalformedBody, InvalidRequest
            See `read_request`.
        KeyReused
            The key came with another request before.
        """
        request, warnings = read_request(body, self.settings)
        job = self.accept(request.model_dump_json().encode(), name=_name(request), idempotency_key=idempotency_key)
        return job, warnings


def _name(request: PlanRequest) -> str:
    return request.name or (request.city.id if isinstance(request.city, CityModel) else request.city)
