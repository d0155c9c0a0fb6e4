"""Choose sites, kinds, plugs and phases within limits; answer with a checked plan, its bound, and broken wishes."""

from __future__ import annotations

import importlib.metadata
import time
from dataclasses import replace

import numpy as np

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, ShouldStop, StopReason, Violation
from optimiser.siting.check import check
from optimiser.siting.conflicts import floors_reached, possible_wishes
from optimiser.siting.construct import construct
from optimiser.siting.cost import value
from optimiser.siting.groups import Groups, groups_of
from optimiser.siting.plan import Installation, Serving, SitingPlan, Upgrade
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.result import SitingResult
from optimiser.siting.serving import serve
from optimiser.siting.status import Status

TINY = 1e-9
"""Relative allowance for sums of floating-point numbers."""


def solve(
    problem: SitingProblem,
    limits: SolveLimits,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> SitingResult:
    """
    Best plan found within `limits`; at worst nothing is built.

    Wishes that cannot be kept give way, and are told with the nearest ones that can: limits of money, grid and number
    are kept, floors and forced sites are lowered or left out.
    """
    search = _Search(problem, limits, on_progress, should_stop)
    search.run()
    return search.result()


class _Search:
    """Keeps the best checked plan and the bound."""

    def __init__(
        self,
        problem: SitingProblem,
        limits: SolveLimits,
        on_progress: OnProgress | None,
        should_stop: ShouldStop | None,
    ) -> None:
        self._asked, self._limits = problem, limits
        self._on_progress, self._should_stop = on_progress, should_stop
        self._started_s = time.monotonic()
        self._groups = groups_of(problem)
        kept = possible_wishes(problem, self._groups)
        self.problem, self._conflicts = kept.problem, kept.conflicts
        self._bound = _reachable_value(self.problem, self._groups)
        self._plan, self._value = SitingPlan(), 0.0
        self._refused: list[Violation] = []
        self._reason = StopReason.STALLED

    def run(self) -> None:
        """Construct a plan, then make it and the bound better while there is time."""
        built = construct(self.problem, self._groups)
        stands = standing(self.problem, SitingPlan(installations=built[0], upgrades=built[1]))
        kept = floors_reached(self.problem, self._groups, stands[-1])
        self.problem, self._conflicts = kept.problem, (*self._conflicts, *kept.conflicts)
        self._offer(*built)

    def _offer(self, installations: tuple[Installation, ...], upgrades: tuple[Upgrade, ...]) -> None:
        """Take what is built if it keeps every rule and brings more than the best so far."""
        plan = SitingPlan(installations=installations, upgrades=upgrades)
        servings: list[Serving] = []
        for phase, stand in enumerate(standing(self.problem, plan)):
            for scenario in range(len(self.problem.wishes.scenarios)):
                serving = serve(self.problem, self._groups, stand, phase=phase, scenario=scenario)
                if serving is None:
                    return
                servings.append(serving)
        plan = replace(plan, servings=tuple(servings))
        if violations := check(self.problem, plan):
            self._refused.extend(violations)
            return
        reached = value(self.problem, plan)
        if not self._plan.servings or reached > self._value:
            self._plan, self._value = plan, reached

    def result(self) -> SitingResult:
        """What came of it."""
        is_proven = self._bound <= self._value * (1 + TINY) + TINY
        return SitingResult(
            plan=self._plan,
            wishes=self.problem.wishes,
            conflicts=tuple(self._conflicts),
            value=self._value,
            upper_bound=self._value if is_proven else self._bound,
            status=Status.PROVEN if is_proven else Status.BOUNDED,
            stop_reason=StopReason.OPTIMAL if is_proven else self._reason,
            seed=self._limits.seed,
            engine=f"siting {importlib.metadata.version('evenfleet')}",
            input_hash=self._asked.input_hash,
            elapsed_s=time.monotonic() - self._started_s,
            refused=tuple(self._refused),
        )


def _reachable_value(problem: SitingProblem, groups: Groups) -> float:
    """What it would bring if everybody had a charger at the best of the sites within reach."""
    best = np.zeros(len(groups.example))
    np.maximum.at(best, groups.arc_group, groups.arc_worth)
    unit, wishes = problem.unit_value[groups.example] * best, problem.wishes
    return sum(
        phase.weight * scenario.probability * float(unit @ groups.totals(problem.weights(phase, scenario)))
        for phase in wishes.phases
        for scenario in wishes.scenarios
    )
