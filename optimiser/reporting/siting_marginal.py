"""What a plan is worth without one of its sites, when all others are used anew as well as they can be."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimiser.siting.cost import served_value
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Serving
from optimiser.siting.plugs import Standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.serving import serve

MOST_SERVED_ANEW = 200
"""So many transport problems are solved for all sites together; beyond that, sites are told without a figure."""
MOST_ARCS_SERVED_ANEW = 500_000
"""So many arcs of demand and site do all of them have together: some fifteen seconds."""


def without_floors(problem: SitingProblem) -> SitingProblem:
    """The same, with nothing promised to districts: what plugs could do for everybody together."""
    return replace(problem, wishes=replace(problem.wishes, floor=0.0, floors={}))


def served_anew(problem: SitingProblem, groups: Groups, stands: Sequence[Standing]) -> tuple[Serving, ...]:
    """The best that the plugs of each phase can do in each scenario; `problem` is to have no floors."""
    servings = []
    for phase, stand in enumerate(stands):
        for scenario in range(len(problem.wishes.scenarios)):
            serving = serve(problem, groups, stand, phase=phase, scenario=scenario)
            assert serving is not None  # Nobody promises anything.
            servings.append(serving)
    return tuple(servings)


def marginal_values(problem: SitingProblem, groups: Groups, stand: Standing, sites: Sequence[str]) -> dict[str, float]:
    """
    Value of the last phase that is lost where what is built at one site is taken away, while the cap lasts.

    Both sides are the best that can be served without floors, so a figure is never below 0. `stand` is what stands in
    the last phase; sites are taken in the order of the argument.
    """
    free = without_floors(problem)
    rows = [problem.site_index[id_] for id_, _ in stand.plugs]
    arcs = max(1, int(np.isin(groups.arc_site, rows).sum()))
    solves = min(MOST_SERVED_ANEW, MOST_ARCS_SERVED_ANEW // arcs)
    told = sites[: max(0, solves // len(problem.wishes.scenarios) - 1)]
    if not told:
        return {}
    best = _value(free, groups, stand)
    return {id_: max(0.0, best - _value(free, groups, _without(stand, id_))) for id_ in told}


def _value(problem: SitingProblem, groups: Groups, stand: Standing) -> float:
    """The best of the last phase, as expected, without the phase's weight."""
    parts = []
    for number, scenario in enumerate(problem.wishes.scenarios):
        serving = serve(problem, groups, stand, phase=len(problem.wishes.phases) - 1, scenario=number)
        assert serving is not None
        parts.append(scenario.probability * served_value(problem, serving))
    return math.fsum(parts)


def _without(stand: Standing, id_: str) -> Standing:
    """What stands without what was built at a site; plugs that stood before stay."""
    gone = Counter({key: count for key, count in stand.new.items() if key[0] == id_})
    return replace(stand, plugs=stand.plugs - gone, new=stand.new - gone)
