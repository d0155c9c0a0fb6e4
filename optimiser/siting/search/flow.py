"""
Who charges where, kept nearly best while plugs come and go: the transport problem of `serving`, a path at a time.

New room is filled along the path that brings most (Busacker & Gowen 1961): somebody who is served nowhere comes in,
or moves in from another place and leaves room there for the next. Paths are cut off after some places, so the answer
may fall short of the best, never exceed it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.arrays import Floats
from optimiser.siting.search.gains import forget_gains
from optimiser.siting.search.ground import HELD, Counts, Ground, Land, capacity

LEAST = 1e-9
PLACES = 30
"""Looked at on the way to one more session."""


class Desk(NamedTuple):
    """Room for the search of one path; places are site and kind in one number."""

    reach: Floats
    """What a place would bring by giving one session away to the one that has room."""
    onward: Counts
    """Arc and kind by which the session moves on from a place, as one number."""
    leaving: Counts
    """Arc and kind by which it is served there now."""
    is_seen: Counts
    """Number of the search that has seen the place."""
    queue: Counts
    number: Counts
    """Of the search, shape (1,)."""


def desk_for(land: Land) -> Desk:
    """Room for any path."""
    places = land.most.size
    return Desk(
        reach=np.zeros(places),
        onward=np.zeros(places, dtype=np.int64),
        leaving=np.zeros(places, dtype=np.int64),
        is_seen=np.zeros(places, dtype=np.int64),
        queue=np.zeros(PLACES, dtype=np.int64),
        number=np.zeros(1, dtype=np.int64),
    )


@in_place
def serve(land: Land, ground: Ground, arc: int, kind: int, more: float) -> bool:
    """Let an arc carry so many more sessions, or fewer; False where a group is at too many places already."""
    group, site, kinds = land.arc_group[arc], land.arc_site[arc], ground.flow.shape[1]
    key, before = arc * kinds + kind, ground.flow[arc, kind]
    if more > 0.0 and before <= 0.0:
        spot = _end_of(ground, group)
        if spot == HELD:
            return False
        ground.held[group, spot] = key
    note_touched(ground, group)
    after = before + more
    if after <= LEAST:
        after = 0.0
        last = _end_of(ground, group) - 1
        for at in range(last + 1):
            if ground.held[group, at] == key:
                ground.held[group, at], ground.held[group, last] = ground.held[group, last], -1
                break
    ground.flow[arc, kind] = after
    ground.used[site, kind] += after - before
    ground.left[group] -= after - before
    ground.total[0] += land.arc_brings[arc] * (after - before)
    ground.served[land.district[group]] += (after - before) * land.weight[group] / land.sessions[group]
    return True


@in_place
def _end_of(ground: Ground, group: int) -> int:
    """At how many places a group charges."""
    end = 0
    while end < HELD and ground.held[group, end] >= 0:
        end += 1
    return end


@in_place
def note_touched(ground: Ground, group: int) -> None:
    """A group is served otherwise from now on."""
    if not ground.is_touched[group]:
        ground.is_touched[group] = True
        ground.touched[ground.touches[0]] = group
        ground.touches[0] += 1


@in_place
def fill_up(land: Land, ground: Ground, desk: Desk, site: int, kind: int) -> None:
    """Fill the room at a place as long as that brings anything."""
    for _ in range(200):
        room = capacity(land, ground, site, kind) - ground.used[site, kind]
        if room <= LEAST or not _fill_once(land, ground, desk, site, kind, room):
            return


@in_place
def _fill_once(land: Land, ground: Ground, desk: Desk, site: int, kind: int, room: float) -> bool:
    """Along the best path that is found; whether there was one."""
    kinds = ground.flow.shape[1]
    desk.number[0] += 1
    number, target = desk.number[0], site * kinds + kind
    desk.reach[target], desk.is_seen[target], desk.onward[target] = 0.0, number, -1
    desk.queue[0] = target
    count, at = 1, 0
    gain, end, entering = LEAST, -1, -1
    while at < count:
        place = desk.queue[at]
        at += 1
        here, own = place // kinds, place % kinds
        if end == target and entering == land.first_arc[site]:
            break
        if place != target and desk.reach[place] > gain:
            gain, end, entering = desk.reach[place], place, -1
        for arc in range(land.first_arc[here], land.first_arc[here + 1]):
            group = land.arc_group[arc]
            if land.sessions[group] <= 0.0 or not land.fits[group, own]:
                continue
            brings = desk.reach[place] + land.arc_pull[arc]
            if ground.left[group] > LEAST and brings > gain:
                gain, end, entering = brings, place, arc
                if place == target and arc == land.first_arc[site]:
                    break  # Nobody brings more there.
            for spot in range(HELD):
                key = ground.held[group, spot]
                if key < 0:
                    break
                other = land.arc_site[key // kinds] * kinds + key % kinds
                if other == place:
                    continue
                reach = brings - land.arc_pull[key // kinds]
                if desk.is_seen[other] != number:
                    if count == len(desk.queue):
                        continue
                    desk.is_seen[other] = number
                    desk.reach[other], desk.onward[other], desk.leaving[other] = reach, arc * kinds + own, key
                    desk.queue[count] = other
                    count += 1
                elif other != target and reach > desk.reach[other] + LEAST:
                    if _is_on_way(land, desk, place, other, target, kinds):
                        continue
                    desk.reach[other], desk.onward[other], desk.leaving[other] = reach, arc * kinds + own, key
    if end < 0:
        return False
    return _push(land, ground, desk, end, entering, target, room)


@in_place
def _is_on_way(land: Land, desk: Desk, place: int, other: int, target: int, kinds: int) -> bool:
    """Whether the way from a place to the one that has room leads over another."""
    for _ in range(PLACES):
        if place == other:
            return True
        if place == target:
            return False
        place = land.arc_site[desk.onward[place] // kinds] * kinds + desk.onward[place] % kinds
    return True


@in_place
def _push(land: Land, ground: Ground, desk: Desk, end: int, entering: int, target: int, room: float) -> bool:
    """Move sessions along the path, as many as fit."""
    kinds, amount, place = ground.flow.shape[1], room, end
    if entering >= 0:
        amount = min(amount, ground.left[land.arc_group[entering]])
    for _ in range(PLACES):
        if place == target:
            break
        leaving, onward = desk.leaving[place], desk.onward[place]
        amount = min(amount, ground.flow[leaving // kinds, leaving % kinds])
        place = land.arc_site[onward // kinds] * kinds + onward % kinds
    if place != target or amount <= LEAST:
        return False
    place = end
    for _ in range(PLACES):
        if place == target:
            break
        leaving, onward = desk.leaving[place], desk.onward[place]
        serve(land, ground, leaving // kinds, leaving % kinds, -amount)
        if not serve(land, ground, onward // kinds, onward % kinds, amount):
            forget_gains(land, ground, land.arc_group[onward // kinds])
            return False  # They are served nowhere for now.
        place = land.arc_site[onward // kinds] * kinds + onward % kinds
    if entering >= 0:
        forget_gains(land, ground, land.arc_group[entering])
        return serve(land, ground, entering, end % kinds, amount)
    return True


@in_place
def turn_out(land: Land, ground: Ground, site: int) -> None:
    """Let those go who no longer find room at a site, those first who lose least."""
    for kind in range(ground.flow.shape[1]):
        # Arcs of a site are in order of what a session brings.
        for arc in range(land.first_arc[site + 1] - 1, land.first_arc[site] - 1, -1):
            over = ground.used[site, kind] - capacity(land, ground, site, kind)
            if over <= LEAST:
                break
            if ground.flow[arc, kind] > 0.0:
                serve(land, ground, arc, kind, -min(over, ground.flow[arc, kind]))


@in_place
def crowd_in(land: Land, ground: Ground, site: int, kind: int) -> None:
    """Let those who are left, and bring more at a place, take it from those who bring less there."""
    last = land.first_arc[site + 1] - 1
    for arc in range(land.first_arc[site], land.first_arc[site + 1]):
        group = land.arc_group[arc]
        if not land.fits[group, kind] or land.sessions[group] <= 0.0:
            continue
        while ground.left[group] > LEAST and last > arc:
            if ground.flow[last, kind] <= 0.0:
                last -= 1
                continue
            if land.arc_pull[last] >= land.arc_pull[arc] - LEAST:
                return
            amount = min(ground.left[group], ground.flow[last, kind])
            serve(land, ground, last, kind, -amount)
            if not serve(land, ground, arc, kind, amount):
                serve(land, ground, last, kind, amount)
                break


@in_place
def note_built(land: Land, ground: Ground, site: int) -> None:
    """Let groups that take no sessions know what is built at a site."""
    for arc in range(land.first_arc[site], land.first_arc[site + 1]):
        group = land.arc_group[arc]
        if land.sessions[group] <= 0.0 and land.arc_worth[arc] > ground.best[group] and _serves(land, ground, arc):
            ground.total[0] += land.value[group] * land.weight[group] * (land.arc_worth[arc] - ground.best[group])
            if ground.best[group] <= 0.0:
                ground.served[land.district[group]] += land.weight[group]
            ground.best[group] = land.arc_worth[arc]
            note_touched(ground, group)
            forget_gains(land, ground, group)


@in_place
def note_gone(land: Land, ground: Ground, site: int) -> None:
    """Let them know that something is gone."""
    for arc in range(land.first_arc[site], land.first_arc[site + 1]):
        group = land.arc_group[arc]
        if land.sessions[group] > 0.0 or ground.best[group] > land.arc_worth[arc] + LEAST:
            continue
        best = 0.0
        for at in range(land.first_own[group], land.first_own[group + 1]):
            own = land.own_arc[at]
            if land.arc_worth[own] > best and _serves(land, ground, own):
                best = land.arc_worth[own]
        ground.total[0] += land.value[group] * land.weight[group] * (best - ground.best[group])
        if best <= 0.0 < ground.best[group]:
            ground.served[land.district[group]] -= land.weight[group]
        ground.best[group] = best
        note_touched(ground, group)


@in_place
def _serves(land: Land, ground: Ground, arc: int) -> bool:
    """Whether a kind that a group can use stands at the site of an arc."""
    site, group = land.arc_site[arc], land.arc_group[arc]
    for kind in range(ground.plugs.shape[1]):
        if land.fits[group, kind] and land.now[site, kind] + ground.plugs[site, kind] > 0:
            return True
    return False
