"""
What a plan builds, as early as the money for it has come.

More that stands earlier takes nothing from anybody. What stands then also stands in the end, where it keeps every
rule, so only money and grid can be in the way before.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.construct import Left
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Built, SitingPlan
from optimiser.siting.problem import ChargerKind, SitingProblem
from optimiser.siting.search.run import PhaseEnd, built, ends_of

Floats = NDArray[np.float64]

TINY = 1e-9


def sooner(problem: SitingProblem, groups: Groups, plan: Built) -> Built:
    """The same in the end; phase after phase, whatever brings most for its price is there as soon as it can be."""
    count = len(problem.wishes.phases)
    if count == 1:
        return plan
    pace = _Pace(problem, plan)
    for phase in range(count - 1):
        _hurry(problem, groups, pace, phase)
    return pace.plan()


class _Pace:
    """What stands when, what is spent by then, and what else may stand sooner."""

    def __init__(self, problem: SitingProblem, plan: Built) -> None:
        self._problem = problem
        ends = ends_of(problem, SitingPlan(installations=plan[0], upgrades=plan[1]))
        self._plugs = np.stack([end.plugs for end in ends])
        self._is_strong = np.stack([end.is_upgraded for end in ends])
        row = {node.id: number for number, node in enumerate(problem.grid)}
        self._node = [row[site.grid_node] if site.grid_node is not None else -1 for site in problem.sites]
        self._open_cost = np.array([site.open_cost for site in problem.sites])
        self._plug_cost = np.array([kind.plug_cost for kind in problem.kinds])
        self._upgrade_cost = np.array([node.upgrade_cost for node in problem.grid])
        grid_kw = np.array([kind.grid_kw for kind in problem.kinds])
        self._stood = np.array([[site.plugs.get(kind.id, 0) for kind in problem.kinds] for site in problem.sites])
        before = self._by_node(self._stood[None] @ grid_kw)[0]
        self._grid_kw, self._held = grid_kw, self._by_node(self._plugs @ grid_kw) + before
        self._room = np.maximum([node.hosting_kw for node in problem.grid], before)
        given = np.cumsum([np.inf if item.budget is None else item.budget for item in problem.wishes.phases])
        self._left = given - (
            self._plugs.sum(axis=1) @ self._plug_cost
            + self._plugs.any(axis=2) @ self._open_cost
            + self._is_strong @ self._upgrade_cost
        )
        """Of the money, at the end of each phase."""

    def _by_node(self, of_site: Floats) -> Floats:
        """Sums over sites, by phase."""
        sums = np.zeros((len(of_site), len(self._problem.grid) + 1))
        for site, node in enumerate(self._node):
            sums[:, node] += of_site[:, site]
        return sums[:, :-1]

    def stand(self, phase: int) -> dict[tuple[str, str], int]:
        """Plugs that stand at the end of a phase, by site and kind."""
        plugs, problem = self._plugs[phase] + self._stood, self._problem
        return {
            (problem.sites[site].id, problem.kinds[kind].id): int(plugs[site, kind])
            for site, kind in np.argwhere(plugs > 0).tolist()
        }

    def places(self, phase: int) -> list[tuple[int, int]]:
        """Sites and kinds of which plugs come after a phase."""
        return [(site, kind) for site, kind in np.argwhere(self._plugs[-1] > self._plugs[phase]).tolist()]

    def range(self, phase: int, site: int, kind: int) -> tuple[int, int]:
        """Plugs that stand there at the end of a phase, and in the end."""
        stood = self._stood[site, kind]
        return int(stood + self._plugs[phase, site, kind]), int(stood + self._plugs[-1, site, kind])

    def price(self, phase: int, site: int, kind: int, count: int) -> float | None:
        """What has to be paid in a phase for so many more plugs to stand then; None where money is short."""
        costs = self._costs(phase, site, kind, count)
        return float(costs[0]) if (costs <= np.maximum(0.0, self._left[phase:]) + TINY).all() else None

    def _costs(self, phase: int, site: int, kind: int, count: int) -> Floats:
        """What more is spent by the end of this phase and each later one."""
        opens = ~self._plugs[phase:, site].any(axis=1)
        stronger = self._stronger(phase, site, kind, count)
        costs: Floats = self._more(phase, site, kind, count) * self._plug_cost[kind] + opens * self._open_cost[site]
        return costs + stronger * self._upgrade_cost[self._node[site]] if stronger.any() else costs

    def _more(self, phase: int, site: int, kind: int, count: int) -> NDArray[np.int64]:
        """Plugs that stand there besides at the end of this phase and each later one."""
        stand = self._plugs[phase:, site, kind]
        more: NDArray[np.int64] = np.maximum(0, stand[0] + count - stand)
        return more

    def _stronger(self, phase: int, site: int, kind: int, count: int) -> NDArray[np.bool_]:
        """Ends of this phase and later ones for which the grid node is to be upgraded sooner."""
        node = self._node[site]
        if node < 0:
            return np.zeros(len(self._plugs) - phase, dtype=np.bool_)
        held = self._held[phase:, node] + self._more(phase, site, kind, count) * self._grid_kw[kind]
        is_over: NDArray[np.bool_] = held > self._room[node] + TINY
        return np.logical_or.accumulate(is_over) & ~self._is_strong[phase:, node]

    def move(self, phase: int, site: int, kind: int, count: int) -> None:
        """Have so many more stand there in a phase."""
        self._left[phase:] -= self._costs(phase, site, kind, count)
        more, node = self._more(phase, site, kind, count), self._node[site]
        if node >= 0:
            self._is_strong[phase:, node] |= self._stronger(phase, site, kind, count)
            self._held[phase:, node] += more * self._grid_kw[kind]
        self._plugs[phase:, site, kind] += more

    def plan(self) -> Built:
        """What each phase builds."""
        ends = [
            PhaseEnd(plugs=plugs, is_upgraded=is_strong)
            for plugs, is_strong in zip(self._plugs, self._is_strong, strict=True)
        ]
        return built(self._problem, ends)


def _hurry(problem: SitingProblem, groups: Groups, pace: _Pace, phase: int) -> None:
    """Have stand in a phase what is built later, while money for it has come and it serves somebody."""
    places = pace.places(phase)
    if not places:
        return
    left = Left(problem, groups, pace.stand(phase), phase)
    looks = ((_look(problem, pace, left, phase, place), place) for place in places)
    heap = [(-look.ratio, place) for look, place in looks if look is not None]
    heapq.heapify(heap)
    while heap:
        _, place = heapq.heappop(heap)
        look = _look(problem, pace, left, phase, place)
        if look is None:
            continue
        if heap and -look.ratio > heap[0][0]:
            heapq.heappush(heap, (-look.ratio, place))
            continue
        site, kind = place
        now, _ = pace.range(phase, site, kind)
        pace.move(phase, site, kind, look.plugs)
        left.take(problem.sites[site], problem.kinds[kind], _rate(problem.kinds[kind], now, look.plugs))
        for other in range(len(problem.kinds)):
            again = _look(problem, pace, left, phase, (site, other))
            if again is not None:
                heapq.heappush(heap, (-again.ratio, (site, other)))


class _Look(NamedTuple):
    """What plugs bring that come sooner."""

    plugs: int
    ratio: float
    """Of what they bring to what has to be paid sooner."""


def _look(problem: SitingProblem, pace: _Pace, left: Left, phase: int, place: tuple[int, int]) -> _Look | None:
    """The number of plugs that brings most for its price, where any brings something."""
    site, kind = place
    now, most = pace.range(phase, site, kind)
    best: _Look | None = None
    for count in range(1, most - now + 1):
        price = pace.price(phase, site, kind, count)
        if price is None:
            break
        rate = _rate(problem.kinds[kind], now, count)
        (gain,) = left.gains(problem.sites[site], problem.kinds[kind], [rate], is_floor=False)
        ratio = gain / max(price, TINY)
        if gain > TINY and (best is None or ratio > best.ratio * (1 + TINY)):
            best = _Look(plugs=count, ratio=ratio)
    return best


def _rate(kind: ChargerKind, now: int, count: int) -> float:
    """Sessions an hour that so many plugs add to those that stand."""
    return kind.sessions_per_hour(now + count) - kind.sessions_per_hour(now)
