"""Exact separation by minimum cuts: sets that a fractional solution enters too seldom."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import compiled
from optimiser.rebalancing.routing_bound.sets import Flags, Floats, Integers


@compiled
def _augment(
    residual: Floats, neighbours: Integers, degree: Integers, source: int, sink: int, limit: float
) -> tuple[float, Integers]:
    """Push flow along shortest paths until none is left or `limit` is reached; residual changes in place."""
    size = residual.shape[0]
    before = np.empty(size, np.int64)
    queue = np.empty(size, np.int64)
    total = 0.0
    while total < limit:
        before[:] = -1
        before[source] = source
        queue[0] = source
        head, tail = 0, 1
        while head < tail and before[sink] < 0:
            here = queue[head]
            head += 1
            for position in range(degree[here]):
                there = neighbours[here, position]
                if before[there] < 0 and residual[here, there] > 1e-9:
                    before[there] = here
                    queue[tail] = there
                    tail += 1
        if before[sink] < 0:
            break
        amount = np.inf
        there = sink
        while there != source:
            amount = min(amount, residual[before[there], there])
            there = before[there]
        there = sink
        while there != source:
            residual[before[there], there] -= amount
            residual[there, before[there]] += amount
            there = before[there]
        total += amount
    return total, before


@compiled
def _adjacency(capacity: Floats) -> tuple[Integers, Integers]:
    """Vertices joined to each by an arc in either direction, and how many; in rows padded at the end."""
    size = capacity.shape[0]
    neighbours = np.empty((size, size), np.int64)
    degree = np.zeros(size, np.int64)
    for here in range(size):
        for there in range(size):
            if here != there and (capacity[here, there] > 0 or capacity[there, here] > 0):
                neighbours[here, degree[here]] = there
                degree[here] += 1
    return neighbours, degree


@compiled
def disconnected_sets(flow: Floats, tolerance: float) -> Flags:
    """For each station the smallest cut from it to the depot, where that is below 1; rows of flags."""
    size = flow.shape[0]
    neighbours, degree = _adjacency(flow)
    found = np.zeros((size, size), np.bool_)
    count = 0
    for station in range(1, size):
        residual = flow.copy()
        total, before = _augment(residual, neighbours, degree, station, 0, 1.0 - tolerance)
        if total < 1.0 - tolerance:
            found[count] = before >= 0
            count += 1
    return found[:count]


@compiled
def overloaded_sets(flow: Floats, load: Floats) -> Flags:
    """
    For each station the set with it that minimises x(leaving S) - load(S), or - (-load)(S); rows of flags.

    With load = demand / capacity these are the sets most short of the unrounded capacity inequality.
    """
    size = flow.shape[0]
    source = size
    found = np.zeros((2 * size, size), np.bool_)
    count = 0
    for sign in (1.0, -1.0):
        network = np.zeros((size + 1, size + 1))
        network[:size, :size] = flow
        network[0, :] = 0.0
        for station in range(1, size):
            amount = sign * load[station]
            if amount > 0:
                network[source, station] = amount
            else:
                network[station, 0] -= amount
        # What all cuts have in common is pushed once; a station that must be inside adds little to it.
        linked = network.copy()
        linked[source, 1:size] += 1.0
        neighbours, degree = _adjacency(linked)
        _augment(network, neighbours, degree, source, 0, 2.0 * size)
        for station in range(1, size):
            residual = network.copy()
            residual[source, station] = size
            _, before = _augment(residual, neighbours, degree, source, 0, 2.0 * size)
            found[count] = before[:size] >= 0
            count += 1
    return found[:count]
