"""What each station loses, by what a visit does there: tables that the compiled search looks things up in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.rebalancing.problem import Problem, Station
from optimiser.rebalancing.search.town import Floats, Ints

ALL_JUNK = 2
"""The choice to take away broken bikes and those low on charge; 1 takes the broken ones, 0 none."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Tables:
    """
    One row for a station without blocked docks. With blocked docks one for each kind of van and for each choice:
    nothing taken away, the broken bikes, those low on charge as well.

    A column is an inventory: ready bikes and those that swaps could make ready, `e` of them. With s0 ready bikes but
    for swaps a station is in column s0 + e.
    """

    first: Ints
    """First row of each station by kind of van, shape (S, 2)."""
    loss: Floats
    """Least price of trips lost, wishes missed and swaps with their time, shape (rows, widest)."""
    loss_swapped: Floats
    """The same for 0, 1, ... swaps, infinite where they are not possible; shape (rows, most swaps + 1, widest)."""
    swaps: Ints
    """The number of them that loses least, shape (rows, widest)."""
    low: Ints
    """First column that is possible, shape (rows,)."""
    high: Ints
    """Last one."""
    low_taken: Ints
    """Low-charge bikes taken away."""
    broken_taken: Ints
    start: Ints
    """Column of each station now, shape (S,)."""
    idle: Floats
    """What a station loses that nobody visits, shape (S,)."""


def tables_of(problem: Problem, *, is_fixed: bool) -> Tables:
    """Tables of all stations, in the problem's order; where all are fixed only that inventory is possible."""
    most_swaps = max((one.low_charge for one in problem.stations), default=0)
    widest = max((one.capacity + one.blocked + one.low_charge for one in problem.stations), default=0) + 1
    rows: list[_Row] = []
    first = []
    for station in problem.stations:
        first.append((len(rows), len(rows) + choices_of(station) * (station.blocked > 0)))
        kinds = (True, False) if station.blocked else (True,)
        rows += [
            _row(problem, station, choice, can_swap=can_swap)
            for can_swap in kinds
            for choice in range(choices_of(station))
        ]
    shape = (len(rows), most_swaps + 1, widest)
    loss_swapped = np.full(shape, np.inf)
    for number, row in enumerate(rows):
        loss_swapped[number, : len(row.loss), : row.loss.shape[1]] = row.loss
    low, high = [row.low for row in rows], [row.high for row in rows]
    if is_fixed:
        low = high = [fixed_inventory(station) or 0 for station in problem.stations]
    swaps = loss_swapped.argmin(axis=1).astype(np.int32) if rows else np.zeros((0, widest), dtype=np.int32)
    return Tables(
        first=np.array(first, dtype=np.int32).reshape(len(first), 2),
        loss=loss_swapped.min(axis=1),
        loss_swapped=loss_swapped,
        swaps=swaps,
        low=np.array(low, dtype=np.int32),
        high=np.array(high, dtype=np.int32),
        low_taken=np.array([row.low_taken for row in rows], dtype=np.int32),
        broken_taken=np.array([row.broken_taken for row in rows], dtype=np.int32),
        start=np.array([one.inventory + one.low_charge for one in problem.stations], dtype=np.int32),
        idle=np.array([_idle(problem, one) for one in problem.stations], dtype=np.float64),
    )


def choices_of(station: Station) -> int:
    """Ways to deal with its low-charge and broken bikes."""
    return 1 if not station.blocked else 3 if station.low_charge else 2


def fixed_inventory(station: Station) -> int | None:
    """The one inventory to end with where one visit has to be made that brings it about; None where there is none."""
    must = station.must
    if must is None or must.low is None or not (station.once and must.visit and must.low == must.high):
        return None
    is_free = station.may_pick_up and station.may_drop_off and not station.blocked
    return must.low if is_free and must.low <= station.capacity else None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Row:
    loss: Floats
    low: int
    high: int
    low_taken: int
    broken_taken: int


def _row(problem: Problem, station: Station, choice: int, *, can_swap: bool) -> _Row:
    """Losses by swaps (rows) and column."""
    prices, handling = problem.prices, problem.handling
    can_swap = can_swap and choice < ALL_JUNK
    low_taken = station.low_charge if choice == ALL_JUNK else 0
    broken_taken = station.broken if choice else 0
    taken = low_taken + broken_taken
    swap = prices.swap + prices.van_hour / 3600 * handling.swap_s
    lift = prices.van_hour / 3600 * handling.bike_s * taken
    most = station.low_charge if can_swap else 0
    width = station.capacity + station.low_charge + taken + 1
    loss = np.full((most + 1, width), np.inf)
    for swaps in range(most + 1):
        freed = swaps + taken
        ready = np.arange(width) - station.low_charge + swaps
        fits = (ready >= 0) & (ready <= station.capacity + freed)
        lost = _priced(problem, station, ready[fits], freed, swaps=swaps, broken=broken_taken)
        loss[swaps, fits] = lost + swap * swaps + lift
    low, high = _limits(station, taken, can_swap=can_swap)
    return _Row(loss=loss, low=low, high=high, low_taken=low_taken, broken_taken=broken_taken)


def _limits(station: Station, taken: int, *, can_swap: bool) -> tuple[int, int]:
    """Least and most columns that a visit may leave."""
    shift = station.low_charge
    least = (0 if can_swap else shift) if station.may_pick_up else station.inventory + shift
    most = station.capacity + taken if station.may_drop_off else station.inventory
    return least, most + shift


def _idle(problem: Problem, station: Station) -> float:
    """What is lost where nobody comes; a visit that must be made is priced elsewhere."""
    return float(_priced(problem, station, np.array([station.inventory]), 0, swaps=0, broken=0)[0])


def _priced(
    problem: Problem, station: Station, ready: NDArray[np.int64], freed: int, *, swaps: int, broken: int
) -> Floats:
    """Price of trips lost, of broken bikes left and of wishes missed by ready bikes, shape (len(ready),)."""
    prices, must = problem.prices, station.must
    lost: Floats = prices.lost_trip * np.asarray(station.lost_by_inventory(freed))[ready]
    lost = lost + prices.broken_left * (station.broken - broken)
    if must is not None:
        missed = max(0, must.swaps - swaps) + max(0, must.broken - broken)
        lost = lost + prices.must * missed
        if must.low is not None:
            lost = lost + prices.must * np.maximum(0, must.low - ready)
        if must.high is not None:
            lost = lost + prices.must * np.maximum(0, ready - must.high)
    return lost
