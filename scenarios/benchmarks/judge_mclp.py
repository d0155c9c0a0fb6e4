"""Judges answers to maximal covering; imports neither a solver nor the optimiser. Sites are counted from 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from scenarios.benchmarks.fault import Fault
from scenarios.benchmarks.sites import wrong_sites

if TYPE_CHECKING:
    from scenarios.benchmarks.mclp import MclpInstance

BLOCK = 256
"""Points whose ways are measured at once."""


def price_mclp(instance: MclpInstance, sites: Sequence[int]) -> float:
    """Weight of the demand that a site reaches."""
    total = 0.0
    for start in range(0, len(instance.weight), BLOCK):
        stretch = slice(start, start + BLOCK)
        is_reached = instance.is_within(stretch, np.array(sites)).any(axis=1)
        total += math.fsum(instance.weight[stretch][is_reached].tolist())
    return total


def judge_mclp(
    instance: MclpInstance, sites: Sequence[int], *, covered: float, upper_bound: float, status: str
) -> tuple[Fault, ...]:
    """Every rule that an answer breaks; none for a right one."""
    faults = tuple(wrong_sites(sites, p=instance.p, first=0, count=instance.sites))
    if faults:
        return faults
    found = []
    reached = price_mclp(instance, sites)
    slack = 1e-9 * float(instance.weight.sum())
    if abs(covered - reached) > slack:
        text = f"the sites cover {reached:,}, {covered:,} is claimed"
        found.append(Fault(rule="covered", ids=(), amount=covered - reached, text=text))
    if upper_bound < reached - slack:
        text = f"a bound of {upper_bound:,} is claimed, the sites cover {reached:,}"
        found.append(Fault(rule="upper_bound", ids=(), amount=upper_bound - reached, text=text))
    if (status == "proven") != (abs(upper_bound - reached) <= slack):
        text = f"{status} is claimed with a bound of {upper_bound:,} and {reached:,} covered"
        found.append(Fault(rule="status", ids=(), amount=upper_bound - reached, text=text))
    return tuple(found)
