"""What is done about plans: read what is asked for; the desk does the rest."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.basics.finding import Finding
from service.jobs.desk import Desk
from service.jobs.kinds import REBALANCING
from service.planner import PlanRequest
from service.plans.requests import read_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans(Desk):
    """Rebalancing plans."""

    kind = REBALANCING

    def read(self, body: bytes) -> tuple[PlanRequest, tuple[Finding, ...]]:
        """See `read_request`."""
        return read_request(body, self.settings)
