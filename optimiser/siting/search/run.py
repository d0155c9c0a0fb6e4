"""Searches phase after phase, the last one first: what an earlier one has built is part of what the next one has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.chance import chance_of
from optimiser.siting.arrays import Arrays, Floats
from optimiser.siting.plan import Installation, SitingPlan, Upgrade
from optimiser.siting.problem import SitingProblem
from optimiser.siting.search.flow import desk_for
from optimiser.siting.search.ground import Counts, bare, land_of, may_build, put
from optimiser.siting.search.rebuild import anneal, copy_ground, lists_for, rebuild_all

ROUNDS = 20
"""Between two looks at the clock."""
HOT, COLD = 0.02, 0.0005
"""Temperatures at the start and at the end, of what a built site brings on average."""

Built = tuple[tuple[Installation, ...], tuple[Upgrade, ...]]


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
    start: PhaseEnd | None = None,
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
    start
        What to begin with; nothing built where it is not given.
    """
    if later is not None:
        limits = arrays.limits._replace(upgrade_kw=arrays.limits.upgrade_kw * later.is_upgraded)
        arrays = arrays._replace(limits=limits)
    land = land_of(arrays, arrays.builds.most if later is None else later.plugs, asked=asked)
    now, trial, best = (bare(land, arrays) for _ in range(3))
    desk, lists, chance = desk_for(land), lists_for(land), chance_of(seed)
    if start is not None:
        for site, kind in np.argwhere(start.plugs > 0).tolist():
            count = int(start.plugs[site, kind])
            if may_build(land, now, site, kind, count) >= 0.0:
                put(land, now, site, kind, count)
    rebuild_all(land, now, desk, lists, chance, 0.0)
    copy_ground(now, best)
    while (fraction := over()) < 1.0:
        sites = max(1, int((best.plugs.sum(axis=1) > 0).sum()))
        temperature = best.total[0] / sites * HOT * (COLD / HOT) ** fraction
        anneal(land, now, trial, best, desk, lists, chance, temperature, ROUNDS)
    return PhaseEnd(plugs=best.plugs.copy(), is_upgraded=best.is_upgraded.copy())


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


def last_end(problem: SitingProblem, plan: SitingPlan) -> PhaseEnd:
    """What a plan has built by the end of its last phase."""
    column = {kind.id: number for number, kind in enumerate(problem.kinds)}
    plugs = np.zeros((len(problem.sites), len(problem.kinds)), dtype=np.int64)
    for item in plan.installations:
        plugs[problem.site_index[item.site_id], column[item.kind_id]] += item.plugs
    upgraded = {item.node_id for item in plan.upgrades}
    return PhaseEnd(plugs=plugs, is_upgraded=np.array([node.id in upgraded for node in problem.grid], dtype=np.bool_))
