"""Of all plans of a small study that bring as much, the cheapest: its integer programme once more, for money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimiser.siting.exact import MOST_NODES, NEAR, small_model
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Built
from optimiser.siting.problem import SitingProblem
from optimiser.siting.programme import Programme, solve_programme

SAME = 1e-9
"""Of the value, what sums may be off."""


def cheapest(problem: SitingProblem, groups: Groups, value: float, *, seconds: float) -> Built | None:
    """
    What to build to bring so much for as little money as is found in so many seconds.

    None where the study is too large, or nothing is found.
    """
    model = small_model(problem, groups, phases=range(len(problem.wishes.phases)))
    if model is None:
        return None
    columns, price = model.price(model.stages[-1])
    cost = np.zeros(len(model.programme.cost))
    cost[columns] = price
    programme = replace(_worth(model.programme, value), cost=cost)
    unit = max(1e-9, NEAR * float(cost.max(initial=0.0)))
    told = solve_programme(programme, unit=unit, seconds=seconds, keeps_counts=True, most_nodes=MOST_NODES)
    return None if told.values is None else model.plan(told.values)


def _worth(programme: Programme, value: float) -> Programme:
    """The same with one row more: what it brings is as much."""
    gains = np.flatnonzero(programme.cost)
    unit = float(np.abs(programme.cost).max(initial=0.0)) or 1.0
    return replace(
        programme,
        row=np.append(programme.row, np.full(len(gains), len(programme.row_lower))),
        column=np.append(programme.column, gains),
        value=np.append(programme.value, -programme.cost[gains] / unit),
        row_lower=np.append(programme.row_lower, value / unit * (1 - SAME)),
        row_upper=np.append(programme.row_upper, np.inf),
    )
