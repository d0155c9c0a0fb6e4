"""A search on its own: all routes of a town are its to change."""

from __future__ import annotations

import math
import time

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.search.annealer import Annealer, is_length_all
from optimiser.rebalancing.search.news import Course, News
from optimiser.rebalancing.search.town import Town

HEATS = (1.0, 3.0)
"""How hot searches start, in turn: some towns need to be shaken harder."""
KEPT_HEAT = 0.1
"""Of that where there are routes to begin with: hotter, they would soon be forgotten."""
START_S, START_VISIT_S = 2.0, 0.04
"""Where routes cost length alone a search starts afresh after so many seconds, at least, and so many for a visit."""
START_ROUNDS = 30_000
"""The same in rounds."""
CHUNK_S = 0.05
"""Seconds after which a search looks up."""
CHUNK_ROUNDS = 50
"""The same in rounds, where they alone count."""


class Apart:
    """One of several searches that know nothing of each other."""

    def __init__(self, town: Town, course: Course, number: int, *, tours: list[list[int]], longest: int) -> None:
        self._town, self._course, self._number = town, course, number
        self._tours, self._longest = tours, longest
        self._told = math.inf
        """Cost of the best that was told."""
        self.done = -1
        """Rounds behind it, all news of them told."""

    def run(self) -> None:
        """Search until it is over."""
        course = self._course
        started_s = course.elapsed_s()
        starts = 1 if any(self._tours) else _starts(self._town, course.limits, started_s)
        start, annealer = 0, self._begun(0)
        self._tell(annealer, 0)
        self.done = 0
        chunk, is_better = CHUNK_ROUNDS, False
        while not course.is_over() and (fraction := course.fraction(self.done, started_s)) < 1:
            if int(fraction * starts) > start:
                self._tell(annealer, self.done)
                start = int(fraction * starts)
                annealer = self._begun(start)
            begun_s = time.monotonic()
            rounds = course.left(self.done, chunk)
            is_better |= annealer.advance(rounds, fraction * starts - start)
            if is_better and course.is_time_to_tell(self.done, self.done + rounds):
                self._tell(annealer, self.done + rounds)
                is_better = False
            self.done += rounds
            if course.limits.seconds is not None:
                took_s = time.monotonic() - begun_s
                chunk = max(1, min(2 * chunk, int(chunk * CHUNK_S / max(took_s, 1e-6))))
        self._tell(annealer, self.done)

    def _begun(self, start: int) -> Annealer:
        """With its first routes, each time other ones."""
        heat = HEATS[(self._number + start) % len(HEATS)] * (KEPT_HEAT if any(self._tours) else 1.0)
        return Annealer(
            self._town,
            seed=self._course.limits.seed,
            stream=self._number + len(HEATS) * start,
            heat=heat,
            longest=self._longest,
            start=self._tours,
        )

    def _tell(self, annealer: Annealer, rounds: int) -> None:
        """Tell of the best, if that is better than all before."""
        found = annealer.best
        if found.cost < self._told and not found.state.excess.any():
            self._told = found.cost
            self._course.news.append(News(rounds=rounds, number=self._number, found=found))


def _starts(town: Town, limits: SolveLimits, started_s: float) -> int:
    """How often to begin afresh: one long route is easily caught where no small change helps."""
    if not is_length_all(town):
        return 1
    counts = []
    if limits.rounds is not None:
        counts.append(limits.rounds // START_ROUNDS)
    if limits.seconds is not None:
        counts.append(int((limits.seconds - started_s) / max(START_S, START_VISIT_S * len(town.station))))
    return max(1, min(counts, default=1))
