"""Judges answers to the p-median; imports neither a solver nor the optimiser. Nodes are counted from 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scenarios.benchmarks.fault import Fault
from scenarios.benchmarks.sites import wrong_costs, wrong_sites

if TYPE_CHECKING:
    from scenarios.benchmarks.pmedian import PMedianInstance


def price_pmedian(instance: PMedianInstance, sites: Sequence[int]) -> int:
    """Sum of the ways of all nodes to the nearest site; the sites must exist, one at least."""
    nearest = instance.way[:, [site - 1 for site in sites]].min(axis=1)
    return int(nearest.astype(int).sum())


def judge_pmedian(
    instance: PMedianInstance, sites: Sequence[int], *, cost: float, lower_bound: float, status: str
) -> tuple[Fault, ...]:
    """Every rule that an answer breaks; none for a right one."""
    faults = tuple(wrong_sites(sites, p=instance.p, first=1, count=instance.n))
    if faults:
        return faults
    priced = price_pmedian(instance, sites)
    return tuple(wrong_costs(priced, cost=cost, lower_bound=lower_bound, status=status, told="the sites cost"))
