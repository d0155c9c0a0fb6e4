"""Searches in as many threads as there are cores, until somebody says that it is over."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from optimiser.basics.compiled import available_cores
from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.search.annealer import Annealer, Found
from optimiser.rebalancing.search.routes import plan_of, tours_of
from optimiser.rebalancing.search.town import Town
from optimiser.rebalancing.search.translate import town_of

THREADS = 2
"""Searches that go on at once; one after the other they would find the same where only rounds count."""
HEATS = (1.0, 3.0)
"""How hot each starts: some towns need to be shaken harder."""
KEPT_HEAT = 0.1
"""Of that where there are routes to begin with: hotter, they would soon be forgotten."""
CHUNK_S = 0.05
"""Seconds after which a search looks up."""
CHUNK_ROUNDS = 50
"""The same in rounds, where they alone count."""
LONGEST = 80
"""Stops of a route at most, in large cities."""
WATCH_S = 0.05
REST = 20.0
"""Of the time that checking a plan takes none is checked."""


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
    tours = tours_of(problem, town, start)
    if not len(town.station) or not len(town.slots):
        return
    news: deque[Found] = deque()
    over = threading.Event()
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            _anneal(town, limits, number, tours, news=news, elapsed_s=elapsed_s, is_over=over.is_set)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(THREADS)]
    if limits.seconds is not None and available_cores() < THREADS:
        threads = threads[:1]
    for thread in threads:
        thread.start()
    rests_until_s = 0.0
    try:
        while any(thread.is_alive() for thread in threads):
            if is_over():
                over.set()
            begun_s = time.monotonic()
            if begun_s >= rests_until_s:
                _offer_best(problem, town, news, offer)
                # Checking plans of a large city takes its time, and it takes it from the searches.
                rests_until_s = begun_s + REST * (time.monotonic() - begun_s)
            time.sleep(WATCH_S)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
    _offer_best(problem, town, news, offer)


def _anneal(
    town: Town,
    limits: SolveLimits,
    number: int,
    tours: list[list[int]],
    *,
    news: deque[Found],
    elapsed_s: Callable[[], float],
    is_over: Callable[[], bool],
) -> None:
    """One thread's search."""
    longest = min(len(town.station), LONGEST) if not town.is_fixed else len(town.station)
    heat = HEATS[number % len(HEATS)] * (KEPT_HEAT if any(tours) else 1.0)
    annealer = Annealer(town, seed=limits.seed, stream=number, heat=heat, longest=longest, start=tours)
    news.append(annealer.best)
    done, chunk = 0, CHUNK_ROUNDS
    started_s = elapsed_s()
    while not is_over():
        fractions = []
        if limits.rounds is not None:
            fractions.append(done / limits.rounds)
        if limits.seconds is not None:
            fractions.append((elapsed_s() - started_s) / max(1e-9, limits.seconds - started_s))
        if max(fractions) >= 1:
            break
        rounds = chunk if limits.rounds is None else min(chunk, limits.rounds - done)
        begun_s = time.monotonic()
        if annealer.advance(rounds, max(fractions)):
            news.append(annealer.best)
        done += rounds
        if limits.seconds is not None:
            took_s = time.monotonic() - begun_s
            chunk = max(1, min(2 * chunk, int(chunk * CHUNK_S / max(took_s, 1e-6))))


def _offer_best(problem: Problem, town: Town, news: deque[Found], offer: Callable[[Plan], None]) -> None:
    """Offer the cheapest of what the searches have found, that has a slot for every bike."""
    found = [news.popleft() for _ in range(len(news))]
    for one in sorted(found, key=lambda one: one.cost):
        if not one.state.excess.any():
            offer(plan_of(problem, town, one.state))
            return
