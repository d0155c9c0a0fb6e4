"""Several searches of one large town, each in a part of it, with new parts again and again."""

from __future__ import annotations

from threading import Barrier, BrokenBarrierError

from optimiser.basics.chance import chance_of
from optimiser.rebalancing.search.annealer import Annealer
from optimiser.rebalancing.search.apart import KEPT_HEAT
from optimiser.rebalancing.search.news import Course, News
from optimiser.rebalancing.search.sectors import Sector
from optimiser.rebalancing.search.town import Town

EPOCH = 4
"""Rounds for each of its vans that a search has before the town is divided anew."""
HEAT = 3.0
"""How hot they start."""
CHUNK = 30
"""Rounds after which a search looks up."""


class Together:
    """Searches that share their routes; as many threads call `run`."""

    def __init__(self, town: Town, course: Course, count: int, *, tours: list[list[int]], longest: int) -> None:
        self._town, self._course, self._count = town, course, count
        self._tours, self._longest = tours, longest
        self._searches: list[Annealer] = []
        self._sectors: list[Sector] = []
        self._started_s = 0.0
        self._is_better = False
        self._rounds = 0
        self._meeting = Barrier(count, action=self._meet)
        self.done = -1
        """Rounds of each search behind them, all news of them told."""

    def run(self, number: int) -> None:
        """One of the searches."""
        try:
            self._meeting.wait()
            while self._sectors:
                self._search(number)
                self._meeting.wait()
        except BrokenBarrierError:
            # Another search has failed, and says why.
            return
        except BaseException:
            self._meeting.abort()
            raise

    def _search(self, number: int) -> None:
        course, done = self._course, 0
        while done < self._rounds and not course.is_over():
            fraction = course.fraction(self.done + done, self._started_s)
            if fraction >= 1:
                break
            rounds = min(CHUNK, self._rounds - done)
            self._searches[number].advance_in(self._sectors[number], rounds, fraction)
            done += rounds

    def _meet(self) -> None:
        """Put together what all have done and divide the town anew, in whichever thread came last."""
        course = self._course
        if self._searches:
            lead, others = self._searches[0], self._searches[1:]
            parts = list(zip(others, self._sectors[1:], strict=True))
            self._is_better |= lead.join(parts, min(1.0, course.fraction(self.done + self._rounds, self._started_s)))
            for other in others:
                other.follow(lead)
        else:
            self._begin()
            lead = self._searches[0]
        after = max(0, self.done) + self._rounds
        is_over = course.is_over() or course.fraction(after, self._started_s) >= 1
        if self._is_better and (is_over or course.is_time_to_tell(self.done, after)):
            course.news.append(News(rounds=after, number=0, found=lead.best))
            self._is_better = False
        self.done = after
        self._rounds = course.left(after, EPOCH * len(self._town.slots) // self._count)
        self._sectors = [] if is_over else lead.divide(self._count)

    def _begin(self) -> None:
        course = self._course
        self._started_s = course.elapsed_s()
        seed = course.limits.seed
        heat = HEAT * (KEPT_HEAT if any(self._tours) else 1.0)
        lead = Annealer(self._town, seed=seed, heat=heat, longest=self._longest, start=self._tours)
        self._searches = [lead, *(lead.twin(chance_of(seed, stream)) for stream in range(1, self._count))]
        self._is_better = True
