"""How floors give way that cannot all be kept: all alike, and then only those that cannot be kept further."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from optimiser.siting.conflicts import Kept
from optimiser.siting.exact import NEAR, even_exactly
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
from optimiser.siting.lowered import settled
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


def evenly(
    problem: SitingProblem, groups: Groups, best: Kept, looking: Looking, briefly: Looking
) -> tuple[Built | None, Kept] | None:
    """
    A plan that keeps more of every floor than the best so far does of the one that it misses most.

    What one floor lacks takes nothing from another that can be kept further beside it. By the integer programme of a
    small study, else by search. No plan, but the best so far, where it is settled that there is none.
    """
    exactly, is_settled = _exactly(problem, groups, looking)
    if exactly is not None and missed(exactly[1]) < missed(best):
        return exactly
    if is_settled:
        return None, replace(best, conflicts=settled(best.conflicts))
    found = _searched(problem, groups, best, briefly)
    return _others_whole(problem, groups, best if found is None else found[1], briefly) or found


def _exactly(problem: SitingProblem, groups: Groups, looking: Looking) -> tuple[Found | None, bool]:
    """
    The greatest share of all floors; then, where it left those that hold it back, of all others; and so on.

    With it comes whether that is settled, as the time allows.
    """
    floors = floors_of(problem)
    held: dict[str, float] = {}
    found, is_settled = None, True
    while floors.keys() - held.keys():
        told = _share(problem, groups, looking, floors, held) if found is None or _has_time(looking) else None
        if told is None or not (told.is_greatest or max(told.now.values()) > TINY):
            # Nothing of any floor was found only because time was short: a search does better.
            is_settled = False
            break
        is_settled = is_settled and told.is_greatest
        reached = kept(problem, groups, told.plan, even=with_floors(problem, told.now))
        found = told.plan, reached
        low = {
            item.ids[0]: told.now[item.ids[0]]
            for item in reached.conflicts
            if item.ids[0] not in held and item.possible <= told.now[item.ids[0]] * (1 + FURTHER)
        }
        if not low:
            break
        more, is_sure = _held_back(problem, groups, looking, told.now, low)
        held, is_settled = {**held, **more}, is_settled and is_sure
    if found is not None and is_settled:
        found = found[0], replace(found[1], conflicts=settled(found[1].conflicts))
    return found, is_settled


def _has_time(looking: Looking) -> bool:
    return looking.gone() < EXACT_SHARE


class _Share(NamedTuple):
    """A plan, what it keeps of each floor, and whether it is proven that none keeps more of all that are not held."""

    plan: Built
    now: dict[str, float]
    is_greatest: bool


def _share(
    problem: SitingProblem, groups: Groups, looking: Looking, floors: Mapping[str, float], held: Mapping[str, float]
) -> _Share | None:
    """The greatest share of all floors but those that are held."""
    asked = with_floors(problem, {**floors, **held})
    even = even_exactly(asked, groups, seconds=looking.seconds / (2 if held else 1), whole=frozenset(held))
    if even is None:
        return None
    share = 1.0 if even.share >= 1.0 - TINY else even.share * (1 - TINY)
    now = {id_: held.get(id_, share * floor) for id_, floor in floors.items()}
    return _Share(even.built, now, is_greatest=min(even.bound, 1.0) <= even.share + NEAR)


def _held_back(
    problem: SitingProblem, groups: Groups, looking: Looking, now: Mapping[str, float], low: Mapping[str, float]
) -> tuple[Mapping[str, float], bool]:
    """
    Of some floors that are low, those that cannot be kept further even by themselves, as time allows; or one.

    With them comes whether that is settled.
    """
    if len(low) == 1:
        return low, True
    held, is_sure = dict[str, float](), True
    for id_, floor in low.items():
        if not _has_time(looking):
            is_sure = False
            break
        others = {other: least for other, least in now.items() if other != id_}
        told = _share(problem, groups, looking, floors_of(problem), others)
        is_sure = is_sure and told is not None and told.is_greatest
        if told is None or told.now[id_] <= floor * (1 + FURTHER):
            held[id_] = floor
    return held or dict([min(low.items())]), is_sure


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
