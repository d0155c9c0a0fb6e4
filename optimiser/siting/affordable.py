"""What of a plan there is still money for: sites that serve fewest people for their money are left out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from optimiser.siting.check import TOLERANCE
from optimiser.siting.cost import cost, situation
from optimiser.siting.plan import Built, SitingPlan
from optimiser.siting.problem import Phase, SitingProblem


def affordable(problem: SitingProblem, plan: SitingPlan, phases: Sequence[Phase]) -> Built:
    """
    What of a plan its phases can pay for with the budgets of others; all of it where there is money enough.

    Whole sites are left out: of those at which something is built by the first phase that cannot be paid for, the one
    that serves fewest for what it costs, forced ones last. Grid nodes at which nothing is built any more stay as they
    are.
    """
    brings, kept = _people_for_money(problem, plan), plan
    while (phase := _first_too_dear(problem, kept, phases)) is not None:
        there = sorted({item.site_id for item in kept.installations if item.phase <= phase})
        if not there:
            return (), ()
        kept = _without(problem, kept, min(there, key=lambda id_: (id_ in problem.wishes.force, brings[id_])))
    return kept.installations, kept.upgrades


def _people_for_money(problem: SitingProblem, plan: SitingPlan) -> dict[str, float]:
    """People whom each site serves, phases by their weight and scenarios as expected, for what is paid there."""
    people = np.zeros(len(problem.sites))
    for serving in plan.servings:
        phase, scenario = situation(problem, serving)
        weight = problem.weights(phase, scenario)[problem.point[serving.pair]]
        np.add.at(
            people,
            problem.access.site[serving.pair],
            phase.weight * scenario.probability * weight * serving.share,
        )
    paid: defaultdict[str, float] = defaultdict(float)
    for item in plan.installations:
        paid[item.site_id] += item.plugs * problem.kind_by_id[item.kind_id].plug_cost
    rows = {id_: problem.site_index[id_] for id_ in paid}
    return {id_: float(people[row]) / max(paid[id_] + problem.sites[row].open_cost, 1e-9) for id_, row in rows.items()}


def _first_too_dear(problem: SitingProblem, plan: SitingPlan, phases: Sequence[Phase]) -> int | None:
    """The first phase by which more is spent than has come; None where money is enough."""
    spent = accumulate(part.total for part in cost(problem, plan))
    given = accumulate(math.inf if phase.budget is None else phase.budget for phase in phases)
    pairs = enumerate(zip(spent, given, strict=True))
    return next((phase for phase, (paid, most) in pairs if paid > most * (1 + TOLERANCE) + TOLERANCE), None)


def _without(problem: SitingProblem, plan: SitingPlan, site_id: str) -> SitingPlan:
    """The same with nothing built at one site; who charges where is not told."""
    installations = tuple(item for item in plan.installations if item.site_id != site_id)
    nodes = {problem.sites[problem.site_index[item.site_id]].grid_node for item in installations}
    return SitingPlan(
        installations=installations, upgrades=tuple(item for item in plan.upgrades if item.node_id in nodes)
    )
