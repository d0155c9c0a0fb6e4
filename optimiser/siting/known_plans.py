"""Plans that are known already, each served anew for whatever is asked: which of them brings most then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from optimiser.siting.check import check
from optimiser.siting.cost import district_shares, total_cost, value
from optimiser.siting.groups import groups_of
from optimiser.siting.plan import SitingPlan
from optimiser.siting.problem import SitingProblem, Wishes
from optimiser.siting.served_plan import fairly_served, plan_of

SAME = 1e-9
"""Relative allowance for sums of floating-point numbers."""


class KnownPlans:
    """What is built by each, and the most that it brings, which is where no floors are asked for."""

    def __init__(self, problem: SitingProblem, plans: Sequence[SitingPlan]) -> None:
        self._problem, self._groups = problem, groups_of(problem)
        free = replace(problem, wishes=replace(problem.wishes, floor=0.0, floors={}))
        built = dict.fromkeys((plan.installations, plan.upgrades) for plan in plans)
        served = (plan_of(free, self._groups, one, may_miss_floors=True) for one in built)
        # Most first, so that the others need not be served once one brings as much as they can.
        self._plans = sorted(
            ((value(free, plan), plan) for plan in served if plan is not None), key=lambda item: -item[0]
        )

    def best(self, wishes: Wishes) -> SitingPlan | None:
        """What brings most of all that can keep to these wishes; of equal ones the cheapest, then the fairest."""
        asked = replace(self._problem, wishes=wishes)
        most, found = 0.0, list[SitingPlan]()
        for limit, known in self._plans:
            if found and limit < most * (1 - SAME):
                break
            plan = self._served(asked, known)
            if plan is not None:
                most = max(most, value(asked, plan))
                found.append(plan)
        ties = [plan for plan in found if value(asked, plan) >= most * (1 - SAME)]
        fair = [fairly_served(asked, self._groups, plan) for plan in ties]
        return min(fair, key=lambda plan: (total_cost(asked, plan), -_worst(asked, plan)), default=None)

    def served(self, known: SitingPlan, wishes: Wishes) -> SitingPlan | None:
        """One of them, served as well and as fairly as can be for these wishes; None where it cannot keep to them."""
        asked = replace(self._problem, wishes=wishes)
        plan = self._served(asked, known)
        return None if plan is None else fairly_served(asked, self._groups, plan)

    def _served(self, asked: SitingProblem, known: SitingPlan) -> SitingPlan | None:
        bare = check(asked, replace(known, servings=()))
        if any(broken.rule != "serving_once" for broken in bare):
            return None  # Whoever charges where, as that rule alone is about what is not told.
        plan = plan_of(asked, self._groups, (known.installations, known.upgrades), may_miss_floors=False)
        return None if plan is None or check(asked, plan) else plan


def _worst(problem: SitingProblem, plan: SitingPlan) -> float:
    """Of the district that is served least in the end, in its worst scenario, the share that is."""
    last = len(problem.wishes.phases) - 1
    served = (district_shares(problem, serving) for serving in plan.servings if serving.phase == last)
    return min((share for shares in served for share in shares.values()), default=0.0)
