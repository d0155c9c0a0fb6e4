"""Everything that one van more could do for a wish: by a new stop, or by more at one that it makes anyway."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem, Station
from optimiser.rebalancing.replay import Timeline
from optimiser.rebalancing.why_not import bikes, work
from optimiser.rebalancing.why_not.gaps import Gaps, Task
from optimiser.rebalancing.why_not.insertion import Insertion
from optimiser.rebalancing.why_not.shapes import PLANNED, Candidate, Shape, candidates
from optimiser.rebalancing.why_not.tours import Floats
from optimiser.rebalancing.why_not.wishes import Wish, WishKind, missing
from optimiser.rebalancing.why_not.worth import worth_of_broken, worth_of_swaps

_FITS = 2
"""Insertions of each way that seem to fit and are worth a trial."""

_MUST: dict[work.Sort, WishKind] = {"swaps": "swaps", "broken_pickup": "broken", "visit": "visit"}
"""Must-do work that each sort of work does some of, whatever it is done for."""


class Ways:
    """All ways to do more for the wishes that one plan leaves open."""

    def __init__(self, problem: Problem, plan: Plan, timeline: Timeline) -> None:
        self._gaps, self._missing = Gaps(problem, plan, timeline), missing(problem, timeline)
        self._lenders = bikes.partners_in_plan(self._gaps, before=True)
        self._takers = bikes.partners_in_plan(self._gaps, before=False)

    def of(self, wish: Wish) -> list[Candidate]:
        """What is worth an exact trial for a wish."""
        gaps, station = self._gaps, self._gaps.problem.station_by_id[wish.station_id]
        found: list[Candidate] = []
        if wish.brings or wish.fetches:
            task = self._with_bikes(wish, station)
            shapes = bikes.by_new_stop(gaps, task, self._lenders if wish.brings else self._takers)
            found += self._candidates(shapes)
            found += (_planned(insertion) for insertion in self._more_bikes(task))
        for sort in _sorts(wish, station):
            task = self._with_work(wish, station, sort)
            found += self._candidates(work.by_new_stop(gaps, task, sort))
            if sort != "visit":
                found += (_planned(insertion) for insertion in self._more_work(task, sort))
        return found

    def _candidates(self, shapes: Iterator[Shape]) -> Iterator[Candidate]:
        for shape in shapes:
            yield from candidates(self._gaps.problem, self._gaps.tours, shape, most=_FITS)

    def _with_bikes(self, wish: Wish, station: Station) -> Task:
        table = self._gaps.worth.bring if wish.brings else self._gaps.worth.fetch
        return self._gaps.task(
            wish,
            station,
            table[self._gaps.row_of[station.id]],
            unit_s=self._gaps.problem.handling.bike_s,
            permission="may_drop_off" if wish.brings else "may_pick_up",
        )

    def _with_work(self, wish: Wish, station: Station, sort: work.Sort) -> Task:
        problem, timeline = self._gaps.problem, self._gaps.timeline
        worth: Floats
        if sort == "swaps":
            worth = np.array(worth_of_swaps(problem, timeline, station))
        elif sort == "broken_pickup":
            worth = np.array(worth_of_broken(problem, timeline, station))
        else:
            worth = np.zeros(2)
        asked = self._missing.get((station.id, _MUST[sort]), 0)
        worth = worth + problem.prices.must * np.minimum(np.arange(len(worth)), asked)
        return self._gaps.task(wish, station, worth, unit_s=work.unit_s(self._gaps, sort))

    def _more_bikes(self, task: Task) -> Iterator[Insertion]:
        """More brought or fetched where a van stops at the station anyway."""
        gaps, tours, brings = self._gaps, self._gaps.tours, task.wish.brings
        partners = self._lenders if brings else self._takers
        for row, index in gaps.visits.get(task.station.id, ()):
            van_id, after = gaps.problem.vans[row].id, (row, index + 1)
            most = int((tours.spare_load if brings else tours.free_slots)[after])
            for count in sorted({int(number) for number in task.numbers.ravel()}):
                here = index, bikes.at_station(task, count)
                if count == 1 or count <= most:
                    yield Insertion(van_id=van_id, more=(here,))
                at = (row, index) if brings else after
                if count > most and partners.index[at] >= 0:
                    other = bikes.more_at_partner(gaps, task, partners, at, count)
                    yield Insertion(van_id=van_id, more=(other, here))
                if count > most and brings:
                    yield Insertion(van_id=van_id, more=(here,), more_at_start=count)

    def _more_work(self, task: Task, sort: work.Sort) -> Iterator[Insertion]:
        """More swapped, or more broken bikes taken, where a van stops at the station anyway."""
        gaps = self._gaps
        left = gaps.tours.packs if sort == "swaps" else gaps.tours.free_to_depot
        for row, index in gaps.visits.get(task.station.id, ()):
            fits = max(1, int(left[row, index + 1]))
            for count in sorted({min(int(number), fits) for number in task.numbers.ravel()}):
                stop = work.at_station(task, sort, count)
                yield Insertion(van_id=gaps.problem.vans[row].id, more=((index, stop),))


def _sorts(wish: Wish, station: Station) -> tuple[work.Sort, ...]:
    """What work does something for a wish; swaps make ready bikes."""
    if wish.brings:
        return ("swaps",) if station.low_charge else ()
    sorts: dict[str, tuple[work.Sort, ...]] = {"swaps": ("swaps",), "broken": ("broken_pickup",), "visit": ("visit",)}
    return sorts.get(wish.kind, ())


def _planned(insertion: Insertion) -> Candidate:
    return Candidate(money=0.0, lacks=PLANNED, amount=0.0, build=lambda: insertion)
