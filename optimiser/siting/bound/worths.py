"""
What a site could bring at given prices: the compiled heart of the bound.

Groups are served in the order of what they bring per session. Of the first i of them, as many sessions are served as
plugs allow: the least, over sets A of patterns, of what the plugs that serve A take and what all other patterns ask
(Hall 1935). With one pattern this is the continuous knapsack (Dantzig 1957); else plugs make a polymatroid, over which
that order is best (Edmonds 1970).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import compiled
from optimiser.siting.arrays import Bools, Builds, Demand, Floats, Ints
from optimiser.siting.bound.entries import Entries

MOST_PATTERNS = 5
"""Of which all sets are looked at; of more only none, single ones and all."""


class Prices(NamedTuple):
    """Of what the relaxation lets go of; changed in place."""

    served: Floats
    """Of a unit of a group's weight being served, shape (scenarios, groups)."""
    floor: Floats
    """Reward of a unit of weight in a district that has a floor, shape (scenarios, districts + 1)."""
    near: Floats
    """Of being in a set of sites too near to each other."""


class Patterns(NamedTuple):
    """Kinds that groups may use: those of a pattern may use the same."""

    of_group: Ints
    holds: Bools
    """Which patterns each set holds, shape (sets, patterns): the first none, the last all."""
    room: Floats
    """Sessions that the plugs of each entry take which serve any of a set's patterns, shape (entries, sets)."""
    has_any: Bools
    """Whether it has such plugs, shape (entries, patterns)."""


def patterns_of(demand: Demand, builds: Builds, entries: Entries) -> Patterns:
    """Patterns of the groups, sets of them, and what each entry has for these."""
    fits, of_group = np.unique(demand.fits, axis=0, return_inverse=True)
    count = len(fits)
    single = [0, *(2**pattern for pattern in range(count)), 2**count - 1]
    chosen = np.arange(2**count) if count <= MOST_PATTERNS else np.array(single)
    holds = (chosen[:, None] >> np.arange(count)) % 2 == 1
    uses = (holds[:, :, None] & fits[None]).any(axis=1)
    plugs = builds.now[entries.site] + builds.plugs[entries.build]
    sessions = builds.sessions[np.arange(len(builds.sessions)), plugs]
    return Patterns(
        of_group=of_group.reshape(-1).astype(np.int64),
        holds=holds,
        room=np.ascontiguousarray(sessions @ uses.T),
        has_any=((plugs > 0) @ fits.T.astype(np.int64)) > 0,
    )


@compiled
def find_gains(
    demand: Demand, builds: Builds, prices: Prices, patterns: Patterns, charge: Floats, first: Ints, gain_of: Floats
) -> None:
    """
    What every build brings at the prices.

    Parameters
    ----------
    charge
        What the relaxation charges a site for anything that is built, shape (sites,).
    first, gain_of
        Where the builds of each site begin in the answer; it holds them in the order of the site's list.
    """
    longest = _longest(demand)
    density, load, group = np.empty(longest), np.empty(longest), np.empty(longest, dtype=np.int64)
    sets, free = patterns.holds.shape[0], np.empty(patterns.holds.shape[1])
    inside, brought = np.zeros((sets, longest + 1)), np.zeros(longest + 1)
    for site in range(len(builds.of_site)):
        its = gain_of[first[site] : first[site + 1]]
        its[0] = -np.inf if builds.is_forced[site] else 0.0
        its[1:] = -charge[site]
        for scenario in range(len(demand.weight)):
            count = _takers(demand, prices, patterns, scenario, site, density, load, group, free)
            order = np.argsort(-density[:count])
            for place, at in enumerate(order):
                brought[place + 1] = brought[place] + density[at] * load[at]
                for chosen in range(sets):
                    is_inside = patterns.holds[chosen, patterns.of_group[group[at]]]
                    inside[chosen, place + 1] = inside[chosen, place] + (load[at] if is_inside else 0.0)
            falling = density[:count][order]
            for place in range(len(its)):
                entry = first[site] + place
                its[place] += _brings(falling, inside[:, : count + 1], brought, patterns.room[entry])
                for pattern in range(len(free)):
                    if patterns.has_any[entry, pattern]:
                        its[place] += free[pattern]


@compiled
def _brings(density: Floats, inside: Floats, brought: Floats, room: Floats) -> float:
    """
    What a site brings that serves groups in order.

    Parameters
    ----------
    density
        What each brings per session.
    inside
        Sessions that the first so many groups of each set ask for, shape (sets, groups + 1).
    brought
        What the first so many bring, all served.
    room
        Sessions that the plugs take which serve each set.
    """
    every, start = len(room) - 1, len(density)
    for chosen in range(1, every + 1):
        start = min(start, int(np.searchsorted(inside[chosen], room[chosen], side="right")) - 1)
    total, served = float(brought[start]), float(inside[every, start])
    for place in range(start, len(density)):
        least = room[every]
        for chosen in range(every):
            least = min(least, inside[every, place + 1] - inside[chosen, place + 1] + room[chosen])
        total += density[place] * (least - served)
        served = least
        if served >= room[every]:
            break
    return total


@compiled
def _longest(demand: Demand) -> int:
    """Groups within reach of a site, at most; at least one."""
    longest = 1
    for site in range(len(demand.first_arc) - 1):
        longest = max(longest, demand.first_arc[site + 1] - demand.first_arc[site])
    return longest


@compiled
def _take(patterns: Patterns, pattern: int, sessions: float, left: Floats) -> float:
    """Take as many sessions for a pattern as its sets have left."""
    for chosen in range(len(left)):
        if patterns.holds[chosen, pattern]:
            sessions = min(sessions, left[chosen])
    for chosen in range(len(left)):
        if patterns.holds[chosen, pattern]:
            left[chosen] -= sessions
    return sessions


@compiled
def _per_unit(demand: Demand, prices: Prices, scenario: int, arc: int) -> float:
    """What serving a unit of a group's weight along an arc brings at the prices."""
    group = demand.arc_group[arc]
    worth = demand.chance[scenario] * demand.unit[group] * demand.arc_worth[arc]
    return float(worth + prices.floor[scenario, demand.district[group]] - prices.served[scenario, group])


@compiled
def _takers(
    demand: Demand,
    prices: Prices,
    patterns: Patterns,
    scenario: int,
    site: int,
    density: Floats,
    load: Floats,
    group: Ints,
    free: Floats,
) -> int:
    """
    Groups that bring something when they are served, per session and in sessions; how many.

    `free` is what those bring that take no sessions, by pattern.
    """
    count = 0
    free[:] = 0.0
    for arc in range(demand.first_arc[site], demand.first_arc[site + 1]):
        its = demand.arc_group[arc]
        per_unit, weight = _per_unit(demand, prices, scenario, arc), demand.weight[scenario, its]
        if per_unit > 0.0 and weight > 0.0:
            if demand.rate[its] == 0.0:
                free[patterns.of_group[its]] += per_unit * weight
            else:
                density[count], load[count], group[count] = per_unit / demand.rate[its], demand.rate[its] * weight, its
                count += 1
    return count


@compiled
def add_all_served(demand: Demand, prices: Prices, patterns: Patterns, chosen: Ints, served: Floats) -> None:
    """Add what sites serve in the relaxation with one entry each, in shares of groups."""
    longest = _longest(demand)
    density, load, group = np.empty(longest), np.empty(longest), np.empty(longest, dtype=np.int64)
    free = np.empty(patterns.holds.shape[1])
    for site, entry in enumerate(chosen):
        if not np.any(patterns.has_any[entry]):
            continue
        for scenario in range(len(demand.weight)):
            count = _takers(demand, prices, patterns, scenario, site, density, load, group, free)
            left = patterns.room[entry].copy()
            for at in np.argsort(-density[:count]):
                taken = _take(patterns, patterns.of_group[group[at]], load[at], left)
                served[scenario, group[at]] += taken / load[at]
            if np.any(free > 0.0):
                _add_free(demand, prices, patterns, scenario, site, entry, served)


@compiled
def _add_free(
    demand: Demand, prices: Prices, patterns: Patterns, scenario: int, site: int, entry: int, served: Floats
) -> None:
    """Those that take no sessions are served where a plug fits."""
    for arc in range(demand.first_arc[site], demand.first_arc[site + 1]):
        group = demand.arc_group[arc]
        is_free = demand.rate[group] == 0.0 and demand.weight[scenario, group] > 0.0
        is_served = is_free and patterns.has_any[entry, patterns.of_group[group]]
        if is_served and _per_unit(demand, prices, scenario, arc) > 0.0:
            served[scenario, group] += 1.0
