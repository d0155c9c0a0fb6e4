"""
Choices bred from choices: the sites of one around a place and those of another elsewhere, put right by annealing.

What is good in one part of a city and what is good in another so come together, to which exchanges one by one lead
hardly ever (cut and splice: Deaven & Ho 1995, Physical Review Letters 75).
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.coverage.annealing import HOT, Annealing
from optimiser.siting.coverage.problem import Ints
from optimiser.siting.coverage.reach import Bools, Reach
from optimiser.siting.coverage.standing import Standing

MEMBERS = 20
"""Choices that are kept."""
FIRST, LATER = 600, 60
"""Moves a site, from a start and after a crossing."""
WARM = 0.4 * HOT
"""Temperature from which what was crossed is put right."""
ALIKE = 0.95
"""Of the sites, how many two choices share of which only the better one is kept."""
LEAST = 0.2
"""Of the sites by which two differ, that each has to give, at least."""
STALE = 10
"""Crossings for each choice that is kept, without one that is kept, after which all begins anew."""


class Brood:
    """Good choices that differ; one thread breeds, others may look on."""

    def __init__(self, now: Standing, *, seed: int) -> None:
        self._now, self._random = now, np.random.default_rng([seed, MEMBERS])
        self._members: list[tuple[float, Bools]] = []
        self._starts, self._failed = 0, 0

    def narrow(self, left: Bools) -> None:
        """Forget the sites that are not left, and the choices that need them."""
        p, cut = self._now.p, [(reached, is_open[left]) for reached, is_open in self._members]
        self._members = [(reached, is_open) for reached, is_open in cut if int(is_open.sum()) == p]
        self._starts = len(self._members)

    def choices(self) -> list[Bools]:
        """What is kept now."""
        return [is_open for _, is_open in self._members]

    def breed(self, annealing: Annealing) -> None:
        """One more start, or one more crossing; what is the best of all takes part, wherever it comes from."""
        if self._starts < MEMBERS:
            self._starts += 1
            self._keep(*annealing.from_a_start(1.0, FIRST))
            return
        self._keep(*self._now.best_choice())
        child = self._crossed()
        if child is not None:
            self._keep(*annealing.from_child(child, WARM, 1.0, LATER))

    def _crossed(self) -> Bools | None:
        """Two of them crossed somewhere; None where that cannot be, or after too many that came to nothing."""
        if len(self._members) < 2 or self._failed > STALE * MEMBERS:
            self._members = sorted(self._members, key=lambda one: -one[0])[:1]
            self._starts, self._failed = len(self._members), 0
            return None
        self._failed += 1
        one, other = self._random.choice(len(self._members), 2, replace=False)
        order = around(self._now.reach, int(self._random.integers(len(self._now.sites))))
        return crossed(self._members[one][1], self._members[other][1], order, self._random)

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


def crossed(first: Bools, second: Bools, order: Ints, random: np.random.Generator) -> Bools | None:
    """
    The sites of one choice first in an order, of another after, cut at random where both have opened as many.

    None where there is no such place between the first and the last sites by which they differ.
    """
    differ = np.cumsum(first[order] != second[order])
    more = np.cumsum(first[order].astype(np.int64) - second[order])
    least = LEAST * differ[-1]
    cuts = np.flatnonzero((more == 0) & (differ >= least) & (differ <= differ[-1] - least))
    if not differ[-1] or not len(cuts):
        return None
    head = order[: random.choice(cuts) + 1]
    child = second.copy()
    child[head] = first[head]
    return child


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
