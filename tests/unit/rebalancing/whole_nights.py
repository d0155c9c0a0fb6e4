"""
A night with everything in it, so tight that one number less breaks one rule.

Depot D at 0 s, A at 60 s, B at 100 s, depot E at 200 s on a line; a stop takes 100 s, a bike 10 s, a swap 50 s,
a depot 200 s. Van 1 starts with 1 bike and 2 batteries:

    loads 1 more at D                            10 s          leaves at   10 with 2 of the stock's 1
    drive 60, A: 3 up, 2 swaps, 1 broken         100+40+100    310         5 ready and 1 broken on board
    break 100                                                  410
    drive 60, D: 2 down, the broken one stays    200+30        700         3 on board, 2 batteries again
    drive 100, waits 20, B: 3 down               100+30        950         empty
    drive 100                                                 1050         back
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from optimiser.basics.city import Handling, Prices
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Break, Depot, Problem, Station, Van
from tests.builders import START, station, travel, van

HANDLING = Handling(stop_s=100, bike_s=10, swap_s=50, depot_s=200)
PRICES = Prices(lost_trip=10.0, van_hour=36.0, van_km=1.0, van_use=0.0, must=100.0)

PLAN = Plan(
    routes=(
        Route(
            van_id="van-1",
            start_load=2,
            break_before=1,
            stops=(
                Stop(station_id="A", pickup=3, swaps=2, broken_pickup=1),
                Stop(station_id="D", dropoff=2),
                Stop(station_id="B", dropoff=3),
            ),
        ),
        # 140 s from E to A, 110 s there, 140 s back: there from 140 to 250 s, before van 1 is done.
        Route(van_id="van-2", stops=(Stop(station_id="A", pickup=1),)),
    )
)


def make_a(**changes: Any) -> Station:
    """A: 8 ready bikes, 2 low on charge, 1 broken; needs a key; takes no bikes."""
    made = replace(station("A", 8, low=4, high=6), low_charge=2, broken=1, needs=frozenset({"key"}), may_drop_off=False)
    return replace(made, **changes)


def make_b(*, capacity: int = 4, **changes: Any) -> Station:
    """B: 1 bike where 4 fit; open from 820 to 950 s; gives no bikes; one stop."""
    made = station("B", 1, low=min(3, capacity), high=min(3, capacity), capacity=capacity)
    made = replace(made, opens_s=820, closes_s=950, may_pick_up=False, once=True)
    return replace(made, **changes)


def make_van(**changes: Any) -> Van:
    """Van 1, which PLAN uses up."""
    made = replace(
        van("van-1", slots=6, load=1, shift_s=1050),
        batteries=2,
        range_m=10 * (60 + 60 + 100 + 100),
        skills=frozenset({"key"}),
        break_=Break(duration_s=100, earliest_s=300, latest_s=310),
    )
    return replace(made, **changes)


def whole_night(
    *,
    a: Station | None = None,
    b: Station | None = None,
    van_1: Van | None = None,
    depots: tuple[Depot, ...] = (Depot(id="D", stock=1, room=2),),
    **changes: Any,
) -> Problem:
    """The night above, with other parts put in."""
    van_2 = replace(van("van-2"), start_depot_id="E", end_depot_id="E", skills=frozenset({"key"}))
    made = Problem(
        start=START,
        stations=(a or make_a(), b or make_b()),
        vans=(van_1 or make_van(), van_2),
        handling=HANDLING,
        prices=PRICES,
        travel=travel(["D", "A", "B", "E"], [0, 60, 100, 200]),
        depots=depots,
    )
    return replace(made, **changes)


def with_route(index: int = 0, **changes: Any) -> Plan:
    """PLAN with one route changed."""
    routes = list(PLAN.routes)
    routes[index] = replace(routes[index], **changes)
    return Plan(routes=tuple(routes))


def with_stop(index: int, **changes: Any) -> Plan:
    """PLAN with one stop of van 1 changed."""
    stops = list(PLAN.routes[0].stops)
    stops[index] = replace(stops[index], **changes)
    return with_route(stops=tuple(stops))
