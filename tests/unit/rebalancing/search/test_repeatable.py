"""Where rounds alone count no clock has a say, even where two searches find different plans of the same cost."""

import sys
from dataclasses import replace

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.search.annealer import Found
from optimiser.rebalancing.search.news import News, worth_offering
from optimiser.rebalancing.solve import solve
from tests.builders import problem, station, van
from tests.unit.rebalancing.search.towns import free_town


def test_twin_vans_get_the_same_plan_every_time():
    stations = [station(id_, bikes, low=4, high=4) for id_, bikes in (("A", 0), ("B", 8), ("C", 0), ("E", 8))]
    night = problem(stations, [60, 60, 120, 120], vans=[van("van-1"), van("van-2"), replace(van("van-3"), slots=6)])
    usual = sys.getswitchinterval()
    plans = set()
    try:
        for number in range(12):
            # Threads change places at other moments each time.
            sys.setswitchinterval(usual / (1 + 50 * (number % 4)))
            plans.add(solve(night, SolveLimits(seconds=None, rounds=300, seed=3)).plan)
    finally:
        sys.setswitchinterval(usual)
    assert len(plans) == 1


def test_plans_wait_until_all_searches_are_as_far():
    _, _, state = free_town(1)
    found = Found(cost=1.0, state=state)
    waiting = [News(rounds=rounds, number=number, found=found) for rounds, number in ((40, 0), (20, 1), (20, 0))]
    told = worth_offering(waiting, until=20, is_every=True)
    assert [(one.rounds, one.number) for one in told] == [(20, 0), (20, 1)]
    assert [(one.rounds, one.number) for one in waiting] == [(40, 0)]
