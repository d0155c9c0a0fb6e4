"""For any night: a valid plan, never dearer than doing nothing, never below the bound, every bike accounted for."""

from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.city import Handling, Prices
from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.bound import lower_bound
from optimiser.rebalancing.check import check
from optimiser.rebalancing.construct import construct
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.solve import solve
from tests.builders import problem, station, van


@st.composite
def nights(draw: st.DrawFn) -> Problem:
    """Small towns of every kind: empty, full, far apart, vans of any size, shifts of any length."""
    stations, positions = [], []
    for number in range(draw(st.integers(0, 7))):
        capacity = draw(st.integers(1, 12))
        low = draw(st.integers(0, capacity))
        stations.append(
            station(
                f"S{number}",
                draw(st.integers(0, capacity)),
                capacity=capacity,
                low=low,
                high=draw(st.integers(low, capacity)),
            )
        )
        positions.append((draw(st.integers(0, 900)), draw(st.integers(0, 900))))
    vans = []
    for number in range(draw(st.integers(1, 3))):
        slots = draw(st.integers(1, 8))
        vans.append(
            van(
                f"van-{number}",
                slots=slots,
                load=draw(st.integers(0, slots)),
                shift_s=draw(st.integers(0, 8000)),
                speed=draw(st.sampled_from([0.7, 1.0, 1.3])),
            )
        )
    return problem(
        stations,
        positions,
        vans=vans,
        handling=Handling(stop_s=draw(st.integers(0, 300)), bike_s=draw(st.integers(0, 60))),
        prices=Prices(
            lost_trip=draw(st.sampled_from([0.0, 1.0, 4.0, 50.0])),
            van_hour=draw(st.sampled_from([0.0, 36.0])),
            van_km=draw(st.sampled_from([0.0, 0.5])),
            van_use=draw(st.sampled_from([0.0, 15.0])),
        ),
    )


@settings(max_examples=120, deadline=None)
@given(night=nights(), seed=st.integers(0, 1000))
def test_any_night_has_a_valid_plan_that_is_no_dearer_than_doing_nothing(night, seed):
    result = solve(night, SolveLimits(seconds=None, rounds=1500, seed=seed))
    assert () == check(night, result.plan)
    assert () == result.refused, "the search offered a plan that breaks a rule"
    nothing = cost(night, NOTHING).total
    assert result.objective <= nothing
    assert result.objective == cost(night, result.plan).total
    assert 0 <= result.best_bound <= result.objective
    assert 0 <= result.gap <= 1


@settings(max_examples=120, deadline=None)
@given(night=nights(), seed=st.integers(0, 1000))
def test_no_bike_appears_or_vanishes(night, seed):
    result = solve(night, SolveLimits(seconds=None, rounds=1500, seed=seed))
    timeline = replay(night, result.plan)
    gone = {route.van_id for route in timeline.routes}
    before = sum(item.inventory for item in night.stations) + sum(item.initial_load for item in night.vans)
    at_depots = sum(held.ready for held in timeline.depots.values())
    at_depots += sum(item.initial_load for item in night.vans if item.id not in gone)
    assert before == sum(timeline.inventories.values()) + at_depots


@settings(max_examples=200, deadline=None)
@given(night=nights())
def test_the_constructed_plan_is_valid_and_above_the_bound(night):
    bound = lower_bound(night)
    plan = construct(night, bound)
    assert () == check(night, plan)
    assert bound.value <= cost(night, plan).total + 1e-9
    assert bound.value <= cost(night, NOTHING).total + 1e-9
