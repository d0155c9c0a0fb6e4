"""Searches in as many threads as there are cores, until somebody says that it is over."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

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
REPORTS = 20
"""How often each search tells of its best where rounds alone count."""
WATCH_S = 0.05
REST = 20.0
"""After a plan is checked none is for so many times as long: in large cities that takes time from the searches."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _News:
    """The best of one search after so many rounds."""

    rounds: int
    number: int
    found: Found


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
    over = threading.Event()
    failures: list[BaseException] = []
    count = THREADS if limits.seconds is None else min(THREADS, available_cores())
    news: deque[_News] = deque()
    done = [-1] * count
    waiting: list[_News] = []

    def run(number: int) -> None:
        try:
            _anneal(town, limits, number, tours, news=news, done=done, elapsed_s=elapsed_s, is_over=over.is_set)
        except BaseException as error:
            failures.append(error)

    def offer_news(until: int) -> None:
        waiting.extend(news.popleft() for _ in range(len(news)))
        for one in _worth_offering(waiting, until=until, is_every=limits.seconds is None):
            offer(plan_of(problem, town, one.found.state))

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    rests_until_s = 0.0
    try:
        while any(thread.is_alive() for thread in threads):
            if is_over():
                over.set()
            begun_s = time.monotonic()
            if begun_s >= rests_until_s:
                offer_news(min(done))
                rests_until_s = begun_s + REST * (time.monotonic() - begun_s)
            time.sleep(WATCH_S)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
    offer_news(max(done))


def _anneal(
    town: Town,
    limits: SolveLimits,
    number: int,
    tours: list[list[int]],
    *,
    news: deque[_News],
    done: list[int],
    elapsed_s: Callable[[], float],
    is_over: Callable[[], bool],
) -> None:
    """One thread's search; says in `done` how many rounds it has behind it, all news of them told."""
    longest = min(len(town.station), LONGEST) if not town.is_fixed else len(town.station)
    heat = HEATS[number % len(HEATS)] * (KEPT_HEAT if any(tours) else 1.0)
    annealer = Annealer(town, seed=limits.seed, stream=number, heat=heat, longest=longest, start=tours)
    news.append(_News(rounds=0, number=number, found=annealer.best))
    done[number] = 0
    chunk, is_better = CHUNK_ROUNDS, False
    every = 1 if limits.rounds is None or limits.seconds is not None else max(1, limits.rounds // REPORTS)
    started_s = elapsed_s()
    while not is_over():
        fractions = []
        if limits.rounds is not None:
            fractions.append(done[number] / limits.rounds)
        if limits.seconds is not None:
            fractions.append((elapsed_s() - started_s) / max(1e-9, limits.seconds - started_s))
        if max(fractions) >= 1:
            break
        rounds = chunk if limits.rounds is None else min(chunk, limits.rounds - done[number])
        begun_s = time.monotonic()
        is_better |= annealer.advance(rounds, max(fractions))
        after = done[number] + rounds
        if is_better and (after // every > done[number] // every or after == limits.rounds):
            news.append(_News(rounds=after, number=number, found=annealer.best))
            is_better = False
        done[number] = after
        if limits.seconds is not None:
            took_s = time.monotonic() - begun_s
            chunk = max(1, min(2 * chunk, int(chunk * CHUNK_S / max(took_s, 1e-6))))
    if is_better:
        news.append(_News(rounds=done[number], number=number, found=annealer.best))


def _worth_offering(waiting: list[_News], *, until: int, is_every: bool) -> list[_News]:
    """
    Take out of what is waiting the cheapest plan.

    Where rounds alone count, every plan of the rounds that all searches have behind them, in an order that no clock
    has a say in: of plans that cost the same the first is kept.
    """
    taken = [one for one in waiting if not is_every or one.rounds <= until]
    waiting[:] = [one for one in waiting if is_every and one.rounds > until]
    fitting = [one for one in taken if not one.found.state.excess.any()]
    if is_every:
        return sorted(fitting, key=lambda one: (one.rounds, one.number))
    return sorted(fitting, key=lambda one: one.found.cost)[:1]
