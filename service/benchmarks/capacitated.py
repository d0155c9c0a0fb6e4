"""Capacitated p-median instances: each customer with the sites that are near enough to matter; solved and judged."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from optimiser.siting.capacitated import solve as capacitated
from optimiser.siting.capacitated.problem import CapacitatedProblem
from scenarios.benchmarks.capacitated import CapacitatedInstance
from scenarios.benchmarks.judge_capacitated import judge_capacitated
from service.benchmarks.run import Judged, LeftS

SPARE_S = 1.0
"""Kept for judging, and for an integer programme that ends late."""
ALL_PAIRS = 1_000_000
"""Customers times sites up to which all pairs are listed."""
NEAREST, NEAREST_CLUSTERS = 100, 8.0
"""Sites of a customer otherwise: so many, and those that would be open among so many clusters."""


def problem_of(instance: CapacitatedInstance) -> CapacitatedProblem:
    """All sites of every customer, or the nearest ones: the bound then allows for all the same."""
    n, wide = instance.n, instance.n
    if n * n > ALL_PAIRS:
        wide = min(n, int(max(NEAREST, NEAREST_CLUSTERS * n / instance.p)))
    _, nearest = KDTree(instance.place).query(instance.place, k=np.arange(1, wide + 1))
    site = np.sort(nearest, axis=1)
    way = np.stack([instance.ways(customer)[site[customer]] for customer in range(n)])
    return CapacitatedProblem(
        first=np.arange(n + 1) * wide,
        site=site.astype(np.int32).ravel(),
        way=way.ravel(),
        demand=instance.demand,
        capacity=instance.capacity,
        p=instance.p,
        beyond=way.max(axis=1) if wide < n else None,
    )


def solve_capacitated(instance: CapacitatedInstance, left_s: LeftS, *, seed: int) -> Judged:
    """Solve within the seconds that are left, and judge."""
    problem = problem_of(instance)
    answer = capacitated.solve(problem, seconds=left_s(SPARE_S), seed=seed)
    sites, assignment = ([site + 1 for site in chosen] for chosen in (answer.sites, answer.assignment))
    cost, bound, status = answer.cost, answer.lower_bound, str(answer.status)
    faults = judge_capacitated(instance, sites, assignment, cost=cost, lower_bound=bound, status=status)
    return Judged(
        faults=tuple(map(str, faults)),
        entry={
            "instance": instance.name,
            "n": instance.n,
            "p": instance.p,
            "cost": cost,
            "lower_bound": bound,
            "status": status,
            "sites": sites,
            "assignment": assignment,
        },
    )
