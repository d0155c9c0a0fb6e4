"""A study's last word on one phase as arrays: who is within reach of a site, and everything that may be built there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.groups import Groups
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import held_kw, standing
from optimiser.siting.problem import Site, SitingProblem
from optimiser.siting.spacing import too_near

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Demand(NamedTuple):
    """Groups of demand points, and their arcs site after site."""

    weight: Floats
    """Shape (scenarios, groups)."""
    chance: Floats
    """Of each scenario."""
    unit: Floats
    """What serving a unit of weight brings, shape (groups,)."""
    rate: Floats
    """Sessions an hour of a unit of weight, shape (groups,)."""
    fits: Bools
    """Which kinds serve it, shape (groups, kinds)."""
    segment: Ints
    """Of each group."""
    district: Ints
    """Of each group; the last number is for none."""
    asked: Floats
    """Weight that floors ask for, shape (scenarios, districts + 1)."""
    first_arc: Ints
    """Where the arcs of each site begin, shape (sites + 1,)."""
    arc_group: Ints
    arc_worth: Floats


class Builds(NamedTuple):
    """Everything that may be built at a site, as plugs by kind: cheapest first, nothing before all."""

    of_site: Ints
    """Which list is a site's."""
    first: Ints
    """Where each list begins."""
    plugs: NDArray[np.int16]
    """Shape (builds, kinds)."""
    cost: Floats
    """Of the plugs."""
    kw: Floats
    """That the grid holds ready for them."""
    open_cost: Floats
    """By site, once where anything is built."""
    now: NDArray[np.int16]
    """Plugs that stand already, shape (sites, kinds)."""
    sessions: Floats
    """That so many plugs take an hour, shape (kinds, plugs + 1)."""
    room: Ints
    """New plugs of all kinds together, by site."""
    room_kw: Floats
    """Power that they may draw, by site."""
    most: Ints
    """New plugs, shape (sites, kinds)."""
    plug_cost: Floats
    """By kind."""
    plug_kw: Floats
    grid_kw: Floats
    is_new: Bools
    """Sites at which nothing stands."""
    is_forced: Bools


class Limits(NamedTuple):
    """What all sites share."""

    money: float
    """By the end of the phase; infinite where there is no limit."""
    new_sites: float
    node: Ints
    """Grid node of each site, -1 for none."""
    free_kw: Floats
    """By grid node."""
    upgrade_kw: Floats
    upgrade_cost: Floats
    first_near: Ints
    """Where the sets of sites too near to each other, that a site is in, begin; shape (sites + 1,)."""
    near: Ints
    sets: int


class Arrays(NamedTuple):
    """One phase."""

    demand: Demand
    builds: Builds
    limits: Limits


def arrays_of(problem: SitingProblem, groups: Groups, *, phase: int) -> Arrays:
    """The phase by itself: with all money that has come by then, as if nothing had been built before."""
    return Arrays(_demand(problem, groups, phase), _builds(problem, phase), _limits(problem, phase))


def _demand(problem: SitingProblem, groups: Groups, phase: int) -> Demand:
    wishes = problem.wishes
    weights = [problem.weights(wishes.phases[phase], scenario) for scenario in wishes.scenarios]
    segments = [problem.segment_by_id[problem.demand[row].segment] for row in groups.example.tolist()]
    numbers = {item.id: number for number, item in enumerate(problem.districts)}
    is_last = phase == len(wishes.phases) - 1
    asked = [
        [is_last * problem.floor_of(id_) * weight[points].sum() for id_, points in problem.points_of.items()] + [0.0]
        for weight in weights
    ]
    order = np.argsort(groups.arc_site, kind="stable")
    ids = {item.id: number for number, item in enumerate(problem.segments)}
    return Demand(
        weight=np.array([groups.totals(weight) for weight in weights]),
        chance=np.array([scenario.probability for scenario in wishes.scenarios]),
        unit=problem.unit_value[groups.example],
        rate=np.array([item.sessions_per_hour for item in segments], dtype=np.float64),
        fits=np.array([[kind.id in item.kinds for kind in problem.kinds] for item in segments], dtype=np.bool_),
        segment=np.array([ids[item.id] for item in segments], dtype=np.int64),
        district=np.array(
            [numbers.get(problem.demand[row].district or "", len(numbers)) for row in groups.example], dtype=np.int64
        ),
        asked=np.array(asked, dtype=np.float64),
        first_arc=np.searchsorted(groups.arc_site[order], np.arange(len(problem.sites) + 1)),
        arc_group=groups.arc_group[order],
        arc_worth=groups.arc_worth[order],
    )


def _builds(problem: SitingProblem, phase: int) -> Builds:
    kinds, sites = problem.kinds, problem.sites
    lists: dict[tuple[object, ...], int] = {}
    made: list[NDArray[np.int16]] = []
    of_site = []
    for site in sites:
        most = tuple(problem.may_add(site, kind) for kind in kinds)
        free = max(0, site.max_plugs - sum(site.plugs.values()))
        key = (most, free, _free_kw(problem, site))
        of_site.append(lists.setdefault(key, len(lists)))
        if of_site[-1] == len(made):
            made.append(np.array(list(_combinations(problem, *key)), dtype=np.int16).reshape(-1, len(kinds)))
    prices = np.array([kind.plug_cost for kind in kinds], dtype=np.float64)
    grid_kw = np.array([kind.grid_kw for kind in kinds], dtype=np.float64)
    # Nothing first, then by price.
    sorted_ = [plugs[np.lexsort((plugs @ prices, plugs.any(axis=1)))] for plugs in made]
    plugs = np.concatenate(sorted_)
    most_plugs = max([kind.max_plugs for kind in kinds] + [n for site in sites for n in site.plugs.values()])
    is_last = phase == len(problem.wishes.phases) - 1
    return Builds(
        of_site=np.array(of_site, dtype=np.int64),
        first=np.cumsum([0, *map(len, sorted_)]),
        plugs=plugs,
        cost=(plugs @ prices).astype(np.float64),
        kw=(plugs @ grid_kw).astype(np.float64),
        open_cost=np.array([site.open_cost for site in sites], dtype=np.float64),
        now=np.array([[site.plugs.get(kind.id, 0) for kind in kinds] for site in sites], dtype=np.int16),
        sessions=np.array([[kind.sessions_per_hour(count) for count in range(most_plugs + 1)] for kind in kinds]),
        room=np.array([max(0, site.max_plugs - sum(site.plugs.values())) for site in sites], dtype=np.int64),
        room_kw=np.array([_free_kw(problem, site) for site in sites], dtype=np.float64),
        most=np.array([[problem.may_add(site, kind) for kind in kinds] for site in sites], dtype=np.int64),
        plug_cost=prices,
        plug_kw=np.array([kind.power_kw for kind in kinds], dtype=np.float64),
        grid_kw=grid_kw,
        is_new=np.array([not site.is_required for site in sites], dtype=np.bool_),
        is_forced=np.array([is_last and site.id in problem.wishes.force for site in sites], dtype=np.bool_),
    )


def _free_kw(problem: SitingProblem, site: Site) -> float:
    drawn = sum(count * problem.kind_by_id[kind].power_kw for kind, count in site.plugs.items())
    return np.inf if site.max_kw is None else max(0.0, site.max_kw - drawn)


def _combinations(
    problem: SitingProblem, most: tuple[int, ...], free: int, free_kw: float
) -> Iterator[tuple[int, ...]]:
    """All numbers of plugs by kind that a site has room and power for."""
    if not most:
        yield ()
        return
    power = problem.kinds[len(problem.kinds) - len(most)].power_kw
    for count in range(min(most[0], free) + 1):
        if count * power > free_kw * (1 + 1e-9):
            return
        for rest in _combinations(problem, most[1:], free - count, free_kw - count * power):
            yield (count, *rest)


def _limits(problem: SitingProblem, phase: int) -> Limits:
    wishes = problem.wishes
    budgets = [item.budget for item in wishes.phases[: phase + 1]]
    before = held_kw(problem, standing(problem, SitingPlan())[0])
    row = {node.id: number for number, node in enumerate(problem.grid)}
    sets = too_near(problem)
    near: list[list[int]] = [[] for _ in problem.sites]
    for number, together in enumerate(sets):
        for site in together:
            near[site].append(number)
    return Limits(
        money=np.inf if any(item is None for item in budgets) else float(sum(item or 0.0 for item in budgets)),
        new_sites=np.inf if wishes.max_new_sites is None else float(wishes.max_new_sites),
        node=np.array([row[site.grid_node] if site.grid_node else -1 for site in problem.sites], dtype=np.int64),
        free_kw=np.array([max(0.0, node.hosting_kw - before[node.id]) for node in problem.grid], dtype=np.float64),
        upgrade_kw=np.array([node.upgrade_kw for node in problem.grid], dtype=np.float64),
        upgrade_cost=np.array([node.upgrade_cost for node in problem.grid], dtype=np.float64),
        first_near=np.cumsum([0, *map(len, near)]),
        near=np.array([number for numbers in near for number in numbers], dtype=np.int64),
        sets=len(sets),
    )
