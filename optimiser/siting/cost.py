"""What a plan costs and what it brings, in real units; recomputed from its decisions, knows no solver."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.plan import Serving, SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import Phase, Scenario, SitingProblem

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseCost:
    """What one phase pays for."""

    sites: float
    """Opening of sites."""
    plugs: float
    upgrades: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.sites + self.plugs + self.upgrades


def cost(problem: SitingProblem, plan: SitingPlan) -> tuple[PhaseCost, ...]:
    """What each phase pays, in the city's currency."""
    opened: frozenset[str] = frozenset()
    costs = []
    price = {node.id: node.upgrade_cost for node in problem.grid}
    for phase, stand in enumerate(standing(problem, plan)):
        sites = (problem.sites[problem.site_index[id_]].open_cost for id_ in sorted(stand.new_sites - opened))
        installations = (item for item in plan.installations if item.phase == phase)
        costs.append(
            PhaseCost(
                sites=math.fsum(sites),
                plugs=math.fsum(item.plugs * problem.kind_by_id[item.kind_id].plug_cost for item in installations),
                upgrades=math.fsum(price[item.node_id] for item in plan.upgrades if item.phase == phase),
            )
        )
        opened |= stand.new_sites
    return tuple(costs)


def total_cost(problem: SitingProblem, plan: SitingPlan) -> float:
    """What all phases pay."""
    return math.fsum(phase.total for phase in cost(problem, plan))


def value(problem: SitingProblem, plan: SitingPlan) -> float:
    """What the plan brings, in the measure asked for: over phases by their weight, over scenarios as expected."""
    wishes = problem.wishes
    return math.fsum(
        wishes.phases[serving.phase].weight
        * wishes.scenarios[serving.scenario].probability
        * served_value(problem, serving)
        for serving in plan.servings
    )


def phase_values(problem: SitingProblem, plan: SitingPlan) -> list[float]:
    """What each phase brings as expected, without its weight."""
    return [
        math.fsum(
            problem.wishes.scenarios[serving.scenario].probability * served_value(problem, serving)
            for serving in plan.servings
            if serving.phase == phase
        )
        for phase in range(len(problem.wishes.phases))
    ]


def served_value(problem: SitingProblem, serving: Serving) -> float:
    """What one phase brings as one scenario has it."""
    weight = problem.weights(*situation(problem, serving))
    point = problem.point[serving.pair]
    worth = problem.unit_value[point] * weight[point] * problem.worth[serving.pair] * serving.share
    return math.fsum(worth.tolist())


def served_people(problem: SitingProblem, serving: Serving) -> float:
    """Who charges somewhere in one phase as one scenario has it, each counted as one."""
    weight = problem.weights(*situation(problem, serving))
    return math.fsum((weight[problem.point[serving.pair]] * serving.share).tolist())


def served_share(problem: SitingProblem, serving: Serving) -> Floats:
    """Share of every demand point that is served, shape (points,)."""
    shares: Floats = np.zeros(len(problem.demand))
    np.add.at(shares, problem.point[serving.pair], serving.share)
    return shares


def district_shares(problem: SitingProblem, serving: Serving) -> dict[str, float]:
    """Share of each district's demand that is served; 1 where it has none."""
    weight = problem.weights(*situation(problem, serving))
    served = weight * served_share(problem, serving)
    shares = {}
    for district, points in problem.points_of.items():
        total = math.fsum(weight[points].tolist())
        shares[district] = math.fsum(served[points].tolist()) / total if total > 0 else 1.0
    return shares


def situation(problem: SitingProblem, serving: Serving) -> tuple[Phase, Scenario]:
    """Phase and scenario that a serving is about."""
    return problem.wishes.phases[serving.phase], problem.wishes.scenarios[serving.scenario]
