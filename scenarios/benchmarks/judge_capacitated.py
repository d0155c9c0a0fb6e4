"""Judges answers to the capacitated p-median; imports neither solver nor optimiser. All is counted from 1."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scenarios.benchmarks.fault import Fault
from scenarios.benchmarks.sites import wrong_costs, wrong_sites

if TYPE_CHECKING:
    from scenarios.benchmarks.capacitated import CapacitatedInstance

SLACK = 1e-9
"""Of a cost: sums of floating-point numbers depend on their order."""


def price_capacitated(instance: CapacitatedInstance, assignment: Sequence[int]) -> float:
    """Sum of the ways of all customers to the sites that they are assigned to, which must exist."""
    return math.fsum(float(instance.ways(customer)[site - 1]) for customer, site in enumerate(assignment))


def judge_capacitated(
    instance: CapacitatedInstance,
    sites: Sequence[int],
    assignment: Sequence[int],
    *,
    cost: float,
    lower_bound: float,
    status: str,
) -> tuple[Fault, ...]:
    """Every rule that an answer breaks; none for a right one."""
    faults = (
        *wrong_sites(sites, p=instance.p, first=1, count=instance.n),
        *_wrong_assignment(instance, sites, assignment),
    )
    if faults:
        return faults
    priced = price_capacitated(instance, assignment)
    slack = 0.0 if instance.is_floored else SLACK * priced
    told = "the assignment costs"
    return tuple(wrong_costs(priced, cost=cost, lower_bound=lower_bound, status=status, told=told, slack=slack))


def _wrong_assignment(
    instance: CapacitatedInstance, sites: Sequence[int], assignment: Sequence[int]
) -> Iterator[Fault]:
    if len(assignment) != instance.n:
        text = f"{len(assignment)} customers are assigned, there are {instance.n}"
        yield Fault(rule="assigned_once", ids=(), amount=len(assignment) - instance.n, text=text)
        return
    opened, load = set(sites), dict.fromkeys(sites, 0.0)
    for customer, site in enumerate(assignment, start=1):
        if site not in opened:
            text = f"customer {customer} is assigned to {site}, which is not open"
            yield Fault(rule="open_sites", ids=(str(customer), str(site)), amount=1, text=text)
        else:
            load[site] += float(instance.demand[customer - 1])
    for site, loaded in load.items():
        room = float(instance.capacity[site - 1]) if 1 <= site <= instance.n else math.inf
        if loaded > room * (1 + SLACK):
            text = f"site {site} serves a demand of {loaded:g}, its capacity is {room:g}"
            yield Fault(rule="site_capacity", ids=(str(site),), amount=loaded - room, text=text)
