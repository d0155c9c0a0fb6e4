"""What is built already, looked at in a problem that it was not made for: who charges where is found out anew."""

from __future__ import annotations

from dataclasses import replace

from optimiser.siting.cost import district_shares
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Built, SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.serving import fairest, serve


def plan_of(problem: SitingProblem, groups: Groups, built: Built, *, may_miss_floors: bool) -> SitingPlan | None:
    """The plan that builds this, served as well as can be; None where floors stay open that it may not miss."""
    installations, upgrades = built
    plan = SitingPlan(installations=installations, upgrades=upgrades)
    servings = []
    for phase, stand in enumerate(standing(problem, plan)):
        for scenario in range(len(problem.wishes.scenarios)):
            serving = serve(problem, groups, stand, phase=phase, scenario=scenario)
            if serving is None and may_miss_floors:
                serving = serve(problem, groups, stand, phase=phase, scenario=scenario, is_elastic=True)
            if serving is None:
                return None
            servings.append(serving)
    return SitingPlan(installations=installations, upgrades=upgrades, servings=tuple(servings))


def fairly_served(problem: SitingProblem, groups: Groups, plan: SitingPlan) -> SitingPlan:
    """
    The same plan, by which as many are served; of all ways to do so the one that is fairest to districts.

    Floors are kept, and of those that the plan misses what it keeps of them in every scenario.
    """
    stands, kept = standing(problem, plan), _kept_floors(problem, plan)
    servings = (fairest(problem, groups, stands[serving.phase], serving, kept) for serving in plan.servings)
    return replace(plan, servings=tuple(servings))


def _kept_floors(problem: SitingProblem, plan: SitingPlan) -> dict[str, float]:
    """Of each district its floor, or as much of it as is served in the end, in the scenario that is worst for it."""
    floors = {id_: problem.floor_of(id_) for id_ in problem.points_of}
    for serving in plan.servings:
        if serving.phase == len(problem.wishes.phases) - 1:
            for id_, share in district_shares(problem, serving).items():
                floors[id_] = min(floors[id_], share)
    return floors
