"""What a search begins with: first routes of its own, or a plan that it is given."""

import pytest

from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.network.straight_line import StraightLine
from optimiser.nightly import reachable, state_problem
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.search.routes import plan_of, tours_of
from optimiser.rebalancing.search.translate import town_of
from optimiser.rebalancing.solve import solve
from scenarios.generation import generate_city
from tests.builders import problem, random_problem, station, van
from tests.unit.rebalancing.search.towns import begun


@pytest.mark.parametrize(("stations", "vans", "seed"), [(300, 5, 13), (300, 5, 23), (400, 6, 2)])
def test_first_routes_are_over_before_their_shifts_even_where_vans_share_stations(stations, vans, seed):
    # In each of these cities a van once came to a station after another, which then did more than it had time for.
    line = StraightLine(circuity=1.3, speed_kmh=25.0)
    made = generate_city(line, stations=stations, vans=vans, slots=25, seed=seed)
    _, times = reachable(made.city, made.snapshot, line, max_snap_m=250.0, on_far="drop", findings=Findings())
    night, town, state = begun(state_problem(made.city, made.snapshot, times, targets=made.targets), seed)
    assert state.is_shared.any()
    assert (state.time_s <= town.shift_s).all()
    assert check(night, plan_of(night, town, state)) == ()


def test_a_good_plan_is_not_lost_in_a_short_search():
    night = random_problem(4, stations=40, vans=3, shift_s=5 * 3600)
    good = solve(night, SolveLimits(seconds=None, rounds=4000, seed=1))
    again = solve(night, SolveLimits(seconds=None, rounds=2, seed=2), start=good.plan)
    afresh = solve(night, SolveLimits(seconds=None, rounds=2, seed=2))
    assert again.objective <= good.objective < afresh.objective
    assert check(night, again.plan) == ()


def test_a_start_that_breaks_rules_is_no_harm():
    night = problem([station("A", 0, low=4, high=4), station("B", 8, low=4, high=4)], [60, 120], vans=[van()])
    start = Plan(routes=(Route(van_id="van-1", stops=(Stop(station_id="A", dropoff=90),)),))
    result = solve(night, SolveLimits(seconds=None, rounds=200, seed=1), start=start)
    assert check(night, result.plan) == ()
    assert result.objective < cost(night, NOTHING).total
    assert result.refused == ()


def test_routes_become_visits_each_station_once_on_a_van():
    places = [station("A", 0, low=4, high=4), station("B", 8, low=4, high=4)]
    night = problem(places, [60, 120], vans=[van("van-1"), van("van-2")])
    town = town_of(night)
    plan = Plan(
        routes=(
            Route(
                van_id="van-2",
                stops=(
                    Stop(station_id="B", pickup=1),
                    Stop(station_id="A", dropoff=1),
                    Stop(station_id="B", pickup=1),
                ),
            ),
        )
    )
    tours = tours_of(night, town, plan)
    assert tours[0] == []
    assert [int(town.station[visit]) for visit in tours[1]] == [1, 0]
