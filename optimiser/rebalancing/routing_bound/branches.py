"""Ways to split all plans in two, such that the fractional solution fits neither half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimiser.rebalancing.routing_bound.loaded_arcs import LoadedArcs
from optimiser.rebalancing.routing_bound.separation import entered_seldom, leaving, unlike
from optimiser.rebalancing.routing_bound.sets import Flags, Floats, Integers

_FRACTION = 0.02
"""Values nearer to an integer are not branched on while others are there."""
_WHOLE = 1e-5
"""Arcs nearer to an integer are driven wholly or not at all."""


class Limit(Protocol):
    """One half of a split."""

    def bars(self, arcs: LoadedArcs) -> Flags | None:
        """Loaded arcs that it forbids."""


@dataclass(frozen=True, slots=True)
class LoadLimit:
    """A station is served such that the load after it lies within limits."""

    station: int
    low: int
    high: int

    def bars(self, arcs: LoadedArcs) -> Flags:
        """Arcs that come with another load."""
        return np.asarray((arcs.head == self.station) & ((arcs.after < self.low) | (arcs.after > self.high)))


@dataclass(frozen=True, slots=True)
class ArcLimit:
    """An arc is driven, or it is not."""

    tail: int
    head: int
    driven: bool

    def bars(self, arcs: LoadedArcs) -> Flags:
        """The arc, or all that compete with it."""
        same_tail, same_head = arcs.tail == self.tail, arcs.head == self.head
        if not self.driven:
            return np.asarray(same_tail & same_head)
        rivals = (same_tail & (self.tail > 0)) | (same_head & (self.head > 0))
        return np.asarray(rivals & ~(same_tail & same_head))


@dataclass(frozen=True, slots=True)
class EntriesLimit:
    """Arcs inside a set within limits, and so the entries into it."""

    members: Flags
    low: float
    high: float

    def bars(self, arcs: LoadedArcs) -> None:
        """None: it is a row."""
        return


Split = tuple[Limit, Limit]


def splits(arcs: LoadedArcs, values: Floats, demand: Integers, capacity: int) -> list[Split]:
    """The most promising splits of each kind; none where every arc is driven wholly or not at all."""
    size = len(demand)
    flow = np.zeros((size, size))
    np.add.at(flow, (arcs.tail, arcs.head), values)
    return [
        *_by_entries(flow, demand, capacity, most=4),
        *_by_load(arcs, values, size, capacity, most=4),
        *_by_arc(flow, most=3),
    ]


def routes_of(arcs: LoadedArcs, values: Floats) -> tuple[tuple[int, ...], ...]:
    """Stations by route, where every arc is driven wholly or not at all."""
    driven = values > 0.5
    following: dict[int, int] = {}
    firsts: list[int] = []
    for tail, head in zip(arcs.tail[driven].tolist(), arcs.head[driven].tolist(), strict=True):
        if tail:
            following[tail] = head
        else:
            firsts.append(head)
    routes = []
    for station in sorted(firsts):
        route = [station]
        while following[route[-1]]:
            route.append(following[route[-1]])
        routes.append(tuple(route))
    return tuple(routes)


def _by_entries(flow: Floats, demand: Integers, capacity: int, *, most: int) -> list[Split]:
    sets, _ = entered_seldom(flow, demand, capacity, slack=0.9, also=(np.arange(len(demand)) > 0)[None, :])
    entries = leaving(sets, flow)
    parts = np.abs(entries - np.round(entries))
    order = np.argsort(-parts, kind="stable")[:200]
    order = order[parts[order] > 5 * _FRACTION]
    chosen = []
    everything = np.flatnonzero(sets.all(axis=1, where=np.arange(len(demand)) > 0))
    if len(everything) and parts[everything[0]] > _FRACTION:
        chosen.append(int(everything[0]))
    chosen += [int(k) for k in order[unlike(sets[order], most)]]
    found: list[Split] = []
    for row in chosen[:most]:
        inside = float(sets[row].sum()) - float(np.floor(entries[row]))
        found.append((EntriesLimit(sets[row], inside, np.inf), EntriesLimit(sets[row], -np.inf, inside - 1)))
    return found


def _by_load(arcs: LoadedArcs, values: Floats, size: int, capacity: int, *, most: int) -> list[Split]:
    served = np.zeros((size, capacity + 1))
    np.add.at(served, (arcs.head, arcs.after), values)
    below = np.cumsum(served, axis=1)
    balance = np.minimum(below, 1.0 - below)
    balance[0] = 0.0
    mean = served @ np.arange(capacity + 1)
    spread = np.abs(served * (np.arange(capacity + 1) - mean[:, None])).sum(axis=1)
    score = balance.max(axis=1) * spread
    order = np.argsort(-score, kind="stable")[:most]
    found: list[Split] = []
    for station in order:
        at = int(np.argmax(balance[station]))
        if balance[station, at] > 5 * _FRACTION:
            found.append((LoadLimit(int(station), 0, at), LoadLimit(int(station), at + 1, capacity)))
    return found


def _by_arc(flow: Floats, *, most: int) -> list[Split]:
    part = np.minimum(flow, 1.0 - flow)
    order = np.argsort(-part, axis=None, kind="stable")[:most]
    found: list[Split] = []
    for position in order:
        tail, head = divmod(int(position), len(flow))
        if part[tail, head] > _WHOLE:
            found.append((ArcLimit(tail, head, True), ArcLimit(tail, head, False)))
    return found
