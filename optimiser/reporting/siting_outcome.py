"""All that a study tells, worked out once from its plan; documents, tables and pages only lay it out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimiser.reporting.siting_districts import DistrictOutcome, Equity, district_outcomes, equity, least_shares
from optimiser.reporting.siting_flows import Flows, flows
from optimiser.reporting.siting_marginal import served_anew, without_floors
from optimiser.reporting.siting_phases import NodeOutcome, PhaseOutcome, node_outcomes, phase_outcomes
from optimiser.reporting.siting_reach import pairs_standing, points_with
from optimiser.reporting.siting_sites import SiteOutcome, site_outcomes
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_unserved import Unserved, reason_by_point, unserved
from optimiser.reporting.siting_waits import waits
from optimiser.siting.cost import total_cost
from optimiser.siting.money import without_noise
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import Standing, standing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """Figures of a study."""

    total_cost: float
    flows: Flows
    """Of the last phase."""
    before: Flows
    """Of the last phase, with nothing built."""
    covered_before: float | None
    """Share of the people of the last phase who have a charger within reach with nothing built."""
    sites: tuple[SiteOutcome, ...]
    districts: tuple[DistrictOutcome, ...]
    equity: Equity
    phases: tuple[PhaseOutcome, ...]
    grid: tuple[NodeOutcome, ...]
    reasons: tuple[str | None, ...]
    """Why each demand point is not served in full; None where it is."""
    unserved: tuple[Unserved, ...]

    @property
    def built(self) -> tuple[SiteOutcome, ...]:
        """Sites at which something is built."""
        return tuple(site for site in self.sites if site.is_built)

    @property
    def end(self) -> PhaseOutcome:
        """The last phase."""
        return self.phases[-1]


def outcome(study: Study) -> Outcome:
    """Everything; a large study takes seconds, mostly for what is lost without each site."""
    problem, plan = study.problem, study.result.plan
    by_phase = [flows(problem, plan.servings, phase) for phase in range(study.last + 1)]
    nothing = standing(problem, SitingPlan())
    anew = served_anew(without_floors(problem), study.groups, nothing)
    before = [flows(problem, anew, phase) for phase in range(study.last + 1)]
    covered = [_covered(study, phase_flows, stand) for phase_flows, stand in zip(by_phase, study.stands, strict=True)]
    last, told_waits = by_phase[-1], waits(by_phase[-1], study.stands[-1])
    districts = district_outcomes(study, last, before[-1], told_waits)
    reasons = reason_by_point(study, last)
    return Outcome(
        total_cost=without_noise(total_cost(problem, plan)),
        flows=last,
        before=before[-1],
        covered_before=_covered(study, last, nothing[-1]),
        sites=site_outcomes(study, last, told_waits, least_shares(study)),
        districts=districts,
        equity=equity(districts, last, before[-1]),
        phases=phase_outcomes(study, by_phase, before, covered),
        grid=node_outcomes(study),
        reasons=tuple(reasons),
        unserved=unserved(reasons, last),
    )


def mean_way_s(flows: Flows) -> float | None:
    """Of everybody who is served; None where nobody is."""
    people = float(flows.expected.sum())
    return float(np.dot(flows.expected, flows.travel_s)) / people if people > 0 else None


def _covered(study: Study, flows: Flows, stand: Standing) -> float | None:
    """Share of the people who have a charger that serves them within reach."""
    near, people = points_with(study.problem, pairs_standing(study.problem, stand)) > 0, float(flows.demand.sum())
    return float(flows.demand[near].sum()) / people if people > 0 else None
