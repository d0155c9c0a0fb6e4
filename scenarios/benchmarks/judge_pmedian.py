"""Judges answers to the p-median; imports neither a solver nor the optimiser. Nodes are counted from 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scenarios.benchmarks.fault import Fault
from scenarios.benchmarks.sites import wrong_sites

if TYPE_CHECKING:
    from scenarios.benchmarks.pmedian import PMedianInstance


def price_pmedian(instance: PMedianInstance, sites: Sequence[int]) -> int:
    """Sum of the ways of all nodes to the nearest site; the sites must exist, one at least."""
    total = 0
    for node in range(instance.n):
        total += min(int(instance.way[node, site - 1]) for site in sites)
    return total


def judge_pmedian(
    instance: PMedianInstance, sites: Sequence[int], *, cost: float, lower_bound: float, status: str
) -> tuple[Fault, ...]:
    """Every rule that an answer breaks; none for a right one."""
    faults = list(wrong_sites(sites, p=instance.p, first=1, count=instance.n))
    if faults:
        return tuple(faults)
    priced = price_pmedian(instance, sites)
    if cost != priced:
        text = f"the sites cost {priced:,}, {cost:,} is claimed"
        faults.append(Fault(rule="cost", ids=(), amount=cost - priced, text=text))
    if not 0 <= lower_bound <= priced:
        text = f"a bound of {lower_bound:,} is claimed, the sites cost {priced:,}"
        faults.append(Fault(rule="lower_bound", ids=(), amount=lower_bound - priced, text=text))
    if (status == "proven") != (lower_bound == priced):
        text = f"{status} is claimed with a bound of {lower_bound:,} and a cost of {priced:,}"
        faults.append(Fault(rule="status", ids=(), amount=priced - lower_bound, text=text))
    return tuple(faults)
