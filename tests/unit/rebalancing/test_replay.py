"""Clocks, loads and inventories by hand."""

from optimiser.basics.city import Handling
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.replay import replay
from tests.builders import problem, station, van


def one_van_plan(*stops: Stop, van_id: str = "van-1") -> Plan:
    return Plan(routes=(Route(van_id=van_id, stops=stops),))


def test_clock_adds_drive_stop_and_bikes():
    # A lies 60 s from the depot, B 100 s: drive 60, stop 100 + 3 x 10, drive 40, stop 100 + 3 x 10, back 100.
    night = problem([station("A", 8, low=2, high=5), station("B", 1, low=4, high=6)], [60, 100])
    timeline = replay(night, one_van_plan(Stop(station_id="A", pickup=3), Stop(station_id="B", dropoff=3)))
    (route,) = timeline.routes
    first, second = route.stops
    assert (60, 190) == (first.arrival_s, first.departure_s)
    assert (190 + 40, 230 + 130) == (second.arrival_s, second.departure_s)
    assert 460 == route.end_s == route.duration_s
    assert 10 * (60 + 40 + 100) == route.distance_m
    assert (3, 0, 0) == (first.load_after, second.load_after, route.load_at_end)
    assert {"A": 5, "B": 4} == timeline.inventories


def test_a_faster_van_drives_less_but_handles_as_long():
    # 60 s at 1.5 times the speed = 40 s each way; handling stays 100 + 10.
    night = problem([station("A", 8, low=2, high=5)], [60], vans=[van(speed=1.5)])
    (route,) = replay(night, one_van_plan(Stop(station_id="A", pickup=1))).routes
    assert 40 + 110 + 40 == route.duration_s


def test_a_fraction_of_a_second_counts_whole():
    # 61 s / 1.5 = 40.67 s, rounded up to 41.
    night = problem([station("A", 8, low=2, high=5)], [61], vans=[van(speed=1.5)])
    (route,) = replay(night, one_van_plan(Stop(station_id="A", pickup=1))).routes
    assert 41 == route.stops[0].drive_s


def test_inventories_follow_the_clock_over_all_vans_not_the_order_of_routes():
    # van-2 is at A after 10 s + 120 s = 130 s, van-1 comes from behind the far depot after 500 s.
    night = problem(
        [station("A", 0, low=2, high=4, capacity=4), station("B", 9, low=2, high=5)],
        [10, 500],
        vans=[van("van-1", load=0), van("van-2", load=2)],
        handling=Handling(stop_s=100, bike_s=10),
    )
    plan = Plan(
        routes=(
            Route(van_id="van-1", stops=(Stop(station_id="B", pickup=1), Stop(station_id="A", pickup=2, dropoff=0))),
            Route(van_id="van-2", stops=(Stop(station_id="A", dropoff=2),)),
        )
    )
    timeline = replay(night, plan)
    late, early = timeline.routes[0].stops[1], timeline.routes[1].stops[0]
    assert early.departure_s < late.departure_s
    assert (2, 0) == (early.inventory_after, late.inventory_after)


def test_a_route_without_stops_is_not_driven():
    night = problem([station("A", 8, low=2, high=5)], [60])
    assert () == replay(night, Plan(routes=(Route(van_id="van-1", stops=()),))).routes
