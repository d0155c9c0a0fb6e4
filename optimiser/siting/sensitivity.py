"""How often each site is chosen again when demand, reach, money or only the search's luck are not as assumed."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import ShouldStop, relative_gap
from optimiser.siting.affordable import affordable
from optimiser.siting.check import check
from optimiser.siting.cost import value
from optimiser.siting.groups import groups_of
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import Access, SitingProblem
from optimiser.siting.proven import (
    Proven,
    asks_for_more,
    carried_over,
    missed_floors,
    proven_of,
    within_reach,
    without_wishes_for_more,
)
from optimiser.siting.result import SitingResult
from optimiser.siting.served_plan import plan_of
from optimiser.siting.shares import Shares, even_share
from optimiser.siting.solve import solve

SPREAD = 0.2
"""How far factors may be from 1."""
TINY = 1e-6
"""Plans that give up so little more of the wishes give up the same."""
NEAR = 0.01
"""Plans that differ by less, relatively, are as good: which of them is found says nothing of sites."""
FAR = 0.1
"""Where the study's own plan is not allowed whole: a gap wider than the study's by more may hide a poor plan."""
FREE = 10
"""One part in so many of the time is for each bound without floors and forced sites."""


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
    upper_bound: float
    """No plan that gives up no more of the wishes can bring more as things are then; proven."""
    missed: Mapping[str, float]
    """Districts whose floor its plan does not keep, and the share of each that is lacking."""
    left_out: frozenset[str]
    """Sites at which something was to be built, and nothing is."""
    sites: frozenset[str]
    """At which something is built."""
    is_base: bool = False
    """
    Whether it is the plan of the study itself, or what of it the money is enough for, the search having found none that
    is clearly better then.
    """
    is_counted: bool = True
    """
    Whether its sites tell: what its search came to by itself is as good as a plan that is known, nearly at least, or
    not far from its bound; both where that plan is only what of the study's the money is enough for. Where the study's
    plan was only put back in they do not.
    """

    @property
    def gap(self) -> float:
        """How much more than the plan the best possible may bring, relative to it."""
        return relative_gap(self.upper_bound, self.value)

    @property
    def given_up(self) -> float:
        """Of what was wished for, what its plan does not keep: shares of districts and forced sites, added up."""
        return math.fsum(self.missed.values()) + len(self.left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """All runs; the spread says how far a factor may be from 1."""

    spread: float
    runs: tuple[Run, ...]

    def times_chosen(self, varied: Varied | None = None) -> Counter[str]:
        """
        How often something is built at each site, in runs that are counted: with one thing varied, or with any but the
        seed, of which no assumption is.
        """
        return Counter(id_ for run in self._counted(varied) for id_ in run.sites)

    def times_asked(self, varied: Varied | None = None) -> int:
        """How many runs that is of."""
        return len(self._counted(varied))

    def times_made(self, varied: Varied | None = None) -> int:
        """How many runs there are with one thing varied, or with any but the seed, also those that are not counted."""
        return sum(_is_of(run, varied) for run in self.runs)

    def sites(self) -> frozenset[str]:
        """At which any run that is counted builds something."""
        return frozenset(id_ for run in self.runs if run.is_counted for id_ in run.sites)

    def times_kept(self) -> int:
        """How many runs keep everything that was wished for."""
        return sum(not run.missed and not run.left_out for run in self.runs)

    def _counted(self, varied: Varied | None) -> list[Run]:
        return [run for run in self.runs if run.is_counted and _is_of(run, varied)]


def _is_of(run: Run, varied: Varied | None) -> bool:
    return run.varied is not Varied.SEARCH if varied is None else run.varied is varied


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
    base: SitingResult | None = None,
    on_run: Callable[[Run], None] | None = None,
    should_stop: ShouldStop | None = None,
    elsewhere: Elsewhere | None = None,
) -> Sensitivity:
    """
    Solve `repeats` studies for each thing varied, factors drawn evenly from 1 ± `spread`.

    `wide` holds the pairs within 1 + `spread` times the reach; without it reach gets shorter only. The plan of `base`,
    what the study itself came to, or what of it there is money for, is kept wherever it is allowed and nothing clearly
    better is found, but for runs with another seed, which begin with nothing to show the search's luck. Not counted are
    runs whose search came to clearly less by itself, and those where the study's plan is not allowed whole and the gap
    is much wider than the study's. Bounds are the least of all that are proven and hold: see `carried_over`.
    `limits.seconds` is for all studies together; what is drawn depends on `limits.seed` alone. Runs that are made
    `elsewhere` are the same as those made here, unless there is a clock: then each has its even share, and none has
    what another left.
    """
    parts = parts_of(repeats, varied)
    shares = Shares(limits, len(parts))
    loosest = _with_reach(_with_money(problem, 1 + spread), 1.0 if wide is None else 1 + spread, wide)
    proven = [] if base is None else _proven(problem, loosest, base, even_share(limits, FREE), should_stop)
    runs: list[Run] = []
    for part in parts:
        changed = _changed(problem, part, limits.seed, spread, wide)
        run = None if elsewhere is None else elsewhere(part)
        if run is None:
            own = shares.next() if elsewhere is None else even_share(limits, len(parts))
            run = run_part(problem, part, own, spread=spread, wide=wide, should_stop=should_stop)
        if base is not None:
            run = _beside(problem, run, part, changed, base=base, proven=proven)
        runs.append(run)
        if on_run is not None:
            on_run(runs[-1])
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
    changed, factors = _changed(problem, part, limits.seed, spread, wide)
    seed = (limits.seed + part.number + 1) % 2**31 if part.varied is Varied.SEARCH else limits.seed
    result = solve(changed, replace(limits, seed=seed), should_stop=should_stop)
    return Run(
        varied=part.varied,
        factors=factors,
        value=result.value,
        upper_bound=result.upper_bound,
        missed=missed_floors(changed, result.wishes),
        left_out=changed.wishes.force - result.wishes.force,
        sites=_sites(changed, result.plan),
    )


def _proven(
    problem: SitingProblem,
    loosest: SitingProblem,
    base: SitingResult,
    limits: SolveLimits,
    should_stop: ShouldStop | None,
) -> list[tuple[SitingProblem, Proven]]:
    """
    What is known, and of which problem: the study's own bound, and where that asks for floors or forced sites one that
    does not; and another one of the loosest problem of all runs.
    """
    known = [(problem, proven_of(problem, base.upper_bound, base.wishes))]
    for its in (problem, loosest) if asks_for_more(base.wishes) else ():
        free = without_wishes_for_more(its)
        bound = solve(free, limits, should_stop=should_stop).upper_bound
        known.append((its, proven_of(its, bound, free.wishes)))
    return known


def _beside(
    problem: SitingProblem,
    run: Run,
    part: Part,
    changed: tuple[SitingProblem, str],
    *,
    base: SitingResult,
    proven: Sequence[tuple[SitingProblem, Proven]],
) -> Run:
    """The run with its best bound, or the study's own plan where none better was found; and whether its sites tell."""
    carried = [held for of, its in proven if (held := carried_over(its, of, changed[0])) is not None]
    bounds = [Proven(bound=run.upper_bound, missed=run.missed, left_out=run.left_out), *carried]
    run = _bounded(run, bounds, changed[0])
    if part.varied is Varied.SEARCH:
        lacking = missed_floors(problem, base.wishes).values()
        given_up = math.fsum(lacking) + len(problem.wishes.force - base.wishes.force)
        return replace(run, is_counted=_is_as_good(run, given_up, base.value))
    known, is_as_good = _known(problem, part, base, changed), True
    if known is not None and not _is_better(run, known):
        is_as_good = _is_as_good(run, known.given_up, known.value)
        run = _bounded(known, bounds, changed[0])
    # What is left of a plan that was cut down to the money may be far from the best, and is no measure of a good one.
    is_whole = known is not None and known.sites == _sites(problem, base.plan)
    return replace(run, is_counted=is_as_good and (is_whole or run.gap <= base.gap + FAR))


def _known(problem: SitingProblem, part: Part, base: SitingResult, changed: tuple[SitingProblem, str]) -> Run | None:
    """
    What the study's own plan is worth in a run, or what of it there is money for; None where that is nothing, or not
    allowed, or keeps less than it did.
    """
    asked, factors = changed
    kept = replace(asked.wishes, floor=base.wishes.floor, floors=base.wishes.floors, force=base.wishes.force)
    held = replace(asked, wishes=kept)
    built = affordable(problem, base.plan, held.wishes.phases)
    if base.plan.installations and not built[0]:
        return None
    plan = plan_of(held, groups_of(held), built, may_miss_floors=False)
    if plan is None or check(held, plan):
        return None
    return Run(
        varied=part.varied,
        factors=factors,
        value=value(held, plan),
        upper_bound=math.inf,
        missed=missed_floors(problem, base.wishes),
        left_out=problem.wishes.force - base.wishes.force,
        sites=_sites(held, plan),
        is_base=True,
    )


def _bounded(run: Run, bounds: Sequence[Proven], changed: SitingProblem) -> Run:
    """The run with the least bound that holds for plans that give up no more wishes than its own."""
    holding = [its.bound for its in bounds if its.holds_for(run.missed, run.left_out)]
    return replace(run, upper_bound=max(run.value, min(holding) if holding else within_reach(changed).bound))


def _is_as_good(run: Run, given_up: float, brings: float) -> bool:
    """Whether what was found gives up no more of the wishes, and brings no less, but for a little."""
    return run.given_up <= given_up + TINY and run.value >= brings * (1 - NEAR)


def _is_better(run: Run, known: Run) -> bool:
    """Whether what was found keeps more wishes than what was known, or as much and brings clearly more."""
    if known.given_up > run.given_up + TINY:
        return True
    return known.given_up > run.given_up - TINY and run.value > known.value * (1 + NEAR)


def _sites(problem: SitingProblem, plan: SitingPlan) -> frozenset[str]:
    return standing(problem, plan)[-1].new_sites


def _changed(
    problem: SitingProblem, part: Part, seed: int, spread: float, wide: Access | None
) -> tuple[SitingProblem, str]:
    """The problem of a run, and by how much it is another one, in words."""
    drawn = random.Random(f"{seed} {part.varied.value} {part.number}")  # noqa: S311 - no secret
    match part.varied:
        case Varied.DEMAND:
            return _demand(problem, drawn, spread)
        case Varied.REACH:
            factor = drawn.uniform(1 - spread, 1 if wide is None else 1 + spread)
            return _with_reach(problem, factor, wide), f"reach × {factor:.2f}"
        case Varied.BUDGET:
            factor = drawn.uniform(1 - spread, 1 + spread)
            return _with_money(problem, factor), f"budget × {factor:.2f}"
        case Varied.SEARCH:
            return problem, "another seed"


def _with_reach(problem: SitingProblem, factor: float, wide: Access | None) -> SitingProblem:
    segments = tuple(
        replace(
            item,
            reach_s=round(item.reach_s * factor),
            full_s=None if item.full_s is None else round(item.full_s * factor),
        )
        for item in problem.segments
    )
    return replace(problem, segments=segments, access=problem.access if wide is None or factor <= 1 else wide)


def _with_money(problem: SitingProblem, factor: float) -> SitingProblem:
    phases = tuple(
        replace(phase, budget=None if phase.budget is None else phase.budget * factor)
        for phase in problem.wishes.phases
    )
    return replace(problem, wishes=replace(problem.wishes, phases=phases))


def _demand(problem: SitingProblem, drawn: random.Random, spread: float) -> tuple[SitingProblem, str]:
    keys = sorted({(point.segment, point.district or "") for point in problem.demand})
    factor = {key: drawn.uniform(1 - spread, 1 + spread) for key in keys}
    demand = tuple(
        replace(point, weight=point.weight * factor[point.segment, point.district or ""]) for point in problem.demand
    )
    return replace(problem, demand=demand), f"demand × {min(factor.values()):.2f} to {max(factor.values()):.2f}"
