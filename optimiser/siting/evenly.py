"""How floors give way that cannot all be kept: all alike, and then only those that cannot be kept further."""

from __future__ import annotations

import math
from collections.abc import Mapping

from optimiser.siting.conflicts import Kept
from optimiser.siting.exact import aim_exactly
from optimiser.siting.groups import Groups
from optimiser.siting.keeping import (
    TINY,
    Looking,
    floors_of,
    keeping,
    kept,
    missed,
    plans_at_once,
    with_floors,
    with_share,
)
from optimiser.siting.model import Aim
from optimiser.siting.plan import Built
from optimiser.siting.problem import SitingProblem

HALVINGS, APART = 10, 0.05
"""Shares of all floors that are tried at most; of such a share, how near the greatest that is kept is told."""
EVEN_SHARE = 0.25
"""Of the time for the study, from which on no more of them are."""
EXACT_SHARE = 0.4
"""And from which on the integer programme of a small study is asked no more once it has told a share."""
FURTHER = 1e-3
"""By as much of itself a share has to be greater, so that it counts as that."""

Found = tuple[Built, Kept]


def evenly(problem: SitingProblem, groups: Groups, best: Kept, looking: Looking, briefly: Looking) -> Found | None:
    """
    A plan that keeps more of every floor than the best so far does of the one that it misses most.

    What one floor lacks takes nothing from another that can be kept further beside it. By the integer programme of a
    small study, else by search.
    """
    exactly = _exactly(problem, groups, looking)
    if exactly is not None:
        return exactly if missed(exactly[1]) < missed(best) else None
    found = _searched(problem, groups, best, briefly)
    return _others_whole(problem, groups, best if found is None else found[1], briefly) or found


def _exactly(problem: SitingProblem, groups: Groups, looking: Looking) -> Found | None:
    """The greatest share of all floors; then, where it left those that hold it back, of all others; and so on."""
    floors = floors_of(problem)
    held: dict[str, float] = {}
    found = None
    while floors.keys() - held.keys() and (found is None or looking.gone() < EXACT_SHARE):
        told = _share(problem, groups, looking, floors, held)
        if told is None:
            break
        plan, now = told
        reached = kept(problem, groups, plan, even=with_floors(problem, now))
        found = plan, reached
        low = {
            item.ids[0]: now[item.ids[0]]
            for item in reached.conflicts
            if item.ids[0] not in held and item.possible <= now[item.ids[0]] * (1 + FURTHER)
        }
        if not low:
            break
        held |= _held_back(problem, groups, looking, now, low)
    return found


def _share(
    problem: SitingProblem, groups: Groups, looking: Looking, floors: Mapping[str, float], held: Mapping[str, float]
) -> tuple[Built, dict[str, float]] | None:
    """A plan with the greatest share of all floors but those that are held, and what it keeps of each."""
    asked = with_floors(problem, {**floors, **held})
    aimed = aim_exactly(asked, groups, Aim.EVEN, seconds=looking.seconds / 2, whole=frozenset(held))
    if aimed is None:
        return None
    plan, share = aimed
    share = 1.0 if share >= 1.0 - TINY else share * (1 - TINY)
    return plan, {id_: held.get(id_, share * floor) for id_, floor in floors.items()}


def _held_back(
    problem: SitingProblem, groups: Groups, looking: Looking, now: Mapping[str, float], low: Mapping[str, float]
) -> Mapping[str, float]:
    """Of some floors that are low, those that cannot be kept further even by themselves, as time allows; or one."""
    if len(low) == 1:
        return low
    held = {}
    for id_, floor in low.items():
        if looking.gone() >= EXACT_SHARE:
            break
        others = {other: least for other, least in now.items() if other != id_}
        told = _share(problem, groups, looking, floors_of(problem), others)
        if told is None or told[1][id_] <= floor * (1 + FURTHER):
            held[id_] = floor
    return held or dict([min(low.items())])


def _searched(problem: SitingProblem, groups: Groups, best: Kept, briefly: Looking) -> Found | None:
    """
    By trying shares of all floors: halved until a plan at once keeps them, then each between those known, in equal
    steps of their ratio.
    """
    low, high = 1.0 - missed(best)[0], 1.0
    found = _at_once(problem, groups, low)
    for _ in range(HALVINGS):
        if found is not None:
            low = 1.0 - missed(found[1])[0]
        if high - low <= APART * high or briefly.gone() >= EVEN_SHARE:
            break
        share = math.sqrt(low * high) if low > 0.0 else high / 2
        even = with_share(problem, share)
        tried = keeping(even, groups, briefly)
        if tried is None:
            high = share
        else:
            found = tried, kept(problem, groups, tried, even=even)
    return found


def _others_whole(problem: SitingProblem, groups: Groups, now: Kept, briefly: Looking) -> Found | None:
    """As few floors as a search needs left as they are, of those that are missed most, and all others kept whole."""
    floors = floors_of(problem)
    missing = {item.ids[0]: item.possible for item in now.conflicts if item.ids[0] in floors}
    order = sorted(missing, key=lambda id_: missing[id_] / floors[id_])
    for count in range(1, len(order)):
        if briefly.gone() >= EVEN_SHARE:
            break
        asked = with_floors(problem, {id_: missing[id_] for id_ in order[:count]})
        tried = keeping(asked, groups, briefly)
        if tried is not None:
            return tried, kept(problem, groups, tried, even=asked)
    return None


def _at_once(problem: SitingProblem, groups: Groups, low: float) -> Found | None:
    """The greatest of shares halved again and again, above the one kept so far, that a plan at once keeps of all."""
    for halvings in range(1, HALVINGS + 1):
        share = 0.5**halvings
        if share <= low:
            break
        even = with_share(problem, share)
        for plan in plans_at_once(even, groups):
            if not kept(even, groups, plan).conflicts:
                return plan, kept(problem, groups, plan, even=even)
    return None
