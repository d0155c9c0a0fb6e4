"""Judges answers to maximal covering; imports neither a solver nor the optimiser. Sites are counted from 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from scenarios.benchmarks.fault import Fault
from scenarios.benchmarks.sites import wrong_covers, wrong_sites

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
    reached, slack = price_mclp(instance, sites), 1e-9 * float(instance.weight.sum())
    told = "the sites cover"
    return tuple(wrong_covers(reached, covered=covered, upper_bound=upper_bound, status=status, told=told, slack=slack))
