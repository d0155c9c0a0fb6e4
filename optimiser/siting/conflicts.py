"""
Wishes that cannot be kept, told with the nearest ones that can.

Limits (money, grid, numbers, distance) are kept; what asks for more (forced sites, floors) gives way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.check import TOLERANCE
from optimiser.siting.cost import district_shares
from optimiser.siting.forced import Asking, Together, with_forced
from optimiser.siting.groups import Groups
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
SAFE = 1e-6
"""Floors that give way are set this much below what was reached, for sums of floating-point numbers."""
SHARES = 100_000
"""Shares that were reached are told in whole steps of one in so many, rounded down, so that asking for them is kept."""
TINY = 1e-9
"""So little of a district is nothing."""
NOISE = 1e-7
"""So little below a step is on it, for sums of floating-point numbers."""

WITHIN_REACH = "have a site within reach"
FOR_THEM = "where a charger for them may come"
TOLD = 10
"""Sites in a sentence."""

Bools = NDArray[np.bool_]


class Ending(StrEnum):
    """What is known of floors that gave way within the limits: how their sentences end."""

    OPEN = " in the time there was; more seconds may reach more"
    OPEN_FOR_ALL = (
        " in the time there was, and no money or number of sites was found that would do; more seconds may find it"
    )
    PROVEN = "; no plan within the limits keeps all floors"
    PROVEN_WITHIN = (
        f"{PROVEN}, and no money or number of sites was found that would do in the time there was; more seconds may "
        "find it"
    )
    PROVEN_FOR_ALL = "; no plan keeps all floors, whatever money and number of sites there are"
    PROVEN_FOR_ALL_OPEN = (
        f"{PROVEN_FOR_ALL}; what else would do was not looked for to the end in the time there was, and more seconds "
        "may find it"
    )

    @property
    def is_proven(self) -> bool:
        """Whether it is proven that no plan within the limits keeps all floors."""
        return self not in (Ending.OPEN, Ending.OPEN_FOR_ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweredFloor(Conflict):
    """A floor that gave way, with what else is known of it until all is told."""

    reach: str | None = None
    """What to say of a share that is all that has a site within reach; None where more than the floor asks for has."""
    ending: Ending | None = None
    """How its sentence ends where it gave way within the limits; None where it was lowered to what is within reach."""


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
        elif given is not None and more.cost > given * (1 + NOISE) + NOISE:
            price = more.cost - kept.cost
            text = f"site {id_} costs {price:,.0f} at least, more than is left; it is left out"
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
            floors[district] = max(0.0, share - SAFE)
            asked, reached = _apart(floor, share)
            conflicts.append(
                LoweredFloor(
                    rule="floor",
                    ids=(district,),
                    asked=floor,
                    possible=floors[district],
                    is_proven=True,
                    is_impossible=True,
                    text=f"{asked} of district {district} are to be served, {reached} {reach}",
                    reach=reach,
                )
            )
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
    (would,) = _apart(unbanned)
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
            conflicts.append(_floor_given_up(district, floor, share))
    wishes = replace(wishes, floors={**wishes.floors, **floors})
    return Kept(problem=replace(problem, wishes=wishes), conflicts=tuple(conflicts))


def _is_kept(floor: float, share: float) -> bool:
    """Whether so much is what it takes to keep a floor, as exactly as who charges where is found out."""
    return share >= floor * (1 - SLACK) - TINY


def _floor_given_up(
    district: str, floor: float, share: float, ending: Ending = Ending.OPEN, *, near: LoweredFloor | None = None
) -> LoweredFloor:
    """Told once, also where less was reached than has a site within reach, which is `near` what was asked for."""
    possible = math.floor((share + NOISE) * SHARES) / SHARES
    asked, *in_reach, reached = _apart(floor, *([] if near is None else [near.possible + SAFE]), possible)
    within_reach = "" if near is None else f" {in_reach[0]} {near.reach}, and"
    text = f"{asked} of district {district} are to be served,{within_reach} within the limits {reached} were reached"
    return LoweredFloor(
        rule="floor",
        ids=(district,),
        asked=floor,
        possible=possible,
        is_proven=False,
        is_impossible=near is not None or ending.is_proven,
        text=f"{text}{ending}",
        ending=ending,
    )


def _apart(asked: float, *reached: float) -> list[str]:
    """All in per cent with as many digits as tell them apart; what is reached is rounded down."""
    told = [
        [
            f"{asked:.{digits}%}",
            *(f"{math.floor(share * 10 ** (digits + 2) + 1e-9) / 10 ** (digits + 2):.{digits}%}" for share in reached),
        ]
        for digits in range(1, 6)
    ]
    return next((texts for texts in told if len(set(texts)) == len(texts)), told[-1])


def with_ending(conflict: Conflict, ending: Ending) -> Conflict:
    """The same floor that gave way within the limits, with what is known by now."""
    return _floor_given_up(conflict.ids[0], conflict.asked, conflict.possible, ending)


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
            near, within = _of_district(conflicts, item.ids[0])
            share = min((shares.get(item.ids[0], 0.0) for shares in reached), default=0.0)
            if within is not None and share > within.possible + SAFE:
                least = within.asked if _is_kept(within.asked, share) else min(within.asked, share - SAFE)
                floors[item.ids[0]] = max(problem.floor_of(item.ids[0]), least)
                within = replace(within, possible=share) if share < within.asked - TOLERANCE else None
            told.extend(_as_one(near, within))
            is_missed = is_missed or within is not None
    if floors and not is_missed:
        told = [item for item in told if not _is_remedy(problem, item)]
    lowered = [item.ids[0] for item in conflicts if isinstance(item, LoweredFloor) and item.ending is None]
    told = [_within_reach(item, lowered) if _is_remedy(problem, item) else item for item in told]
    wishes = replace(problem.wishes, floors={**problem.wishes.floors, **floors})
    return Kept(problem=replace(problem, wishes=wishes), conflicts=tuple(told))


def _is_remedy(problem: SitingProblem, item: Conflict) -> bool:
    """Whether it tells what would do for floors."""
    return item.rule in ("grid", "spacing") or _is_for_floors(problem, item)


def _within_reach(item: Conflict, lowered: Sequence[str]) -> Conflict:
    """What would do for floors does so for these as far as people have a site within reach, which is said."""
    if not lowered:
        return item
    others = f" and {len(lowered) - TOLD} more" if len(lowered) > TOLD else ""
    which = f"district{'' if len(lowered) == 1 else 's'} {', '.join(lowered[:TOLD])}{others}"
    return replace(item, text=f"{item.text}; in {which} for as many as {WITHIN_REACH}")


def _of_district(conflicts: Sequence[Conflict], district: str) -> tuple[LoweredFloor | None, LoweredFloor | None]:
    """Its floor as lowered to what is within reach, and as far as it was kept within the limits, where it gave way."""
    items = [item for item in conflicts if isinstance(item, LoweredFloor) and item.ids == (district,)]
    near = next((item for item in items if item.ending is None), None)
    within = [item for item in items if item.ending is not None]
    return near, replace(within[0], possible=within[-1].possible) if within else None


def _as_one(near: LoweredFloor | None, within: LoweredFloor | None) -> tuple[Conflict, ...]:
    """What is told of one district."""
    if within is None:
        return () if near is None else (near,)
    asked = within.asked if near is None else near.asked
    return (_floor_given_up(within.ids[0], asked, within.possible, within.ending or Ending.OPEN, near=near),)


def _is_for_floors(problem: SitingProblem, item: Conflict) -> bool:
    return item.rule in FOR_FLOORS and set(item.ids) <= problem.points_of.keys()


def without_wishes(problem: SitingProblem) -> Kept:
    """No forced sites and no floors, each told as given up."""
    wishes = problem.wishes
    forced = [_left_out(id_, f"no plan with site {id_} was found", is_proven=False) for id_ in sorted(wishes.force)]
    floors = [
        _floor_given_up(district.id, floor, 0.0)
        for district in problem.districts
        if (floor := problem.floor_of(district.id)) > 0
    ]
    wishes = replace(wishes, force=frozenset(), floors={}, floor=0.0)
    return Kept(problem=replace(problem, wishes=wishes), conflicts=(*forced, *floors))
