"""Two studies side by side: which sites come and go, and what that means for money, value and districts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimiser.siting.cost import district_shares, served_share, situation, total_cost, value
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the second study does otherwise than the first; pairs are (first, second)."""

    gained: tuple[str, ...]
    """Sites at which only the second builds."""
    lost: tuple[str, ...]
    """Sites at which only the first builds."""
    kept: tuple[str, ...]
    plugs: Mapping[tuple[str, str], tuple[int, int]]
    """New plugs by site and kind, where they differ."""
    value: tuple[float, float]
    """To be compared only where both studies ask for the same measure of the same demand."""
    cost: tuple[float, float]
    people: tuple[float, float]
    """Served in the last phase, as expected over scenarios."""
    districts: Mapping[str, tuple[float | None, float | None]]
    """Share served in the last phase and the worst scenario; None where a study does not have the district."""


def compare(
    first: tuple[SitingProblem, SitingPlan],
    second: tuple[SitingProblem, SitingPlan],
) -> Comparison:
    """Each study is a problem and its plan; sites and districts are told apart by their ids."""
    stands = [standing(*study)[-1] for study in (first, second)]
    before, after = (stand.new_sites for stand in stands)
    keys = sorted(stands[0].new.keys() | stands[1].new.keys())
    shares = [_least_shares(*study) for study in (first, second)]
    districts = list(dict.fromkeys(item.id for problem, _ in (first, second) for item in problem.districts))
    return Comparison(
        gained=tuple(sorted(after - before)),
        lost=tuple(sorted(before - after)),
        kept=tuple(sorted(before & after)),
        plugs={
            key: (stands[0].new[key], stands[1].new[key]) for key in keys if stands[0].new[key] != stands[1].new[key]
        },
        value=(value(*first), value(*second)),
        cost=(total_cost(*first), total_cost(*second)),
        people=(_people(*first), _people(*second)),
        districts={id_: (shares[0].get(id_), shares[1].get(id_)) for id_ in districts},
    )


def _people(problem: SitingProblem, plan: SitingPlan) -> float:
    last, total = len(problem.wishes.phases) - 1, 0.0
    for serving in plan.servings:
        if serving.phase == last:
            phase, scenario = situation(problem, serving)
            served = np.dot(problem.weights(phase, scenario), served_share(problem, serving))
            total += scenario.probability * float(served)
    return total


def _least_shares(problem: SitingProblem, plan: SitingPlan) -> dict[str, float]:
    least: dict[str, float] = {}
    for serving in plan.servings:
        if serving.phase == len(problem.wishes.phases) - 1:
            for id_, share in district_shares(problem, serving).items():
                least[id_] = min(least.get(id_, share), share)
    return least
