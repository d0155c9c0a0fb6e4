"""
What a site could bring at given prices: the compiled heart of the bound.

Plugs of a kind serve the groups that bring most per session first, until they are taken: a continuous knapsack
(Dantzig 1957).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import compiled
from optimiser.siting.arrays import Builds, Demand, Floats, Ints


class Prices(NamedTuple):
    """Of what the relaxation lets go of; changed in place."""

    served: Floats
    """Of a unit of a group's weight being served, shape (scenarios, groups)."""
    floor: Floats
    """Reward of a unit of weight in a district that has a floor, shape (scenarios, districts + 1)."""
    near: Floats
    """Of being in a set of sites too near to each other."""
    new_site: Floats
    """Of a new site, shape (1,)."""


@compiled
def find_gains(demand: Demand, builds: Builds, prices: Prices, charge: Floats, first: Ints, gain_of: Floats) -> None:
    """
    What every build brings at the prices.

    Parameters
    ----------
    charge
        What the relaxation charges a site for anything that is built, shape (sites,).
    first, gain_of
        Where the builds of each site begin in the answer; it holds them in the order of the site's list.
    """
    scenarios, kinds = demand.weight.shape[0], demand.fits.shape[1]
    serves, curves = _serves(demand), np.zeros((kinds, builds.sessions.shape[1]))
    twin = _twins(demand)
    free = np.zeros(len(serves))
    longest = 1
    for site in range(len(builds.of_site)):
        longest = max(longest, demand.first_arc[site + 1] - demand.first_arc[site])
    density, gain, load = np.empty(longest), np.empty(longest), np.empty(longest)
    for site in range(len(builds.of_site)):
        curves[:] = 0.0
        free[:] = 0.0
        for scenario in range(scenarios):
            for kind in range(kinds):
                if twin[kind] == kind:
                    count = _takers(demand, prices, scenario, site, kind, density, gain, load, free)
                    order = np.argsort(-density[:count])
                    for other in range(kind, kinds):
                        if twin[other] == kind:
                            _add_curve(order, gain, load, builds.sessions[other], curves[other])
        start = builds.first[builds.of_site[site]]
        for build in range(start, builds.first[builds.of_site[site] + 1]):
            total = 0.0
            if build > start:
                total -= charge[site]
            elif builds.is_forced[site]:
                total = -np.inf
            for kind in range(kinds):
                total += curves[kind, builds.now[site, kind] + builds.plugs[build, kind]]
            for segment in range(len(free)):
                if free[segment] > 0.0:
                    for kind in range(kinds):
                        if serves[segment, kind] and builds.now[site, kind] + builds.plugs[build, kind] > 0:
                            total += free[segment]
                            break
            gain_of[first[site] + build - start] = total


@compiled
def _serves(demand: Demand) -> NDArray[np.bool_]:
    """Kinds that serve each segment."""
    segments = 0
    for segment in demand.segment:
        segments = max(segments, segment + 1)
    serves = np.zeros((segments, demand.fits.shape[1]), dtype=np.bool_)
    for group in range(len(demand.segment)):
        serves[demand.segment[group]] = demand.fits[group]
    return serves


@compiled
def _twins(demand: Demand) -> Ints:
    """Of each kind the first one that serves the same groups."""
    kinds = demand.fits.shape[1]
    twin = np.arange(kinds)
    for kind in range(kinds):
        for other in range(kind):
            if twin[other] == other and np.all(demand.fits[:, kind] == demand.fits[:, other]):
                twin[kind] = other
                break
    return twin


@compiled
def _takers(
    demand: Demand,
    prices: Prices,
    scenario: int,
    site: int,
    kind: int,
    density: Floats,
    gain: Floats,
    load: Floats,
    free: Floats,
) -> int:
    """
    Groups that bring something when a kind of plug serves them; how many.

    What those bring that take no sessions is added to `free`, by segment, once for all kinds.
    """
    count = 0
    for arc in range(demand.first_arc[site], demand.first_arc[site + 1]):
        group = demand.arc_group[arc]
        rate, weight = demand.rate[group], demand.weight[scenario, group]
        per_unit = demand.chance[scenario] * demand.unit[group] * demand.arc_worth[arc]
        per_unit += prices.floor[scenario, demand.district[group]] - prices.served[scenario, group]
        if per_unit <= 0.0 or weight <= 0.0:
            continue
        if rate == 0.0:
            if kind == 0:
                free[demand.segment[group]] += per_unit * weight
        elif demand.fits[group, kind]:
            density[count], gain[count], load[count] = per_unit / rate, per_unit * weight, rate * weight
            count += 1
    return count


@compiled
def _add_curve(order: Ints, gain: Floats, load: Floats, sessions: Floats, curve: Floats) -> None:
    """Add what each number of plugs brings when groups are served in an order."""
    plugs, taken, brought = 0, 0.0, 0.0
    for at in order:
        while plugs < len(sessions) and taken + load[at] > sessions[plugs]:
            curve[plugs] += brought + gain[at] * (sessions[plugs] - taken) / load[at]
            plugs += 1
        if plugs == len(sessions):
            break
        taken += load[at]
        brought += gain[at]
    while plugs < len(sessions):
        curve[plugs] += brought
        plugs += 1


@compiled
def add_served(demand: Demand, builds: Builds, prices: Prices, site: int, build: int, served: Floats) -> None:
    """Add what a site with so much built serves in the relaxation, in shares of groups."""
    kinds = demand.fits.shape[1]
    if not np.any(builds.now[site] > 0) and not np.any(builds.plugs[build] > 0):
        return
    room = max(1, demand.first_arc[site + 1] - demand.first_arc[site])
    density, load, member = np.empty(room), np.empty(room), np.empty(room, dtype=np.int64)
    for scenario in range(demand.weight.shape[0]):
        for kind in range(-1, kinds):
            plugs = 0 if kind < 0 else builds.now[site, kind] + builds.plugs[build, kind]
            count = 0
            for arc in range(demand.first_arc[site], demand.first_arc[site + 1]):
                group = demand.arc_group[arc]
                rate, weight = demand.rate[group], demand.weight[scenario, group]
                per_unit = demand.chance[scenario] * demand.unit[group] * demand.arc_worth[arc]
                per_unit += prices.floor[scenario, demand.district[group]] - prices.served[scenario, group]
                if per_unit <= 0.0 or weight <= 0.0:
                    continue
                if kind < 0 and rate == 0.0:
                    for other in range(kinds):
                        if demand.fits[group, other] and builds.now[site, other] + builds.plugs[build, other] > 0:
                            served[scenario, group] += 1.0
                            break
                elif kind >= 0 and plugs > 0 and rate > 0.0 and demand.fits[group, kind]:
                    density[count], load[count], member[count] = per_unit / rate, rate * weight, group
                    count += 1
            if count:
                left = builds.sessions[kind, plugs]
                for at in np.argsort(-density[:count]):
                    part = min(1.0, left / load[at])
                    served[scenario, member[at]] += part
                    left -= part * load[at]
                    if left <= 0.0:
                        break


@compiled
def add_all_served(demand: Demand, builds: Builds, prices: Prices, build: Ints, served: Floats) -> None:
    """The same for all sites."""
    for site in range(len(build)):
        add_served(demand, builds, prices, site, build[site], served)
