"""What is done about relocation plans: read what is asked for; the desk does the rest."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.basics.finding import Finding
from service.jobs.desk import Desk
from service.jobs.kinds import RELOCATION
from service.relocations.requests import read_request
from service.relocator import RelocationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocations(Desk):
    """Relocation plans of e-cars."""

    kind = RELOCATION

    def read(self, body: bytes) -> tuple[RelocationRequest, tuple[Finding, ...]]:
        """See `read_request`."""
        return read_request(body, self.settings)
