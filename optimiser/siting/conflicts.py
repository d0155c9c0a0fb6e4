"""
Wishes that cannot be kept, told with the nearest ones that can.

Limits (money, grid, numbers, distance) are kept; what asks for more (forced sites, floors) gives way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.check import TOLERANCE
from optimiser.siting.cost import district_shares
from optimiser.siting.forced import Asking, Together, with_forced
from optimiser.siting.groups import Groups
from optimiser.siting.lowered import (
    SAFE,
    TOLD,
    WITHIN_REACH,
    Ending,
    apart,
    as_one,
    for_lowered,
    given_up,
    lowered,
    lowest,
    of_district,
)
from optimiser.siting.money import in_words, is_beyond, up_to_cent
from optimiser.siting.most_forced import most_within
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import Standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.refusals import why_not
from optimiser.siting.result import Conflict, Instead
from optimiser.siting.room import Room
from optimiser.siting.serving import serve
from optimiser.siting.transport import SLACK

FOR_FLOORS = ("budget", "max_new_sites")
"""Rules of which it is told, about districts, what would do for their floors."""
TINY = 1e-9
"""So little of a district is nothing."""
NOISE = 1e-7
"""So little below a step is on it, for sums of floating-point numbers."""

FOR_THEM = "where a charger for them may come"

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The same problem with wishes that can be kept, and which had to give way."""

    problem: SitingProblem
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible(Kept):
    """What can be kept within the limits, before anybody has looked for a plan."""

    asked: SitingProblem
    """The same with all sites that were asked for."""


def possible_wishes(problem: SitingProblem, groups: Groups) -> Possible:
    """Leave out forced sites that cannot be, and lower floors to what is within reach at all."""
    forced = _forced(problem)
    floors = _floors_in_reach(forced.problem, groups)
    asked = replace(floors.problem, wishes=replace(floors.problem.wishes, force=problem.wishes.force))
    return Possible(problem=floors.problem, conflicts=(*forced.conflicts, *floors.conflicts), asked=asked)


def _forced(problem: SitingProblem) -> Kept:
    """As many of the forced sites as the limits of all phases together allow; then the others, and why not."""
    conflicts: list[Conflict] = []
    asking, given, most = Asking(problem), _total_budget(problem), problem.wishes.max_new_sites
    chosen = most_within(problem, problem.wishes.force, money=given, number=most)
    had = kept = Together()
    for id_ in sorted(problem.wishes.force, key=lambda id_: (id_ not in chosen.ids, id_)):
        site = problem.sites[problem.site_index[id_]]
        beside = asking.and_(had, site)
        if beside is None:
            refusal = why_not(problem, asking, had, site)
            text = f"site {id_} is asked for, but {refusal.text}; it is left out"
            is_alone = asking.and_(Together(), site) is not None
            is_proven = chosen.is_proven or not is_alone
            conflicts.append(_left_out(id_, text, is_proven=is_proven, instead=refusal.instead))
            continue
        had, more = beside, asking.and_(kept, site)
        assert more is not None  # What can be had beside many can be had beside some of them.
        if most is not None and more.new_sites > most:
            others = ", and others are asked for as well" if kept.sites else ""
            allowed = "1 new site is" if most == 1 else f"{most:,} new sites are"
            text = f"site {id_} is asked for, but {allowed} allowed{others}; it is left out"
            conflicts.append(_left_out(id_, text, is_proven=chosen.is_proven))
        elif given is not None and is_beyond(more.cost, given):
            price = more.cost - kept.cost
            text = f"site {id_} costs {in_words(up_to_cent(price))} at least, more than is left; it is left out"
            conflicts.append(_left_out(id_, text, is_proven=chosen.is_proven))
        else:
            kept = more
    return Kept(problem=with_forced(problem, kept), conflicts=tuple(conflicts))


def _left_out(id_: str, text: str, *, is_proven: bool, instead: Instead | None = None) -> Conflict:
    """A site that is asked for and is not had; proven where none of as many sites has it besides."""
    return Conflict(
        rule="force",
        ids=(id_,),
        asked=1,
        possible=0,
        is_proven=is_proven,
        is_impossible=is_proven,
        text=text,
        instead=instead or Instead(),
    )


def _total_budget(problem: SitingProblem) -> float | None:
    budgets = [phase.budget for phase in problem.wishes.phases]
    return None if any(budget is None for budget in budgets) else math.fsum(b for b in budgets if b is not None)


def _floors_in_reach(problem: SitingProblem, groups: Groups) -> Kept:
    """No district is served beyond what has any usable site within reach."""
    wishes = problem.wishes
    conflicts: list[Conflict] = []
    floors: dict[str, float] = {}
    free = replace(problem, wishes=replace(wishes, ban=frozenset()))
    usable, unbanned = (_usable_arcs(known, groups) for known in (problem, free))
    in_reach, beside = (_shares_in_reach(problem, groups, arcs) for arcs in (usable, unbanned))
    near = _shares_in_reach(problem, groups, np.ones_like(usable))
    for district, share in in_reach.items():
        floor = problem.floor_of(district)
        if share < floor:
            banned = banned_in_reach(problem, groups, district, unbanned & ~usable) if beside[district] > share else ()
            reach = _reach(beside[district], banned, is_of_any_kind=near[district] <= beside[district])
            conflicts.append(lowered(district, floor, share, reach))
            floors[district] = max(0.0, share - SAFE)
    wishes = replace(wishes, floors={**wishes.floors, **floors})
    return Kept(problem=replace(problem, wishes=wishes), conflicts=tuple(conflicts))


def _usable_arcs(problem: SitingProblem, groups: Groups) -> Bools:
    """Arcs to sites with a plug, or room and power for one, of a kind that serves whoever goes there."""
    room = Room(problem)
    there = [
        {kind.id for kind in problem.kinds if site.plugs.get(kind.id, 0) > 0 or room.free_plugs(site, kind) > 0}
        for site in problem.sites
    ]
    row = {segment.id: number for number, segment in enumerate(problem.segments)}
    serves = np.array([[not segment.kinds.isdisjoint(kinds) for kinds in there] for segment in problem.segments])
    segment = np.array([row[problem.demand[example].segment] for example in groups.example.tolist()], dtype=np.int64)
    usable: Bools = serves[segment[groups.arc_group], groups.arc_site].astype(np.bool_)
    return usable


def _shares_in_reach(problem: SitingProblem, groups: Groups, arcs: Bools) -> dict[str, float]:
    """Of each district, the share that has one of some arcs to go, in the scenario where it is least."""
    inside = np.zeros(len(groups.example), dtype=np.bool_)
    inside[groups.arc_group[arcs]] = True
    # Where no group is, -1 would lead nowhere.
    is_reached = np.where(groups.group >= 0, np.append(inside, False)[groups.group], False)
    least = {}
    for district, points in problem.points_of.items():
        shares = []
        for scenario in problem.wishes.scenarios:
            weight = problem.weights(problem.wishes.phases[-1], scenario)[points]
            shares.append(float(weight[is_reached[points]].sum() / weight.sum()) if weight.sum() > 0 else 1.0)
        least[district] = min(shares)
    return least


def banned_in_reach(problem: SitingProblem, groups: Groups, district: str, banned: Bools) -> tuple[str, ...]:
    """Of sites at the end of some arcs, by their ids, those that somebody in a district could go to."""
    of_group = np.array([problem.demand[row].district == district for row in groups.example.tolist()])
    rows = np.unique(groups.arc_site[of_group[groups.arc_group] & banned])
    return tuple(problem.sites[row].id for row in rows.tolist())


def _reach(unbanned: float, banned: tuple[str, ...], *, is_of_any_kind: bool) -> str:
    """
    What to say of a share that is all that has a site within reach, with the bans that are the reason, if any.

    Where others have a site within reach as well, but no charger for them may come there, that is said.
    """
    within = WITHIN_REACH if is_of_any_kind else f"{WITHIN_REACH} {FOR_THEM}"
    if not banned:
        return within
    more = f" and {len(banned) - TOLD} more" if len(banned) > TOLD else ""
    (would,) = apart(unbanned)
    which = "that is" if is_of_any_kind else "and that is"
    return f"{within} {which} not banned ({would} would if {', '.join(banned[:TOLD])}{more} were not)"


def floors_reached(
    problem: SitingProblem, groups: Groups, stand: Standing, *, even: SitingProblem | None = None
) -> Kept:
    """
    Floors lowered to what the plugs that stand in the end can serve, where that is less.

    As many people are served then as can be; or, where lower floors are told that can be kept, these are.
    """
    wishes, last = problem.wishes, len(problem.wishes.phases) - 1
    if all(
        serve(problem, groups, stand, phase=last, scenario=scenario) is not None
        for scenario in range(len(wishes.scenarios))
    ):
        return Kept(problem=problem, conflicts=())
    reached: dict[str, float] = {}
    for scenario in range(len(wishes.scenarios)):
        serving = serve(even or problem, groups, stand, phase=last, scenario=scenario, is_elastic=True)
        assert serving is not None
        for district, share in district_shares(problem, serving).items():
            reached[district] = min(reached.get(district, 1.0), share)
    conflicts: list[Conflict] = []
    floors: dict[str, float] = {}
    for district, share in reached.items():
        floor = problem.floor_of(district)
        if not _is_kept(floor, share):
            floors[district] = max(0.0, share - SAFE)
            conflicts.append(given_up(district, floor, share))
    wishes = replace(wishes, floors={**wishes.floors, **floors})
    return Kept(problem=replace(problem, wishes=wishes), conflicts=tuple(conflicts))


def _is_kept(floor: float, share: float) -> bool:
    """Whether so much is what it takes to keep a floor, as exactly as who charges where is found out."""
    return share >= floor * (1 - SLACK) - TINY


def floors_of_plan(problem: SitingProblem, conflicts: tuple[Conflict, ...], plan: SitingPlan) -> Kept:
    """
    Floors that gave way before the search, as far as its plan keeps them, which may be further than was known.

    Of each district one conflict is told.
    """
    last = len(problem.wishes.phases) - 1
    reached = [district_shares(problem, serving) for serving in plan.servings if serving.phase == last]
    told, floors, is_missed = list[Conflict](), dict[str, float](), False
    for row, item in enumerate(conflicts):
        if item.rule != "floor":
            told.append(item)
        elif item.ids not in [other.ids for other in conflicts[:row] if other.rule == "floor"]:
            near, within = of_district(conflicts, item.ids[0])
            share = min((shares.get(item.ids[0], 0.0) for shares in reached), default=0.0)
            if within is not None and share > within.possible + SAFE:
                least = within.asked if _is_kept(within.asked, share) else min(within.asked, share - SAFE)
                floors[item.ids[0]] = max(problem.floor_of(item.ids[0]), least)
                most = within.asked if near is None else min(within.asked, near.possible)
                within = replace(within, possible=share) if share < most - TOLERANCE else None
            if within is None and near is not None and near.beside is not None and share < near.possible - TOLERANCE:
                within = given_up(item.ids[0], near.beside, share, Ending.PROVEN_FOR_ALL, is_settled=near.is_settled)
            if near is not None and near.beside is not None and share > near.beside + SAFE:
                floors[item.ids[0]] = min(near.possible, share - SAFE)
            told.extend(as_one(near, within))
            is_missed = is_missed or within is not None
    if floors and not is_missed:
        told = [item for item in told if not _is_remedy(problem, item)]
    known = lowest(conflicts)
    told = [for_lowered(item, known) if _is_for_floors(problem, item) else item for item in told]
    wishes = replace(problem.wishes, floors={**problem.wishes.floors, **floors})
    return Kept(problem=replace(problem, wishes=wishes), conflicts=tuple(told))


def _is_remedy(problem: SitingProblem, item: Conflict) -> bool:
    """Whether it tells what would do for floors."""
    return item.rule in ("grid", "spacing") or _is_for_floors(problem, item)


def _is_for_floors(problem: SitingProblem, item: Conflict) -> bool:
    return item.rule in FOR_FLOORS and set(item.ids) <= problem.points_of.keys()


def without_wishes(problem: SitingProblem) -> Kept:
    """No forced sites and no floors, each told as given up."""
    wishes = problem.wishes
    forced = [_left_out(id_, f"no plan with site {id_} was found", is_proven=False) for id_ in sorted(wishes.force)]
    floors = [
        given_up(district.id, floor, 0.0)
        for district in problem.districts
        if (floor := problem.floor_of(district.id)) > 0
    ]
    wishes = replace(wishes, force=frozenset(), floors={}, floor=0.0)
    return Kept(problem=replace(problem, wishes=wishes), conflicts=(*forced, *floors))
