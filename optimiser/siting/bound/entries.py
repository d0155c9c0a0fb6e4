"""Everything that may be built, site after site: builds of a list that many sites share are entries of each of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.siting.arrays import Builds, Floats, Ints, Limits


class Entries(NamedTuple):
    """Of all sites."""

    first: Ints
    """Where those of each site begin, shape (sites + 1,); nothing built is its first."""
    site: Ints
    build: Ints
    """Its number in the lists."""
    plugs: Ints
    """New ones of all kinds together."""
    cost: Floats
    kw: Floats
    """That a grid node holds ready; 0 where a site has none."""

    def most(self) -> Ints:
        """New plugs at each site."""
        return np.maximum.reduceat(self.plugs, self.first[:-1])


def entries_of(builds: Builds, limits: Limits) -> Entries:
    """In the order of the lists."""
    size = np.diff(builds.first)[builds.of_site]
    first = np.concatenate([[0], np.cumsum(size)])
    site = np.repeat(np.arange(len(size)), size)
    number = builds.first[builds.of_site][site] + np.arange(first[-1]) - first[site]
    plugs = builds.plugs[number].sum(axis=1).astype(np.int64)
    return Entries(
        first=first,
        site=site,
        build=number,
        plugs=plugs,
        cost=builds.cost[number] + (plugs > 0) * builds.open_cost[site],
        kw=builds.kw[number] * (limits.node >= 0)[site],
    )
