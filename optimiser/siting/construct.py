"""
A plan at once: whatever brings most for its money, or as one site more, is built next, phase after phase.

What an addition brings never grows while others are built, but for plugs that come to the same site, so most need
not be looked at again (Minoux 1978, accelerated greedy).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.forced import together
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Built
from optimiser.siting.problem import ChargerKind, Site, SitingProblem
from optimiser.siting.room import Room

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXTENSION = 1e-3
"""What more plugs at a site are charged where sites are scarce, of what opening one is."""


class Scarce(StrEnum):
    """What a plan is to make the most of."""

    MONEY = "money"
    SITES = "sites"


def construct(problem: SitingProblem, groups: Groups, scarce: Scarce = Scarce.MONEY) -> Built:
    """What to build; what is forced comes first, then what floors lack, then whatever brings most."""
    room = Room(problem)
    for phase in range(len(problem.wishes.phases)):
        if phase > 0:
            room.begin(phase)
        if not _force(problem, room):
            continue  # Later phases need the money for what is forced.
        left = Left(problem, groups, room.plugs, phase)
        for is_floor in (True, False):
            grow(problem, room, left, scarce, is_floor=is_floor)
    return room.plan()


def construct_floors(problem: SitingProblem, groups: Groups, scarce: Scarce) -> Built:
    """What is forced and what floors lack, in the first phase; nothing beyond."""
    room = Room(problem)
    _force(problem, room)
    grow(problem, room, Left(problem, groups, room.plugs, 0), scarce, is_floor=True)
    return room.plan()


def _force(problem: SitingProblem, room: Room) -> bool:
    """
    A plug at each site that is asked for, as far as money goes; whether all of them have one.

    Of the kinds that take the least together, where all can be had.
    """
    missing = sorted(problem.wishes.force - room.built)
    kind_of = together(problem, problem.wishes.force).kind_of if missing else {}
    for id_ in missing:
        site = problem.sites[problem.site_index[id_]]
        if id_ in kind_of and room.price(site, kind_of[id_], 1) is not None:
            room.build(site, kind_of[id_], 1)
    return problem.wishes.force <= room.built


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    """What an addition would bring."""

    plugs: int
    ratio: float
    """Of what it brings to what it is charged."""


class Left:
    """Demand that no plugs serve yet, by group, in one phase with its expected weights, or those of one scenario."""

    def __init__(
        self,
        problem: SitingProblem,
        groups: Groups,
        plugs: Mapping[tuple[str, str], int],
        phase: int,
        *,
        scenario: int | None = None,
    ) -> None:
        wishes = problem.wishes
        weights = [problem.weights(wishes.phases[phase], item) for item in wishes.scenarios]
        chances = [item.probability for item in wishes.scenarios]
        expected = weights[scenario] if scenario is not None else np.average(weights, axis=0, weights=chances)
        self._problem, self._groups = problem, groups
        self.weight = groups.totals(expected)
        segments = [problem.segment_by_id[problem.demand[row].segment] for row in groups.example.tolist()]
        self._rate = np.array([item.sessions_per_hour for item in segments])
        self._value = problem.unit_value[groups.example]
        self._fits = {
            kind.id: np.array([kind.id in item.kinds for item in segments], dtype=np.bool_) for kind in problem.kinds
        }
        self.served = np.zeros(len(self.weight))
        """Share of each group."""
        self._per_session = self._value / np.maximum(self._rate, 1e-12)
        # The last number is for points of no district.
        numbers = {item.id: number for number, item in enumerate(problem.districts)}
        self._district = np.array(
            [numbers.get(problem.demand[row].district or "", len(numbers)) for row in groups.example], dtype=np.int64
        )
        self._lacking = np.array(
            [problem.floor_of(id_) * expected[points].sum() for id_, points in problem.points_of.items()] + [0.0]
        )
        order = np.argsort(groups.arc_site, kind="stable")
        first = np.searchsorted(groups.arc_site[order], np.arange(len(problem.sites) + 1))
        self._arcs = [order[first[row] : first[row + 1]] for row in range(len(problem.sites))]
        for (site_id, kind_id), count in sorted(plugs.items()):
            if count > 0:
                site, kind = problem.sites[problem.site_index[site_id]], problem.kind_by_id[kind_id]
                self.take(site, kind, kind.sessions_per_hour(count))

    def _open(self, site: Site, kind: ChargerKind) -> tuple[Ints, Ints]:
        """Arcs whose groups are not served yet, those first that make most use of what serves them, and the groups."""
        groups, arcs = self._groups, self._arcs[self._problem.site_index[site.id]]
        group = groups.arc_group[arcs]
        is_open = self._fits[kind.id][group] & (self.served[group] < 1)
        arcs, group = arcs[is_open], group[is_open]
        order = np.argsort(-groups.arc_worth[arcs] * self._per_session[group], kind="stable")
        return arcs[order], group[order]

    def _shares(self, group: Ints, rates: Floats) -> Floats:
        """What so many sessions an hour would serve of groups in this order; shape (rates, groups)."""
        free = 1.0 - self.served[group]
        needed = free * self.weight[group] * self._rate[group]
        fits = np.clip(rates[:, None] - (np.cumsum(needed) - needed), 0.0, needed)
        shares: Floats = np.where(needed > 0, free * fits / np.where(needed > 0, needed, 1.0), free)
        return shares

    def gains(self, site: Site, kind: ChargerKind, rates: Sequence[float], *, is_floor: bool) -> list[float]:
        """What so many sessions an hour would bring; for floors, weight of districts that still lack some."""
        arcs, group = self._open(site, kind)
        served = self.weight[group] * self._shares(group, np.array(rates))
        if not is_floor:
            brought: list[float] = (served * self._value[group] * self._groups.arc_worth[arcs]).sum(axis=1).tolist()
            return brought
        district, lacking = self._district[group], np.maximum(0.0, self._lacking)
        totals = [np.bincount(district, weights=row, minlength=len(lacking)) for row in served]
        return [float(np.minimum(total, lacking).sum()) for total in totals]

    def take(self, site: Site, kind: ChargerKind, rate: float) -> None:
        """Serve them."""
        _, group = self._open(site, kind)
        (share,) = self._shares(group, np.array([rate]))
        self.served[group] = np.minimum(1.0, self.served[group] + share)
        np.subtract.at(self._lacking, self._district[group], share * self.weight[group])


class Lacking(Protocol):
    """What more plugs would bring."""

    def gains(self, site: Site, kind: ChargerKind, rates: Sequence[float], *, is_floor: bool) -> list[float]:
        """By so many sessions an hour more."""

    def take(self, site: Site, kind: ChargerKind, rate: float) -> None:
        """Have so many sessions an hour served."""


def grow(problem: SitingProblem, room: Room, left: Lacking, scarce: Scarce, *, is_floor: bool) -> None:
    """Build while something brings anything and may be built."""
    heap: list[tuple[float, int, int]] = []
    for row, site in enumerate(problem.sites):
        for column, kind in enumerate(problem.kinds):
            look = _look(room, left, site, kind, scarce, is_floor=is_floor)
            if look is not None:
                heapq.heappush(heap, (-look.ratio, row, column))
    while heap:
        _, row, column = heapq.heappop(heap)
        site, kind = problem.sites[row], problem.kinds[column]
        look = _look(room, left, site, kind, scarce, is_floor=is_floor)
        if look is None:
            continue
        if heap and -look.ratio > heap[0][0]:
            heapq.heappush(heap, (-look.ratio, row, column))
            continue
        now = room.plugs[site.id, kind.id]
        room.build(site, kind, look.plugs)
        left.take(site, kind, kind.sessions_per_hour(now + look.plugs) - kind.sessions_per_hour(now))
        for other in range(len(problem.kinds)):
            again = _look(room, left, site, problem.kinds[other], scarce, is_floor=is_floor)
            if again is not None:
                heapq.heappush(heap, (-again.ratio, row, other))


def _look(room: Room, left: Lacking, site: Site, kind: ChargerKind, scarce: Scarce, *, is_floor: bool) -> _Look | None:
    """The number of plugs that brings most for what it is charged, where any brings something."""
    best: _Look | None = None
    now = room.plugs[site.id, kind.id]
    as_site = EXTENSION if site.is_required or site.id in room.built else 1.0
    prices = room.prices(site, kind, kind.max_plugs - now)
    if not prices:
        return None
    rates = [kind.sessions_per_hour(now + count) - kind.sessions_per_hour(now) for count in range(1, len(prices) + 1)]
    gains = left.gains(site, kind, rates, is_floor=is_floor)
    for count, (price, gain) in enumerate(zip(prices, gains, strict=True), start=1):
        if gain > 1e-9:
            ratio = gain / max(price if scarce is Scarce.MONEY else as_site, 1e-9)
            if best is None or ratio > best.ratio * (1 + 1e-9):
                best = _Look(plugs=count, ratio=ratio)
    return best
