"""Prices by hand: 10 a lost trip, 0.01 a van second, 0.001 a metre (ten metres a driven second)."""

import dataclasses

import pytest

from optimiser.basics.city import Prices
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from tests.builders import problem, station

STATIONS = [station("A", 8, low=2, high=5), station("B", 1, low=4, high=6)]


def test_doing_nothing_costs_the_trips_it_loses():
    # A has 3 bikes too many, B 3 too few: 6 trips x 10.
    priced = cost(problem(STATIONS, [60, 100]), NOTHING)
    assert (60.0, 0, 0, 0) == (priced.lost_trips, priced.van_hours, priced.van_km, priced.van_use)
    assert 60.0 == priced.total


def test_a_plan_costs_time_distance_and_what_is_still_lost():
    # Two bikes from A to B: one too many and one too few are left = 2 x 10.
    # 60 + 120 + 40 + 120 + 100 = 440 s x 0.01; 200 driven seconds = 2 km x 1; the van itself 7.
    stops = (Stop(station_id="A", pickup=2), Stop(station_id="B", dropoff=2))
    night = problem(STATIONS, [60, 100], prices=Prices(lost_trip=10, van_hour=36, van_km=1, van_use=7))
    priced = cost(night, Plan(routes=(Route(van_id="van-1", stops=stops),)))
    assert 20.0 == pytest.approx(priced.lost_trips)
    assert 4.4 == pytest.approx(priced.van_hours)
    assert 2.0 == pytest.approx(priced.van_km)
    assert 7.0 == priced.van_use
    assert 33.4 == pytest.approx(priced.total)


def test_an_impossible_inventory_is_never_priced():
    stops = (Stop(station_id="A", pickup=9),)
    with pytest.raises(IndexError, match="station A: inventory -1 is outside"):
        cost(problem(STATIONS, [60, 100]), Plan(routes=(Route(van_id="van-1", stops=stops),)))


def test_prices_scale_their_own_term_only():
    night = problem(STATIONS, [60, 100])
    dearer = dataclasses.replace(night, prices=dataclasses.replace(night.prices, van_km=3.0))
    plan = Plan(routes=(Route(van_id="van-1", stops=(Stop(station_id="A", pickup=1),)),))
    assert 3 * cost(night, plan).van_km == pytest.approx(cost(dearer, plan).van_km)
    assert cost(night, plan).van_hours == cost(dearer, plan).van_hours
