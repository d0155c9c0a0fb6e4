"""
A bound below that of the linear programme: with triples of points, over the few sites that it leaves likely.

Prices for these few are a bound for all sites: every other one is worth what its points and its triples cost, and those
that turn out to be worth too much take part the next time.
"""

from __future__ import annotations

import time

import numpy as np

from optimiser.basics.blas import one_blas_thread
from optimiser.siting.coverage.interior import Interior
from optimiser.siting.coverage.problem import Floats
from optimiser.siting.coverage.reach import Longs, Reach, both_ways, grouped
from optimiser.siting.coverage.relaxation import CLOSED, choose, dual_of, fix, worths
from optimiser.siting.coverage.standing import Standing
from optimiser.siting.coverage.triples import add_worths, triples_of

LACKING = 1.0
"""Of what a site of a better choice may lack in the mean, what the few lack at most."""
STEPS, CLOSE = 40, 0.01
"""Steps of a round, and of what is still open, how near they come to the best prices."""
BROUGHT = 0.05
"""Of what is still open, that a round has to bring for another one."""
DEAR = 0.02
"""Of the least of three weights, what a triple has to cost to stay."""
ROUNDS = 10


class Tightening:
    """Rounds, each with more triples, and sometimes more sites."""

    def __init__(self, now: Standing) -> None:
        self._now = now
        self._few = (now.fixed != CLOSED) & (now.lack <= self._least())
        self._share = now.share
        self._triples = np.zeros((0, 3), dtype=np.int64)
        """Points of all, one of each group."""

    def go_on(self) -> None:
        """Until that brings little or time is up."""
        now = self._now
        for seed in range(ROUNDS):
            if now.is_proven():
                return
            before, started = now.bound, time.monotonic()
            with one_blas_thread():
                self._go_round(seed)
            took_s = time.monotonic() - started
            is_little = before - now.bound < BROUGHT * (before - now.known)
            if took_s > now.left_s() or (seed > 0 and is_little):
                return

    def _least(self) -> float:
        return LACKING * max(self._now.bound - self._now.known, 0.0) / self._now.p

    def _go_round(self, seed: int) -> None:
        """Look for triples, and for prices."""
        now = self._now
        reach, group = grouped(now.reach, self._few)
        if not now.p < len(reach.first_point) - 1:
            return
        one = np.zeros(len(reach.weight), dtype=np.int64)
        one[group[group >= 0]] = np.flatnonzero(group >= 0)
        more = triples_of(reach, self._share[self._few], seed=seed)
        self._triples = np.concatenate([self._triples, one[more]])
        triples = group[self._triples]
        split, whose = _split(reach, triples)
        inside = Interior(split, now.p, len(triples))
        for _ in range(STEPS):
            if now.is_over() or not inside.step():
                break
            if inside.bound() - inside.value() <= CLOSE * (now.bound - now.known):
                break
        self._share = np.zeros(len(self._few))
        self._share[self._few] = inside.y
        self._note(group, np.bincount(whose, inside.price) / reach.weight, triples, inside.of_triple)
        weight = split.weight[: 3 * len(triples)].reshape(-1, 3).min(axis=1)
        self._triples = self._triples[inside.of_triple > DEAR * weight]

    def _note(self, group: Longs, part: Floats, triples: Longs, price: Floats) -> None:
        """The bound for all sites, which it fixes, what the others lack, and which of them are to take part."""
        now, dual = self._now, dual_of(self._now.reach)
        # Points of a group have the same part of their weight as a price; others are not covered, and have all of it.
        dual.price[:] = now.reach.weight
        dual.price[group >= 0] *= part[group[group >= 0]]
        # A triple takes its price from three points and gives it back once.
        kept = worths(now.reach, dual) - 2.0 * float(price.sum())
        order = np.argsort(group, kind="stable")
        first = np.searchsorted(group[order], np.arange(len(part) + 1))
        add_worths(now.reach, triples, price, order, first, np.zeros((len(now.sites), 3)), dual.worth)
        bound = kept + choose(now.p, now.fixed, dual)
        if not np.isfinite(bound):
            return
        lack = np.maximum(dual.edges[0] - dual.worth, 0.0)
        if bound < now.bound:
            now.lack[:] = lack
        now.lower(bound)
        fix(now.fixed, dual, bound, now.limit())
        self._few |= (now.fixed != CLOSED) & (lack <= self._least())


def _split(reach: Reach, triples: Longs) -> tuple[Reach, Longs]:
    """
    Points as parts of equal weight, one for each triple they are in, those of triples first; whose part each is.

    What holds for the parts of three points holds as the mean of what holds for the points.
    """
    uses = np.bincount(triples.ravel(), minlength=len(reach.weight))
    whose = np.concatenate([triples.ravel(), np.flatnonzero(uses == 0)])
    size = np.diff(reach.first_site)[whose]
    place = np.repeat(reach.first_site[whose] - (np.cumsum(size) - size), size) + np.arange(int(size.sum()))
    weight = reach.weight[whose] / np.maximum(uses, 1)[whose]
    return both_ways(weight, size, reach.site[place], len(reach.first_point) - 1), whose
