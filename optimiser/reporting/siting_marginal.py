"""What a plan is worth without one of its sites, when all others are used anew as well as they can be."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimiser.siting.cost import served_people, served_value
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Serving
from optimiser.siting.plugs import Standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.serving import serve

MOST_SERVED_ANEW = 200
"""So many transport problems are solved for all sites together; beyond that, sites are told without a figure."""
MOST_ARCS_SERVED_ANEW = 500_000
"""So many arcs of demand and site do all of them have together: some fifteen seconds."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What the last phase loses with what is built at one site, as expected; neither is below 0."""

    value: float
    """In the measure asked for, far ones worth less."""
    people: float
    """Who would charge nowhere, each counted as one."""


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


def lost_without(problem: SitingProblem, groups: Groups, stand: Standing, sites: Sequence[str]) -> dict[str, Lost]:
    """
    What the last phase loses where what is built at one site is taken away, while the cap lasts.

    Both sides are the best that can be served without floors, so no value is below 0. `stand` is what stands in
    the last phase; sites are taken in the order of the argument.
    """
    free = without_floors(problem)
    rows = [problem.site_index[id_] for id_, _ in stand.plugs]
    arcs = max(1, int(np.isin(groups.arc_site, rows).sum()))
    solves = min(MOST_SERVED_ANEW, MOST_ARCS_SERVED_ANEW // arcs)
    told = sites[: max(0, solves // len(problem.wishes.scenarios) - 1)]
    if not told:
        return {}
    value, people = _best(free, groups, stand)
    lost = {}
    for id_ in told:
        left_value, left_people = _best(free, groups, _without(stand, id_))
        lost[id_] = Lost(max(0.0, value - left_value), max(0.0, people - left_people))
    return lost


def _best(problem: SitingProblem, groups: Groups, stand: Standing) -> tuple[float, float]:
    """The most value of the last phase and the people served with it, as expected, without the phase's weight."""
    values, people = [], []
    for number, scenario in enumerate(problem.wishes.scenarios):
        serving = serve(problem, groups, stand, phase=len(problem.wishes.phases) - 1, scenario=number)
        assert serving is not None
        values.append(scenario.probability * served_value(problem, serving))
        people.append(scenario.probability * served_people(problem, serving))
    return math.fsum(values), math.fsum(people)


def _without(stand: Standing, id_: str) -> Standing:
    """What stands without what was built at a site; plugs that stood before stay."""
    gone = Counter({key: count for key, count in stand.new.items() if key[0] == id_})
    return replace(stand, plugs=stand.plugs - gone, new=stand.new - gone)
