"""
What riders did between two polls of a station, given both: expected rentals and returns, and the time for them.

Between polls a station is a birth-death chain: rentals arrive at rate lambda and succeed while a usable bike stands
there, returns at rate mu and succeed while a dock is free. Conditional on the numbers of bikes at both ends, the
forward-backward recursions give the expected successes and the expected time in each state, the sufficient statistics
of an EM algorithm (Hobolth & Jensen 2011, J. Appl. Prob. 48; Crawford, Minin & Suchard 2014, JASA 109). A rental and a
return that cancel between polls are so counted as often as is likely, and a station that stood empty tells nothing of
rentals beyond those that its returns made possible.

Time is cut into steps short enough that two events in one are rare; a step holds at most one event.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from optimiser.basics.compiled import compiled

EVENTS_PER_STEP = 0.15
"""Expected events in a step at most; halving it changes fitted rates by less than 1 %."""
MAX_STEPS = 256
WINDOW = 6
"""States looked at beyond both ends at least; a wandering further out within one poll is neglected."""
MAX_STATES = 160
QUARTER_S = 900
IMPOSSIBLE = 1e-12
"""Below this likelihood an interval is no rider's doing."""


@compiled
def steps_between(  # noqa: PLR0917  Numba knows no keyword-only arguments
    ts: int,
    later_ts: int,
    net: int,
    cells: Any,
    first_quarter: int,
    rental_rate: Any,
    return_rate: Any,
    step_cell: Any,
    step_rental: Any,
    step_return: Any,
) -> int:
    """
    Cut the time between two polls into steps; their number.

    `cells` maps quarters of an hour of UTC from `first_quarter` on to a cell (local day x slot); `rental_rate` and
    `return_rate` hold events per second for each cell. Fills for each step its cell and its chances of a rental and
    of a return.
    """
    seconds = later_ts - ts
    middle = cells[(ts + later_ts) // 2 // QUARTER_S - first_quarter]
    expected = (rental_rate[middle] + return_rate[middle]) * seconds
    count = max(int(np.ceil(expected / EVENTS_PER_STEP)), 2 * abs(net) + 1)
    count = min(count, MAX_STEPS)
    length_s = seconds / count
    for step in range(count):
        at = ts + int((step + 0.5) * length_s)
        cell = cells[at // QUARTER_S - first_quarter]
        step_cell[step] = cell
        chance = (rental_rate[cell] + return_rate[cell]) * length_s
        shrink = 0.5 / chance if chance > 0.5 else 1.0
        step_rental[step] = rental_rate[cell] * length_s * shrink
        step_return[step] = return_rate[cell] * length_s * shrink
    return count


@compiled
def backward(  # noqa: PLR0917
    after: int, low: int, high: int, capacity: int, count: int, step_rental: Any, step_return: Any, back: Any
) -> None:
    """Fill `back[k, s - low]`: likelihood of `after` bikes in the end when `s` stand there before step k."""
    for state in range(low, high + 1):
        back[count, state - low] = 1.0 if state == after else 0.0
    for step in range(count - 1, -1, -1):
        for state in range(low, high + 1):
            rental = step_rental[step] if state > 0 else 0.0
            giving = step_return[step] if state < capacity else 0.0
            value = (1.0 - rental - giving) * back[step + 1, state - low]
            if state > low:
                value += rental * back[step + 1, state - 1 - low]
            if state < high:
                value += giving * back[step + 1, state + 1 - low]
            back[step, state - low] = value


@compiled
def expect(  # noqa: PLR0917, C901  one recursion, read top to bottom
    before: int,
    after: int,
    low: int,
    high: int,
    capacity: int,
    count: int,
    seconds: float,
    step_cell: Any,
    step_rental: Any,
    step_return: Any,
    back: Any,
    here: Any,
    there: Any,
    rentals: Any,
    returns: Any,
    rental_s: Any,
    return_s: Any,
) -> None:
    """Add the expected rentals, returns, and seconds with a bike and with a dock to the cells of the steps."""
    likelihood = back[0, before - low]
    step_s = seconds / count
    for state in range(low, high + 1):
        here[state - low] = 0.0
    here[before - low] = 1.0 / likelihood
    for step in range(count):
        cell = step_cell[step]
        for state in range(low, high + 1):
            there[state - low] = 0.0
        for state in range(low, high + 1):
            mass = here[state - low]
            if mass <= 0.0:
                continue
            rental = step_rental[step] if state > 0 else 0.0
            giving = step_return[step] if state < capacity else 0.0
            # An event falls anywhere within its step, so time is a trapezoid: half a step at both ends.
            held = mass * back[step, state - low] * (step_s if step > 0 else 0.5 * step_s)
            if state > 0:
                rental_s[cell] += held
            if state < capacity:
                return_s[cell] += held
            there[state - low] += mass * (1.0 - rental - giving)
            if state > low:
                there[state - 1 - low] += mass * rental
                rentals[cell] += mass * rental * back[step + 1, state - 1 - low]
            if state < high:
                there[state + 1 - low] += mass * giving
                returns[cell] += mass * giving * back[step + 1, state + 1 - low]
        for state in range(low, high + 1):
            here[state - low] = there[state - low]
    if after > 0:
        rental_s[step_cell[count - 1]] += 0.5 * step_s
    if after < capacity:
        return_s[step_cell[count - 1]] += 0.5 * step_s


@compiled
def window(before: int, after: int, capacity: int, expected: float) -> tuple[int, int]:
    """Fewest and most bikes that are looked at between two polls."""
    reach = WINDOW + int(2.5 * np.sqrt(expected))
    low = max(0, min(before, after) - reach)
    high = max(min(capacity, max(before, after) + reach), before, after)
    if high - low >= MAX_STATES:
        high = max(before, after, low + MAX_STATES - 1)
    return low, high


@compiled
def draw(  # noqa: PLR0917
    before: int,
    low: int,
    high: int,
    capacity: int,
    count: int,
    step_rental: Any,
    step_return: Any,
    back: Any,
    step_change: Any,
    step_state: Any,
) -> None:
    """
    Draw what riders may have done between two polls, given both (Hobolth & Stone 2009, Annals of Applied Statistics 3).

    Fills for each step the change of bikes (-1, 0, 1) and the bikes before it; needs `back` of the same steps.
    """
    state = before
    for step in range(count):
        step_state[step] = state
        rental = step_rental[step] if state > 0 else 0.0
        giving = step_return[step] if state < capacity else 0.0
        down = rental * back[step + 1, state - 1 - low] if state > low else 0.0
        up = giving * back[step + 1, state + 1 - low] if state < high else 0.0
        stay = (1.0 - rental - giving) * back[step + 1, state - low]
        chance = np.random.random() * (down + up + stay)
        step_change[step] = -1 if chance < down else (1 if chance < down + up else 0)
        state += step_change[step]


@compiled
def scratch() -> Any:
    """Room for the steps of one interval: cell, chances of a rental and a return, likelihoods, change and state."""
    return (
        np.empty(MAX_STEPS, np.int64),
        np.empty(MAX_STEPS),
        np.empty(MAX_STEPS),
        np.empty((MAX_STEPS + 1, MAX_STATES)),
        np.empty(MAX_STEPS, np.int64),
        np.empty(MAX_STEPS, np.int64),
    )
