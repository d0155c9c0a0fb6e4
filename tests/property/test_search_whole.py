"""The search on nights with everything in them: it keeps every rule and knows what its routes cost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING
from optimiser.rebalancing.search.annealer import Annealer
from optimiser.rebalancing.search.routes import plan_of
from optimiser.rebalancing.search.settle import forget, put_in, settle, take_out
from optimiser.rebalancing.search.town import copy_of
from optimiser.rebalancing.search.translate import town_of
from optimiser.rebalancing.solve import solve
from tests.property.test_whole_nights import nights


@settings(max_examples=300, deadline=None)
@given(night=nights(), seed=st.integers(0, 100))
def test_a_plan_of_the_search_keeps_all_rules_and_costs_what_the_search_believes(night, seed):
    town = town_of(night)
    annealer = Annealer(town, seed=seed, longest=len(town.station))
    for part in range(3):
        annealer.advance(40, part / 3)
    found = annealer.best
    plan = plan_of(night, town, found.state)
    assert () == check(night, plan)
    stops = sum(len(route.stops) for route in plan.routes)
    priced = cost(night, plan).total
    # A stop at which nothing is done is left out of the plan, which can only save.
    assert priced <= found.cost + 1e-6
    if stops == found.state.size.sum():
        assert priced == pytest.approx(found.cost, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(night=nights(), seed=st.integers(0, 100))
def test_nights_with_everything_in_them_are_planned_without_a_refused_plan(night, seed):
    result = solve(night, SolveLimits(seconds=None, rounds=200, seed=seed))
    assert () == result.refused
    assert () == check(night, result.plan)
    assert result.best_bound <= result.objective <= cost(night, NOTHING).total


@settings(max_examples=100, deadline=None)
@given(night=nights(), seed=st.integers(0, 100), data=st.data())
def test_what_is_known_of_a_changed_route_is_what_is_seen_anew(night, seed, data):
    town = town_of(night)
    annealer = Annealer(town, seed=seed, longest=len(town.station))
    annealer.advance(30, 0.5)
    state = copy_of(annealer.best.state)
    driving = [van for van in range(len(town.slots)) if state.size[van] > 0]
    for _ in range(4 * bool(driving)):
        van = data.draw(st.sampled_from(driving))
        if state.size[van] > 0 and data.draw(st.booleans()):
            take_out(town, state, state.tour[van, data.draw(st.integers(0, state.size[van] - 1))])
        elif out := [visit for visit in range(len(town.station)) if state.route[visit] < 0]:
            visit = data.draw(st.sampled_from(out))
            state.clears[visit] = data.draw(st.integers(0, town.choices[town.station[visit]] - 1))
            put_in(state, visit, van, data.draw(st.integers(0, state.size[van])))
        anew = copy_of(state)
        forget(anew, van)
        settle(town, state, van)
        settle(town, anew, van)
        for known, seen, low, high in (
            (state.fore[van], anew.fore[van], anew.fore_low[van], anew.fore_high[van]),
            (state.back[van], anew.back[van], anew.back_low[van], anew.back_high[van]),
            (state.fore_work[van], anew.fore_work[van], anew.fore_low[van], anew.fore_high[van]),
            (state.back_work[van], anew.back_work[van], anew.back_low[van], anew.back_high[van]),
        ):
            for gap in range(state.size[van] + 1):
                loads = slice(low[gap], high[gap] + 1)
                assert list(known[gap, loads]) == list(seen[gap, loads])
        for name in ("fore_low", "fore_high", "back_low", "back_high"):
            gaps = slice(0, state.size[van] + 1)
            assert list(getattr(state, name)[van, gaps]) == list(getattr(anew, name)[van, gaps])
        for name in ("best", "price", "time_s", "metres", "paid_s", "is_broken"):
            assert getattr(state, name)[van] == getattr(anew, name)[van]
