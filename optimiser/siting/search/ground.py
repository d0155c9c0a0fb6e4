"""What stands while the search goes on, who is served by it, and what is left of money and power; changed in place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place
from optimiser.siting.arrays import Arrays, Floats, Ints

Counts = NDArray[np.int64]
PENALTY = 10.0
"""For somebody missing in a district, of what serving somebody brings."""
FULL = 0.1
"""Part of a grid node's power that is free where it is nearly full."""
HELD = 16
"""Places at which a group may charge at once."""


class Land(NamedTuple):
    """What does not change: demand with its expected weights, sites, and what may be built."""

    sessions: Floats
    """An hour, of each group; 0 where they take none."""
    weight: Floats
    """Of each group."""
    value: Floats
    """Of a unit of weight served next door."""
    fits: NDArray[np.bool_]
    """Shape (groups, kinds)."""
    district: Ints
    """Of each group; the last number is for none."""
    asked: Floats
    """Weight to be served in each district."""
    penalty: Floats
    """For a unit of weight that is missing in each district."""
    price: Floats
    """The same while a search goes on, which may change it."""
    first_arc: Ints
    """By site; a site's arcs are in order of their pull."""
    arc_group: Ints
    arc_worth: Floats
    arc_site: Ints
    arc_brings: Floats
    """What one session brings; 0 for groups that take none."""
    arc_pull: Floats
    """The same, and more for who lives in a district that is urgent: who brings more comes first."""
    first_own: Ints
    """Where the arcs of each group begin, shape (groups + 1,)."""
    own_arc: Ints
    most: Counts
    """New plugs that may come, shape (sites, kinds)."""
    room: Counts
    """New plugs of all kinds together, by site."""
    room_kw: Floats
    """Power that new plugs may draw, by site."""
    now: Counts
    """Plugs that stand from the start, shape (sites, kinds)."""
    takes: Floats
    """Sessions an hour, shape (kinds, plugs + 1)."""
    plug_cost: Floats
    plug_kw: Floats
    grid_kw: Floats
    open_cost: Floats
    is_new: NDArray[np.bool_]
    is_forced: NDArray[np.bool_]
    """Sites that are never torn down; the search begins with something built there."""
    node: Ints
    upgrade_kw: Floats
    upgrade_cost: Floats
    first_near: Ints
    near: Ints
    new_sites: float
    fee: float
    """What a new site may be charged where money and their number are limited: its part of the money."""
    kw_fee: Floats
    """What a kilowatt at each grid node may be charged while a search goes on, which changes it."""


class Ground(NamedTuple):
    """What the search changes."""

    plugs: Counts
    """New ones, shape (sites, kinds)."""
    flow: Floats
    """Sessions an hour, shape (arcs, kinds)."""
    used: Floats
    """Of what plugs take, shape (sites, kinds)."""
    left: Floats
    """Sessions of each group that nobody takes."""
    held: Counts
    """Arc and kind, as one number, at which a group charges; shape (groups, HELD), -1 after the last one."""
    best: Floats
    """Worth of the nearest site that serves a group without sessions."""
    total: Floats
    """What everything together brings, shape (1,)."""
    served: Floats
    """Weight, by district."""
    money: Floats
    """What is left, shape (1,)."""
    free_kw: Floats
    """By grid node."""
    is_upgraded: NDArray[np.bool_]
    crowd: Counts
    """New sites built in each set of such that are too near to each other."""
    opened: Counts
    """New sites built, shape (1,)."""
    gain: Floats
    """What more plugs would bring, shape (sites, kinds, plugs + 1); only where `is_known`."""
    is_known: NDArray[np.bool_]
    touched: Counts
    """Groups that are served otherwise than before the round, so many at the head."""
    is_touched: NDArray[np.bool_]
    touches: Counts
    """How many these are, shape (1,)."""


@in_place
def capacity(land: Land, ground: Ground, site: int, kind: int) -> float:
    """Sessions an hour that the plugs of a kind at a site take."""
    return float(land.takes[kind, land.now[site, kind] + ground.plugs[site, kind]])


@in_place
def is_built(ground: Ground, site: int) -> bool:
    """Whether anything is built at a site."""
    for kind in range(ground.plugs.shape[1]):
        if ground.plugs[site, kind] > 0:
            return True
    return False


@in_place
def may_build(land: Land, ground: Ground, site: int, kind: int, count: int) -> float:
    """What so many more plugs cost now; negative where they cannot be."""
    plugs, drawn = count, count * land.plug_kw[kind]
    for other in range(ground.plugs.shape[1]):
        plugs += ground.plugs[site, other]
        drawn += ground.plugs[site, other] * land.plug_kw[other]
    if ground.plugs[site, kind] + count > land.most[site, kind] or plugs > land.room[site]:
        return -1.0
    if drawn > land.room_kw[site] + 1e-9:
        return -1.0
    cost = count * land.plug_cost[kind]
    if not is_built(ground, site):
        cost += land.open_cost[site]
        if land.is_new[site]:
            if ground.opened[0] + 1 > land.new_sites:
                return -1.0
            for at in range(land.first_near[site], land.first_near[site + 1]):
                if ground.crowd[land.near[at]] > 0:
                    return -1.0
    node = land.node[site]
    if node >= 0 and count * land.grid_kw[kind] > ground.free_kw[node] + 1e-9:
        if ground.is_upgraded[node] or count * land.grid_kw[kind] > ground.free_kw[node] + land.upgrade_kw[node] + 1e-9:
            return -1.0
        cost += land.upgrade_cost[node]
    return cost if cost <= ground.money[0] + 1e-9 else -1.0


@in_place
def upgrade_for(land: Land, ground: Ground, site: int, kind: int, count: int) -> float:
    """What an upgrade of the grid costs, where so many more plugs need one."""
    node = land.node[site]
    is_needed = node >= 0 and count * land.grid_kw[kind] > ground.free_kw[node] + 1e-9
    return float(land.upgrade_cost[node]) if is_needed else 0.0


@in_place
def put(land: Land, ground: Ground, site: int, kind: int, count: int) -> None:
    """Build what `may_build` allows; nobody is served there yet."""
    if not is_built(ground, site):
        ground.money[0] -= land.open_cost[site]
        if land.is_new[site]:
            ground.opened[0] += 1
            for at in range(land.first_near[site], land.first_near[site + 1]):
                ground.crowd[land.near[at]] += 1
    node = land.node[site]
    if node >= 0:
        if count * land.grid_kw[kind] > ground.free_kw[node] + 1e-9:
            ground.is_upgraded[node] = True
            ground.free_kw[node] += land.upgrade_kw[node]
            ground.money[0] -= land.upgrade_cost[node]
        ground.free_kw[node] -= count * land.grid_kw[kind]
    ground.plugs[site, kind] += count
    ground.money[0] -= count * land.plug_cost[kind]


@in_place
def tear_down(land: Land, ground: Ground, site: int) -> None:
    """Take away all new plugs of a site, whoever is served there."""
    if not is_built(ground, site):
        return
    node = land.node[site]
    for kind in range(ground.plugs.shape[1]):
        count = ground.plugs[site, kind]
        ground.money[0] += count * land.plug_cost[kind]
        if node >= 0:
            ground.free_kw[node] += count * land.grid_kw[kind]
        ground.plugs[site, kind] = 0
    ground.money[0] += land.open_cost[site]
    if node >= 0 and ground.is_upgraded[node] and ground.free_kw[node] >= land.upgrade_kw[node] - 1e-9:
        ground.is_upgraded[node] = False
        ground.free_kw[node] -= land.upgrade_kw[node]
        ground.money[0] += land.upgrade_cost[node]
    if land.is_new[site]:
        ground.opened[0] -= 1
        for at in range(land.first_near[site], land.first_near[site + 1]):
            ground.crowd[land.near[at]] -= 1


@in_place
def score(land: Land, ground: Ground, price: Floats) -> float:
    """What everything together brings, less what is missing in districts, at a price for each."""
    total = float(ground.total[0])
    for district in range(len(land.asked)):
        total -= price[district] * max(0.0, land.asked[district] - ground.served[district])
    return total


def land_of(
    arrays: Arrays, most: Counts, *, asked: Floats, urgent: Floats | None = None, is_even: bool = False
) -> Land:
    """
    Of one phase.

    Parameters
    ----------
    most
        New plugs that may come, shape (sites, kinds).
    asked
        Weight to be served in each district, and for none at the end.
    urgent
        By as much who lives in each comes before others where plugs are scarce, in units of what anybody brings most.
    is_even
        Whether all floors weigh the same, however few people one is for; else every missing person does.
    """
    demand, builds, limits = arrays
    weight = demand.chance @ demand.weight
    sites = len(builds.of_site)
    arc_site = np.repeat(np.arange(sites), np.diff(demand.first_arc))
    rate, top = np.maximum(demand.rate, 1e-12), float(demand.unit.max(initial=0.0))
    per_session = demand.arc_worth * (demand.unit / rate)[demand.arc_group]
    pull = per_session if urgent is None else per_session + (top * urgent[demand.district] / rate)[demand.arc_group]
    order = np.lexsort((-pull, arc_site))
    arc_group, arc_worth = demand.arc_group[order], demand.arc_worth[order]
    own_arc = np.argsort(arc_group, kind="stable")
    penalty = np.full_like(asked, PENALTY * top)
    if is_even:
        penalty *= asked.max(initial=0.0) / np.where(asked > 0.0, asked, np.inf)
    is_scarce = limits.new_sites < builds.is_new.sum() and np.isfinite(limits.money)
    return Land(
        sessions=weight * demand.rate,
        weight=weight,
        value=demand.unit,
        fits=demand.fits,
        district=demand.district,
        asked=asked,
        penalty=penalty,
        price=penalty.copy(),
        first_arc=demand.first_arc,
        arc_group=arc_group,
        arc_worth=arc_worth,
        arc_site=arc_site,
        arc_brings=np.where((weight * demand.rate)[arc_group] > 0, per_session[order], 0.0),
        arc_pull=np.where((weight * demand.rate)[arc_group] > 0, pull[order], 0.0),
        first_own=np.searchsorted(arc_group[own_arc], np.arange(len(weight) + 1)),
        own_arc=own_arc,
        most=most,
        room=builds.room,
        room_kw=builds.room_kw,
        now=builds.now.astype(np.int64),
        takes=builds.sessions,
        plug_cost=builds.plug_cost,
        plug_kw=builds.plug_kw,
        grid_kw=builds.grid_kw,
        open_cost=builds.open_cost,
        is_new=builds.is_new,
        is_forced=builds.is_forced,
        node=limits.node,
        upgrade_kw=limits.upgrade_kw,
        upgrade_cost=limits.upgrade_cost,
        first_near=limits.first_near,
        near=limits.near,
        new_sites=limits.new_sites,
        fee=limits.money / max(1.0, limits.new_sites) if is_scarce else 0.0,
        kw_fee=np.zeros_like(limits.free_kw),
    )


def charge_power(land: Land, arrays: Arrays, ground: Ground) -> None:
    """At nodes that are nearly full, a kilowatt is charged its part of the money; endless money is charged 1 a plug."""
    _, builds, limits = arrays
    all_kw, most_kw = float((limits.free_kw + limits.upgrade_kw).sum()), float(builds.grid_kw.max(initial=0.0))
    fee = limits.money / max(all_kw, 1e-9) if np.isfinite(limits.money) else 1.0 / max(most_kw, 1e-9)
    land.kw_fee[:] = np.where(ground.free_kw < np.maximum(most_kw, FULL * limits.free_kw), fee, 0.0)


def bare(land: Land, arrays: Arrays) -> Ground:
    """Nothing built, nobody served."""
    kinds, arcs, groups = land.most.shape[1], len(land.arc_group), len(land.weight)
    limits = arrays.limits
    return Ground(
        plugs=np.zeros_like(land.most),
        flow=np.zeros((arcs, kinds)),
        used=np.zeros(land.most.shape),
        left=land.sessions.copy(),
        held=np.full((groups, HELD), -1, dtype=np.int64),
        best=np.zeros(groups),
        total=np.zeros(1),
        served=np.zeros_like(land.asked),
        money=np.array([limits.money]),
        free_kw=limits.free_kw.copy(),
        is_upgraded=np.zeros(len(limits.free_kw), dtype=np.bool_),
        crowd=np.zeros(limits.sets, dtype=np.int64),
        opened=np.zeros(1, dtype=np.int64),
        gain=np.zeros((*land.most.shape, land.takes.shape[1])),
        is_known=np.zeros(len(land.most), dtype=np.bool_),
        touched=np.zeros(groups, dtype=np.int64),
        is_touched=np.zeros(groups, dtype=np.bool_),
        touches=np.zeros(1, dtype=np.int64),
    )
