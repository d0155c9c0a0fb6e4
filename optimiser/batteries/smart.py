"""Smart charging: as many packs full in time as possible, and these as cheaply as slots and the site's power allow."""

from __future__ import annotations

from dataclasses import replace

from optimiser.batteries.model import Found, Kept, possible_stays, solve
from optimiser.batteries.plan import Group, Plan
from optimiser.batteries.problem import Problem

SECONDS = 20.0
"""That each aim may take, of the clock."""


def charge_smartly(problem: Problem, *, seconds: float = SECONDS) -> tuple[Plan, bool] | None:
    """
    The best plan, see `model`, and whether it is proven best; None where the solver has no answer.

    More packs than can be full in time is no error: those left are charged as far as may be, or not at all. Each of
    the three aims is broken off after so many seconds with the best found; only very large depots whose site cap and
    changes both bind take that long.
    """
    if not problem.packs or not problem.slots or not problem.slot_kw or not problem.moments:
        return Plan(), True
    stays = possible_stays(problem, is_full=True)
    most = solve(problem, stays, "full", Kept(), seconds=seconds) if stays else Found(value=0.0, packs=(), kw=())
    if most is None:
        return None
    is_best, full, kwh = most.is_best, round(-most.value), None
    if full < problem.packs:
        stays += possible_stays(problem, is_full=False)
        filled = solve(problem, stays, "kwh", Kept(full=full), seconds=seconds)
        if filled is None:
            return None
        is_best, kwh = is_best and filled.is_best, -filled.value
    cheapest = solve(problem, stays, "cost", Kept(full=full, kwh=kwh), seconds=seconds)
    if cheapest is None:
        return None
    # Once more with the numbers of packs given: what is nearly whole is not quite enough energy.
    settled = solve(problem, stays, "cost", Kept(kwh=kwh, packs=cheapest.packs), seconds=seconds)
    plan = (settled or cheapest).plan(problem, stays)
    return put_in_early(problem, plan), is_best and cheapest.is_best


def put_in_early(problem: Problem, plan: Plan) -> Plan:
    """
    The same power, with each pack in its slot as soon as a slot is free.

    The programme does not mind when a pack that draws nothing yet is put in; whoever holds it in his hands does.
    """
    groups = sorted(plan.groups, key=lambda group: (group.from_s, group.until_s))
    for moment in problem.moments:
        for index, group in enumerate(groups):
            if group.from_s <= moment:
                continue
            packs = min(
                group.packs, *(_room(problem, groups, at) for at in problem.moments if moment <= at < group.from_s)
            )
            if packs:
                groups[index : index + 1] = _parted(problem, group, packs, moment)
        groups.sort(key=lambda group: (group.from_s, group.until_s))
    return Plan(groups=tuple(groups))


def _room(problem: Problem, groups: list[Group], moment: int) -> int:
    """Packs that could be in a slot from a moment on and are not."""
    waiting = problem.arrived(moment) - sum(group.packs for group in groups if group.from_s <= moment)
    free = problem.slots - sum(group.packs for group in groups if group.from_s <= moment < group.until_s)
    return min(waiting, free)


def _parted(problem: Problem, group: Group, packs: int, from_s: int) -> list[Group]:
    """Some packs of a group that go in earlier and draw nothing until then, and the rest."""
    first_step = problem.step_at(from_s)
    idle = (0.0,) * (group.first_step - first_step)
    kw = tuple(power * packs / group.packs for power in group.kw)
    early = replace(group, packs=packs, from_s=from_s, first_step=first_step, kw=idle + kw)
    if packs == group.packs:
        return [early]
    left = group.packs - packs
    return [early, replace(group, packs=left, kw=tuple(power * left / group.packs for power in group.kw))]
