"""
Searches in two threads, each cooling down on its own; in the end both go on from the better one.

Told by the clock or by rounds of `TRIES` changes a thread; with rounds alone, the same seed gives the same plan.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from optimiser.basics.chance import Chance, chance_of
from optimiser.basics.compiled import available_cores
from optimiser.basics.limits import SolveLimits
from optimiser.relocation.plan import NOTHING, Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.search import columns as col
from optimiser.relocation.search.anneal import Standing, anneal
from optimiser.relocation.search.cars import leave_alone
from optimiser.relocation.search.edit import copy_routes
from optimiser.relocation.search.moves import Hints
from optimiser.relocation.search.night import NO_WAY, price
from optimiser.relocation.search.routes import empty_routes, plan_of, routes_of
from optimiser.relocation.search.state import Routes, course_of
from optimiser.relocation.search.town import Town, town_of

THREADS = 2
TRIES = 1000
LONGEST = 60
"""Jobs of a driver at most."""
LEGS = ((0.0, 0.6, 0.25, 0.005), (0.6, 1.0, 0.08, 0.003))
"""From which share of the search until which; heat at first and in the end, in prices of a trip."""
WATCH_S = 0.05
REST = 20.0
"""After a plan is priced none is for so many times as long."""


def search(
    problem: Problem,
    limits: SolveLimits,
    *,
    start: Plan,
    elapsed_s: Callable[[], float],
    offer: Callable[[Plan], None],
    is_over: Callable[[], bool],
) -> None:
    """
    Offer better and better routes, without charges, until `is_over` or all rounds are done.

    Parameters
    ----------
    start
        Its routes are what the search begins with, as far as it can have them.
    elapsed_s
        Seconds of `limits.seconds` that are used up.
    offer
        Takes each plan that may be better than all before; called from this thread.
    """
    town = town_of(problem)
    town = town._replace(price_alone=leave_alone(town))
    count = THREADS if limits.seconds is None else min(THREADS, available_cores())
    runs = [_Run(problem, town, limits, elapsed_s, number, start) for number in range(count)]
    offered, rests_until_s = math.inf, 0.0
    for leg in range(len(LEGS)):
        if is_over():
            break
        best = min(runs, key=lambda run: (run.best_price, run.number))
        for run in runs:
            run.go_on_from(best)
        threads = [threading.Thread(target=run.run, args=(leg,), daemon=True) for run in runs]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                if is_over():
                    break
                begun_s = time.monotonic()
                news = [run.news.pop() for run in runs if run.news]
                if news and begun_s >= rests_until_s and limits.seconds is not None:
                    offered, routes = min(news, key=lambda item: item[0])
                    offer(plan_of(problem, town, routes, course_of(town)))
                    rests_until_s = time.monotonic() + REST * (time.monotonic() - begun_s)
                time.sleep(WATCH_S)
        finally:
            for run in runs:
                run.is_over = True
            for thread in threads:
                thread.join()
        for run in runs:
            if run.failure is not None:
                raise run.failure
            run.is_over = False
    best = min(runs, key=lambda run: (run.best_price, run.number))
    if best.best_price < offered:
        offer(plan_of(problem, town, best.best, course_of(town)))


def get_ready(problem: Problem) -> None:
    """Have the search compiled, or loaded as it was compiled before: seconds in which nobody could stop it."""
    town = town_of(problem)
    anneal(town, standing_of(problem, town, NOTHING), chance_of(0, 0), 1.0, 0)


class _Run:
    """One search, to be run in a thread of its own."""

    def __init__(
        self,
        problem: Problem,
        town: Town,
        limits: SolveLimits,
        elapsed_s: Callable[[], float],
        number: int,
        start: Plan,
    ) -> None:
        self.number, self.is_over = number, False
        self.news: deque[tuple[float, Routes]] = deque(maxlen=1)
        self.failure: BaseException | None = None
        self._town, self._limits, self._elapsed_s = town, limits, elapsed_s
        self._unit = max(problem.prices.lost_trip, problem.prices.driver_hour / 4, 1e-6)
        self._chance: Chance = chance_of(limits.seed, number)
        self._standing = standing_of(problem, town, start)
        self._begun_s, self._done = elapsed_s(), 0

    @property
    def best(self) -> Routes:
        """The best routes so far."""
        return self._standing.best

    @property
    def best_price(self) -> float:
        """What they cost about."""
        return float(self._standing.prices[1])

    def go_on_from(self, other: _Run) -> None:
        """Begin again with another search's best."""
        standing = self._standing
        if other is not self:
            copy_routes(other.best, standing.best)
        for routes in (standing.now, standing.trial):
            copy_routes(standing.best, routes)
        standing.prices[:] = price(self._town, standing.now, standing.course)
        standing.hints.ready[:] = standing.course.ready

    def run(self, leg: int) -> None:
        """Cool down once."""
        first, last, hot, cold = LEGS[leg]
        try:
            while not self.is_over and (share := self._share()) < last:
                heat = self._unit * hot * (cold / hot) ** ((share - first) / (last - first))
                if anneal(self._town, self._standing, self._chance, heat, TRIES):
                    self.news.append((self.best_price, _copy(self._town, self.best)))
                self._done += 1
        except BaseException as error:
            self.failure = error

    def _share(self) -> float:
        """Of the search that is done, by rounds and by the clock."""
        by_rounds = 0.0 if self._limits.rounds is None else self._done / self._limits.rounds
        if self._limits.seconds is None:
            return by_rounds
        left_s = max(1e-9, self._limits.seconds - self._begun_s)
        return max(by_rounds, (self._elapsed_s() - self._begun_s) / left_s)


def standing_of(problem: Problem, town: Town, start: Plan) -> Standing:
    """A search at its beginning: a plan's routes, or none where these do not work."""
    course = course_of(town)
    with_plugs = np.flatnonzero(town.station[:, col.END_PLUG] > town.station[:, col.FIRST_PLUG])
    near_plugs = town.near[np.isin(town.near, with_plugs)].reshape(len(town.near), len(with_plugs))
    routes = routes_of(problem, town, start, LONGEST)
    if price(town, routes, course) == NO_WAY:
        routes = empty_routes(town, LONGEST)
    best = price(town, routes, course)
    return Standing(
        now=_copy(town, routes),
        trial=_copy(town, routes),
        best=routes,
        course=course,
        hints=Hints(ready=course.ready.copy(), near_plugs=near_plugs),
        prices=np.full(2, best),
    )


def _copy(town: Town, routes: Routes) -> Routes:
    copy = empty_routes(town, LONGEST)
    copy_routes(routes, copy)
    return copy
