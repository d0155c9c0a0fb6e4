"""The compiled search: what it believes of a change is what comes out, and quantities are the best there are."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.search.annealer import Annealer, is_length_all
from optimiser.rebalancing.search.copies import copy_van, cost_of
from optimiser.rebalancing.search.insertion import gain_in
from optimiser.rebalancing.search.lines import lines_of
from optimiser.rebalancing.search.routes import plan_of
from optimiser.rebalancing.search.segments import do_swap, do_turn, exchange_tails, swap_segments, turn_segment
from optimiser.rebalancing.search.settle import put_in, settle, take_out
from optimiser.rebalancing.search.town import copy_of, empty_state
from optimiser.rebalancing.search.translate import town_of
from optimiser.rebalancing.solve import Engine, solve
from scenarios.benchmarks.brp import BrpInstance
from service.benchmarks.brp import night_of
from tests.builders import problem, random_problem, station, van
from tests.unit.rebalancing.search.towns import begun, earned, fixed_town, free_town, losses, settle_all
from tests.unit.scenarios.benchmarks.instances import best_brp_cost, random_brp

SLOT_PRICE = 7.0


@pytest.mark.parametrize("seed", range(10))
def test_what_a_visit_is_said_to_bring_is_what_it_brings(seed):
    _, town, state = free_town(seed)
    settle_all(town, state)  # A route that shares a station with another sees now what that one moved last.
    tried = 0
    for visit in np.flatnonzero(state.route < 0):
        for row in range(len(town.slots)):
            if any(town.station[other] == town.station[visit] for other in state.tour[row, : state.size[row]]):
                continue
            for gap in range(state.size[row] + 1):
                promised = gain_in(town, state, row, gap, visit, SLOT_PRICE)
                if promised == -np.inf:
                    continue
                after = copy_of(state)
                put_in(after, visit, row, gap)
                settle(town, after, row)
                assert earned(town, after, row) - earned(town, state, row) == pytest.approx(promised, abs=1e-6)
                tried += 1
    assert tried > 20


@pytest.mark.parametrize("seed", range(10))
def test_taking_a_visit_out_and_putting_it_back_changes_nothing(seed):
    _, town, state = free_town(seed)
    row = int(np.argmax(state.size))
    for spot in range(state.size[row]):
        after = copy_of(state)
        visit = after.tour[row, spot]
        take_out(town, after, visit)
        settle(town, after, row)
        put_in(after, visit, row, spot)
        settle(town, after, row)
        assert losses(town, after) == pytest.approx(losses(town, state))
        assert earned(town, after, row) == pytest.approx(earned(town, state, row))


@pytest.mark.parametrize("seed", range(6))
def test_quantities_are_the_best_of_all_for_their_route(seed):
    # Three stations of up to 4 bikes, a van of 3 slots: every combination is tried.
    random = np.random.default_rng(seed)
    rooms = random.integers(2, 5, 3)
    night = problem(
        [
            station(
                f"S{row}",
                int(random.integers(0, room + 1)),
                low=int(room) // 2,
                high=int(room) // 2,
                capacity=int(room),
            )
            for row, room in enumerate(rooms)
        ],
        [60, 100, 140],
        vans=[van(slots=3, load=int(random.integers(0, 4)))],
    )
    _, town, _ = begun(night, seed)
    fresh = empty_state(town, longest=4)
    for number, row in enumerate(random.permutation(3)):
        put_in(fresh, town.visits[row, 0], 0, number)
    settle(town, fresh, 0)
    lift = town.second[0] * town.bike_s
    best = np.inf
    for start, *moved in product(range(4), *(range(-4, 5) for _ in range(3))):
        load, is_possible = start, True
        stays = town.start.copy()
        for visit, bikes in zip(fresh.tour[0, :3], moved, strict=True):
            row = town.station[visit]
            load, stays[row] = load + bikes, stays[row] - bikes
            is_possible &= 0 <= load <= 3 and town.low[row] <= stays[row] <= town.high[row]
        if is_possible and start <= town.load_high[0]:
            lost = sum(town.loss[row, bikes] for row, bikes in enumerate(stays))
            best = min(best, lost + lift * (abs(start - town.load[0]) + sum(map(abs, moved))))
    assert losses(town, fresh) + lift * fresh.lifts[0] == pytest.approx(best, abs=1e-6)


def _lines(town, state):
    # Compiled it goes into its callers and cannot be called from here.
    return lines_of.py_func(town, state)


@pytest.mark.parametrize("seed", range(12))
def test_moves_of_segments_save_what_they_say(seed):
    _, town, state = fixed_town(seed)
    random, scratch = np.random.default_rng(seed), np.zeros(len(town.station) + 1, dtype=np.int32)
    tried = 0
    for _ in range(200):
        row, other = (int(value) for value in random.choice(np.flatnonzero(state.size), 2))
        start = int(random.integers(0, state.size[row]))
        end = int(random.integers(start + 1, state.size[row] + 1))
        gap = int(random.integers(0, state.size[other] + 1))
        after = copy_of(state)
        before, lines = _lines(town, state), _lines(town, after)
        if row != other and random.random() < 0.5:
            promised = exchange_tails(before, row, start, other, gap, SLOT_PRICE)
            do_swap(lines, row, start, int(state.size[row]), other, gap, int(state.size[other]), scratch)
        elif row == other and end - start > 1 and random.random() < 0.3:
            promised = turn_segment(before, row, start, end, SLOT_PRICE, -np.inf)
            do_turn(lines, row, start, end)
        elif row != other or end <= gap:
            last = int(random.integers(gap, state.size[other] + 1))
            promised = swap_segments(before, row, start, end, other, gap, last, SLOT_PRICE, -np.inf)
            do_swap(lines, row, start, end, other, gap, last, scratch)
        else:
            continue
        tried += 1
        measured = after.excess.copy()
        for changed in {row, other}:
            settle(town, after, changed)
        assert list(measured) == list(after.excess)
        saved = sum(state.price - after.price) + SLOT_PRICE * sum(state.excess - after.excess)
        assert promised == pytest.approx(saved)
        stops = sorted(visit for van, size in enumerate(after.size) for visit in after.tour[van, :size])
        assert stops == list(range(len(town.station)))
        state = after
    assert tried > 20


def test_routes_that_end_elsewhere_keep_their_tails():
    # Stops that change places would have to come home to another depot, which moves of segments do not look at.
    town = town_of(night_of(random_brp(3)))
    elsewhere = town.goal.copy()
    elsewhere[0] = town.station[0]
    assert is_length_all(town)
    assert not is_length_all(town._replace(goal=elsewhere))


@pytest.mark.parametrize("seed", range(4))
def test_moves_are_given_up_only_where_they_save_too_little(seed):
    _, town, state = fixed_town(seed)
    lines, row = _lines(town, state), int(np.argmax(state.size))
    for start, end, gap in combinations(range(int(state.size[row]) + 1), 3):
        told = swap_segments(lines, row, start, end, row, end, gap, SLOT_PRICE, -np.inf)
        turned = turn_segment(lines, row, start, gap, SLOT_PRICE, -np.inf)
        for least in (-100.0, 0.0, told - 1e-6, turned - 1e-6):
            kept = swap_segments(lines, row, start, end, row, end, gap, SLOT_PRICE, least)
            assert kept == told or (kept == -np.inf and told <= least)
            kept = turn_segment(lines, row, start, gap, SLOT_PRICE, least)
            assert kept == turned or (kept == -np.inf and turned <= least)


def test_one_long_route_of_tight_loads_is_driven_without_a_missing_slot():
    # Forty stations in a row, three bikes to fetch and three to bring in turn, a van of three slots: 2 x 40 x 100 m.
    way = np.abs(np.subtract.outer(np.arange(41), np.arange(41))) * 100
    demand = np.array([0, *(3 if number % 2 else -3 for number in range(40))])
    line = BrpInstance(name="line", capacity=3, demand=demand, cost=way)
    result = solve(night_of(line), SolveLimits(seconds=None, rounds=500, seed=1))
    assert result.objective == pytest.approx(8000)


def test_where_time_counts_fixed_towns_keep_their_books_right():
    night = night_of(random_brp(3))
    slow = replace(night.travel, travel_s=night.travel.length_m)
    vans = tuple(replace(one, shift_end_s=10**6) for one in night.vans)
    _, town, _ = begun(replace(night, travel=slow, vans=vans, prices=replace(night.prices, van_hour=30.0)), 3)
    annealer = Annealer(town, seed=1, longest=len(town.station))
    for part in range(5):
        annealer.advance(100, part / 5)
        assert annealer.best.cost == pytest.approx(cost_of(town, annealer.best.state))


@pytest.mark.parametrize("seed", range(5))
def test_a_copied_route_is_the_same_route(seed):
    _, town, state = free_town(seed)
    other = empty_state(town, longest=state.tour.shape[1])
    for row in range(len(town.slots)):
        settle(town, other, row)
    for row in range(len(town.slots)):
        copy_van(town, state, other, row)
    assert cost_of(town, other) == cost_of(town, state)
    for visit in np.flatnonzero(state.route < 0):
        for row in range(len(town.slots)):
            assert gain_in(town, other, row, 0, visit, 0.0) == gain_in(town, state, row, 0, visit, 0.0)


@pytest.mark.parametrize("seed", range(6))
def test_the_search_keeps_its_books_right_and_its_plans_valid(seed):
    night, town, _ = free_town(seed, stations=25, vans=3, shift_s=2 * 3600)
    annealer = Annealer(town, seed=seed, longest=30)
    for part in range(10):
        annealer.advance(100, part / 10)
        best = annealer.best
        assert best.cost == pytest.approx(cost_of(town, best.state))
        plan = plan_of(night, town, best.state)
        assert () == check(night, plan)
        # Stops at which nothing is done are driven in the search, and left out of the plan.
        assert cost(night, plan).total <= best.cost + 1e-6


@pytest.mark.parametrize("seed", range(12))
def test_tiny_benchmarks_are_solved_as_by_trying_everything(seed):
    instance = random_brp(seed)
    result = solve(night_of(instance), SolveLimits(seconds=None, rounds=400, seed=1))
    assert result.objective == pytest.approx(best_brp_cost(instance))


def test_both_engines_plan_the_same_night():
    night = random_problem(3, stations=25, vans=2)
    ours = solve(night, SolveLimits(seconds=None, rounds=2000))
    theirs = solve(night, SolveLimits(seconds=None, rounds=4000), engine=Engine.ROUTING)
    assert ours.engine.startswith("ruin-recreate ")
    assert theirs.engine.startswith("ortools-routing ")
    assert ours.objective <= theirs.objective
