"""Judges answers to the p-center; imports neither a solver nor the optimiser. Nodes are counted from 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scenarios.benchmarks.fault import Fault
from scenarios.benchmarks.sites import wrong_sites

if TYPE_CHECKING:
    from scenarios.benchmarks.pmedian import PMedianInstance


def price_pcenter(instance: PMedianInstance, sites: Sequence[int]) -> int:
    """Longest way of any node to the nearest site; the sites must exist, one at least."""
    longest = 0
    for node in range(instance.n):
        longest = max(longest, min(int(instance.way[node, site - 1]) for site in sites))
    return longest


def judge_pcenter(
    instance: PMedianInstance, sites: Sequence[int], *, cost: float, lower_bound: float, status: str
) -> tuple[Fault, ...]:
    """Every rule that an answer breaks; none for a right one."""
    faults = list(wrong_sites(sites, p=instance.p, first=1, count=instance.n))
    if faults:
        return tuple(faults)
    longest = price_pcenter(instance, sites)
    if cost != longest:
        text = f"the longest way is {longest:,}, {cost:,} is claimed"
        faults.append(Fault(rule="cost", ids=(), amount=cost - longest, text=text))
    if not 0 <= lower_bound <= longest:
        text = f"a bound of {lower_bound:,} is claimed, the longest way is {longest:,}"
        faults.append(Fault(rule="lower_bound", ids=(), amount=lower_bound - longest, text=text))
    if (status == "proven") != (lower_bound == longest):
        text = f"{status} is claimed with a bound of {lower_bound:,} and a longest way of {longest:,}"
        faults.append(Fault(rule="status", ids=(), amount=longest - lower_bound, text=text))
    return tuple(faults)
