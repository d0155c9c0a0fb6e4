"""Searches phase after phase, the last one first: what an earlier one has built is part of what the next one has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.chance import chance_of
from optimiser.siting.arrays import Arrays, Floats
from optimiser.siting.plan import Built, Installation, SitingPlan, Upgrade
from optimiser.siting.problem import SitingProblem
from optimiser.siting.search.copying import copy_ground
from optimiser.siting.search.flow import LEAST, desk_for
from optimiser.siting.search.ground import Counts, Ground, Land, bare, charge_power, land_of, may_build, put
from optimiser.siting.search.rebuild import anneal, lists_for, look_around, rebuild_all
from optimiser.siting.search.together import MOST_PHASES, anneal_together

ROUNDS = 20
"""Between two looks at the clock."""
RISES, FALLS, LOWEST = 1.1, 0.95, 0.2
"""Factors of the price of a floor between two looks at the clock, and its least, of the whole penalty."""
STRICT = 0.9
"""Part of a search that yields from which on it does no longer."""
HOT, WARM, COLD = 0.02, 0.002, 0.0002
"""Temperatures at the start of a phase, of all phases together, and at the end; of what a site brings on average."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhaseEnd:
    """New plugs and upgrades at the end of a phase."""

    plugs: Counts
    is_upgraded: NDArray[np.bool_]


def search_phase(
    arrays: Arrays,
    later: PhaseEnd | None,
    *,
    asked: Floats,
    seed: int,
    over: Callable[[], float],
    urgent: Floats | None = None,
    start: PhaseEnd | None = None,
    earlier: PhaseEnd | None = None,
    is_yielding: bool = False,
) -> PhaseEnd:
    """
    The best found for one phase by itself.

    Parameters
    ----------
    later
        What stands after the next phase; nothing else may stand before.
    asked
        Weight to be served in each district, and for none at the end.
    over
        How much of the search is over, from 0 to 1.
    urgent
        By as much who lives in a district comes before others, as of `land_of`.
    start
        What to begin with; nothing built where it is not given.
    earlier
        What stands after the phase before, and is not torn down; the search begins with it.
    is_yielding
        Whether all floors weigh the same, and may be missed on the way: what that costs rises as long as one is missed,
        and falls as long as it is not (strategic oscillation: Glover 1977, Decision Sciences 8).
    """
    if later is not None:
        limits = arrays.limits._replace(upgrade_kw=arrays.limits.upgrade_kw * later.is_upgraded)
        arrays = arrays._replace(limits=limits)
    if earlier is not None:
        start, stands = earlier, arrays.builds.is_forced | earlier.plugs.any(axis=1)
        arrays = arrays._replace(builds=arrays.builds._replace(is_forced=stands))
    land = land_of(
        arrays, arrays.builds.most if later is None else later.plugs, asked=asked, urgent=urgent, is_even=is_yielding
    )
    now, trial, best = (bare(land, arrays) for _ in range(3))
    desk, lists, chance = desk_for(land), lists_for(land), chance_of(seed)
    if start is not None:
        _put_all(land, now, start)
    rebuild_all(land, now, desk, lists, chance, 0.0)
    copy_ground(now, best)
    while (fraction := over()) < 1.0:
        if is_yielding:
            _set_prices(land, now, fraction)
        charge_power(land, arrays, now)
        anneal(land, now, trial, best, desk, lists, chance, _temperature(best, fraction, HOT), ROUNDS)
    return PhaseEnd(plugs=best.plugs.copy(), is_upgraded=best.is_upgraded.copy())


def _set_prices(land: Land, now: Ground, fraction: float) -> None:
    """Of what is missing in districts; the whole penalty towards the end."""
    if fraction >= STRICT:
        land.price[:] = land.penalty
        return
    is_missed = now.served < land.asked * (1 - LEAST)
    land.price[:] = np.clip(land.price * np.where(is_missed, RISES, FALLS), LOWEST * land.penalty, land.penalty)


def search_together(
    arrays: Sequence[Arrays],
    ends: Sequence[PhaseEnd],
    *,
    weight: Floats,
    asked: Floats,
    seed: int,
    over: Callable[[], float],
    urgent: Floats | None = None,
) -> list[PhaseEnd]:
    """
    The best found for all phases at once, beginning with what stands at the end of each.

    Parameters
    ----------
    weight
        Of each phase.
    asked
        Weight to be served in each district in the last phase, and for none at the end.
    urgent
        By as much who lives in each comes before others then.
    """
    last = len(arrays) - 1
    lands = [
        land_of(its, its.builds.most, asked=asked, urgent=urgent)
        if phase == last
        else land_of(its, its.builds.most, asked=np.zeros_like(asked))
        for phase, its in enumerate(arrays)
    ]
    desk, lists, chance = desk_for(lands[0]), lists_for(lands[0]), chance_of(seed)
    now, trial, best = ([bare(land, its) for land, its in zip(lands, arrays, strict=True)] for _ in range(3))
    for land, ground, end, kept in zip(lands, now, ends, best, strict=True):
        _put_all(land, ground, end)
        look_around(land, ground, desk, lists)
        copy_ground(ground, kept)
    padded = tuple(lands + lands[-1:] * (MOST_PHASES - len(lands)))
    of_now, of_trial, of_best = (tuple(items + items[-1:] * (MOST_PHASES - len(items))) for items in (now, trial, best))
    while (fraction := over()) < 1.0:
        for land, its, ground in zip(lands, arrays, now, strict=True):
            charge_power(land, its, ground)
        temperature = float(weight.sum()) * _temperature(best[last], fraction, WARM)
        anneal_together(padded, of_now, of_trial, of_best, weight, desk, lists, chance, temperature, ROUNDS)
    return [PhaseEnd(plugs=ground.plugs.copy(), is_upgraded=ground.is_upgraded.copy()) for ground in best]


def _put_all(land: Land, ground: Ground, end: PhaseEnd) -> None:
    """Build what stood before, as far as it may be."""
    for site, kind in np.argwhere(end.plugs > 0).tolist():
        count = int(end.plugs[site, kind])
        if may_build(land, ground, site, kind, count) >= 0.0:
            put(land, ground, site, kind, count)


def _temperature(ground: Ground, fraction: float, hot: float) -> float:
    """Of what a built site brings on average."""
    sites = max(1, int((ground.plugs.sum(axis=1) > 0).sum()))
    return float(ground.total[0] / sites * hot * (COLD / hot) ** fraction)


def built(problem: SitingProblem, standings: list[PhaseEnd]) -> Built:
    """What each phase adds, given what stands at the end of each."""
    installations: list[Installation] = []
    upgrades: list[Upgrade] = []
    for phase, stands in enumerate(standings):
        before = standings[phase - 1] if phase else None
        more = stands.plugs - (before.plugs if before else 0)
        stronger = stands.is_upgraded & ~(before.is_upgraded if before else np.zeros_like(stands.is_upgraded))
        installations += [
            Installation(
                phase=phase,
                site_id=problem.sites[site].id,
                kind_id=problem.kinds[kind].id,
                plugs=int(more[site, kind]),
            )
            for site, kind in np.argwhere(more > 0).tolist()
        ]
        upgrades += [Upgrade(phase=phase, node_id=problem.grid[row].id) for row in np.flatnonzero(stronger).tolist()]
    return tuple(installations), tuple(upgrades)


def built_in_the_end(problem: SitingProblem, end: PhaseEnd) -> Built:
    """The same where all but the last phase build nothing."""
    nothing = PhaseEnd(plugs=np.zeros_like(end.plugs), is_upgraded=np.zeros_like(end.is_upgraded))
    return built(problem, [*[nothing] * (len(problem.wishes.phases) - 1), end])


def last_end(problem: SitingProblem, plan: SitingPlan) -> PhaseEnd:
    """What a plan has built by the end of its last phase."""
    return ends_of(problem, plan)[-1]


def ends_of(problem: SitingProblem, plan: SitingPlan) -> list[PhaseEnd]:
    """What a plan has built by the end of each phase."""
    column = {kind.id: number for number, kind in enumerate(problem.kinds)}
    row = {node.id: number for number, node in enumerate(problem.grid)}
    count = len(problem.wishes.phases)
    plugs = np.zeros((count, len(problem.sites), len(problem.kinds)), dtype=np.int64)
    is_upgraded = np.zeros((count, len(problem.grid)), dtype=np.bool_)
    for item in plan.installations:
        plugs[item.phase :, problem.site_index[item.site_id], column[item.kind_id]] += item.plugs
    for upgrade in plan.upgrades:
        is_upgraded[upgrade.phase :, row[upgrade.node_id]] = True
    return [PhaseEnd(plugs=plugs[phase], is_upgraded=is_upgraded[phase]) for phase in range(count)]
