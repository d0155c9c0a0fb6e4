"""
Moves of whole parts of routes: two segments change places (or one goes to another place), one is turned, or the tails
of two routes are exchanged.

Where ruin and recreate breaks a few stops out, these mend long routes (Or 1976; Taillard et al. 1997, Transportation
Science 31: CROSS; Potvin & Rousseau 1995, Journal of the Operational Research Society 46: 2-opt*). Ways may be
asymmetric: what is turned is measured anew.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place, inlined
from optimiser.rebalancing.search.lines import Lines, measure, slots_missing
from optimiser.rebalancing.search.town import Ints


@inlined
def _metres(lines: Lines, before: int, after: int) -> int:
    return int(lines.metres[before, after])


@inlined
def _place(lines: Lines, van: int, spot: int) -> int:
    """Row of the matrices; the depots at both ends."""
    if spot < 0:
        return int(lines.origin[van])
    if spot >= lines.size[van]:
        return int(lines.goal[van])
    return int(lines.station[lines.tour[van, spot]])


@in_place
def exchange_tails(lines: Lines, first: int, first_gap: int, second: int, second_gap: int, slot_price: float) -> float:
    """What it saves when two routes go on with each other's stops from a gap on; loads fixed, slots missing priced."""
    if lines.size[first] - first_gap + second_gap > lines.tour.shape[1]:
        return -np.inf
    if lines.size[second] - second_gap + first_gap > lines.tour.shape[1]:
        return -np.inf
    here, there = _place(lines, first, first_gap - 1), _place(lines, second, second_gap - 1)
    on, off = _place(lines, first, first_gap), _place(lines, second, second_gap)
    saved = _metres(lines, here, on) + _metres(lines, there, off)
    if first_gap > 0 or second_gap < lines.size[second]:
        saved -= _metres(lines, here, off)
    if second_gap > 0 or first_gap < lines.size[first]:
        saved -= _metres(lines, there, on)
    excess = _joined(lines, first, first_gap, second, second_gap)
    excess += _joined(lines, second, second_gap, first, first_gap)
    missing = excess - lines.excess[first] - lines.excess[second]
    return float(lines.metre * saved - slot_price * missing)


@inlined
def _joined(lines: Lines, first: int, first_gap: int, second: int, second_gap: int) -> int:
    carried = lines.carried[first, first_gap]
    left = lines.size[second] - second_gap
    low = min(lines.fore_low[first, first_gap], carried + lines.back_low[second, left])
    high = max(lines.fore_high[first, first_gap], carried + lines.back_high[second, left])
    return slots_missing(lines.slots[first], high - low)


@in_place
def swap_segments(
    lines: Lines,
    van: int,
    start: int,
    end: int,
    other: int,
    first: int,
    last: int,
    slot_price: float,
    least: float,
) -> float:
    """
    What it saves when stops start..end - 1 of a route and first..last - 1 of another change places, of which one may be
    none; loads fixed, slots missing priced. Within one route the second come later.

    Loads are only looked at where the metres could save more than `least`; else minus infinity.
    """
    if van == other:
        return _swapped_within(lines, van, start, end, first, last, slot_price, least)
    more = last - first - end + start
    if max(lines.size[van] + more, lines.size[other] - more) > lines.tour.shape[1]:
        return -np.inf
    before, on = _place(lines, van, start - 1), _place(lines, van, end)
    there, after = _place(lines, other, first - 1), _place(lines, other, last)
    saved = _through(lines, before, van, start, end, on)
    saved += _through(lines, there, other, first, last, after)
    saved -= _through(lines, there, van, start, end, after)
    if lines.size[van] + more > 0:
        saved -= _through(lines, before, other, first, last, on)
    if lines.metre * saved + slot_price * (lines.excess[van] + lines.excess[other]) <= least:
        return -np.inf
    low, high, carried = _range(lines, other, first, last)
    missing = _spliced(lines, van, start, end, low, high, carried) - lines.excess[van]
    low, high, carried = _range(lines, van, start, end)
    missing += _spliced(lines, other, first, last, low, high, carried) - lines.excess[other]
    return float(lines.metre * saved - slot_price * missing)


@inlined
def _swapped_within(
    lines: Lines,
    van: int,
    start: int,
    end: int,
    first: int,
    last: int,
    slot_price: float,
    least: float,
) -> float:
    saved = _joints(lines, van, start, end, first, last, False)
    saved -= _joints(lines, van, start, end, first, last, True)
    if lines.metre * saved + slot_price * lines.excess[van] <= least:
        return -np.inf
    low, high, carried = _range(lines, van, first, last)
    low, high, carried = _followed(low, high, carried, _range(lines, van, end, first))
    low, high, carried = _followed(low, high, carried, _range(lines, van, start, end))
    missing = _spliced(lines, van, start, last, low, high, carried) - lines.excess[van]
    return float(lines.metre * saved - slot_price * missing)


@in_place
def turn_segment(lines: Lines, van: int, start: int, end: int, slot_price: float, least: float) -> float:
    """What it saves to drive stops start..end - 1 the other way round; minus infinity where that is too little."""
    first, last = _place(lines, van, start), _place(lines, van, end - 1)
    before, after = _place(lines, van, start - 1), _place(lines, van, end)
    saved = _metres(lines, before, first) + _metres(lines, last, after)
    saved -= _metres(lines, before, last) + _metres(lines, first, after)
    for spot in range(start, end - 1):
        here, there = _place(lines, van, spot), _place(lines, van, spot + 1)
        saved += _metres(lines, here, there) - _metres(lines, there, here)
    if lines.metre * saved + slot_price * lines.excess[van] <= least:
        return -np.inf
    low, high, carried = _range(lines, van, start, end)
    missing = _spliced(lines, van, start, end, carried - high, carried - low, carried) - lines.excess[van]
    return float(lines.metre * saved - slot_price * missing)


@inlined
def _through(lines: Lines, before: int, van: int, start: int, end: int, after: int) -> int:
    """Metres into stops start..end - 1 of a route and on from them; straight on where there are none."""
    total, here = 0, before
    if start < end:
        total = _metres(lines, before, _place(lines, van, start))
        here = _place(lines, van, end - 1)
    return total + _metres(lines, here, after)


@inlined
def _joints(lines: Lines, van: int, start: int, end: int, first: int, last: int, is_swapped: bool) -> int:
    """Metres between the parts start..end - 1, end..first - 1 and first..last - 1, in this order or swapped."""
    total, here = 0, _place(lines, van, start - 1)
    for number in range(3):
        begin, stop = end, first
        if number == (2 if is_swapped else 0):
            begin, stop = start, end
        elif number != 1:
            begin, stop = first, last
        if begin < stop:
            total += _metres(lines, here, _place(lines, van, begin))
            here = _place(lines, van, stop - 1)
    return total + _metres(lines, here, _place(lines, van, last))


@inlined
def _followed(low: int, high: int, carried: int, later: tuple[int, int, int]) -> tuple[int, int, int]:
    """The same of some stops and then others."""
    return min(low, carried + later[0]), max(high, carried + later[1]), carried + later[2]


@inlined
def _range(lines: Lines, van: int, start: int, end: int) -> tuple[int, int, int]:
    """Least, most and last of what stops start..end - 1 add to the load before them."""
    low, high = 0, 0
    base = lines.carried[van, start]
    for gap in range(start + 1, end + 1):
        carried = lines.carried[van, gap] - base
        low, high = min(low, carried), max(high, carried)
    return low, high, int(lines.carried[van, end] - base)


@inlined
def _spliced(lines: Lines, van: int, start: int, end: int, low: int, high: int, carried: int) -> int:
    """Slots missing with something of this range in place of stops start..end - 1."""
    reached = lines.carried[van, start]
    left = lines.size[van] - end
    lowest = min(lines.fore_low[van, start], reached + low, reached + carried + lines.back_low[van, left])
    highest = max(lines.fore_high[van, start], reached + high, reached + carried + lines.back_high[van, left])
    return slots_missing(lines.slots[van], highest - lowest)


@in_place
def do_swap(lines: Lines, van: int, start: int, end: int, other: int, first: int, last: int, scratch: Ints) -> None:
    """Let the segments change places."""
    if van == other:
        count = _note(lines, van, first, last, scratch, 0)
        count = _note(lines, van, end, first, scratch, count)
        count = _note(lines, van, start, end, scratch, count)
        _write(lines, van, start, scratch, 0, count)
        measure(lines, van)
        return
    size = lines.size[van]
    theirs = _note(lines, van, start, end, scratch, 0)
    theirs = _note(lines, other, last, lines.size[other], scratch, theirs)
    ours = _note(lines, other, first, last, scratch, theirs)
    ours = _note(lines, van, end, size, scratch, ours)
    lines.size[other] = _write(lines, other, first, scratch, 0, theirs)
    lines.size[van] = _write(lines, van, start, scratch, theirs, ours)
    measure(lines, van)
    measure(lines, other)


@inlined
def _note(lines: Lines, van: int, start: int, end: int, scratch: Ints, count: int) -> int:
    """Add stops start..end - 1 to the `count` that are noted; how many there are then."""
    for spot in range(start, end):
        scratch[count + spot - start] = lines.tour[van, spot]
    return count + end - start


@inlined
def _write(lines: Lines, van: int, spot: int, scratch: Ints, start: int, end: int) -> int:
    """Put what is noted from `start` to `end` into a tour from a spot on; the spot after it."""
    for position in range(start, end):
        lines.tour[van, spot + position - start] = scratch[position]
    return spot + end - start


@in_place
def do_turn(lines: Lines, van: int, start: int, end: int) -> None:
    """Turn the segment."""
    for step in range((end - start) // 2):
        visit = lines.tour[van, start + step]
        lines.tour[van, start + step] = lines.tour[van, end - 1 - step]
        lines.tour[van, end - 1 - step] = visit
    measure(lines, van)
