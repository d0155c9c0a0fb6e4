"""
What sites at one grid node build together, so that the power they hold ready is there: a multiple-choice knapsack for
each node, solved over whole units of power (Dudzinski & Walukiewicz 1987, European Journal of Operational Research 28).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import compiled
from optimiser.siting.arrays import Arrays, Bools, Floats, Ints

MOST_UNITS = 200
"""Of power at a node; where more would be needed they are larger, and what is built counts for less than it takes."""


class Nodes(NamedTuple):
    """Sites by node, and power in whole units."""

    first: Ints
    """Where the sites of each node begin, shape (nodes + 1,); the last node is for sites without one."""
    site: Ints
    units: Ints
    """Of each build, by node, shape (nodes, builds)."""
    free: Ints
    """Units of each node."""
    upgraded: Ints
    """The same with its upgrade; the same number where there is none."""


def nodes_of(arrays: Arrays) -> Nodes:
    """Units that are exact where the power of all builds is a multiple of one, else rounded in favour of building."""
    _, builds, limits = arrays
    count = len(limits.free_kw)
    node = np.where(limits.node >= 0, limits.node, count)
    order = np.argsort(node, kind="stable")
    step = np.gcd.reduce(np.round(builds.kw * 1000).astype(np.int64)) / 1000 if len(builds.kw) else 0.0
    top = limits.free_kw + limits.upgrade_kw
    unit = np.maximum(np.maximum(step, 1e-3), top / MOST_UNITS)
    return Nodes(
        first=np.searchsorted(node[order], np.arange(count + 2)),
        site=order,
        units=np.floor(builds.kw[None, :] / unit[:, None] + 1e-6).astype(np.int64).reshape(count, len(builds.kw)),
        free=np.floor(limits.free_kw / unit + 1e-6).astype(np.int64),
        upgraded=np.floor(top / unit + 1e-6).astype(np.int64),
    )


@compiled
def choose(
    nodes: Nodes,
    of_site: Ints,
    first_build: Ints,
    first: Ints,
    value: Floats,
    upgrade: Floats,
    place: Ints,
    is_upgraded: Bools,
) -> float:
    """
    Builds of all sites, and upgrades, that bring most; what they bring together.

    Parameters
    ----------
    first, value
        Of the builds of each site, in the order of its list.
    upgrade
        What that of each node brings besides its power; less than nothing, as a rule.
    place, is_upgraded
        Are filled in: a place in the list of each site, and which nodes are upgraded.
    """
    total, count = 0.0, len(nodes.free)
    for site in nodes.site[nodes.first[count] : nodes.first[count + 1]]:
        place[site] = np.argmax(value[first[site] : first[site + 1]])
        total += value[first[site] + place[site]]
    for node in range(count):
        sites = nodes.site[nodes.first[node] : nodes.first[node + 1]]
        top = nodes.upgraded[node]
        brought = np.zeros(top + 1)
        took = np.zeros((len(sites), top + 1), dtype=np.int64)
        for at, site in enumerate(sites):
            start = first_build[of_site[site]]
            # Of builds with the same power the best, and none that a weaker one beats.
            most = np.full(top + 1, -np.inf)
            which = np.full(top + 1, -1)
            for number in range(first[site + 1] - first[site]):
                units = nodes.units[node, start + number]
                if units <= top and value[first[site] + number] > most[units]:
                    most[units], which[units] = value[first[site] + number], number
            after = np.full(top + 1, -np.inf)
            beaten = -np.inf
            for units in range(top + 1):
                if most[units] <= beaten:
                    continue
                beaten = most[units]
                for level in range(units, top + 1):
                    brings = brought[level - units] + beaten
                    if brings > after[level]:
                        after[level], took[at, level] = brings, which[units]
            brought = after
        level = nodes.free[node]
        is_upgraded[node] = brought[top] + upgrade[node] > brought[level]
        if is_upgraded[node]:
            level = top
            total += upgrade[node]
        total += brought[level]
        for at in range(len(sites) - 1, -1, -1):
            site = sites[at]
            place[site] = took[at, level]
            level -= nodes.units[node, first_build[of_site[site]] + place[site]]
    return total
