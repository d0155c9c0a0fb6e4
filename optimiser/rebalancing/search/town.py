"""What the compiled search is given: a problem as arrays, in the order of its stations, visits and vans."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Town(NamedTuple):
    """
    Stations are numbered 0..S-1 and are the first rows of the matrices; depots follow. A visit is one stop that a
    station may get; several visits of a station share its inventory.
    """

    seconds: Ints
    """Driving time by class of van speed and place, shape (speeds, places, places)."""
    metres: Ints
    """Shape (places, places)."""
    near: Ints
    """Stations by driving time there and back, nearest first, itself left out; shape (S, k)."""
    loss: Floats
    """Price of the trips lost by closing inventory, shape (S, widest + 1)."""
    start: Ints
    low: Ints
    """Least inventory that a station may end with, shape (S,)."""
    high: Ints
    is_fixed: bool
    """Whether every station has one inventory to end with; then a load's range is all one must know of a route."""
    station: Ints
    """Of each visit, shape (visits,)."""
    must: Bools
    """Whether leaving the visit out costs `must_price`."""
    visits: Ints
    """Visits of each station, shape (S, most); -1 where it has fewer."""
    allowed: Bools
    """Whether a van may stop at a station, shape (R, S)."""
    slots: Ints
    """Of each van, shape (R,), as all that follow."""
    origin: Ints
    """Row of the start depot."""
    goal: Ints
    """Row of the end depot."""
    speed: Ints
    """Row of `seconds`."""
    shift_s: Ints
    load: Ints
    """Bikes on board before the shift; loading and unloading to start with others takes time."""
    load_low: Ints
    """Fewest to start with."""
    load_high: Ints
    use: Floats
    """Price of leaving the depot."""
    twin: Ints
    """The first van that is the same in everything."""
    second: float
    """Price of a van second."""
    metre: float
    stop_s: int
    bike_s: int
    must_price: float


class State(NamedTuple):
    """Routes, and for every gap between stops what the load there is worth; changed in place."""

    tour: Ints
    """Visits of each van in driving order, shape (R, longest)."""
    size: Ints
    route: Ints
    """Van of each visit, -1 where it is left out; shape (visits,)."""
    spot: Ints
    """Where in its tour a visit is."""
    moved: Ints
    """Bikes picked up at each visit, below 0 where they are dropped."""
    inventory: Ints
    """That every station ends with, shape (S,)."""
    fore: Floats
    """Most that the stops before a gap earn by the load there, shape (R, longest + 1, loads)."""
    fore_low: Ints
    """
    Loads that are possible after the stops before a gap, shape (R, longest + 1). Where loads are fixed: the least that
    the stops before it ever add to the load at the start; `fore_high` the most.
    """
    fore_high: Ints
    fore_lifts: Ints
    """Bikes handled for `fore`, the same shape."""
    back: Floats
    """The same for the stops after the gap."""
    back_low: Ints
    back_high: Ints
    back_lifts: Ints
    carried: Ints
    """Where loads are fixed: what the stops before a gap add to the load, shape (R, longest + 1)."""
    excess: Ints
    """Where loads are fixed: bikes for which a van has no slot, priced while the search goes on; shape (R,)."""
    best: Floats
    """Most that all stops of a route earn, handling paid; shape (R,)."""
    price: Floats
    """Of driving, stopping and leaving the depot; handling is in `best`."""
    time_s: Ints
    """From leaving to being back, handling included."""
    lifts: Ints
    """Bikes handled."""


def empty_state(town: Town, *, longest: int) -> State:
    """Every van in its depot."""
    vans, visits = len(town.slots), len(town.station)
    loads = 1 if town.is_fixed else int(town.slots.max(initial=0)) + 1
    gaps = (vans, longest + 1)
    return State(
        tour=np.full((vans, longest), -1, dtype=np.int32),
        size=np.zeros(vans, dtype=np.int32),
        route=np.full(visits, -1, dtype=np.int32),
        spot=np.full(visits, -1, dtype=np.int32),
        moved=np.zeros(visits, dtype=np.int32),
        inventory=town.start.copy(),
        fore=np.zeros((*gaps, loads)),
        fore_low=np.zeros(gaps, dtype=np.int32),
        fore_high=np.zeros(gaps, dtype=np.int32),
        fore_lifts=np.zeros((*gaps, loads), dtype=np.int32),
        back=np.zeros((*gaps, loads)),
        back_low=np.zeros(gaps, dtype=np.int32),
        back_high=np.zeros(gaps, dtype=np.int32),
        back_lifts=np.zeros((*gaps, loads), dtype=np.int32),
        carried=np.zeros(gaps, dtype=np.int32),
        excess=np.zeros(vans, dtype=np.int32),
        best=np.zeros(vans),
        price=np.zeros(vans),
        time_s=np.zeros(vans, dtype=np.int32),
        lifts=np.zeros(vans, dtype=np.int32),
    )


def copy_of(state: State) -> State:
    """The same routes, on their own."""
    return State(**{name: part.copy() for name, part in state._asdict().items()})
