"""Demand that a study leaves unserved, and why: no site within reach, plugs that run short, or what was not built."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimiser.reporting.siting_flows import Flows
from optimiser.reporting.siting_limits import limits_at_candidates
from optimiser.reporting.siting_reach import pairs_near, pairs_possible, pairs_standing, points_with
from optimiser.reporting.siting_study import Study

REASONS = {
    "no_site": ("no site within reach", "add candidate sites nearby, or a longer reach"),
    "off_streets": (
        "too far from the streets of the study",
        "a larger extract of the streets, or a larger max_snap_m",
    ),
    "banned": ("no site within reach but banned ones", "take the ban from one, or add candidate sites nearby"),
    "excluded": (
        "no site within reach but in areas where nothing may be built",
        "let an area leave one out, or add candidate sites nearby",
    ),
    "no_kind": (
        "no site within reach where a charger for them may come",
        "allow such a kind, or more plugs or power, at one, or add candidate sites nearby",
    ),
    "plugs": ("plugs within reach run short", "more plugs, or more waiting allowed"),
    "money": ("no charger within reach: money", "a larger budget"),
    "number": ("no charger within reach: number of new sites", "allow more new sites"),
    "spacing": ("no charger within reach: distance between sites", "allow new sites closer together"),
    "grid": ("no charger within reach: grid", "a stronger grid node, or sites at another one"),
    "none": ("no charger within reach, though one would fit", "search longer, or look at what it would bring"),
}
"""In words, and what can be done; in the order in which they are told."""
_EASIEST = ("none", "money", "number", "spacing", "grid")
"""Of several candidate sites within reach, the one with the earliest of these tells the reason."""
TINY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """People of the last phase who charge nowhere, for one reason; as expected over scenarios."""

    reason: str
    people: float
    points: int
    """Demand points with any of them."""


def reason_by_point(study: Study, flows: Flows) -> list[str | None]:
    """Why each demand point is not served in full in the last phase; None where it is."""
    problem = study.problem
    has_charger = points_with(problem, pairs_standing(problem, study.stands[-1])) > 0
    limits = limits_at_candidates(problem, study.result.plan)
    rank = {limit: number for number, limit in enumerate(_EASIEST)}
    of_site = np.array([rank.get(limits.get(site.id, ""), len(_EASIEST)) for site in problem.sites], dtype=np.int64)
    easiest = np.full(len(problem.demand), len(_EASIEST))
    pairs = pairs_possible(problem)
    nowhere = _nowhere(study)
    np.minimum.at(easiest, problem.point[pairs], of_site[problem.access.site[pairs]])
    left = flows.demand - flows.served
    is_open = left > TINY * np.maximum(1.0, flows.demand)
    reasons: list[str | None] = []
    for row in range(len(problem.demand)):
        if not is_open[row]:
            reasons.append(None)
        elif has_charger[row]:
            reasons.append("plugs")
        else:
            reasons.append(_EASIEST[easiest[row]] if easiest[row] < len(_EASIEST) else nowhere[row])
    return reasons


def _nowhere(study: Study) -> list[str]:
    """Why each demand point has nowhere to charge, where that is so: what stands against the sites within reach."""
    problem = study.problem
    near = pairs_near(problem)
    unbanned = replace(problem, wishes=replace(problem.wishes, ban=frozenset()))
    is_banned = np.array([site.id in problem.wishes.ban for site in problem.sites], dtype=np.bool_)
    is_excluded = np.array([site.excluded is not None for site in problem.sites], dtype=np.bool_)
    told = {
        "banned": pairs_possible(unbanned) & is_banned[problem.access.site],
        "excluded": near & is_excluded[problem.access.site],
        "no_kind": near,
    }
    has_any = [points_with(problem, pairs) > 0 for pairs in told.values()]
    is_off = np.array([point.id in study.off_streets for point in problem.demand], dtype=np.bool_)
    reasons: list[str] = np.select([*has_any, is_off], [*told, "off_streets"], "no_site").tolist()
    return reasons


def unserved(reasons: list[str | None], flows: Flows) -> tuple[Unserved, ...]:
    """By reason, those that occur."""
    left = flows.demand - flows.served
    told = []
    for reason in REASONS:
        rows = [row for row, its in enumerate(reasons) if its == reason]
        if rows:
            told.append(Unserved(reason=reason, people=float(left[rows].sum()), points=len(rows)))
    return tuple(told)
