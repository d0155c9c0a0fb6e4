"""Choose the sites of a p-median and prove how good the choice is."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from optimiser.basics.compiled import available_cores
from optimiser.siting.median.branching import Branching
from optimiser.siting.median.choices import Choices
from optimiser.siting.median.cost import cost
from optimiser.siting.median.gathering import gathered, groups_of, spread
from optimiser.siting.median.interchange import serve
from optimiser.siting.median.linear import Linear
from optimiser.siting.median.nearness import Bools, Nearness, narrowed, nearness_of, served_of
from optimiser.siting.median.problem import Floats, MedianProblem
from optimiser.siting.median.relaxation import CLOSED, OPEN, SHORTEST, climb, dual_of, fix
from optimiser.siting.median.standing import Standing
from optimiser.siting.median.tree import explore, tree_of
from optimiser.siting.status import Status

STARTS, MORE_STARTS = 4, 10
"""Choices at random that are improved before the bound, and after it where a gap is left."""
SHAKES = 40
"""Choices near the best that are improved then, and two more for each site to be open."""
STEPS, FEW_STEPS = 40, 10
"""Subgradient steps between two looks at the choice that they suggest, and at the clock where each takes long."""
STEP_LENGTH, SHORT_STEP = 1.0, 0.1
"""Of the way to what is known, the first steps; and from prices that are nearly right."""
TREE = 150_000
"""Over p squared: nodes of the tree before the linear relaxation is solved. A tree is quick where few are open."""
ROOM = 20_000_000
"""Prices kept for nodes of the tree at most."""
LARGEST = 2_000_000
"""Pairs of points and sites within the prices, up to which the linear relaxation is solved."""
MOST_POINTS = 10_000
"""Points up to which it is."""
GATHERED = 2_000_000
"""Pairs from which on points are gathered for a first look, where that makes them fewer by half."""
SHRUNK = 0.7
"""Of its sites: when fewer are left, a relaxation is set up anew."""
NODES = 20
"""Nodes of the tree between two looks at the clock."""
JOINED = 4
"""Choices that are joined."""
EXCHANGES, FEW, SHARE = 3000, 200, 0.2
"""Tried for each site in one annealing, and in a short one; the time for it at most, of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianAnswer:
    """A choice of sites and what none can undercut."""

    sites: tuple[int, ...]
    """Columns of the problem, in order."""
    cost: float
    lower_bound: float
    status: Status


def solve(problem: MedianProblem, *, seconds: float, seed: int = 1) -> MedianAnswer:
    """
    Best choice found in `seconds` of wall time, with a proven bound.

    Interchange from choices at random, Lagrangian relaxation, sites fixed by reduced costs, a tree over the rest, and
    the linear relaxation with branching, beside which choices are annealed.
    """
    until_s, is_whole = time.monotonic() + seconds, problem.is_whole
    now = Standing(nearness_of(problem), problem.p, is_whole=is_whole, until_s=until_s)
    _Search(now, seconds=seconds, seed=seed, threads=available_cores()).run()
    sites = tuple(int(site) for site in np.flatnonzero(now.best))
    found = cost(problem, sites)
    bound = now.rounded(found)
    return MedianAnswer(
        sites=sites,
        cost=found,
        lower_bound=bound,
        status=Status.PROVEN if bound == found else Status.BOUNDED,
    )


class _Search:
    """Takes the steps, one after the other, until one of them closes the gap."""

    def __init__(self, now: Standing, *, seconds: float, seed: int, threads: int) -> None:
        self._now, self._seconds, self._seed, self._threads = now, seconds, seed, threads
        self._choices = Choices(now, seed=seed)
        self._of_groups: Choices | None = None
        """For points that are gathered, where they are."""
        self._good: list[Bools] = []
        """Choices that annealing ended with."""

    def run(self) -> None:
        """Search until the choice is proven or time is up."""
        now = self._now
        price = self._look_at_groups()
        if price is None:
            self._choices.start(STARTS)
            price = _raise_bound(now, self._choices, None)
            if not now.is_proven():
                self._choices.start(MORE_STARTS)
                self._choices.shake(SHAKES + 2 * now.p)
                now.reduce()
                self._look_into_tree(price)
        if not now.is_proven() and not now.is_over():
            self._close(price)

    def _look_at_groups(self) -> Floats | None:
        """A choice, and prices, from points that are gathered; None where that is of no use."""
        now, ground = self._now, self._now.ground
        if len(ground.nearness.near) < GATHERED:
            return None
        group = groups_of(ground.nearness)
        if 2 * group.max() > len(group):
            return None
        groups = gathered(ground.nearness, group)
        first = Standing(groups, now.p, is_whole=now.is_whole, until_s=time.monotonic() + SHARE * self._seconds)
        choices = Choices(first, seed=self._seed)
        choices.start(STARTS)
        price = _raise_bound(first, choices, None)
        choices.shake(SHAKES)
        self._choices.take_over(first.best)
        first.until_s = now.until_s
        self._of_groups = choices
        return spread(ground.nearness, groups, group, price)

    def _look_into_tree(self, price: Floats) -> None:
        """Some nodes of the tree over the Lagrangian relaxation."""
        now, ground = self._now, self._now.ground
        dual = dual_of(ground.nearness.points, ground.nearness.sites)
        nodes = min(TREE // now.p**2, ROOM // ground.nearness.points) // NODES * NODES
        none = np.zeros(len(ground.sites), dtype=np.bool_)
        tree = tree_of(ground.fixed, price, now.bound, none, nodes=nodes)
        for _ in range(0, nodes, NODES):
            if now.is_over():
                break
            known = explore(ground.nearness, now.p, dual, tree, now.known, now.unit(), NODES)
            if known < now.known:
                now.keep(ground, tree.best, known)
            if not tree.height[0]:
                break
        now.lift(float(tree.bound[: tree.height[0]].min(initial=np.inf)))

    def _close(self, price: Floats) -> None:
        """Linear relaxation and branching, and annealing beside it; before it, where there is one core alone."""
        now = self._now
        if self._threads == 1 and self._of_groups is None:
            self._anneal(self._choices, FEW)
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(self._anneal_on) if self._threads > 1 else None
            if _is_small(now.ground.nearness, price):
                self._branch(price)
            while not now.is_proven() and not now.is_over():
                price = _raise_bound(now, self._choices, price)
                if self._threads == 1:
                    self._anneal(self._choices, EXCHANGES)
            if beside is not None:
                beside.result()

    def _anneal(self, choices: Choices, exchanges: int) -> None:
        """One go of so many for each site, on groups where there are any; then the ends of such goes are joined."""
        now, searched = self._now, self._of_groups or choices
        seconds = min(SHARE * self._seconds, now.left_s())
        annealed = searched.anneal(exchanges, seconds, lambda: now.is_proven() or now.is_over())
        if self._of_groups is not None:
            choices.take_over(annealed)
        elif exchanges > FEW:
            self._good = [*self._good[1 - JOINED :], annealed]
            join(now, self._good, seconds=min(SHARE * self._seconds, now.left_s()), seed=self._seed)

    def _anneal_on(self) -> None:
        """Until the choice is proven or time is up, each time twice as long."""
        choices, exchanges = Choices(self._now, seed=self._seed, stream=1), EXCHANGES
        while not self._now.is_proven() and not self._now.is_over():
            self._anneal(choices, exchanges)
            exchanges *= 2

    def _branch(self, price: Floats) -> None:
        """The linear relaxation, and branching on it, until nothing cheaper can be left."""
        now = self._now
        while not now.is_proven() and not now.is_over():
            ground = now.ground
            linear = Linear(ground.nearness, now.p, price)
            relaxed = linear.relax(ground.fixed, limit=now.limit(), left_s=now.left_s)
            now.lift(relaxed.bound)
            self._choices.suggest(ground, relaxed.share)
            if now.is_proven() or now.is_over():
                return
            fix(ground.fixed, linear.dual, relaxed.bound, now.limit())
            price = relaxed.price
            if (ground.fixed != CLOSED).mean() > SHRUNK:
                break
            now.reduce()
        if self._threads == 1:
            self._anneal(self._choices, EXCHANGES)
        branching = Branching(linear, ground.fixed.copy())

        def suggest(share: Floats) -> None:
            self._choices.suggest(ground, share)

        while not branching.is_done and branching.bound < now.limit() and not now.is_over():
            branching.step(now.limit, suggest, now.left_s)
            now.lift(branching.bound)


def join(now: Standing, good: list[Bools], *, seconds: float, seed: int) -> None:
    """Solve the problem, in so many seconds, with the sites alone that good choices open."""
    ground = now.ground
    left = np.logical_or.reduce([now.best, *good])[ground.sites] | (ground.fixed == OPEN)
    if len(good) < 2 or left.sum() <= now.p or seconds <= 0.0:
        return
    until_s = time.monotonic() + seconds
    few = Standing(narrowed(ground.nearness, left), now.p, is_whole=now.is_whole, until_s=until_s, within=now)
    few.keep(few.ground, now.best[ground.sites][left], now.known)
    _Search(few, seconds=seconds, seed=seed, threads=0).run()
    if few.known < now.known:
        is_open = np.zeros(len(ground.sites), dtype=np.bool_)
        is_open[np.flatnonzero(left)[few.best]] = True
        now.keep(ground, is_open, few.known)


def _raise_bound(now: Standing, choices: Choices, price: Floats | None) -> Floats:
    """Subgradient steps, and a better choice from those that they suggest, until the bound hardly rises."""
    ground = now.ground
    points, sites = ground.nearness.points, ground.nearness.sites
    dual = dual_of(points, sites)
    if price is None:
        served = served_of(points, sites)
        serve(ground.nearness, now.best[ground.sites], served)
        price = (served.first_way + served.second_way) / 2
        dual.pace[0] = STEP_LENGTH
    else:
        dual.pace[0] = SHORT_STEP
    dual.price[:] = dual.best_price[:] = price
    is_large = len(ground.nearness.near) >= GATHERED
    steps = FEW_STEPS if is_large else STEPS
    while not now.is_proven() and dual.pace[0] >= SHORTEST and not now.is_over():
        for _ in range(0, STEPS, steps):
            if not now.is_over():
                now.lift(climb(ground.nearness, now.p, ground.fixed, dual, now.limit(), now.known, steps))
        if (ground.fixed == OPEN).sum() <= now.p and not now.is_over():
            choices.improve(ground, dual.chosen.copy())
        if is_large and (ground.fixed != CLOSED).mean() < SHRUNK:
            now.reduce()
            ground = now.ground
            fewer = dual_of(points, ground.nearness.sites)
            dual = fewer._replace(price=dual.price, best_price=dual.best_price, pace=dual.pace)
    return dual.best_price


def _is_small(nearness: Nearness, price: Floats) -> bool:
    """Whether the linear relaxation can be solved in a short time."""
    return nearness.points <= MOST_POINTS and nearness.within(price) <= LARGEST
