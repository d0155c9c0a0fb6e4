"""
Parts of an answer solved exactly, one after the other, while the rest stays (POPMUSIC: Taillard & Voss 2002, Essays and
Surveys in Metaheuristics): clusters that lie together, made anew of all clusters that could be better.
"""

from __future__ import annotations

import numpy as np

from optimiser.siting.capacitated.columns import Part, columns_of
from optimiser.siting.capacitated.pairs import Bools, Pairs, ways_of
from optimiser.siting.capacitated.partition import close
from optimiser.siting.capacitated.problem import Floats, Ints
from optimiser.siting.capacitated.relaxation import Dual

SCALES, CLUSTERS = ((40, 600), (60, 2000), (100, 4000), (150, 8000)), 4
"""Customers of a window and clusters that its programme may choose from, more once small windows promise nothing any
more; clusters that it has at least."""
SECONDS = 3.0
"""For the programme of a window."""
FORLORN = 0.05
"""Hope below which nothing is looked at."""
WEAR = 0.2
"""What is expected of clusters that were looked at in vain, of what was expected before."""


class Windows:
    """Which windows are to be made anew next: those around clusters that cost far more than the bound allows them."""

    def __init__(self, pairs: Pairs, dual: Dual) -> None:
        self._pairs, self._dual = pairs, dual
        self._hope = np.ones(len(pairs.demand))
        """Of each customer, what is left of the hope for its cluster."""
        self._seen: Ints | None = None
        self._scales = list(SCALES)

    def next(self, site_of: Ints, count: int) -> list[Part]:
        """The most promising windows, so many at most and none that overlap; none where nothing is promised."""
        if self._seen is not None:
            self._hope[site_of != self._seen] = 1.0
        self._seen = site_of.copy()
        parts = self._next(site_of, count)
        while not parts and len(self._scales) > 1:
            self._scales.pop(0)
            self._hope[:] = 1.0
            parts = self._next(site_of, count)
        return parts

    def _next(self, site_of: Ints, count: int) -> list[Part]:
        """The same for windows of one size."""
        excess = self._excess(site_of)
        parts: list[Part] = []
        is_taken = np.zeros(len(site_of), dtype=np.bool_)
        while len(parts) < count:
            promise = np.where(is_taken | (self._hope < FORLORN), 0.0, excess[site_of] * self._hope)
            seed = int(promise.argmax())
            if promise[seed] <= 0.0:
                break
            parts.append(self._around(site_of, seed, is_taken))
            is_taken |= parts[-1].is_in
        return parts

    def _around(self, site_of: Ints, seed: int, is_taken: Bools) -> Part:
        """The clusters of the customers nearest to the site of one."""
        pairs, is_in, size, clusters = self._pairs, np.zeros(len(site_of), dtype=np.bool_), 0, 0
        site = int(site_of[seed])
        for customer in [seed, *pairs.customer[pairs.first_at[site] : pairs.first_at[site + 1]].tolist()]:
            if not is_in[customer] and not is_taken[customer]:
                cluster = site_of == site_of[customer]
                size, clusters = size + int(cluster.sum()), clusters + 1
                if size > self._scales[0][0] and clusters > CLUSTERS:
                    break
                is_in |= cluster
        # A closed site belongs to the window of the customer next to it: windows do not get in each other's way.
        may_be = is_in[pairs.customer[np.minimum(pairs.first_at[:-1], len(pairs.customer) - 1)]]
        may_be[site_of[~is_in]] = False
        may_be[site_of[is_in]] = True
        return Part(is_in=is_in, may_be=may_be)

    def improved(self, site_of: Ints, part: Part, *, unit: float, seconds: float) -> Ints | None:
        """The same with a window made anew, or None where nothing was found."""
        customers = np.flatnonzero(part.is_in)
        own = np.unique(site_of[customers])
        slack = float(self._excess(site_of)[own].sum())
        columns = columns_of(self._pairs, self._dual, slack=slack, most=self._scales[0][1], part=part)
        closed = close(self._pairs, len(own), columns, site_of, customers, unit=unit, seconds=min(seconds, SECONDS))
        self._hope[customers] *= WEAR
        return closed.site_of

    def _excess(self, site_of: Ints) -> Floats:
        """Reduced cost of the cluster of each site."""
        dual, sigma = self._dual, float(self._dual.reduced[self._dual.chosen].max())
        ways = np.zeros(len(site_of))
        ways_of(self._pairs, site_of, ways)
        paid = np.bincount(site_of, weights=ways - dual.price, minlength=len(dual.reduced))
        return np.maximum(0.0, paid - np.minimum(dual.reduced, sigma))
