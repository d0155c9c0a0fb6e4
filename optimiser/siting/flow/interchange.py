"""
Interchange: an open station moves to where it brings most, for as long as that pays (Teitz & Bart 1968; for flows
Capar & Kuby 2012, IIE Transactions 44).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.siting.coverage.reach import Bools
from optimiser.siting.flow.needs import Needs
from optimiser.siting.flow.problem import Floats, Ints

PART = 0.5
"""Of a trip's flow, what counts where it would still lack something."""
SLACK = 1e-9


class Stations(NamedTuple):
    """Nodes with a station, and what follows from them; changed in place."""

    is_open: Bools
    """Shape (nodes,)."""
    times: Ints
    """Open nodes that meet each need, shape (needs,)."""
    unmet: Ints
    """Needs of each trip that are not met, shape (trips,)."""
    gain: Floats
    """Flow that each node would win; shape (nodes,)."""
    meets: Ints
    """Room for a figure of each node."""


def stations_of(needs: Needs) -> Stations:
    """None yet."""
    nodes = len(needs.nodes)
    return Stations(
        is_open=np.zeros(nodes, dtype=np.bool_),
        times=np.zeros(len(needs.first_node) - 1, dtype=np.int32),
        unmet=np.diff(needs.first_need).astype(np.int32),
        gain=np.zeros(nodes),
        meets=np.zeros(nodes, dtype=np.int32),
    )


@in_place
def open_node(needs: Needs, stations: Stations, node: int) -> float:
    """Open one; the flow that this wins."""
    stations.is_open[node] = True
    won = 0.0
    for need in needs.met[needs.first_met[node] : needs.first_met[node + 1]]:
        stations.times[need] += 1
        if stations.times[need] == 1:
            for trip in needs.trip[needs.first_trip[need] : needs.first_trip[need + 1]]:
                stations.unmet[trip] -= 1
                if stations.unmet[trip] == 0:
                    won += needs.flow[trip]
    return won


@in_place
def close_node(needs: Needs, stations: Stations, node: int) -> float:
    """Close one; the flow that this loses."""
    stations.is_open[node] = False
    lost = 0.0
    for need in needs.met[needs.first_met[node] : needs.first_met[node + 1]]:
        stations.times[need] -= 1
        if stations.times[need] == 0:
            for trip in needs.trip[needs.first_trip[need] : needs.first_trip[need + 1]]:
                if stations.unmet[trip] == 0:
                    lost += needs.flow[trip]
                stations.unmet[trip] += 1
    return lost


@in_place
def weigh(needs: Needs, stations: Stations, share: float) -> None:
    """
    Set what each node would win.

    A trip that would still lack something counts by the square of what part of its unmet needs would be met, times
    `share`: without that, nothing is won before several stations are open.
    """
    for node in range(len(stations.gain)):
        stations.gain[node] = 0.0
    for trip in range(len(needs.flow)):
        if stations.unmet[trip] > 0:
            _add(needs, stations, trip, share)


@inlined
def _add(needs: Needs, stations: Stations, trip: int, share: float) -> None:
    """What a trip adds to what the nodes would win that meet what it still needs."""
    flow, unmet, meets = needs.flow[trip], stations.unmet[trip], stations.meets
    own = needs.need[needs.first_need[trip] : needs.first_need[trip + 1]]
    for need in own:
        if stations.times[need] == 0:
            for node in needs.node[needs.first_node[need] : needs.first_node[need + 1]]:
                meets[node] += 1
    for need in own:
        if stations.times[need] == 0:
            for node in needs.node[needs.first_node[need] : needs.first_node[need + 1]]:
                if meets[node] == unmet:
                    stations.gain[node] += flow
                elif meets[node] > 0:
                    stations.gain[node] += share * flow * (meets[node] / unmet) ** 2
                meets[node] = 0


@in_place
def fill(needs: Needs, stations: Stations, count: int, draws: Floats, greed: float) -> float:
    """Open so many more, each the one that wins most once gains are blurred by a draw of its own; what they win."""
    won = 0.0
    for number in range(count):
        weigh(needs, stations, PART)
        best, most = -1, -1.0
        for node in range(len(stations.is_open)):
            worth = stations.gain[node] * (greed + (1.0 - greed) * draws[number, node]) + 1e-12 * draws[number, node]
            if not stations.is_open[node] and worth > most:
                best, most = node, worth
        if best < 0:
            break
        won += open_node(needs, stations, best)
    return won


@in_place
def interchange(needs: Needs, stations: Stations, order: Ints, covered: float) -> float:
    """
    Move stations, tried in an order of nodes, until none brings more elsewhere; the flow covered then.

    `covered` is what they cover before.
    """
    tried, place = 0, 0
    while tried < len(order):
        node = order[place]
        place = place + 1 if place + 1 < len(order) else 0
        tried += 1
        if not stations.is_open[node]:
            continue
        lost = close_node(needs, stations, node)
        weigh(needs, stations, 0.0)
        best, most = node, lost + SLACK * covered
        for other in range(len(stations.is_open)):
            if not stations.is_open[other] and stations.gain[other] > most:
                best, most = other, stations.gain[other]
        won = open_node(needs, stations, whole(best))
        covered += won - lost
        if best != node:
            tried = 0
    return covered
