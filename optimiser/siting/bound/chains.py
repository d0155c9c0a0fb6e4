"""
What a site has built at the end of each phase, never less than before: the best such sequence by dynamic programming.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import compiled
from optimiser.siting.arrays import Builds, Floats, Ints


def smaller_builds(builds: Builds) -> Ints:
    """
    Of each build, by kind, the one with a plug less of that kind, counted in the same list; -1 where there is none.

    Lists hold everything that is smaller than what they hold, and hold it before.
    """
    smaller = np.full(builds.plugs.shape, -1, dtype=np.int64)
    for start, end in zip(builds.first[:-1], builds.first[1:], strict=True):
        place = {tuple(plugs): number for number, plugs in enumerate(builds.plugs[start:end].tolist())}
        for plugs, number in place.items():
            for kind, count in enumerate(plugs):
                if count > 0:
                    smaller[start + number, kind] = place[*plugs[:kind], count - 1, *plugs[kind + 1 :]]
    return smaller


@compiled
def best_ends(
    of_site: Ints,
    first_build: Ints,
    smaller: Ints,
    first: Ints,
    gain: Floats,
    cost: Floats,
    price: Floats,
    value: Floats,
    before: Ints,
) -> None:
    """
    What each site brings over all phases when it ends with a build.

    Parameters
    ----------
    first
        Where the builds of each site begin among the entries.
    gain, cost
        Of each entry, gain by phase, shape (phases, entries).
    price
        Of money, by phase.
    value, before
        Are filled in: what ending with an entry brings, and what stood after the phase before when an entry stands
        after a phase, as a place in the site's list, shape (phases, entries).
    """
    phases, kinds = gain.shape[0], smaller.shape[1]
    longest = 0
    for site in range(len(of_site)):
        longest = max(longest, first[site + 1] - first[site])
    most, which = np.zeros(longest), np.zeros(longest, dtype=np.int64)
    for site in range(len(of_site)):
        start, end, row = first[site], first[site + 1], first_build[of_site[site]]
        for phase in range(phases):
            for place in range(end - start):
                entry = start + place
                now = gain[phase, entry] - price[phase] * cost[entry]
                if phase > 0:
                    now += most[place]
                    before[phase, entry] = which[place]
                value[entry] = now
            for place in range(end - start):
                best, at = value[start + place], place
                for kind in range(kinds):
                    less = smaller[row + place, kind]
                    if less >= 0 and most[less] > best:
                        best, at = most[less], which[less]
                most[place], which[place] = best, at


@compiled
def trace_back(of_site: Ints, first_build: Ints, first: Ints, before: Ints, place: Ints, build: Ints) -> None:
    """Fill in what stands after each phase, shape (phases, sites), when each site ends at a place in its list."""
    for site in range(len(of_site)):
        at = place[site]
        for phase in range(len(build) - 1, -1, -1):
            build[phase, site] = first_build[of_site[site]] + at
            at = before[phase, first[site] + at]
