"""Bans as a reason: floors that gave way and that nothing else would do for name the banned sites within reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimiser.siting.conflicts import Bools, banned_in_reach
from optimiser.siting.groups import Groups
from optimiser.siting.lowered import AT_MOST, TOLD, LoweredFloor
from optimiser.siting.problem import SitingProblem
from optimiser.siting.result import Conflict
from optimiser.siting.room import Room

REMEDIES = ("budget", "max_new_sites", "grid", "spacing")
"""Rules of conflicts that tell what would do."""


def with_bans(problem: SitingProblem, groups: Groups, conflicts: Sequence[Conflict]) -> tuple[Conflict, ...]:
    """
    The same conflicts, with bans among the reasons of floors that gave way within the limits.

    Not where something else is told that would do, nor of floors that name bans already, as of what is within reach.
    """
    if not problem.wishes.ban or any(item.rule in REMEDIES for item in conflicts):
        return tuple(conflicts)
    kept_from = _with_room_but_for_bans(problem)[groups.arc_site]
    told = list[Conflict]()
    for item in conflicts:
        banned = banned_in_reach(problem, groups, item.ids[0], kept_from) if _is_open(item) else ()
        told.append(replace(item, text=f"{item.text}; within its reach {_named(banned)}") if banned else item)
    return tuple(told)


def _is_open(item: Conflict) -> bool:
    """Whether it is a floor for which plugs are too few, and that names no bans yet."""
    is_short = isinstance(item, LoweredFloor) and (item.ending is not None or item.reach == AT_MOST)
    return is_short and "not banned" not in item.text


def _with_room_but_for_bans(problem: SitingProblem) -> Bools:
    """Banned sites at which plugs could be built, also beside those that stand."""
    free = replace(problem, wishes=replace(problem.wishes, ban=frozenset()))
    room = Room(free)
    return np.array(
        [
            site.id in problem.wishes.ban and any(room.free_plugs(site, kind) > 0 for kind in problem.kinds)
            for site in problem.sites
        ]
    )


def _named(banned: Sequence[str]) -> str:
    """Some of the sites, and that they are banned."""
    more = f" and {len(banned) - TOLD} more" if len(banned) > TOLD else ""
    return f"{', '.join(banned[:TOLD])}{more} {'is' if len(banned) == 1 else 'are'} banned"
