"""
What money that is left still buys, on top of a plan.

The search goes by expected demand, which plugs may serve that are too few for one scenario of it. Here every scenario
counts by itself: with all that the plan serves in it left as it is, whatever brings most for its price is built next.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimiser.siting.construct import Left, Scarce, grow
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Built, SitingPlan
from optimiser.siting.problem import ChargerKind, Site, SitingProblem
from optimiser.siting.room import Room


def topped_up(problem: SitingProblem, groups: Groups, plan: SitingPlan) -> Built | None:
    """What a plan builds and what its money pays for besides in the last phase; None where that brings nothing."""
    room = _replayed(problem, plan)
    if room is None:
        return None
    before = room.installations.copy()
    grow(problem, room, _LeftInScenarios(problem, groups, plan), Scarce.MONEY, is_floor=False)
    return room.plan() if room.installations != before else None


def _replayed(problem: SitingProblem, plan: SitingPlan) -> Room | None:
    """What room there is in the last phase once a plan is built."""
    room = Room(problem)
    for phase in range(len(problem.wishes.phases)):
        if phase > 0:
            room.begin(phase)
        for item in plan.installations:
            if item.phase == phase:
                site, kind = problem.sites[problem.site_index[item.site_id]], problem.kind_by_id[item.kind_id]
                if room.price(site, kind, item.plugs) is None:
                    return None
                room.build(site, kind, item.plugs)
    return room


class _LeftInScenarios:
    """Demand of the last phase that a plan leaves, scenario by scenario."""

    def __init__(self, problem: SitingProblem, groups: Groups, plan: SitingPlan) -> None:
        last = len(problem.wishes.phases) - 1
        self._left: list[tuple[float, Left]] = []
        for serving in plan.servings:
            if serving.phase == last:
                left = Left(problem, groups, {}, last, scenario=serving.scenario)
                weight = problem.weights(problem.wishes.phases[last], problem.wishes.scenarios[serving.scenario])
                point = problem.point[serving.pair]
                served = np.zeros(len(left.weight))
                np.add.at(served, groups.group[point], serving.share * weight[point])
                left.served = np.minimum(1.0, np.divide(served, left.weight, out=served, where=left.weight > 0))
                self._left.append((problem.wishes.scenarios[serving.scenario].probability, left))

    def gains(self, site: Site, kind: ChargerKind, rates: Sequence[float], *, is_floor: bool) -> list[float]:
        """What so many sessions an hour would bring, as expected over scenarios."""
        each = [np.multiply(chance, left.gains(site, kind, rates, is_floor=is_floor)) for chance, left in self._left]
        total: list[float] = np.sum(each, axis=0).tolist()
        return total

    def take(self, site: Site, kind: ChargerKind, rate: float) -> None:
        """Serve them in every scenario."""
        for _, left in self._left:
            left.take(site, kind, rate)
