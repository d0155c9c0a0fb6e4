"""
Judges answers to the bike rebalancing problem; imports neither a solver nor the optimiser.

A route lists the vertices between leaving the depot, 0, and being back. It can be driven when some load at its start
keeps every load along it within 0..Q: when its largest and its smallest sum of demands so far, that of nothing
included, are no more than Q apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from scenarios.benchmarks.fault import Fault

if TYPE_CHECKING:
    from scenarios.benchmarks.brp import BrpInstance

Routes = Sequence[Sequence[int]]


def price_brp(instance: BrpInstance, routes: Routes) -> int:
    """Sum of the arcs of all routes, from and back to the depot; the vertices must exist."""
    total = 0
    for route in routes:
        if route:
            total += sum(int(instance.cost[here, there]) for here, there in pairwise((0, *route, 0)))
    return total


def judge_brp(
    instance: BrpInstance, routes: Routes, *, cost: float | None = None, lower_bound: float | None = None
) -> tuple[Fault, ...]:
    """
    Every rule that the routes break; none for a right answer.

    Parameters
    ----------
    cost, lower_bound
        As claimed; compared where they are given.
    """
    unknown = tuple(_known_vertices(instance, routes))
    if unknown:
        return unknown
    faults = [*_visited_once(instance, routes), *_load_window(instance, routes)]
    priced = price_brp(instance, routes)
    if cost is not None and cost != priced:
        text = f"the routes cost {priced:,}, {cost:,} is claimed"
        faults.append(Fault(rule="cost", ids=(), amount=cost - priced, text=text))
    if lower_bound is not None and not 0 <= lower_bound <= priced:
        text = f"a bound of {lower_bound:,} is claimed, the routes cost {priced:,}"
        faults.append(Fault(rule="lower_bound", ids=(), amount=lower_bound - priced, text=text))
    return tuple(faults)


def _known_vertices(instance: BrpInstance, routes: Routes) -> Iterator[Fault]:
    for number, route in enumerate(routes):
        for vertex in route:
            if not 1 <= vertex < instance.n:
                text = f"route {number} visits {vertex}, the stations are 1..{instance.n - 1}"
                yield Fault(rule="known_vertices", ids=(str(number), str(vertex)), amount=1, text=text)


def _visited_once(instance: BrpInstance, routes: Routes) -> Iterator[Fault]:
    visits = [0] * instance.n
    for route in routes:
        for vertex in route:
            visits[vertex] += 1
    for vertex in range(1, instance.n):
        if visits[vertex] != 1:
            text = f"station {vertex} is visited {visits[vertex]} times, not once"
            yield Fault(rule="visited_once", ids=(str(vertex),), amount=visits[vertex] - 1, text=text)


def _load_window(instance: BrpInstance, routes: Routes) -> Iterator[Fault]:
    for number, route in enumerate(routes):
        sums = list(accumulate((int(instance.demand[vertex]) for vertex in route), initial=0))
        window = max(sums) - min(sums)
        if window > instance.capacity:
            text = f"loads of route {number} are {window} bikes apart, the van holds {instance.capacity}"
            yield Fault(rule="load_window", ids=(str(number),), amount=window - instance.capacity, text=text)
