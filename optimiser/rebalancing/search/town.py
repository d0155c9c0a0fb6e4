"""What the compiled search is given: a problem as arrays, in the order of its stations, visits and vans."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


OUT_S, OUT_M, BACK_S, BACK_M = range(4)
"""What `Town.ways` tells of two places."""


class Town(NamedTuple):
    """
    Places are the first rows of the matrices: stations 0..S-1, then calls, each a depot where one van may stop in
    mid-shift; the depots where routes start and end follow. A visit is one stop that a place may get; several visits
    of a station share its inventory. Inventories are columns of the tables, see `Tables`: bikes that swaps could make
    ready count.
    """

    ways: Ints
    """
    From place to place by class of van speed: seconds and metres there, seconds and metres back; shape (speeds, places,
    places, 4). What is asked about a place when it is put in anywhere lies in its own rows.
    """
    metres: Ints
    """Where loads are fixed: metres there alone, shape (places, places)."""
    near: Ints
    """Stations by driving time there and back, nearest first, itself left out; shape (S, k)."""
    seeds: Ints
    """Stations around which routes are ruined."""
    loss: Floats
    """What the search believes is lost by closing inventory: `truth`, and what zones ask for; shape (rows, widest)."""
    truth: Floats
    """Price of what is lost by swaps and closing inventory, shape (rows, most swaps + 1, widest)."""
    swaps: Ints
    """Swaps that lose least, shape (rows, widest)."""
    low: Ints
    """Least inventory that a station may end with, shape (rows,)."""
    high: Ints
    junk: Ints
    """Low-charge and broken bikes taken on board, shape (rows,)."""
    low_taken: Ints
    """Of these, low-charge bikes."""
    row: Ints
    """First row of each place by kind of van, shape (P, 2); further ones are for more junk taken."""
    choices: Ints
    """Rows of each place for one kind of van."""
    swappable: Ints
    """Bikes that count in inventories though they are not ready yet."""
    idle: Floats
    """As `loss`, where nobody comes; of places with one visit."""
    idle_truth: Floats
    least: Floats
    """Least that a place can lose, shape (P,)."""
    start: Ints
    is_fixed: bool
    """Whether every station has one inventory to end with; then a load's range is all one must know of a route."""
    station: Ints
    """Place of each visit, shape (visits,)."""
    must: Bools
    """Whether leaving the visit out costs `must_price`."""
    visits: Ints
    """Visits of each place, shape (P, most); -1 where it has fewer."""
    allowed: Bools
    """Whether a van may stop at a place, shape (R, P)."""
    stop_s: Ints
    """Time of a stop itself, shape (P,)."""
    opens_s: Ints
    """When work may begin, since the start of the night."""
    closes_s: Ints
    """When it must be done."""
    members: Ints
    """Stations of each zone, -1 where it has fewer, shape (Z, most)."""
    floor: Ints
    """Of each zone: ready bikes at least."""
    cap: Ints
    zone_price: float
    calls: Ints
    """Calls of each van, -1 where it has fewer, shape (R, most)."""
    slots: Ints
    """Of each van, shape (R,), as all that follow."""
    kind: Ints
    """Column of `row`."""
    packs: Ints
    """Batteries after each call at a depot."""
    first_packs: Ints
    """Batteries when the shift starts."""
    first_junk: Ints
    """Low-charge and broken bikes on board when the shift starts."""
    range_m: Ints
    origin: Ints
    """Row of the start depot."""
    goal: Ints
    """Row of the end depot."""
    speed: Ints
    """Row of `ways`."""
    begin_s: Ints
    """Start of the shift, since the start of the night."""
    shift_s: Ints
    break_s: Ints
    """Length of the break, 0 = none."""
    break_from_s: Ints
    """Since the start of the night."""
    break_to_s: Ints
    load: Ints
    """Bikes on board before the shift; loading and unloading to start with others takes time."""
    load_low: Ints
    """Fewest to start with."""
    load_high: Ints
    load_home: Ints
    """Most to come home with."""
    twin: Ints
    """The first van that is the same in everything."""
    use: Floats
    """Price of leaving the depot."""
    second: Floats
    """Price of a second, what the search asks for beyond its cost included."""
    pressure: Floats
    """Of this, what it asks for beyond the cost, because the van is short of time."""
    metre: float
    bike_s: int
    swap_s: int
    must_price: float
    fairness: float
    """Price of a second by which a van works longer or shorter than the mean."""
    has_clock: bool
    """Whether it matters when things happen: opening hours, breaks."""


class State(NamedTuple):
    """Routes, and for every gap between stops what the load there is worth; changed in place."""

    tour: Ints
    """Visits of each van in driving order, shape (R, longest)."""
    size: Ints
    route: Ints
    """Van of each visit, -1 where it is left out; shape (visits,)."""
    spot: Ints
    """Where in its tour a visit is."""
    way_s: Ints
    """Seconds of driving to a visit on a route from what is before it; `way_m` its metres."""
    way_m: Ints
    moved: Ints
    """Bikes picked up at each visit, below 0 where they are dropped."""
    swapped: Ints
    """Batteries swapped at each visit."""
    clears: Ints
    """How much junk a visit takes: 0 none, 1 broken bikes, 2 low-charge bikes as well."""
    inventory: Ints
    """That every place ends with, shape (P,)."""
    lost: Floats
    """Price of what every place loses."""
    fore: Floats
    """Most that the stops before a gap earn by the load there, shape (R, longest + 1, loads)."""
    fore_low: Ints
    """
    Loads that are possible after the stops before a gap, shape (R, longest + 1). Where loads are fixed: the least that
    the stops before it ever add to the load at the start; `fore_high` the most.
    """
    fore_high: Ints
    fore_work: Ints
    """Seconds of handling for `fore`, the same shape."""
    back: Floats
    """The same for the stops after a gap, by how many these are."""
    back_low: Ints
    back_high: Ints
    back_work: Ints
    fore_known: Ints
    """First gaps in which `fore` holds for the tour as it is, shape (R,); -1: in none."""
    back_known: Ints
    """Last stops of which `back` holds for the tour as it is; -1: not even of none."""
    is_laden: Bools
    """Whether a route takes junk: then what stops are worth depends on those before them."""
    is_shared: Bools
    """Whether another visit of one of its stations was on a route when it was settled."""
    aboard: Ints
    """Junk on board in each gap, shape (R, longest + 1)."""
    spare: Ints
    """Batteries that no stop between the two calls around a gap needs, the same shape."""
    clock: Ints
    """Where it matters when things happen: when a van leaves for each gap, shape (R, longest + 1)."""
    carried: Ints
    """Where loads are fixed: what the stops before a gap add to the load, shape (R, longest + 1)."""
    excess: Ints
    """Where loads are fixed: bikes without a slot, squared, priced while the search goes on; shape (R,)."""
    begins: Ints
    """Load at the start; shape (R,), as all that follow."""
    home_s: Ints
    """Seconds of driving from the last stop to the end depot."""
    home_m: Ints
    best: Floats
    """Most that all stops of a route earn, handling paid, as the search believes."""
    price: Floats
    """Of its length and of leaving the depot."""
    paid_s: Ints
    """Seconds that are paid, handling of ready bikes apart: that is in `best`."""
    time_s: Ints
    """From leaving to being back, handling included."""
    wait_s: Ints
    """Of these, seconds in which nothing is done."""
    metres: Ints
    lifts: Ints
    """Ready bikes handled."""
    work_s: Ints
    """Seconds of handling, swaps and junk included."""
    is_broken: Bools
    """Whether the route breaks a rule that loads alone do not tell of."""


def empty_state(town: Town, *, longest: int) -> State:
    """Every van in its depot."""
    vans, visits = len(town.slots), len(town.station)
    loads = 1 if town.is_fixed else int(town.slots.max(initial=0)) + 1
    gaps = (vans, longest + 1)

    def whole(*shape: int, fill: int = 0) -> Ints:
        return np.full(shape, fill, dtype=np.int32)

    return State(
        tour=whole(vans, longest, fill=-1),
        size=whole(vans),
        route=whole(visits, fill=-1),
        spot=whole(visits, fill=-1),
        way_s=whole(visits),
        way_m=whole(visits),
        moved=whole(visits),
        swapped=whole(visits),
        clears=whole(visits),
        inventory=town.start.copy(),
        lost=town.idle_truth.copy(),
        fore=np.zeros((*gaps, loads)),
        fore_low=whole(*gaps),
        fore_high=whole(*gaps),
        fore_work=whole(*gaps, loads),
        back=np.zeros((*gaps, loads)),
        back_low=whole(*gaps),
        back_high=whole(*gaps),
        back_work=whole(*gaps, loads),
        fore_known=whole(vans, fill=-1),
        back_known=whole(vans, fill=-1),
        is_laden=np.zeros(vans, dtype=np.bool_),
        is_shared=np.zeros(vans, dtype=np.bool_),
        aboard=np.repeat(town.first_junk[:, None], longest + 1, axis=1),
        spare=np.repeat(town.first_packs[:, None], longest + 1, axis=1),
        clock=whole(*gaps),
        carried=whole(*gaps),
        excess=whole(vans),
        begins=town.load.copy(),
        home_s=whole(vans),
        home_m=whole(vans),
        best=np.zeros(vans),
        price=np.zeros(vans),
        paid_s=whole(vans),
        time_s=whole(vans),
        wait_s=whole(vans),
        metres=whole(vans),
        lifts=whole(vans),
        work_s=whole(vans),
        is_broken=np.zeros(vans, dtype=np.bool_),
    )


def told_of(state: State) -> State:
    """A copy of the routes as they are; what loads are worth in their gaps goes on changing."""
    return State(**{name: part if part.ndim == 3 else part.copy() for name, part in state._asdict().items()})


def copy_of(state: State) -> State:
    """The same routes, on their own."""
    return State(**{name: part.copy() for name, part in state._asdict().items()})
