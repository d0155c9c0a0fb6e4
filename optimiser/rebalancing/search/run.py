"""Searches in as many threads as there are cores, until somebody says that it is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from optimiser.basics.compiled import available_cores
from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.search.apart import Apart
from optimiser.rebalancing.search.news import Course, News, worth_offering
from optimiser.rebalancing.search.routes import plan_of, tours_of
from optimiser.rebalancing.search.together import Together
from optimiser.rebalancing.search.town import Town
from optimiser.rebalancing.search.translate import town_of

THREADS = 2
"""Searches that go on at once; one after the other they would find the same where only rounds count."""
LONGEST = 80
"""Stops of a route at most, in large cities."""
SHARED_STATIONS, SHARED_VANS = 1000, 10
"""From this size on the searches share their routes: less would leave too little to each."""
WATCH_S = 0.05
REST = 20.0
"""After a plan is checked none is for so many times as long: in large cities that takes time from the searches."""


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
    Offer better and better plans until `is_over`, or all rounds are done.

    Parameters
    ----------
    start
        Its routes are what the search begins with.
    elapsed_s
        Seconds of `limits.seconds` that are used up.
    offer
        Takes each plan that may be better than all before; called from this thread.
    """
    town = town_of(problem)
    if not len(town.station) or not len(town.slots):
        return
    over = threading.Event()
    failures: list[BaseException] = []
    course = Course(limits=limits, elapsed_s=elapsed_s, is_over=over.is_set)
    runs, done = _searches(town, course, tours_of(problem, town, start))
    waiting: list[News] = []

    def guarded(run: Callable[[], None]) -> None:
        try:
            run()
        except BaseException as error:
            failures.append(error)

    def offer_news(until: int) -> None:
        waiting.extend(course.news.popleft() for _ in range(len(course.news)))
        for one in worth_offering(waiting, until=until, is_every=limits.seconds is None):
            offer(plan_of(problem, town, one.found.state))

    threads = [threading.Thread(target=guarded, args=(run,), daemon=True) for run in runs]
    for thread in threads:
        thread.start()
    rests_until_s = 0.0
    try:
        while any(thread.is_alive() for thread in threads):
            if is_over():
                over.set()
            begun_s = time.monotonic()
            if begun_s >= rests_until_s:
                offer_news(min(done()))
                rests_until_s = begun_s + REST * (time.monotonic() - begun_s)
            time.sleep(WATCH_S)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
    offer_news(max(done()))


def _searches(
    town: Town, course: Course, tours: list[list[int]]
) -> tuple[list[Callable[[], None]], Callable[[], list[int]]]:
    """What each thread has to do, and a question for the rounds that each has behind it."""
    count = THREADS if course.limits.seconds is None else min(THREADS, available_cores())
    longest = len(town.station) if town.is_fixed else min(len(town.station), LONGEST)
    is_large = town.near.shape[0] >= SHARED_STATIONS and len(town.slots) >= SHARED_VANS
    # What zones ask for binds all routes together.
    if count > 1 and is_large and not len(town.floor):
        team = Together(town, course, count, tours=tours, longest=longest)
        return [partial(team.run, number) for number in range(count)], lambda: [team.done]
    apart = [Apart(town, course, number, tours=tours, longest=longest) for number in range(count)]
    return [one.run for one in apart], lambda: [one.done for one in apart]
