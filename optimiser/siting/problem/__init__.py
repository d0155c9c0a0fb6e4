"""What is given for a siting study: who charges, where that may be, what it costs, and what is wished for."""

from __future__ import annotations

from optimiser.siting.problem.demand import DemandPoint, District, Segment
from optimiser.siting.problem.statement import Access, SitingProblem
from optimiser.siting.problem.supply import ChargerKind, GridNode, Site
from optimiser.siting.problem.wishes import Measure, Phase, Scenario, Wishes

__all__ = [
    "Access",
    "ChargerKind",
    "DemandPoint",
    "District",
    "GridNode",
    "Measure",
    "Phase",
    "Scenario",
    "Segment",
    "Site",
    "SitingProblem",
    "Wishes",
]
