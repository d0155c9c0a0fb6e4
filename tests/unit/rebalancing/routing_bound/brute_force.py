"""All plans of a handful of stations, and the cheapest of them; random cases; the shared benchmark instances."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from optimiser.rebalancing.routing_bound.loaded_arcs import LoadedArcs
from optimiser.rebalancing.routing_bound.sets import Integers
from tests.feed_folders import SHARED

BENCHMARK = SHARED.parent / "benchmarks" / "brp"


def start_loads(route: Sequence[int], demand: Integers, capacity: int) -> range:
    """Loads with which a van may leave for the route; empty where it is not feasible."""
    prefix = np.concatenate([[0], np.cumsum(demand[list(route)])])
    return range(-int(prefix.min()), capacity - int(prefix.max()) + 1)


def length(route: Sequence[int], cost: Integers) -> int:
    path = [0, *route, 0]
    return int(sum(cost[tail, head] for tail, head in itertools.pairwise(path)))


def best_cost(cost: Integers, demand: Integers, capacity: int) -> int:
    """The cheapest way to serve all stations once, by trying every order of every subset."""
    stations = range(1, len(demand))
    cheapest: dict[frozenset[int], int] = {}
    for size in range(1, len(demand)):
        for route in itertools.permutations(stations, size):
            if start_loads(route, demand, capacity):
                group = frozenset(route)
                cheapest[group] = min(cheapest.get(group, length(route, cost)), length(route, cost))
    best = {frozenset[int](): 0}
    for size in range(1, len(demand)):
        for chosen in itertools.combinations(stations, size):
            rest = frozenset(chosen)
            first = chosen[0]
            best[rest] = min(
                price + best[rest - group] for group, price in cheapest.items() if first in group and group <= rest
            )
    return best[frozenset(stations)]


def random_case(seed: int, *, stations: int, capacity: int = 10) -> tuple[Integers, Integers, int]:
    """Asymmetric costs without triangle inequality, demands of both signs and zeros."""
    random = np.random.default_rng(seed)
    cost = random.integers(10, 100, size=(stations + 1, stations + 1))
    demand = random.integers(-capacity, capacity + 1, size=stations + 1)
    np.fill_diagonal(cost, 0)
    return cost, demand, capacity


def random_plan(seed: int, demand: Integers, capacity: int) -> list[list[int]]:
    """Some feasible plan: stations in random order, a new route where the van would run over or out, or by chance."""
    random = np.random.default_rng(seed)
    routes: list[list[int]] = []
    for station in random.permutation(np.arange(1, len(demand))):
        if routes and random.random() < 0.8 and start_loads([*routes[-1], int(station)], demand, capacity):
            routes[-1].append(int(station))
        else:
            routes.append([int(station)])
    return routes


def loaded_arcs(seed: int, routes: list[list[int]], demand: Integers, capacity: int) -> LoadedArcs:
    """The arcs of a plan, each van leaving with some load that works."""
    random = np.random.default_rng(seed)
    tails, heads, loads = [], [], []
    for route in routes:
        load = int(random.choice(list(start_loads(route, demand, capacity))))
        for tail, head in itertools.pairwise([0, *route, 0]):
            load += int(demand[tail])
            tails.append(tail)
            heads.append(head)
            loads.append(load)
    tail, head, load_ = np.array(tails), np.array(heads), np.array(loads)
    return LoadedArcs(tail, head, load_, load_ + demand[head])


def shared_cases(*names: str) -> Iterator[tuple[str, Integers, Integers, int]]:
    """Benchmark instances by name."""
    for name in names:
        tokens = (BENCHMARK / f"{name}.txt").read_text().split()
        size = int(tokens[0])
        demand = np.array(tokens[1 : size + 1], dtype=np.int64)
        cost = np.array(tokens[size + 2 :], dtype=np.float64).reshape(size, size)
        yield name, cost.astype(np.int64), demand, int(tokens[size + 1])
