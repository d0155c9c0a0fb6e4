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
from optimiser.siting.shares import Shares, even_share
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which run: what it needs beside the study itself, and no other run."""

    varied: Varied
    number: int
    """Of the runs with this thing varied, from 0 on."""


def parts_of(repeats: int = 5, varied: Sequence[Varied] = tuple(Varied)) -> tuple[Part, ...]:
    """All runs, in the order in which they are told."""
    return tuple(Part(varied=what, number=number) for what in varied for number in range(repeats))


Elsewhere = Callable[[Part], Run | None]
"""Waits for a run that is made elsewhere by `run_part`; None where nobody makes it."""


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
    elsewhere: Elsewhere | None = None,
) -> Sensitivity:
    """
    Solve `repeats` studies for each thing varied, factors drawn evenly from 1 ± `spread`.

    `wide` holds the pairs within 1 + `spread` times the reach; without it reach gets shorter only. `limits.seconds` is
    for all studies together; what is drawn depends on `limits.seed` alone. Runs that are made `elsewhere` are the same
    as those made here, unless there is a clock: then each has its even share, and none has what another left.
    """
    parts = parts_of(repeats, varied)
    shares = Shares(limits, len(parts))
    runs: list[Run] = []
    for part in parts:
        run = None if elsewhere is None else elsewhere(part)
        if run is None:
            own = shares.next() if elsewhere is None else even_share(limits, len(parts))
            run = run_part(problem, part, own, spread=spread, wide=wide, should_stop=should_stop)
        runs.append(run)
        if on_run is not None:
            on_run(run)
        if should_stop is not None and should_stop():
            break
    return Sensitivity(spread=spread, runs=tuple(runs))


def run_part(
    problem: SitingProblem,
    part: Part,
    limits: SolveLimits,
    *,
    spread: float = SPREAD,
    wide: Access | None = None,
    should_stop: ShouldStop | None = None,
) -> Run:
    """One run within limits of its own; `spread` and `wide` as in `sensitivity`."""
    drawn = random.Random(f"{limits.seed} {part.varied.value} {part.number}")  # noqa: S311 - no secret
    changed, factors = _changed(problem, part.varied, drawn, spread, wide)
    seed = (limits.seed + part.number + 1) % 2**31 if part.varied is Varied.SEARCH else limits.seed
    result = solve(changed, replace(limits, seed=seed), should_stop=should_stop)
    built = standing(changed, result.plan)[-1].new_sites
    return Run(varied=part.varied, factors=factors, value=result.value, gap=result.gap, sites=built)


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
