"""Routes that go on as each other: the exchange made is the best of all, and none is made that does not pay."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.chance import chance_of
from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.check import check
from optimiser.rebalancing.problem import Depot
from optimiser.rebalancing.search.copies import cost_of
from optimiser.rebalancing.search.desk import desk_of
from optimiser.rebalancing.search.settle import is_late, put_in, settle, settle_in_time
from optimiser.rebalancing.search.tails import exchange_tails
from optimiser.rebalancing.search.town import State, Town, copy_of, empty_state
from optimiser.rebalancing.search.translate import town_of
from optimiser.rebalancing.solve import solve
from tests.builders import problem, random_problem, station, van
from tests.property.test_whole_nights import nights
from tests.unit.rebalancing.search.towns import settle_all

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_of_all_exchanges_is_made_until_none_pays(seed):
    town, state = drawn(seed, shift_s=12 * 3600)
    made = 0
    while True:
        before = cost_of(town, state)
        cheapest = min([before, *every_exchange(town, state)])
        if not exchange(town, state):
            break
        made += 1
        assert cost_of(town, state) == pytest.approx(cheapest, abs=1e-6)
        assert cost_of(town, state) < before
    assert made > 0
    assert cheapest == before


@pytest.mark.parametrize("seed", SEEDS)
def test_with_little_time_both_vans_are_back_before_their_shifts_end(seed):
    town, state = drawn(seed, shift_s=(2 + seed % 4) * 3600)
    before = cost_of(town, state)
    while exchange(town, state):
        assert cost_of(town, state) < before
        assert not is_late(town, state, 0)
        assert not is_late(town, state, 1)
        before = cost_of(town, state)


def test_a_van_with_bikes_left_over_and_one_without_any_go_on_as_each_other():
    # On a line through the depot, five bikes too many in A and B each to the left, five too few in E and F to the
    # right. One van makes A and B and may drop nothing, the other E and F and has nothing to drop. From A to F and
    # from E to B they save the ten trips of A and F; or the other way round, whichever ways are shorter.
    full = [station(id_, 10, low=5, high=5) for id_ in "AB"]
    empty = [station(id_, 0, low=5, high=5) for id_ in "EF"]
    home = replace(van("v1"), slots=10)
    night = problem([*full, *empty], [-20, -10, 10, 20], vans=[home, replace(home, id="v2")])
    night = replace(night, depots=(Depot(id="D", room=0),))
    town = town_of(night)
    state = empty_state(town, longest=4)
    for number, visit in enumerate(town.visits[:4, 0]):
        put_in(state, visit, number // 2, number % 2)
    settle_all(town, state)
    assert state.lost.sum() == 20 * night.prices.lost_trip
    assert exchange(town, state)
    assert state.lost.sum() == 10 * night.prices.lost_trip


@settings(max_examples=150, deadline=None)
@given(night=nights(), seed=st.integers(0, 1000))
def test_any_night_keeps_its_rules_when_tails_are_exchanged_as_chance_has_it(night, seed):
    town = town_of(night)
    state = empty_state(town, longest=len(town.station))
    deal(town, state, random.Random(seed), list(range(len(town.station))))
    chance, desk = chance_of(seed), desk_of(town)
    for round_ in range(20):
        row = round_ % len(town.slots)
        before = copy_of(state)
        if town.is_fixed or exchange_tails(town, state, row, 0, chance, 100.0, desk) < 0:
            continue
        assert sorted(state.route.tolist()) != sorted(before.route.tolist()) or (state.tour != before.tour).any()
        assert (state.route >= 0).sum() == (before.route >= 0).sum()
        for number in range(len(town.slots)):
            assert not is_late(town, state, number) or is_late(town, before, number)
            for spot in range(state.size[number]):
                visit = state.tour[number, spot]
                assert (state.route[visit], state.spot[visit]) == (number, spot)
                assert town.allowed[number, town.station[visit]]
    result = solve(night, SolveLimits(seconds=None, rounds=50, seed=seed))
    assert () == check(night, result.plan)


def drawn(seed: int, *, shift_s: int) -> tuple[Town, State]:
    """Two vans that stop here and there in no order that anyone would choose."""
    night = random_problem(seed, stations=12, vans=2, shift_s=shift_s)
    town = town_of(night)
    state = empty_state(town, longest=12)
    deal(town, state, random.Random(seed), town.visits[:12, 0].tolist())
    return town, state


def deal(town: Town, state: State, rng: random.Random, visits: list[int]) -> None:
    """Deal visits out to vans that may make them."""
    for visit in rng.sample(visits, len(visits)):
        row = rng.randrange(len(town.slots))
        is_there = (state.route[[one for one in town.visits[town.station[visit]] if one >= 0]] == row).any()
        if town.allowed[row, town.station[visit]] and not is_there:
            put_in(state, visit, row, int(state.size[row]))
    for row in range(len(town.slots)):
        settle_in_time(town, state, row)


def exchange(town: Town, state: State) -> bool:
    """Look for one that pays until one is found, or none in a long time."""
    desk, chance = desk_of(town), chance_of(1)
    return any(exchange_tails(town, state, 0, 0, chance, 0.0, desk) >= 0 for _ in range(20))


def every_exchange(town: Town, state: State) -> list[float]:
    """What the routes cost after each exchange after which both vans are back in time."""
    found = []
    tours = [state.tour[row, : state.size[row]].tolist() for row in (0, 1)]
    if min(map(len, tours)) < 2:
        return []
    for gap in range(len(tours[0]) + 1):
        for cut in range(len(tours[1]) + 1):
            other = empty_state(town, longest=state.tour.shape[1])
            new = [tours[0][:gap] + tours[1][cut:], tours[1][:cut] + tours[0][gap:]]
            if not all(new):
                continue
            for row, tour in enumerate(new):
                for spot, visit in enumerate(tour):
                    put_in(other, visit, row, spot)
                settle(town, other, row)
            if not is_late(town, other, 0) and not is_late(town, other, 1):
                found.append(cost_of(town, other))
    return found
