"""Judges answers to flow refuelling by driving every trip; imports neither a solver nor the optimiser."""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import pairwise
from typing import TYPE_CHECKING

from scenarios.benchmarks.fault import Fault
from scenarios.benchmarks.sites import wrong_covers, wrong_sites

if TYPE_CHECKING:
    from scenarios.benchmarks.flow import FlowInstance

SLACK = 1e-9


def price_flow(instance: FlowInstance, sites: Sequence[int]) -> float:
    """Flow of the trips that a vehicle can drive there and back, again and again; sites are numbers of nodes."""
    trips = instance.trips
    number, stations = instance.nodes, set(sites)
    first, node, at = trips.first.tolist(), trips.node.tolist(), trips.at.tolist()
    total = 0.0
    for flow, (start, end) in zip(trips.flow.tolist(), pairwise(first), strict=True):
        stops = {place - start for place in range(start, end) if number[node[place]] in stations}
        ways = [after - before for before, after in pairwise(at[start:end])]
        if _can_drive(ways, stops, instance.reach):
            total += flow
    return total


def _can_drive(ways: Sequence[float], stops: Set[int], reach: float) -> bool:
    """Whether a full vehicle gets from one station of its path there and back to the same one, full at every stop."""
    if not stops:
        return False
    here = min(stops)
    step, left = 1, reach
    for _ in range(2 * len(ways)):
        if here + step not in range(len(ways) + 1):
            step = -step
        left -= ways[min(here, here + step)]
        if left < -SLACK * reach:
            return False
        here += step
        if here in stops:
            left = reach
    return True


def judge_flow(
    instance: FlowInstance, sites: Sequence[int], *, covered: float, upper_bound: float, status: str
) -> tuple[Fault, ...]:
    """Every rule that an answer breaks; none for a right one."""
    first, last = min(instance.nodes), max(instance.nodes)
    faults = tuple(wrong_sites(sites, p=instance.p, first=first, count=last - first + 1))
    if faults:
        return faults
    reached, slack = price_flow(instance, sites), SLACK * float(instance.trips.flow.sum())
    told = "the stations cover"
    return tuple(wrong_covers(reached, covered=covered, upper_bound=upper_bound, status=status, told=told, slack=slack))
