"""What is proven of a study, and how much of it holds when something is not as it was."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from optimiser.siting.bound.phases import Bound
from optimiser.siting.groups import groups_of
from optimiser.siting.problem import SitingProblem, Wishes

KEPT = 5e-6
"""Of a district: a floor of which less is missed is kept, as floors are set just below what was reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A bound, and the wishes it rests on: no plan that gives up no more of any of them brings more."""

    bound: float
    missed: Mapping[str, float] = field(default_factory=dict)
    """Districts whose floors may be missed, and by how much: shares of them."""
    left_out: frozenset[str] = frozenset()
    """Forced sites at which nothing has to be built."""

    def holds_for(self, missed: Mapping[str, float], left_out: Set[str]) -> bool:
        """Whether it holds for all plans that give up so much: where that is no more, district by district."""
        return left_out <= self.left_out and all(share <= self.missed.get(id_, 0.0) for id_, share in missed.items())


def proven_of(problem: SitingProblem, bound: float, kept: Wishes) -> Proven:
    """A bound that was proven for what was kept of the wishes of a problem."""
    return Proven(bound=bound, missed=missed_floors(problem, kept), left_out=problem.wishes.force - kept.force)


def without_wishes_for_more(problem: SitingProblem) -> SitingProblem:
    """The same with no floors and no forced sites: what holds for its plans holds for those of any floors."""
    return replace(problem, wishes=replace(problem.wishes, floor=0.0, floors={}, force=frozenset()))


def asks_for_more(wishes: Wishes) -> bool:
    """Whether there are floors or forced sites, which no plan has to keep for the sake of its value."""
    return bool(wishes.force) or wishes.floor > 0 or any(floor > 0 for floor in wishes.floors.values())


def within_reach(problem: SitingProblem) -> Proven:
    """What everybody with a site within reach would bring, which no plan exceeds whatever it keeps."""
    free = without_wishes_for_more(problem)
    return proven_of(problem, Bound(free, groups_of(free)).value, free.wishes)


def carried_over(proven: Proven, problem: SitingProblem, changed: SitingProblem) -> Proven | None:
    """
    What is proven of a problem, as far as it holds with other demand, reach or money; None where it does not.

    With less money or a shorter reach every plan is one of the problem as well, and brings no less there. With other
    demand every plan is one of the problem once all that it serves is divided by the greatest factor, 1 at least: its
    plugs have less to do then, but so much less is served of districts that floors may break. So a bound that asks for
    floors does not hold, and any other one does, times that factor. With more money or a longer reach nothing holds.
    """
    if _is_longer(problem, changed) or _is_richer(problem, changed):
        return None
    most = _greatest_factor(problem, changed)
    if most is None:
        return proven
    floors = {district.id: problem.floor_of(district.id) for district in problem.districts}
    if any(floor - proven.missed.get(id_, 0.0) > 0 for id_, floor in floors.items()):
        return None
    return replace(proven, bound=most * proven.bound)


def _is_longer(problem: SitingProblem, changed: SitingProblem) -> bool:
    pairs = zip(problem.segments, changed.segments, strict=True)
    return any(now.reach_s > was.reach_s or (now.full_s or 0) > (was.full_s or 0) for was, now in pairs)


def _is_richer(problem: SitingProblem, changed: SitingProblem) -> bool:
    money = (
        [math.inf if phase.budget is None else phase.budget for phase in its.wishes.phases]
        for its in (problem, changed)
    )
    return any(now > was for was, now in zip(*money, strict=True))


def _greatest_factor(problem: SitingProblem, changed: SitingProblem) -> float | None:
    """By which demand anywhere is larger, 1 at least; None where all demand is the same."""
    weights = [(was.weight, now.weight) for was, now in zip(problem.demand, changed.demand, strict=True)]
    if all(now == was for was, now in weights):
        return None
    return max(1.0, max((now / was for was, now in weights if was > 0), default=1.0))


def missed_floors(problem: SitingProblem, kept: Wishes) -> dict[str, float]:
    """Districts of whose floor something is lacking in what a plan keeps to, and how much."""
    floors = {item.id: kept.floors.get(item.id, kept.floor) for item in problem.districts}
    lacking = {id_: problem.floor_of(id_) - floor for id_, floor in floors.items()}
    return {id_: share for id_, share in lacking.items() if share > KEPT}
