"""What is done about studies: read what is asked for; the desk does the rest."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.basics.finding import Finding
from service.jobs.desk import Desk
from service.jobs.kinds import SITING
from service.siter import StudyRequest
from service.studies.requests import read_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Studies(Desk):
    """Siting studies."""

    kind = SITING

    def read(self, body: bytes) -> tuple[StudyRequest, tuple[Finding, ...]]:
        """See `read_request`."""
        return read_request(body, self.settings)
