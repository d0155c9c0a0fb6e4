"""What a study tells of each district, and how evenly service is shared out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimiser.reporting.siting_flows import Floats, Flows, sums
from optimiser.reporting.siting_reach import pairs_standing, points_with
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_waits import Wait
from optimiser.siting.cost import district_shares

TOLERANCE = 1e-6
"""Of shares; the one of the checker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictOutcome:
    """One district in the last phase; shares within 0..1, as expected over scenarios where not said otherwise."""

    id: str
    name: str
    people: float
    covered_share: float | None
    """Has a charger that serves it within reach; None where nobody lives."""
    served_before_share: float | None
    """By what stood before, in the same phase."""
    served_share: float | None
    least_served_share: float | None
    """In the scenario that is worst for it, the one that a floor is about; None where nobody lives."""
    mean_access_s: float | None
    """Way of those who are served; None where nobody is."""
    long_wait_share: float | None
    """Of the sessions of its people, the share that waits too long; None where plugs are not counted."""
    new_sites: int
    """In it, at which something is built and nothing stood."""
    extended_sites: int
    """In it, at which chargers stood before and plugs are added."""
    floor: float
    """That was asked for."""
    floor_kept: bool
    """Also where nobody lives, so that there is nothing to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """How evenly service is shared out among people."""

    worst_district: str | None
    """The one with the least served share in its worst scenario; None where there are no districts."""
    worst_share: float | None
    gini: float | None
    """Of the served share over people: 0 where all have as much, near 1 where few have all; None for nothing."""
    gini_before: float | None
    """With what stood before."""


def district_outcomes(
    study: Study, flows: Flows, before: Flows, waits: Mapping[tuple[str, str], Wait]
) -> tuple[DistrictOutcome, ...]:
    """All districts in the problem's order, in the last phase."""
    problem = study.problem
    is_covered = points_with(problem, pairs_standing(problem, study.stands[-1])) > 0
    least = least_shares(study)
    waiting = _waiting(flows, waits)
    sessions = sums(flows.point, flows.chance * flows.sessions_per_hour, len(problem.demand))
    travel = sums(flows.point, flows.expected * flows.travel_s, len(problem.demand))
    sites = [problem.sites[problem.site_index[id_]] for id_ in study.stands[-1].new_sites]
    built = Counter((site.district, site.is_required) for site in sites)
    outcomes = []
    for district in problem.districts:
        rows = problem.points_of[district.id]
        people, served = float(flows.demand[rows].sum()), float(flows.served[rows].sum())
        drivers = float(sessions[rows].sum())
        floor = problem.floor_of(district.id)
        outcomes.append(
            DistrictOutcome(
                id=district.id,
                name=district.name,
                people=people,
                covered_share=_share(float(flows.demand[rows][is_covered[rows]].sum()), people),
                served_before_share=_share(float(before.served[rows].sum()), people),
                served_share=_share(served, people),
                least_served_share=least[district.id] if people > 0 else None,
                mean_access_s=_share(float(travel[rows].sum()), served),
                long_wait_share=_share(float(waiting[rows].sum()), drivers),
                new_sites=built[district.id, False],
                extended_sites=built[district.id, True],
                floor=floor,
                floor_kept=least[district.id] >= floor - TOLERANCE,
            )
        )
    return tuple(outcomes)


def equity(districts: tuple[DistrictOutcome, ...], flows: Flows, before: Flows) -> Equity:
    """Over districts in which anybody lives, and over all people."""
    lived_in = ((item.id, item.least_served_share) for item in districts)
    shares = {id_: share for id_, share in lived_in if share is not None}
    worst = min(shares, key=shares.__getitem__, default=None)
    return Equity(
        worst_district=worst,
        worst_share=None if worst is None else shares[worst],
        gini=gini(flows.share, flows.demand),
        gini_before=gini(before.share, before.demand),
    )


def gini(amount: Floats, people: Floats) -> float | None:
    """
    Gini coefficient of what each person has, people given as weights of points.

    Twice the area between the Lorenz curve and the diagonal; None where nobody has anything.
    """
    order = np.argsort(amount, kind="stable")
    weight, owned = people[order], (people * amount)[order]
    if weight.sum() <= 0 or owned.sum() <= 0:
        return None
    share, curve = weight / weight.sum(), np.cumsum(owned) / owned.sum()
    below = np.concatenate([[0.0], curve[:-1]])
    return max(0.0, float(1.0 - (share * (curve + below)).sum()))


def least_shares(study: Study) -> dict[str, float]:
    """Of each district, the share served in the scenario that is worst for it, in the last phase."""
    least: dict[str, float] = {}
    for serving in study.result.plan.servings:
        if serving.phase == study.last:
            for id_, share in district_shares(study.problem, serving).items():
                least[id_] = min(least.get(id_, share), share)
    return least or {district.id: 0.0 for district in study.problem.districts}


def _waiting(flows: Flows, waits: Mapping[tuple[str, str], Wait]) -> Floats:
    """Sessions an hour of each demand point that wait longer than they should, shape (points,)."""
    problem = flows.problem
    table = np.zeros((len(problem.sites), len(problem.kinds)))
    column = {kind.id: number for number, kind in enumerate(problem.kinds)}
    for (site_id, kind_id), wait in waits.items():
        table[problem.site_index[site_id], column[kind_id]] = wait.long_wait_share
    late = flows.chance * flows.sessions_per_hour * table[flows.site, flows.kind]
    return sums(flows.point, late, len(problem.demand))


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
