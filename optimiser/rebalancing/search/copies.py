"""Carries routes from one state to another, and tells what they cost."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.rebalancing.search.town import Ints, State, Town


@in_place
def copy_van(town: Town, source: State, target: State, van: int) -> None:
    """Make a van's route in `target` what it is in `source`; a visit that moved between vans needs both copied."""
    for spot in range(target.size[van]):
        _copy_visit(town, source, target, target.tour[van, spot])
    size = source.size[van]
    target.size[van] = size
    for spot in range(size):
        visit = source.tour[van, spot]
        target.tour[van, spot] = visit
        _copy_visit(town, source, target, visit)
    target.excess[van] = source.excess[van]
    target.fore_known[van], target.back_known[van] = source.fore_known[van], source.back_known[van]
    target.is_laden[van], target.is_shared[van] = source.is_laden[van], source.is_shared[van]
    for gap in range(size + 1):
        target.carried[van, gap] = source.carried[van, gap]
        target.aboard[van, gap], target.clock[van, gap] = source.aboard[van, gap], source.clock[van, gap]
        target.spare[van, gap] = source.spare[van, gap]
        low, high = source.fore_low[van, gap], source.fore_high[van, gap]
        target.fore_low[van, gap], target.fore_high[van, gap] = low, high
        if not town.is_fixed:
            for load in range(low, high + 1):
                target.fore[van, gap, load] = source.fore[van, gap, load]
                target.fore_work[van, gap, load] = source.fore_work[van, gap, load]
        low, high = source.back_low[van, gap], source.back_high[van, gap]
        target.back_low[van, gap], target.back_high[van, gap] = low, high
        if not town.is_fixed:
            for load in range(low, high + 1):
                target.back[van, gap, load] = source.back[van, gap, load]
                target.back_work[van, gap, load] = source.back_work[van, gap, load]
    target.best[van], target.price[van] = source.best[van], source.price[van]
    target.paid_s[van] = source.paid_s[van]
    target.time_s[van], target.lifts[van] = source.time_s[van], source.lifts[van]
    target.wait_s[van], target.work_s[van] = source.wait_s[van], source.work_s[van]
    target.home_s[van], target.home_m[van] = source.home_s[van], source.home_m[van]
    target.metres[van], target.begins[van] = source.metres[van], source.begins[van]
    target.is_broken[van] = source.is_broken[van]


@in_place
def copy_vans(town: Town, source: State, target: State, vans: Ints) -> None:
    """The same for several vans."""
    for van in vans:
        copy_van(town, source, target, whole(van))


@in_place
def _copy_visit(town: Town, source: State, target: State, visit: int) -> None:
    target.route[visit], target.spot[visit] = source.route[visit], source.spot[visit]
    target.way_s[visit], target.way_m[visit] = source.way_s[visit], source.way_m[visit]
    target.moved[visit], target.swapped[visit] = source.moved[visit], source.swapped[visit]
    target.clears[visit] = source.clears[visit]
    place = town.station[visit]
    target.inventory[place], target.lost[place] = source.inventory[place], source.lost[place]


@inlined
def seconds_of(town: Town, state: State, van: int) -> int:
    """Of a van's time, what the price of its seconds is asked for; swaps and junk are priced where they are."""
    return int(state.paid_s[van] + town.bike_s * state.lifts[van])


@in_place
def eased(town: Town, state: State) -> float:
    """Of what a state costs, what is asked for because vans are short of time; nobody pays it."""
    total = 0.0
    for van in range(len(town.slots)):
        total += town.pressure[van] * seconds_of(town, state, van)
    return total


@in_place
def cost_of(town: Town, state: State) -> float:
    """Everything that a state costs, in money; time at the price that the search asks for it."""
    total = 0.0
    for van in range(len(town.slots)):
        total += state.price[van] + town.second[van] * seconds_of(town, state, van)
    if not town.is_fixed:
        total += state.lost.sum() + town.zone_price * missed(town, state) + uneven(town, state)
    for visit in range(len(town.must)):
        if town.must[visit] and state.route[visit] < 0:
            total += town.must_price
    return total


@in_place
def difference(town: Town, old: State, new: State, van: int) -> float:
    """What a van's route costs more in `new`, losses at its stations apart."""
    more = new.price[van] - old.price[van]
    return float(more + town.second[van] * (seconds_of(town, new, van) - seconds_of(town, old, van)))


@in_place
def loss_difference(town: Town, old: State, new: State, van: int, total: float, is_counted: np.ndarray) -> float:
    """`total` and the trips lost more in `new` at stations of a van in either state, each station once."""
    for state in (old, new):
        for spot in range(state.size[van]):
            station = town.station[state.tour[van, spot]]
            if not is_counted[station]:
                is_counted[station] = True
                total += new.lost[station] - old.lost[station]
    return total


@inlined
def ready(town: Town, state: State, station: int) -> int:
    """Ready bikes that a station ends with."""
    bikes = state.inventory[station] - town.swappable[station]
    if town.choices[station] > 1:
        bikes += state.swapped[town.visits[station, 0]]
    return int(bikes)


@in_place
def missed(town: Town, state: State) -> int:
    """Bikes below the floors and above the caps of zones."""
    total = 0
    for zone in range(len(town.floor)):
        bikes = bikes_in(town, state, zone)
        total += max(0, town.floor[zone] - bikes) + max(0, bikes - town.cap[zone])
    return total


@in_place
def bikes_in(town: Town, state: State, zone: int) -> int:
    """Ready bikes that a zone ends with."""
    bikes = 0
    for station in town.members[zone]:
        if station >= 0:
            bikes += ready(town, state, station)
    return bikes


@in_place
def uneven(town: Town, state: State) -> float:
    """Price of working times that differ from their mean."""
    if town.fairness == 0.0:
        return 0.0
    driving, whole_s = 0, 0.0
    for van in range(len(town.slots)):
        if state.size[van]:
            driving += 1
            whole_s += state.time_s[van]
    apart_s = 0.0
    for van in range(len(town.slots)):
        if state.size[van]:
            apart_s += abs(state.time_s[van] - whole_s / driving)
    return town.fairness * apart_s


@in_place
def uncount(town: Town, state: State, van: int, is_counted: np.ndarray) -> None:
    """Forget that a van's stations were counted."""
    for spot in range(state.size[van]):
        is_counted[town.station[state.tour[van, spot]]] = False
