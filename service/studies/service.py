"""What is done about studies: read what is asked for; the desk does the rest."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.basics.finding import Finding
from scenarios.siting.inline import InlineStudyModel
from service.jobs.desk import Desk
from service.jobs.kinds import SITING
from service.jobs.states import Job
from service.siter import StudyRequest
from service.studies.requests import read_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Studies(Desk):
    """Siting studies."""

    kind = SITING

    def submit(self, body: bytes, *, idempotency_key: str | None) -> tuple[Job, tuple[Finding, ...]]:
        """
        Accept a study, with what is odd but possible about it.

        Raises
        ------
        MalformedBody, InvalidRequest
            See `read_request`.
        KeyReused
            The key came with another request before.
        """
        request, warnings = read_request(body, self.settings)
        content = request.model_dump_json().encode()
        return self.accept(content, name=_name(request), idempotency_key=idempotency_key), warnings


def _name(request: StudyRequest) -> str:
    return request.name or (request.city.id if isinstance(request.city, InlineStudyModel) else request.city)
