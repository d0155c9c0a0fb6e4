"""A night without a study's charging docks and with them: what a dock saves, to the metre, and when nothing is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.basics.city import Snapshot, StationStatus
from optimiser.basics.limits import SolveLimits
from optimiser.demand.targets import interval_target
from optimiser.network.straight_line import StraightLine
from optimiser.nightly import plan_night
from optimiser.reporting.siting_nights import BikeNights, bike_nights_document, saved_figures
from optimiser.siting.plan import Installation, SitingPlan
from optimiser.siting.problem import ChargerKind
from optimiser.weighing import Docks, Evening, charged, docks_at_stations, low_charge, weigh_night, with_low_charge
from tests.builders import KM_DEG, START, city_van, small_city
from tests.siting_studies import PEOPLE, SLOW, point, site, study, wishes

LINE = StraightLine(1.0, 36.0)  # ten metres a second
STEPS = SolveLimits(seconds=None, rounds=2000)
DOCK = ChargerKind(id="dock", name="Dock", power_kw=0.2, plug_cost=1.0, session_minutes=240.0, max_plugs=20)


def city(stations=1):
    return small_city(capacities=(4,) * stations, vans=[replace(city_van(), batteries=5)])


def evening(*low, bikes=2):
    statuses = (StationStatus(station_id=f"S{row}", bikes=bikes, low_charge=count) for row, count in enumerate(low))
    return Evening(snapshot=Snapshot(as_of=START, stations=tuple(statuses)), demand=None)


def planner(stations=1):
    # Two ready bikes are asked for everywhere, each that is missing loses a trip, worth 10.
    targets = [
        interval_target(f"S{row}", capacity=4, low=2, high=4, trips_per_bike=1.0, reason="by hand")
        for row in range(stations)
    ]
    return lambda given: plan_night(city(stations), given.snapshot, LINE, limits=STEPS, targets=targets)


def weighed(low, new, *, there=()):
    docks = Docks(there=dict(there), new=dict(new), elsewhere=0)
    return weigh_night(evening(*low), docks, planner(len(low)))


def nights(*told):
    return BikeNights(
        nights=told,
        docks={"S0": 1},
        docks_elsewhere=0,
        docks_cost=888.0,
        nights_a_year=100.0,
        van_g_per_km=200.0,
        assumptions=(),
    )


def test_a_dock_at_the_station_saves_exactly_one_way_for_one_swap():
    # One of two bikes is low. A swap saves a trip, 10; the van drives 1 km there and back, 101 s each way, stops for
    # 100 s and swaps for 90 s: 392 s at 0.01 and 2 km at 1 are 5.92.
    told = weighed([1], {"S0": 1})
    assert (told.low_charge, told.charged) == (1, 1)
    without, with_docks = told.without, told.with_docks
    assert (without.van_km, without.van_minutes, without.stops, without.swaps) == (2.0, 392 / 60, 1, 1)
    assert without.cost == without.van_cost == pytest.approx(5.92)
    assert (with_docks.van_km, with_docks.van_minutes, with_docks.stops, with_docks.swaps) == (0.0, 0.0, 0, 0)
    assert with_docks.cost == without.lost_trips == with_docks.lost_trips == 0
    assert told.least_saved <= 5.92 + 1e-9
    assert told.most_saved >= 5.92 - 1e-9


def test_a_stop_that_is_saved_on_the_way_saves_its_time_and_no_metre():
    # S0 lies on the way to S1, 2 km off, where the other low bike stays: 4 km either way, one stop of 190 s less, and
    # a second, since each drive is rounded up.
    told = weighed([1, 1], {"S0": 1})
    assert (told.without.van_km, told.with_docks.van_km) == (4.0, 4.0)
    assert told.without.van_minutes - told.with_docks.van_minutes == pytest.approx(191 / 60)
    assert (told.without.swaps, told.with_docks.swaps) == (2, 1)


def test_docks_charge_no_more_bikes_than_they_are():
    # Both bikes are low: two swaps in one stop, or a dock for one and a swap for the other; the way stays.
    told = weighed([2], {"S0": 1})
    assert (told.low_charge, told.charged) == (2, 1)
    assert (told.without.swaps, told.with_docks.swaps) == (2, 1)
    assert told.without.van_km == told.with_docks.van_km == 2.0


@pytest.mark.parametrize(
    ("low", "new", "there"),
    [
        ([0, 1], {"S0": 4}, {}),  # no bike is low where the docks are
        ([1, 1], {}, {}),  # no docks
        ([1, 0], {"S0": 4}, {"S0": 1}),  # a dock that stands already charges it
    ],
)
def test_nothing_is_saved_where_no_low_bike_meets_a_new_dock(low, new, there):
    planned = []

    def plan(given):
        planned.append(given)
        return planner(2)(given)

    told = weigh_night(evening(*low), Docks(there=there, new=new, elsewhere=0), plan)
    assert told.charged == 0
    assert told.without == told.with_docks
    # The same night is planned once: no luck of a search is told as a saving.
    assert len(planned) == 1


def test_means_years_and_co2_follow_from_nights():
    saving, idle = weighed([1], {"S0": 1}), weighed([0], {"S0": 1})
    told = nights(saving, idle)
    figures = {figure.name: figure for figure in saved_figures(told, "EUR")}
    # 2 km and 5.92 in one night of two: 1 km and 2.96 a night, 100 nights a year, 200 g a km.
    assert (figures["van_km"].without, figures["van_km"].having, figures["van_km"].a_year) == (1.0, 0.0, 100.0)
    assert figures["cost"].a_year == pytest.approx(296.0)
    assert figures["co2_kg"].saved == pytest.approx(0.2)
    assert figures["co2_kg"].a_year == pytest.approx(20.0)
    document = bike_nights_document(told, "EUR")
    assert document["saved_a_year"]["swaps"] == 50.0
    # 888 are three years' 296.
    assert document["years_to_pay"] == pytest.approx(3.0)
    assert nights(idle).years_to_pay is None
    assert document["mean_night"]["swaps"] == {"without": 0.5, "with_docks": 0.0, "saved": 0.5}
    least, most = document["cost_saved_between"]
    assert least <= figures["cost"].saved <= most
    assert [night["charged"] for night in document["nights"]] == [1, 0]


def test_docks_belong_to_the_nearest_station_and_cars_charge_elsewhere():
    near, far = KM_DEG * (1 + 0.03), KM_DEG * (1 + 0.06)  # 30 m and 60 m east of S0
    kinds = frozenset({"dock", "slow"})
    sites = [
        site("at", lon=KM_DEG, kinds=kinds, plugs={"dock": 2}, max_plugs=9),
        site("near", lon=near, kinds=kinds),
        site("far", lon=far, kinds=kinds),
        site("zone", lon=2 * KM_DEG, kinds=kinds),
    ]
    segment = replace(PEOPLE, kinds=kinds)
    problem = study(
        [point("a", 1)], sites, [{"at": 1}], segments=[segment], kinds=[SLOW, DOCK], wishes=wishes(None, None)
    )
    plan = SitingPlan(
        installations=tuple(
            Installation(phase=phase, site_id=id_, kind_id=kind, plugs=plugs)
            for phase, id_, kind, plugs in (
                (0, "at", "dock", 1),
                (1, "near", "dock", 3),
                (0, "near", "slow", 2),
                (0, "far", "dock", 4),
                (0, "zone", "dock", 1),
            )
        )
    )
    places = city(2).stations
    places = (places[0], replace(places[1], is_zone=True))
    docks = docks_at_stations(problem, plan, places, within_m=50)
    # Of all phases; those that stand already are told apart, and a zone has no docks.
    assert (docks.there, docks.new, docks.elsewhere) == ({"S0": 2}, {"S0": 4}, 5)
    assert docks.together == {"S0": 6}
    # Four docks at 1, and the opening of a site for 100; near is opened for cars as well.
    assert docks.cost == 104.0
    assert docks_at_stations(problem, plan, (), within_m=50) == Docks(there={}, new={}, elsewhere=9)


def test_charging_makes_bikes_ready_and_moves_none():
    snapshot = evening(2, 1, bikes=4).snapshot
    after = charged(snapshot, {"S0": 1, "S9": 7})
    assert [status.bikes for status in after.stations] == [4, 4]
    assert [status.usable for status in after.stations] == [3, 3]
    assert low_charge(after) == 2


def test_low_charge_by_chance_is_the_same_for_the_same_seed_and_takes_e_bikes_only():
    mixed = Snapshot(as_of=START, stations=(StationStatus(station_id="S0", bikes=40, ebikes=10),))
    drawn = with_low_charge(mixed, 0.5, seed=3)
    assert drawn == with_low_charge(mixed, 0.5, seed=3)
    assert 0 < low_charge(drawn) < 10
    assert low_charge(with_low_charge(mixed, 1.0, seed=3)) == 10
    assert low_charge(with_low_charge(mixed, 0.0, seed=3)) == 0
    unknown = Snapshot(as_of=START, stations=(StationStatus(station_id="S0", bikes=7),))
    assert low_charge(with_low_charge(unknown, 1.0, seed=3)) == 7
    many = Snapshot(as_of=START, stations=(StationStatus(station_id="S0", bikes=1000),))
    # 30 % of the 40 % that are e-bikes.
    assert 90 < low_charge(with_low_charge(many, 0.3, seed=3, ebike_share=0.4)) < 150
    assert low_charge(with_low_charge(mixed, 1.0, seed=3, ebike_share=0.0)) == 10
