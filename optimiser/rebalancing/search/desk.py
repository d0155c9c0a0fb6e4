"""Room for the search to work in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.rebalancing.search.town import Bools, Floats, Ints, Town

SHORTLIST = 12
"""Gaps that are looked at for one visit in large cities."""
PARTNERS = 4
"""Near stations with which one that does not pay alone is tried."""


class Desk(NamedTuple):
    """Arrays that hold nothing from one round to the next."""

    is_touched: Bools
    is_counted: Bools
    chosen: Ints
    """Visits to put back."""
    keys: Floats
    """To sort them by."""
    worth: Floats
    """By load."""
    work_s: Ints
    partners: Ints
    vans: Ints
    """Of the gaps looked at."""
    gaps: Ints
    prices: Floats
    heads: Ints
    """Seconds of a route by gap."""
    tails: Ints
    moved: Ints
    """Visits on their way to another route."""


def desk_of(town: Town) -> Desk:
    """Room for a town."""
    visits = len(town.station)
    return Desk(
        is_touched=np.zeros(len(town.slots), dtype=np.bool_),
        is_counted=np.zeros(len(town.start), dtype=np.bool_),
        chosen=np.zeros(visits + 1, dtype=np.int32),
        keys=np.zeros(visits + 1),
        worth=np.zeros(int(town.slots.max(initial=0)) + 1),
        work_s=np.zeros(int(town.slots.max(initial=0)) + 1, dtype=np.int32),
        partners=np.zeros(PARTNERS + town.calls.shape[1], dtype=np.int32),
        vans=np.zeros(SHORTLIST + len(town.slots), dtype=np.int32),
        gaps=np.zeros(SHORTLIST + len(town.slots), dtype=np.int32),
        prices=np.zeros(SHORTLIST),
        heads=np.zeros(visits + 1, dtype=np.int32),
        tails=np.zeros(visits + 1, dtype=np.int32),
        moved=np.zeros(visits, dtype=np.int32),
    )
