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
