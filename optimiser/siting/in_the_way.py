"""A grid, or a distance between new sites, that is in the way of floors: what would do, as near as is found."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations

import numpy as np

from optimiser.network.geodesy import great_circle_m
from optimiser.siting.check import distance_m
from optimiser.siting.enough import Enough, beyond, counted, promised, what_else
from optimiser.siting.exact import any_exactly, least_exactly, small_model
from optimiser.siting.groups import Groups
from optimiser.siting.keeping import TINY, is_kept, with_money, with_share, with_sites
from optimiser.siting.lowered import LoweredFloor, for_lowered, lowest
from optimiser.siting.model import Aim
from optimiser.siting.money import in_words, up_to_cent
from optimiser.siting.plan import Built, SitingPlan
from optimiser.siting.plugs import held_kw, standing
from optimiser.siting.problem import GridNode, SitingProblem
from optimiser.siting.result import Conflict

ENDLESS_KW = 1e9
"""More than any node is asked for."""
NOISE = 1e-8
"""What sums of floating-point numbers may be off, in units of the last digit told."""
DIGITS = 6
"""Behind the point of kW, at most."""
TOLD = 5
"""Grid nodes in a sentence."""
EACH = 0.5
"""Of the time that is left, for each distance that is tried."""

ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Of a grid that is in the way together with the distance between new sites: what is known of that."""

    asked_m: float
    is_furthest: bool
    """Whether it is proven that nothing further apart does, whatever nodes carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheWay(Conflict):
    """A limit other than money and number that is in the way, with what it takes to look for one nearer to it."""

    problem: SitingProblem
    """Whose limits are told of, with all sites that can be had without this one."""
    enough: Enough
    """What keeps all floors, and what else it takes."""
    is_nearest: bool
    """Whether it is proven that, with all that it takes else, none does that is nearer."""
    apart: Apart | None = None
    """Where new sites have to be less far apart as well, as they are in the problem."""

    @property
    def within(self) -> SitingProblem:
        """The same with as much of money and new sites as it takes."""
        instead = what_else(self.problem, self.enough)
        limits = self.problem if instead.max_new_sites is None else with_sites(self.problem, instead.max_new_sites)
        return limits if instead.budget is None else with_money(limits, instead.budget)

    def nearer(self, plan: Built, *, is_nearest: bool) -> InTheWay:
        """The same told of a plan that is nearer to what was asked."""
        enough, is_impossible = replace(self.enough, plan=plan), self.is_impossible
        if self.rule == "spacing":
            return spacing_needed(self.problem, enough, is_impossible=is_impossible, is_nearest=is_nearest)
        told = grid_needed(self.problem, enough, is_impossible=is_impossible, is_nearest=is_nearest, apart=self.apart)
        return told or self


def grid_needed(
    problem: SitingProblem,
    enough: Enough,
    *,
    is_impossible: bool,
    is_nearest: bool = False,
    apart: Apart | None = None,
) -> InTheWay | None:
    """
    Grid nodes that have to carry more in a plan that keeps the floors, with what else that takes; None where none do.

    The grid is in the way where it is proven that no plan without that keeps them, whatever else there is.
    """
    short = _short_kw(problem, enough.plan)
    if not short:
        return None
    needed = {node.id: _instead(held, node.hosting_kw + node.upgrade_kw) for node, held in short}
    told = ", ".join(f"{id_} ({kw} instead of {given} kW)" for id_, (kw, given, _) in list(needed.items())[:TOLD])
    others = f" and {len(short) - TOLD} more" if len(short) > TOLD else ""
    more = f"{told}{others}{_with_more(problem, enough)}; {'less would not' if is_nearest else 'less may do'}"
    if is_impossible:
        text = _both(problem, apart) if apart else "the grid is in the way of the floors asked for; they would be kept"
        text += f" if nodes carried more: {more}"
    else:
        near = f", and new sites {problem.wishes.spacing_m:,.10g} m from each other," if apart else ""
        text = f"with nodes that carry more{near} a plan was found that keeps the floors asked for: {more}"
        text += ", and more seconds may find one without"
    grid_kw = {id_: number for id_, (_, _, number) in needed.items()}
    return InTheWay(
        rule="grid",
        ids=tuple(grid_kw),
        asked=math.fsum(node.hosting_kw + node.upgrade_kw for node, _ in short),
        possible=math.fsum(grid_kw.values()),
        is_proven=is_nearest and _is_least(problem, enough) and (apart is None or apart.is_furthest),
        is_impossible=is_impossible,
        text=text,
        instead=replace(
            what_else(problem, enough), grid_kw=grid_kw, spacing_m=int(problem.wishes.spacing_m) if apart else None
        ),
        problem=problem,
        enough=enough,
        is_nearest=is_nearest,
        apart=apart,
    )


def _both(problem: SitingProblem, apart: Apart) -> str:
    """That the grid and the distance are in the way together, with the distance that would do."""
    both = (
        f"the grid and the distance of {apart.asked_m:,.10g} m between new sites are in the way of the floors asked for"
    )
    further = "more would not" if apart.is_furthest else "more may do"
    return f"{both}; they would be kept with {problem.wishes.spacing_m:,.10g} m between them ({further}),"


def spacing_needed(
    problem: SitingProblem, enough: Enough, *, is_impossible: bool, is_nearest: bool = False
) -> InTheWay:
    """The distance between new sites that stands against the floors, with what would do, and what else that takes."""
    asked, metres = problem.wishes.spacing_m, nearest_m(problem, enough.plan)
    more = f"{metres:,} m would do{_with_more(problem, enough)}; {'more would not' if is_nearest else 'more may do'}"
    if is_impossible:
        text = f"the distance of {asked:,.10g} m between new sites is in the way of the floors asked for; {more}"
    else:
        text = f"with less than {asked:,.10g} m between new sites a plan was found that keeps the floors asked for; "
        text += f"{more}, and more seconds may find one without"
    return InTheWay(
        rule="spacing",
        ids=promised(problem),
        asked=asked,
        possible=metres,
        is_proven=is_nearest and _is_least(problem, enough),
        is_impossible=is_impossible,
        text=text,
        instead=replace(what_else(problem, enough), spacing_m=metres),
        problem=problem,
        enough=enough,
        is_nearest=is_nearest,
    )


def as_near_as_can_be(
    conflicts: Sequence[Conflict], groups: Groups, *, seconds: float, should_stop: ShouldStop | None = None
) -> tuple[Conflict, ...]:
    """Conflicts with limits that are in the way told as near to what was asked as is found in so many seconds."""
    end_s, told = time.monotonic() + seconds, list[Conflict]()
    left = sum(isinstance(item, InTheWay) for item in conflicts)
    for item in conflicts:
        if isinstance(item, InTheWay):
            near = nearer(item, groups, seconds=(end_s - time.monotonic()) / left, should_stop=should_stop)
            known = [_as_counted(low, near.problem) for low in lowest(conflicts)]
            whole = for_lowered(near, known)
            told.append(Conflict(**{field.name: getattr(whole, field.name) for field in fields(Conflict)}))
            left -= 1
        else:
            told.append(item)
    return tuple(told)


def _as_counted(low: LoweredFloor, problem: SitingProblem) -> LoweredFloor:
    """A floor that no plan keeps, with as much of it as counts for the limits that are told."""
    counted = problem.floor_of(low.ids[0])
    return replace(low, beside=None if counted >= low.possible else counted)


def nearer(item: InTheWay, groups: Groups, *, seconds: float, should_stop: ShouldStop | None = None) -> InTheWay:
    """The same as near to what was asked as the integer programme of a small study finds."""
    if item.is_nearest or seconds <= 0:
        return item
    look = _least_kw if item.rule == "grid" else _furthest_apart
    return look(item, groups, seconds=seconds, should_stop=should_stop)


def _least_kw(item: InTheWay, groups: Groups, *, seconds: float, should_stop: ShouldStop | None) -> InTheWay:
    """By the programme with all kW beyond what nodes carry for its aim."""
    within = item.within
    least = least_exactly(_lower(within), groups, Aim.GRID, seconds=seconds, should_stop=should_stop)
    if least is None or least.built is None or not is_kept(within, groups, least.built):
        return item
    beyond_kw = [
        math.fsum(held - node.hosting_kw - node.upgrade_kw for node, held in _short_kw(within, plan))
        for plan in (least.built, item.enough.plan)
    ]
    if beyond_kw[0] > beyond_kw[1] + NOISE:
        return item
    return item.nearer(least.built, is_nearest=least.is_proven and item.is_impossible)


def _furthest_apart(item: InTheWay, groups: Groups, *, seconds: float, should_stop: ShouldStop | None) -> InTheWay:
    """Of all distances between two of the sites the greatest that does, halving those that are left."""
    end_s, within, plan, is_sure = time.monotonic() + seconds, item.within, item.enough.plan, item.is_impossible
    if small_model(within, groups, phases=[len(within.wishes.phases) - 1]) is None:
        return item
    low = nearest_m(within, plan)
    left = [metres for metres in _apart_m(within, groups) if metres > low]
    while left:
        middle, left_s = left[len(left) // 2], end_s - time.monotonic()
        if left_s <= 0 or (should_stop is not None and should_stop()):
            is_sure = False
            break
        asked = with_spacing(within, middle)
        found = any_exactly(_lower(asked), groups, seconds=EACH * left_s, should_stop=should_stop)
        if found is not None and found.built is not None and is_kept(asked, groups, found.built):
            plan, low = found.built, max(middle, nearest_m(within, found.built))
            left = [metres for metres in left if metres > low]
        else:
            is_sure = is_sure and found is not None and found.bound == math.inf
            left = [metres for metres in left if metres < middle]
    return item.nearer(plan, is_nearest=is_sure)


def _lower(problem: SitingProblem) -> SitingProblem:
    """The same with floors lower by what the programme's tolerances may be off, so that what it rules out is none."""
    return with_share(problem, 1 - TINY)


def with_any_grid(problem: SitingProblem) -> SitingProblem:
    """The same with nodes that carry whatever is asked of them, once upgraded where they can be: that costs as much."""
    return replace(
        problem,
        grid=tuple(
            replace(node, upgrade_kw=ENDLESS_KW) if node.upgrade_kw > 0 else replace(node, hosting_kw=ENDLESS_KW)
            for node in problem.grid
        ),
    )


def with_spacing(problem: SitingProblem, metres: int) -> SitingProblem:
    """The same with new sites so far apart."""
    return replace(problem, wishes=replace(problem.wishes, spacing_m=float(metres)))


def nearest_m(problem: SitingProblem, plan: Built) -> int:
    """Whole metres by which all its new sites are apart, or as many as are asked for where that is less."""
    opened = sorted({item.site_id for item in plan[0]})
    new = [id_ for id_ in opened if not problem.sites[problem.site_index[id_]].is_required]
    apart = [distance_m(problem, *pair) for pair in combinations(new, 2)]
    return math.floor(min([*apart, problem.wishes.spacing_m]))


def _apart_m(problem: SitingProblem, groups: Groups) -> list[int]:
    """Whole metres between any two sites that a plan may need to open, as far as they are less than is asked for."""
    forced = [problem.site_index[id_] for id_ in problem.wishes.force]
    needed = [problem.sites[row] for row in np.union1d(groups.arc_site, forced).astype(np.int64).tolist()]
    lon, lat = np.array([(site.lon, site.lat) for site in needed if not site.is_required]).reshape(-1, 2).T
    one, other = np.triu_indices(len(lon), 1)
    apart = great_circle_m(lon[one], lat[one], lon[other], lat[other])
    whole: list[int] = np.unique(np.floor(apart[apart < problem.wishes.spacing_m])).astype(np.int64).tolist()
    return whole


def _short_kw(problem: SitingProblem, plan: Built) -> list[tuple[GridNode, float]]:
    """Nodes that carry less than a plan holds ready there, and what that is."""
    whole = SitingPlan(installations=plan[0], upgrades=plan[1])
    before, held = (held_kw(problem, standing(problem, known)[-1]) for known in (SitingPlan(), whole))
    return [
        (node, held[node.id])
        for node in problem.grid
        if held[node.id] > max(node.hosting_kw, before[node.id]) + node.upgrade_kw
    ]


def _is_least(problem: SitingProblem, enough: Enough) -> bool:
    """Whether it takes nothing else, or no less of that would do."""
    return enough.is_least or beyond(problem, enough.money, enough.sites) == (None, None)


def _with_more(problem: SitingProblem, enough: Enough) -> str:
    """What else a plan takes, in words."""
    most, given = beyond(problem, enough.money, enough.sites)
    more = [] if most is None else [f"{counted(enough.sites, 'new site')} instead of {most:,}"]
    more += [] if given is None else [f"a budget of {in_words(up_to_cent(enough.money))} instead of {in_words(given)}"]
    return f", with {' and '.join(more)}" if more else ""


def _instead(needed: float, given: float) -> tuple[str, str, float]:
    """Both with as many digits as tell them apart, and what is needed, which is rounded up, so that it does."""
    told = []
    for digits in range(1, DIGITS + 1):
        number = math.ceil(needed * 10**digits - NOISE) / 10**digits
        told.append((_decimal(number, digits), _decimal(given, digits), number))
    return next((item for item in told if item[0] != item[1]), told[-1])


def _decimal(number: float, digits: int) -> str:
    """With so many digits behind the point, or fewer where the last are 0."""
    return f"{number:,.{digits}f}".rstrip("0").rstrip(".")
