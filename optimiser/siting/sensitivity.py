"""How often each site is chosen again when demand, reach, money or only the search's luck are not as assumed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import ShouldStop
from optimiser.siting.plugs import standing
from optimiser.siting.problem import Access, SitingProblem
from optimiser.siting.shares import Shares
from optimiser.siting.solve import solve

SPREAD = 0.2
"""How far factors may be from 1."""


class Varied(StrEnum):
    """What is not as assumed."""

    DEMAND = "demand"
    """Of each segment in each district, by a factor of its own."""
    REACH = "reach"
    """Of each segment; longer only where it is known what lies beyond it."""
    BUDGET = "budget"
    """Of all phases, by the same factor."""
    SEARCH = "search"
    """Nothing but the seed: what changes here is the search's luck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One study with something varied."""

    varied: Varied
    factors: str
    """By how much, in words."""
    value: float
    gap: float
    sites: frozenset[str]
    """At which something is built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """All runs; the spread says how far a factor may be from 1."""

    spread: float
    runs: tuple[Run, ...]

    def times_chosen(self, varied: Varied | None = None) -> Counter[str]:
        """How often something is built at each site, in all runs or in those with one thing varied."""
        return Counter(id_ for run in self._runs(varied) for id_ in run.sites)

    def times_asked(self, varied: Varied | None = None) -> int:
        """How many runs that is of."""
        return len(self._runs(varied))

    def _runs(self, varied: Varied | None) -> list[Run]:
        return [run for run in self.runs if varied is None or run.varied is varied]


def sensitivity(
    problem: SitingProblem,
    limits: SolveLimits,
    *,
    repeats: int = 5,
    spread: float = SPREAD,
    varied: Sequence[Varied] = tuple(Varied),
    wide: Access | None = None,
    on_run: Callable[[Run], None] | None = None,
    should_stop: ShouldStop | None = None,
) -> Sensitivity:
    """
    Solve `repeats` studies for each thing varied, factors drawn evenly from 1 ± `spread`.

    `wide` holds the pairs within 1 + `spread` times the reach; without it reach gets shorter only. `limits.seconds` is
    for all studies together; what is drawn depends on `limits.seed` alone.
    """
    shares = Shares(limits, repeats * len(varied))
    runs: list[Run] = []
    for what in varied:
        for number in range(repeats):
            drawn = random.Random(f"{limits.seed} {what.value} {number}")  # noqa: S311 - no secret
            changed, factors = _changed(problem, what, drawn, spread, wide)
            seed = (limits.seed + number + 1) % 2**31 if what is Varied.SEARCH else limits.seed
            result = solve(changed, shares.next(seed=seed), should_stop=should_stop)
            built = standing(changed, result.plan)[-1].new_sites
            runs.append(Run(varied=what, factors=factors, value=result.value, gap=result.gap, sites=built))
            if on_run is not None:
                on_run(runs[-1])
            if should_stop is not None and should_stop():
                return Sensitivity(spread=spread, runs=tuple(runs))
    return Sensitivity(spread=spread, runs=tuple(runs))


def _changed(
    problem: SitingProblem, varied: Varied, drawn: random.Random, spread: float, wide: Access | None
) -> tuple[SitingProblem, str]:
    match varied:
        case Varied.DEMAND:
            return _demand(problem, drawn, spread)
        case Varied.REACH:
            factor = drawn.uniform(1 - spread, 1 if wide is None else 1 + spread)
            access = problem.access if wide is None or factor <= 1 else wide
            segments = tuple(
                replace(
                    item,
                    reach_s=round(item.reach_s * factor),
                    full_s=None if item.full_s is None else round(item.full_s * factor),
                )
                for item in problem.segments
            )
            return replace(problem, segments=segments, access=access), f"reach × {factor:.2f}"
        case Varied.BUDGET:
            factor = drawn.uniform(1 - spread, 1 + spread)
            phases = tuple(
                replace(phase, budget=None if phase.budget is None else phase.budget * factor)
                for phase in problem.wishes.phases
            )
            return replace(problem, wishes=replace(problem.wishes, phases=phases)), f"budget × {factor:.2f}"
        case Varied.SEARCH:
            return problem, "another seed"


def _demand(problem: SitingProblem, drawn: random.Random, spread: float) -> tuple[SitingProblem, str]:
    keys = sorted({(point.segment, point.district or "") for point in problem.demand})
    factor = {key: drawn.uniform(1 - spread, 1 + spread) for key in keys}
    demand = tuple(
        replace(point, weight=point.weight * factor[point.segment, point.district or ""]) for point in problem.demand
    )
    return replace(problem, demand=demand), f"demand × {min(factor.values()):.2f} to {max(factor.values()):.2f}"
