"""Packs that are not full in time, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from optimiser.batteries.cost import TINY_KWH, group_kwh, is_full
from optimiser.batteries.plan import Plan
from optimiser.batteries.problem import Problem


class Reason(StrEnum):
    """Why packs are not full in time; the first that holds is told."""

    NO_CABINET = "no_cabinet"
    """The depot has nothing to charge packs with."""
    LATE = "late"
    """It came so late that its slot's full power is not enough."""
    NO_SLOT = "no_slot"
    """No slot was free for it, or too late."""
    SITE_POWER = "site_power"
    """What the site may draw was shared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Packs left for one reason."""

    reason: Reason
    packs: int
    missing_kwh: float
    """From the grid, to make them full."""


def packs_left(problem: Problem, plan: Plan) -> tuple[Left, ...]:
    """
    Every pack that is not full at the end, by reason.

    Packs are alike: those that came first are taken to go in first.
    """
    came = [arrival.time_s for arrival in problem.arrivals for _ in range(arrival.packs)]
    count: Counter[Reason] = Counter()
    missing = dict.fromkeys(Reason, 0.0)
    went_in = 0
    for group in sorted(plan.groups, key=lambda group: (group.from_s, group.until_s)):
        mine = came[went_in : went_in + group.packs]
        went_in += group.packs
        if is_full(problem, group):
            continue
        short = problem.need_kwh - group_kwh(problem, group) / group.packs
        for time_s in mine:
            reason = _reason(problem, time_s, group.from_s)
            count[reason] += 1
            missing[reason] += max(0.0, short)
    for time_s in came[went_in:]:
        reason = _reason(problem, time_s, problem.end_s)
        count[reason] += 1
        missing[reason] += problem.need_kwh
    return tuple(
        Left(reason=reason, packs=count[reason], missing_kwh=missing[reason]) for reason in Reason if count[reason]
    )


def _reason(problem: Problem, came_s: int, from_s: int) -> Reason:
    """For a pack that came and went into a slot then, and is not full; it never did where that is the end."""
    if not problem.slots or problem.slot_kw <= 0:
        return Reason.NO_CABINET
    least_s = 3600 * (problem.full_hours - TINY_KWH / problem.slot_kw)
    if problem.end_s - came_s < least_s:
        return Reason.LATE
    return Reason.NO_SLOT if problem.end_s - from_s < least_s else Reason.SITE_POWER
