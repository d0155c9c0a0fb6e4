"""
Choices bred from choices: the sites of one around a place and those of another elsewhere, put right by annealing.

What is good in one part of a city and what is good in another so come together, to which exchanges one by one lead
hardly ever (cut and splice: Deaven & Ho 1995, Physical Review Letters 75). What a choice covers once it is cut and
spliced takes far less time to tell than to put it right: of many cuts, only the best one is; and both choices were
right already, so that only what is near the cut has to be.
"""

from __future__ import annotations

import threading

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.coverage.annealing import HOT, Annealing
from optimiser.siting.coverage.problem import Floats, Ints
from optimiser.siting.coverage.reach import Bools, Reach
from optimiser.siting.coverage.standing import Standing

MEMBERS = 40
"""Choices that are kept."""
FIRST, LATER = 200, 40
"""Moves a site, from a start and after a crossing."""
WARM = 0.4 * HOT
"""Temperature from which what was crossed is put right."""
ALIKE = 0.85
"""Of the sites, how many two choices share of which only the better one is kept."""
LEAST = 0.2
"""Of the sites by which two differ, that each has to give, at least."""
PLACES, ORDERS = 10, 200
"""Places around which two are cut, for each crossing, of so many that are known at most."""
SEAM = 0.3
"""Of all sites, those that may change where a cut is put right: the nearest to it."""
DISTRICT = 0.25
"""Of all sites, those of a district that is annealed anew."""
STALE = 3
"""Crossings for each choice that is kept, without one that is kept, after which all begins anew."""


class Brood:
    """Good choices that differ; threads may breed side by side."""

    def __init__(self, now: Standing, *, seed: int) -> None:
        self._now, self._random = now, np.random.default_rng([seed, MEMBERS])
        self._members: list[tuple[float, Bools]] = []
        self._past: list[Bools] = []
        """The best of all that was kept each time that all began anew."""
        self._orders: list[Ints] = []
        """Sites by how near they are to places that were drawn."""
        self._starts, self._failed = 0, 0
        self._lock = threading.Lock()

    def narrow(self, left: Bools) -> None:
        """Forget the sites that are not left, and the choices that need them."""
        p, cut = self._now.p, [(reached, is_open[left]) for reached, is_open in self._members]
        self._members = [(reached, is_open) for reached, is_open in cut if int(is_open.sum()) == p]
        self._past = [is_open[left] for is_open in self._past]
        self._starts, self._orders = len(self._members), []

    def choices(self) -> list[Bools]:
        """What is kept now, and the best of what was kept before."""
        with self._lock:
            return [*self._past, *(is_open for _, is_open in self._members)]

    def breed(self, annealing: Annealing) -> None:
        """One more start, or one more crossing; nothing of it is kept if another thread has begun anew meanwhile."""
        with self._lock:
            is_start = self._starts < MEMBERS
            if is_start:
                self._starts, child = self._starts + 1, None
            else:
                child = self._crossed()
            members = self._members
        if is_start:
            made = annealing.from_a_start(1.0, FIRST)
        elif child is not None:
            made = annealing.from_child(*child, WARM, LATER)
        else:
            return
        with self._lock:
            if members is self._members:
                self._keep(*made)

    def district(self) -> Bools:
        """The sites around a place."""
        with self._lock:
            order = self._drawn(1)[0]
        is_near = np.zeros(len(order), dtype=np.bool_)
        is_near[order[: max(1, round(DISTRICT * len(order)))]] = True
        return is_near

    def _drawn(self, count: int) -> list[Ints]:
        """So many places, told by all sites, the nearest first; one is new each time, until enough are known."""
        if len(self._orders) < ORDERS:
            self._orders.append(around(self._now.reach, int(self._random.integers(len(self._now.sites)))))
        return [self._orders[number] for number in self._random.integers(len(self._orders), size=count)]

    def _crossed(self) -> tuple[Bools, Bools] | None:
        """Two of them crossed where that is best, and the sites near the cut; None where it cannot be, or any more."""
        members = self._members
        if len(members) < 2 or self._failed > STALE * MEMBERS:
            self._past += [is_open for _, is_open in sorted(members, key=lambda one: -one[0])[:1]]
            self._members, self._starts, self._failed = [], 0, 0
            return None
        self._failed += 1
        one, other = self._random.choice(len(members), 2, replace=False)
        return crossed(self._now.reach, members[one][1], members[other][1], self._drawn(PLACES))

    def _keep(self, reached: float, is_open: Bools) -> None:
        """Keep a choice in place of one that is much the same, else of the worst, where it is better."""
        members = self._members
        if any(reached == other for other, _ in members):
            return
        shared = [int((is_open & other).sum()) for _, other in members]
        if members and max(shared) >= ALIKE * self._now.p:
            rival = int(np.argmax(shared))
        elif len(members) < MEMBERS:
            members.append((reached, is_open))
            return
        else:
            rival = min(range(len(members)), key=lambda one: members[one][0])
        if reached > members[rival][0]:
            members[rival], self._failed = (reached, is_open), 0


def crossed(reach: Reach, first: Bools, second: Bools, orders: list[Ints]) -> tuple[Bools, Bools] | None:
    """
    The sites of one choice first in an order, of another after, cut where both have opened as many; what is near.

    Of all such cuts in all orders, the one that covers most; None where there is none that leaves enough to both.
    """
    least, times, covered = LEAST * int((first != second).sum()), np.empty(len(reach.weight), np.int32), np.zeros(1)
    most, at, around_it = -1.0, 0, orders[0]
    for order in orders:
        cut = _best_cut(reach, first, second, order, least, times, covered)
        if cut > 0 and covered[0] > most:
            most, at, around_it = float(covered[0]), cut, order
    if not at:
        return None
    child, is_near = second.copy(), np.zeros(len(second), dtype=np.bool_)
    reaching = max(1, round(SEAM / 2 * len(second)))
    child[around_it[:at]] = first[around_it[:at]]
    is_near[around_it[max(0, at - reaching) : at + reaching]] = True
    return child, is_near


@in_place
def _best_cut(
    reach: Reach, first: Bools, second: Bools, order: Ints, least: float, times: Ints, covered: Floats
) -> int:
    """How many sites of the order the first choice should give, 0 for none; `covered` becomes what is then covered."""
    times[:] = 0
    now, differ = 0.0, 0
    for site in range(len(second)):
        differ += first[site] != second[site]
        if second[site]:
            now += _turn(reach, times, site, 1)
    best, more, passed = 0, 0, 0
    for place in range(len(order)):
        site = order[place]
        if first[site] == second[site]:
            continue
        change = 1 if first[site] else -1
        now += _turn(reach, times, site, change)
        more, passed = more + change, passed + 1
        if more == 0 and least <= passed <= differ - least and (best == 0 or now > covered[0]):
            best, covered[0] = place + 1, now
    return best


@in_place
def _turn(reach: Reach, times: Ints, site: int, change: int) -> float:
    """Open a site, 1, or close it, -1; what is covered more."""
    more = 0.0
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        before = times[point]
        times[point] = before + change
        if before == 0 or times[point] == 0:
            more += change * reach.weight[point]
    return more


def around(reach: Reach, site: int) -> Ints:
    """All sites, the nearest to one first: by how many points one has to go over to get there."""
    sites = len(reach.first_point) - 1
    order = np.zeros(sites, dtype=np.int32)
    _go_round(reach, site, order, np.zeros(sites, dtype=np.bool_), np.zeros(len(reach.weight), dtype=np.bool_))
    return order


@in_place
def _go_round(reach: Reach, start: int, order: Ints, is_seen: Bools, is_passed: Bools) -> None:
    """Breadth first, once for each part of the city."""
    count, done = 0, 0
    for step in range(len(order)):
        site = (start + step) % len(order)
        if not is_seen[site]:
            is_seen[site], order[count] = True, site
            count += 1
        while done < count:
            for point in reach.point[reach.first_point[order[done]] : reach.first_point[order[done] + 1]]:
                if not is_passed[point]:
                    is_passed[point] = True
                    for other in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                        if not is_seen[other]:
                            is_seen[other], order[count] = True, other
                            count += 1
            done += 1
