"""What is done about relocation plans: read what is asked for; the desk does the rest."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.basics.finding import Finding
from scenarios.relocation.schema import CarFleetModel
from service.jobs.desk import Desk
from service.jobs.kinds import RELOCATION
from service.jobs.states import Job
from service.relocations.requests import read_request
from service.relocator import RelocationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocations(Desk):
    """Relocation plans of e-cars."""

    kind = RELOCATION

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


def _name(request: RelocationRequest) -> str:
    return request.name or (request.city.id if isinstance(request.city, CarFleetModel) else request.city)
