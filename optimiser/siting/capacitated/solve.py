"""Choose the sites of a capacitated p-median, assign the customers, and prove how good that is."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from optimiser.basics.chance import chance_of
from optimiser.basics.compiled import available_cores
from optimiser.basics.errors import EvenfleetError
from optimiser.siting.capacitated.anneal import FITTING, HEAT, KNOWN, OVER, PRICE, TOTAL, anneal
from optimiser.siting.capacitated.clusters import clusters_of
from optimiser.siting.capacitated.columns import columns_of
from optimiser.siting.capacitated.cost import cost, overload
from optimiser.siting.capacitated.pairs import pairs_of, way_between
from optimiser.siting.capacitated.partition import close
from optimiser.siting.capacitated.problem import CapacitatedProblem, Ints
from optimiser.siting.capacitated.programme import settle
from optimiser.siting.capacitated.relaxation import SHORTEST, Dual, ascend, dual_of, relax
from optimiser.siting.capacitated.windows import Windows
from optimiser.siting.status import Status

HOT, COLD = 0.3, 0.01
"""Temperatures at the start and at the end, of the way of a customer on average."""
MOVES = 5000
"""Between two looks at the temperature, the price of excess, and the clock."""
SELDOM, OFTEN, PACE = 0.3, 0.6, 1.1
"""Share of moves without excess below which its price rises, above which it falls, and by how much."""
STEPS = 50
"""Subgradient steps between two looks at the clock."""
FIRST_SHARE, SHARE = 0.05, 0.3
"""Of the time, for annealing before the bound and after it; at most."""
FIRST_MOVES, MORE_MOVES = 10_000, 100_000
"""The same as moves for each customer."""
FEW, MANY = 20_000, 100_000
"""Clusters that may be handed to an integer programme before the search goes on, and after it."""
PART, WHOLE, ALL = 0.3, 0.5, 1.0
"""Of the time that is left, for an integer programme at first, later, and where nothing is left to try: large ones end
some seconds late."""
TINY_PAIRS = 1600
"""Customers times sites; with no more, the problem itself is an integer programme that is soon solved."""
CLUSTERS_A_PAIR = 2
"""Clusters for each pair of a customer and a site; with more of them, a tiny problem is not made of clusters."""
SMALL = 1000
"""Customers; with more, those clusters that cost least make no good answer in the time."""
TINY = 1e-9
"""Relative allowance for sums of floating-point numbers."""


class NothingFound(EvenfleetError):
    """No assignment was found that keeps to all capacities; that there is none is told only where it is proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacitatedAnswer:
    """Sites, who is served by which, and what no answer can undercut."""

    sites: tuple[int, ...]
    """In order."""
    assignment: tuple[int, ...]
    """Site of each customer."""
    cost: float
    lower_bound: float
    status: Status


def solve(problem: CapacitatedProblem, *, seconds: float, seed: int = 1) -> CapacitatedAnswer:
    """
    Best answer found in `seconds` of wall time, with a proven bound.

    Simulated annealing, Lagrangian relaxation with a knapsack for each site, set partitioning over all clusters that a
    better answer can be made of, or over those of a part after the other where they are too many; a tiny problem is
    then an integer programme as it is.

    Raises
    ------
    NothingFound
        When no assignment keeps to all capacities, or time is up before one does.
    """
    return _Search(problem, seconds=seconds, seed=seed).answer()


class _Search:
    """Keeps the best assignment and the bound."""

    def __init__(self, problem: CapacitatedProblem, *, seconds: float, seed: int) -> None:
        self.problem = problem
        self._started_s, self._seconds, self._seed = time.monotonic(), seconds, seed
        self._streams, self._threads = 0, available_cores()
        self._pairs = pairs_of(problem)
        self._apart = _apart(problem)
        self._best: Ints | None = None
        self._known = self._pairs.missing
        self._bound = 0.0

    def answer(self) -> CapacitatedAnswer:
        """Search until the answer is proven or time is up."""
        self._begin()
        if self._best is None:
            raise self._nothing()
        dual = self._raise_bound()
        self._close(dual, FEW)
        if not self._is_proven() and not self._is_over():
            self._search(SHARE, MORE_MOVES)
            self._close(dual, FEW)
            self._close(dual, MANY)
            self._settle(ALL)
        windows = Windows(self._pairs, dual)
        while not self._is_proven() and not self._is_over():
            self._look_through(windows)
            self._search(SHARE, MORE_MOVES)
        found = cost(self.problem, self._best.tolist())
        bound = self._rounded(found)
        return CapacitatedAnswer(
            sites=self._filled(),
            assignment=tuple(self._best.tolist()),
            cost=found,
            lower_bound=bound,
            status=Status.PROVEN if bound == found else Status.BOUNDED,
        )

    def _begin(self) -> None:
        """Find an assignment: by annealing, or else by the integer programme, or else by annealing until time is up."""
        self._search(FIRST_SHARE, FIRST_MOVES)
        if self._best is None:
            self._settle(PART)
        while self._best is None and not self._is_over() and self._bound < np.inf:
            self._search(FIRST_SHARE, MORE_MOVES)

    def _nothing(self) -> NothingFound:
        """What was asked, what there is, and what would help: more sites only where not all are open."""
        total, room = self.problem.demand.sum(), np.sort(self.problem.capacity)[-self.problem.p :].sum()
        is_vain = self._bound == np.inf
        told = "no assignment keeps" if is_vain else f"no assignment was found in {self._seconds:g} s that keeps"
        helps = ["larger sites" if is_vain else "more time", *["more sites"] * (self.problem.p < self.problem.sites)]
        return NothingFound(
            f"{told} to all capacities: {self.problem.p} sites have room for {room:g} at most, all demand is "
            f"{total:g}; {', or '.join(helps)}"
        )

    def _search(self, share: float, moves: int) -> None:
        """Annealing on all cores, each from sites of its own; for a share of the time, and so many moves a customer."""
        if self._is_proven():
            return
        until = min(1.0, self._over() + share)
        self._streams += self._threads
        with ThreadPoolExecutor(self._threads) as pool:
            streams = range(self._streams - self._threads, self._streams)
            for site_of in list(pool.map(lambda stream: self._annealed(stream, until, moves), streams)):
                self._keep(site_of)

    def _annealed(self, stream: int, until: float, moves: int) -> Ints:
        """The best of one annealing."""
        problem, pairs = self.problem, self._pairs
        random = np.random.default_rng([self._seed, stream])
        sites = random.choice(problem.sites, problem.p, replace=False).astype(np.int32)
        nearest = self._nearest(sites, random)
        best, figures, chance = nearest.copy(), np.zeros(6), chance_of(self._seed, stream)
        figures[KNOWN] = pairs.missing
        clusters = clusters_of(pairs, sites, nearest)
        figures[TOTAL] = self._ways(nearest)
        figures[OVER] = overload(problem, nearest.tolist())
        unit = max(self._apart, min(figures[TOTAL], pairs.missing) / problem.customers)
        figures[PRICE] = unit / max(TINY, problem.demand.mean())
        started, done, most = self._over(), 0, moves * problem.customers
        while (fraction := max(done / most, (self._over() - started) / max(TINY, until - started))) < 1.0:
            unit = max(self._apart, min(unit, figures[TOTAL] / problem.customers))
            figures[HEAT] = unit * HOT * (COLD / HOT) ** fraction
            anneal(pairs, clusters, best, figures, chance, MOVES)
            fitting = figures[FITTING] / MOVES
            figures[PRICE] *= PACE if fitting < SELDOM else 1 / PACE if fitting > OFTEN else 1.0
            done += MOVES
        return best

    def _nearest(self, sites: Ints, random: np.random.Generator) -> Ints:
        """Every customer at the nearest of these sites that may serve it, or at any where none may."""
        problem = self.problem
        is_open = np.zeros(problem.sites, dtype=np.bool_)
        is_open[sites] = True
        pairs = np.flatnonzero(is_open[problem.site])
        pairs = pairs[np.lexsort((problem.way[pairs], problem.customer[pairs]))]
        customer, nearest = np.unique(problem.customer[pairs], return_index=True)
        site_of: Ints = random.choice(sites, problem.customers).astype(np.int32)
        site_of[customer] = problem.site[pairs[nearest]]
        return site_of

    def _ways(self, site_of: Ints) -> float:
        """Of an assignment that may use pairs that are missing."""
        return sum(way_between(self._pairs, customer, site) for customer, site in enumerate(site_of.tolist()))

    def _keep(self, site_of: Ints) -> None:
        total = cost(self.problem, site_of.tolist())
        if total < self._known * (1 - TINY) and overload(self.problem, site_of.tolist()) == 0.0:
            self._known, self._best = total, site_of.copy()

    def _raise_bound(self) -> Dual:
        """Subgradient steps until the bound hardly rises."""
        dual = dual_of(self._pairs, self.problem.beyond)
        while not self._is_proven() and dual.pace[0] >= SHORTEST and not self._is_over():
            bound = ascend(self._pairs, self.problem.p, dual, limit=self._limit(), known=self._known, steps=STEPS)
            self._bound = max(self._bound, min(bound, self._known))
        return dual

    def _close(self, dual: Dual, most: int) -> None:
        """
        Hand all clusters that a better answer can be made of to an integer programme.

        Where they are too many, those that cost least at the prices make better answers, but prove nothing. A tiny
        problem is easier as it is than as a long list.
        """
        if self._is_tiny():
            most = CLUSTERS_A_PAIR * len(self.problem.site)
        everybody, bound, is_news = np.arange(self.problem.customers), relax(self._pairs, self.problem.p, dual), True
        while is_news and self._best is not None and not self._is_proven() and not self._is_over():
            known, slack = self._known, self._known - bound
            columns = columns_of(self._pairs, dual, slack=slack, most=most)
            is_all = columns.slack >= slack
            if not is_all and (most > FEW or self.problem.customers > SMALL or self._is_tiny()):
                return
            seconds = (WHOLE if most > FEW else PART) * (1.0 - self._over()) * self._seconds
            closed = close(
                self._pairs, self.problem.p, columns, self._best, everybody, unit=self._step(), seconds=seconds
            )
            if closed.site_of is not None:
                self._keep(closed.site_of)
            # Who is served from a site that is not listed costs at least so much more than the bound.
            unlisted = bound + float((dual.highest - dual.price).min())
            self._bound = max(self._bound, min(self._known, closed.bound, unlisted, bound + columns.slack))
            is_news = not is_all and self._known < known

    def _settle(self, share: float) -> None:
        """Hand the whole problem to an integer programme for a share of the time that is left, where it is tiny."""
        if not self._is_tiny() or self._is_proven() or self._is_over():
            return
        seconds = share * (1.0 - self._over()) * self._seconds
        closed = settle(self.problem, unit=self._step(), seconds=seconds)
        if closed.site_of is not None:
            self._keep(closed.site_of)
        self._bound = max(self._bound, closed.bound if self._best is None else min(self._known, closed.bound))

    def _look_through(self, windows: Windows) -> None:
        """Make windows anew, as many at once as there are cores, until none promises anything."""
        with ThreadPoolExecutor(self._threads) as pool:
            while self._best is not None and not self._is_over():
                best, left, parts = (
                    self._best,
                    (1.0 - self._over()) * self._seconds,
                    windows.next(self._best, self._threads),
                )
                if not parts:
                    break
                improve = partial(windows.improved, best, unit=self._step(), seconds=left)
                merged = best.copy()
                for part, site_of in zip(parts, list(pool.map(improve, parts)), strict=True):
                    if site_of is not None:
                        merged[part.is_in] = site_of[part.is_in]
                self._keep(merged)

    def _filled(self) -> tuple[int, ...]:
        """As many sites as are asked for: those that serve nobody change nothing."""
        taken = set(self._best.tolist()) if self._best is not None else set()
        others = (site for site in range(self.problem.sites) if site not in taken)
        return tuple(sorted([*taken, *(next(others) for _ in range(self.problem.p - len(taken)))]))

    def _step(self) -> float:
        """By less than this nothing cheaper is looked for: whole numbers differ by 1."""
        return 1.0 - 1e-6 if self.problem.is_whole else max(TINY, TINY * self._known)

    def _limit(self) -> float:
        """A bound from here on proves the best answer; an integer programme ends that far below it, and tolerances."""
        return self._known - (self._step() if self.problem.is_whole else 3 * self._step())

    def _rounded(self, found: float) -> float:
        """The bound with what is known of ways: whole numbers, or sums of floats that may be off at the end."""
        bound = float(np.ceil(self._bound - 1e-6)) if self.problem.is_whole else self._bound
        return found if bound >= min(found, self._limit()) else max(0.0, bound - TINY * abs(bound))

    def _is_proven(self) -> bool:
        return self._best is not None and self._bound >= self._limit()

    def _is_tiny(self) -> bool:
        return len(self.problem.site) <= TINY_PAIRS and self.problem.beyond is None

    def _over(self) -> float:
        """Of the time, what is used up."""
        return (time.monotonic() - self._started_s) / max(self._seconds, 1e-6)

    def _is_over(self) -> bool:
        return self._over() >= 1.0


def _apart(problem: CapacitatedProblem) -> float:
    """The way to the next place on average: a scale where most customers, or all, are served at no way at all."""
    shortest = np.minimum.reduceat(np.where(problem.way > 0, problem.way, np.inf), problem.first[:-1])
    is_apart = np.isfinite(shortest)
    return float(shortest[is_apart].mean()) if is_apart.any() else 1.0
