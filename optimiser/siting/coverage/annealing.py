"""Runs of simulated annealing, each from its own start, ever colder; the good choices that they end with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from optimiser.basics.chance import chance_of
from optimiser.siting.coverage.choice import Choice, choice_of, fill
from optimiser.siting.coverage.exchange import anneal
from optimiser.siting.coverage.reach import Bools
from optimiser.siting.coverage.relaxation import FREE, OPEN
from optimiser.siting.coverage.standing import Ground, Standing

MOVES = 20_000
"""Moves between two looks at the clock."""
HOT, COLD = 0.033, 0.006
"""Temperatures at the start and at the end, of what the open sites that matter least leave behind: hotter, nothing
settles; colder, hardly anything changes any more."""
LEAST = 4
"""One in so many open sites matters least."""
GREED = 0.7
"""Of what a site wins, that counts in a start for sure."""
ENOUGH, LONGEST = 2000, 0.4
"""Moves a site that a run from a start is to have, even where that takes longer, up to so much of the time."""
GOOD = 6
"""Choices that are remembered, each the end of a run."""


class Annealing:
    """For one thread: its own chance, its own choices."""

    def __init__(self, now: Standing, *, seed: int, stream: int) -> None:
        self._now = now
        self._random, self._chance = np.random.default_rng([seed, stream]), chance_of(seed, stream)
        self._good: list[tuple[float, Bools]] = []
        self._pace = 0.0
        """Moves in all the time there is, as the last run went."""

    def good(self) -> list[Bools]:
        """The best that runs of some length ended with."""
        return [is_open for _, is_open in self._good]

    def narrow(self, left: Bools) -> None:
        """Forget the sites that are not left."""
        self._good = [(reached, is_open[left]) for reached, is_open in self._good]

    def is_quick(self, runs: float, moves: float) -> bool:
        """Whether so many runs of so many moves a site would fit into the time, as the last run went."""
        core = self._now.core
        return self._pace >= runs * moves * int((self._now.fixed[core.sites] == FREE).sum())

    def from_a_start(
        self, share: float, moves: float, is_enough: Callable[[], bool] = lambda: False
    ) -> tuple[float, Bools]:
        """
        From a choice of likely sites that is greedy in part, for a share of the time and so many a site at most.

        What is broken off because it is enough is not remembered as the end of a run.
        """
        now, core = self._now, self._now.core
        free, choice = now.likely()[core.sites], choice_of(core.reach, (now.fixed == OPEN)[core.sites])
        blur = GREED + (1.0 - GREED) * self._random.random(len(free))
        fill(core.reach, choice, free, now.p - int(choice.is_open.sum()), blur, np.zeros(len(free)))
        if self._pace > 0.0:
            share = max(share, min(LONGEST, ENOUGH * int(free.sum()) / self._pace))
        own, best = self._anneal(core, choice, free, HOT, share, moves * len(free), is_enough)
        if not is_enough():
            self._good = sorted([*self._good, (own, best)], key=lambda one: -one[0])[:GOOD]
        return own, best

    def from_choice(self, is_open: Bools, hot: float, share: float, most: float) -> tuple[float, Bools]:
        """From a choice on, among all sites, for a share of the time and so many at most."""
        ground = self._now.ground()
        free, choice = self._now.fixed[ground.sites] == FREE, choice_of(ground.reach, is_open[ground.sites])
        return self._anneal(ground, choice, free, hot, share, most)

    def from_child(self, is_open: Bools, may_change: Bools, hot: float, moves: float) -> tuple[float, Bools]:
        """
        From a choice on, among some sites, for so many moves each.

        Of those alone where new choices begin, if all that is open is of them.
        """
        core = self._now.core
        ground = core if is_open[core.sites].sum() == is_open.sum() else self._now.ground()
        free = may_change[ground.sites] & (self._now.fixed[ground.sites] == FREE)
        choice = choice_of(ground.reach, is_open[ground.sites])
        return self._anneal(ground, choice, free, hot, 1.0, moves * max(int(free.sum()), 1))

    def _anneal(
        self,
        ground: Ground,
        choice: Choice,
        free: Bools,
        hot: float,
        share: float,
        most: float,
        is_enough: Callable[[], bool] = lambda: False,
    ) -> tuple[float, Bools]:
        now = self._now
        reached, best = float(ground.reach.weight[choice.times > 0].sum()), choice.is_open.copy()
        now.keep(ground.spread(best, len(now.sites)), reached)
        loss = np.sort(choice.loss[choice.number[choice.is_open]])
        # What one site is worth at the margin is the first price of one more.
        state, unit = np.array([reached, reached, loss[0]]), float(loss[: -(-len(loss) // LEAST)].mean())
        wanted = int((choice.is_open & free).sum())
        share = max(min(share, 1.0 - now.over()), 1e-9)
        started, done = now.over(), 0
        while not (now.is_proven() or is_enough()):
            fraction = max(done / most, (now.over() - started) / share)
            if fraction >= 1.0:
                break
            temperature, moves = unit * hot * (COLD / hot) ** fraction, int(min(MOVES, most - done))
            anneal(ground.reach, ground.alike, choice, free, best, state, wanted, self._chance, temperature, moves)
            now.keep(ground.spread(best, len(now.sites)), float(state[1]))
            done += moves
        self._pace = done / max(now.over() - started, 1e-9)
        return float(state[1]), ground.spread(best, len(now.sites))
