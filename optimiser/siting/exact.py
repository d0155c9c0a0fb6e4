"""Small studies are solved to proof as an integer programme; larger ones are none of its business."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimiser.siting.groups import Groups
from optimiser.siting.model import Model
from optimiser.siting.plan import Built
from optimiser.siting.problem import SitingProblem
from optimiser.siting.programme import solve_programme

MOST_ENTRIES = 20_000
"""Of the programme's matrix: beyond, HiGHS spends minutes before it can be broken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """What the programme came to."""

    bound: float
    built: Built | None


def solve_exactly(
    problem: SitingProblem, groups: Groups, *, seconds: float, is_any_enough: bool = False
) -> Exact | None:
    """
    Solve it, bounded, in so many seconds; None where the study is too large, or nothing keeps its floors.

    Where any plan that keeps them is enough, the first one ends it.
    """
    phases = range(len(problem.wishes.phases))
    least = len(groups.arc_site) * len(phases) * len(problem.wishes.scenarios)
    if not len(groups.arc_site) or least > MOST_ENTRIES:
        return None
    is_left = np.isin(np.arange(len(problem.sites)), groups.arc_site)
    is_left |= [site.id in problem.wishes.force for site in problem.sites]
    model = Model(problem, groups, phases=phases, is_left=is_left)
    if len(model.programme.value) > MOST_ENTRIES:
        return None
    top = float(np.abs(model.programme.cost).max(initial=0.0))
    enough = np.inf if is_any_enough else -np.inf
    told = solve_programme(model.programme, unit=max(1e-9, 1e-6 * top), seconds=seconds, enough=enough)
    if np.isinf(told.bound):
        return None
    return Exact(bound=-told.bound, built=None if told.values is None else model.plan(told.values))
