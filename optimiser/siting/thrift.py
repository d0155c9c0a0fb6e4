"""
What a plan can do without: whatever brings nothing in any phase or scenario is not built, or not before it does.

More plugs never bring less, so what has once been missed is missed in every smaller plan, and need not be tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.cost import served_value
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Serving, SitingPlan
from optimiser.siting.plugs import Standing, held_kw, standing
from optimiser.siting.problem import ChargerKind, SitingProblem
from optimiser.siting.search.run import PhaseEnd, built, ends_of
from optimiser.siting.serving import plug_prices, serve

Ints = NDArray[np.int64]
Thing = tuple[int, tuple[tuple[int, int], ...]]
"""Row of a site, and how many plugs of which of its kinds are left out."""

SAME, SURE = 1e-9, 1e-6
"""Relative allowances for sums of floating-point numbers, and for prices of linear programmes."""


def thrifty(problem: SitingProblem, groups: Groups, plan: SitingPlan, *, over: Callable[[], float]) -> SitingPlan:
    """
    The same without what nobody misses, the dearest first, while there is time.

    Parameters
    ----------
    over
        How much of the time for it is over, from 0 to 1; asked before every try.
    """
    missed = _surely_missed(problem, groups, plan)
    while things := [thing for thing in _things(problem, plan) if thing not in missed]:
        for thing in things:
            if over() >= 1.0:
                return _without_idle(problem, plan)
            less = _without(problem, groups, plan, thing)
            if less is not None:
                plan = less
                break
            missed.add(thing)
    return _without_idle(problem, plan)


def _without_idle(problem: SitingProblem, plan: SitingPlan) -> SitingPlan:
    """The same without plugs beyond those that its drivers take, and without upgrades that these do not need."""
    ends = ends_of(problem, plan)
    kept = np.minimum(np.stack([end.plugs for end in ends]), _taken(problem, plan))
    for id_ in problem.wishes.force:
        site = problem.site_index[id_]
        if not kept[-1, site].any():
            kept[:, site] = _one_plug(problem, [end.plugs[site] for end in ends])
    return _rebuilt(problem, plan, kept)


def _taken(problem: SitingProblem, plan: SitingPlan) -> Ints:
    """New plugs that are needed for who charges there by the end of each phase, by site and kind."""
    taken = np.zeros((len(problem.wishes.phases), len(problem.sites), len(problem.kinds)), dtype=np.int64)
    rate = np.array([problem.segment_by_id[point.segment].sessions_per_hour for point in problem.demand])
    for serving in plan.servings:
        weight = problem.weights(problem.wishes.phases[serving.phase], problem.wishes.scenarios[serving.scenario])
        point, site = problem.point[serving.pair], problem.access.site[serving.pair]
        load, is_used = np.zeros(taken.shape[1:]), np.zeros(taken.shape[1:], dtype=np.bool_)
        np.add.at(load, (site, serving.kind), serving.share * weight[point] * rate[point])
        is_used[site, serving.kind] = True
        for row, column in np.argwhere(is_used).tolist():
            kind, stood = problem.kinds[column], problem.sites[row].plugs.get(problem.kinds[column].id, 0)
            needed = _plugs_for(kind, load[row, column]) - stood
            taken[serving.phase, row, column] = max(needed, taken[serving.phase, row, column])
    return np.maximum.accumulate(taken)


def _plugs_for(kind: ChargerKind, load: float) -> int:
    """The fewest plugs that take so many sessions an hour."""
    enough = (count for count in range(1, kind.max_plugs) if kind.sessions_per_hour(count) >= load * (1 - SAME))
    return next(enough, kind.max_plugs)


def _one_plug(problem: SitingProblem, plugs: list[Ints]) -> Ints:
    """Of what stands at a site that is asked for, in each phase, one of the cheapest kind, as late as it comes."""
    there = np.flatnonzero(plugs[-1])
    one = np.zeros((len(plugs), len(problem.kinds)), dtype=np.int64)
    if len(there):
        one[-1, min(there.tolist(), key=lambda column: problem.kinds[column].plug_cost)] = 1
    return one


def _rebuilt(problem: SitingProblem, plan: SitingPlan, plugs: Ints) -> SitingPlan:
    """A plan with so many new plugs at the end of each phase, and with its upgrades once they are needed."""
    installations, _ = built(
        problem, [PhaseEnd(plugs=now, is_upgraded=np.zeros(len(problem.grid), dtype=np.bool_)) for now in plugs]
    )
    bare = SitingPlan(installations=installations)
    before = held_kw(problem, standing(problem, SitingPlan())[0])
    held = [held_kw(problem, stand) for stand in standing(problem, bare)]
    room = {node.id: max(node.hosting_kw, before[node.id]) * (1 + SAME) + SAME for node in problem.grid}
    upgrades = []
    for item in plan.upgrades:
        needed = [phase for phase, kw in enumerate(held) if kw[item.node_id] > room[item.node_id]]
        if needed:
            upgrades.append(replace(item, phase=max(item.phase, needed[0])))
    return replace(plan, installations=installations, upgrades=tuple(upgrades))


def _things(problem: SitingProblem, plan: SitingPlan) -> list[Thing]:
    """Sites, kinds at a site and single plugs that may be left out, the dearest first."""
    plugs = ends_of(problem, plan)[-1].plugs
    priced: dict[Thing, float] = {}
    for row in np.flatnonzero(plugs.any(axis=1)).tolist():
        site, there = (
            problem.sites[row],
            [(kind, int(plugs[row, kind])) for kind in np.flatnonzero(plugs[row]).tolist()],
        )
        for parts in _parts(there):
            is_all = parts == tuple(there)
            if not (is_all and site.id in problem.wishes.force):
                price = sum(count * problem.kinds[kind].plug_cost for kind, count in parts)
                priced[row, parts] = price + is_all * site.open_cost
    return sorted(priced, key=lambda thing: (-priced[thing], thing))


def _parts(there: list[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], ...]]:
    yield tuple(there)
    for kind, count in there:
        yield ((kind, count),)
        yield ((kind, 1),)


def _surely_missed(problem: SitingProblem, groups: Groups, plan: SitingPlan) -> set[Thing]:
    """Things without which less is brought in the end, as prices tell of what plugs take."""
    last, stand = len(problem.wishes.phases) - 1, standing(problem, plan)[-1]
    things, missed = _things(problem, plan), set[Thing]()
    for serving in plan.servings:
        if serving.phase == last:
            prices = plug_prices(problem, groups, stand, phase=last, scenario=serving.scenario)
            least = SURE * served_value(problem, serving)
            missed.update(thing for thing in things if _loss(problem, stand, prices, thing) > least)
    return missed


def _loss(problem: SitingProblem, stand: Standing, prices: Mapping[tuple[str, str], float], thing: Thing) -> float:
    """What is lost at least."""
    row, parts = thing
    loss = 0.0
    for column, count in parts:
        kind, place = problem.kinds[column], (problem.sites[row].id, problem.kinds[column].id)
        now = stand.plugs[place]
        loss += prices.get(place, 0.0) * (kind.sessions_per_hour(now) - kind.sessions_per_hour(now - count))
    return loss


def _without(problem: SitingProblem, groups: Groups, plan: SitingPlan, thing: Thing) -> SitingPlan | None:
    """The plan without it, where every phase brings as much in every scenario."""
    site, parts = thing
    plugs = np.stack([end.plugs for end in ends_of(problem, plan)])
    for kind, count in parts:
        plugs[:, site, kind] = np.minimum(plugs[:, site, kind], plugs[-1, site, kind] - count)
    return _served_as_well(problem, groups, plan, _rebuilt(problem, plan, plugs))


def _served_as_well(problem: SitingProblem, groups: Groups, plan: SitingPlan, other: SitingPlan) -> SitingPlan | None:
    """Who charges where with other plugs, those of a smaller plan; None where any phase brings less than before."""
    stands, before = standing(problem, other), standing(problem, plan)
    servings: list[Serving] = []
    # Most is built in the end, so that what is missed is most likely missed there.
    for serving in reversed(plan.servings):
        stand = stands[serving.phase]
        if +stand.plugs == +before[serving.phase].plugs:
            servings.append(serving)
            continue
        served = serve(problem, groups, stand, phase=serving.phase, scenario=serving.scenario)
        if served is None or served_value(problem, served) < served_value(problem, serving) * (1 - SAME) - SAME:
            return None
        servings.append(served)
    return replace(other, servings=tuple(reversed(servings)))
