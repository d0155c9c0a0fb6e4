"""Targets from a forecast: intervals, reasons, and how the fleet would be split."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from optimiser.basics.city import Snapshot, StationStatus
from optimiser.basics.errors import InvalidProblem
from optimiser.demand.activity import Activity
from optimiser.demand.city_demand import choose_targets, fit_demand
from optimiser.demand.forecast import Forecast
from optimiser.demand.station_targets import DemandSettings, Place, near_least, service_interval, station_targets
from optimiser.demand.targets import TargetSource, interval_target
from tests.builders import START, small_city
from tests.pasts import generated, moment

USUAL = Activity(factor=1.0, sigma=0.0, kinds=(1.0, 1.0, 1.0))


def coming(rental, giving, *, sigma=0.0):
    """Forecast of stations from rates per hour in each of 48 half hours, from the morning of Monday 1 June 2026 on."""
    rates = (np.repeat(np.array(rates, dtype=float)[:, None], 48, axis=1) / 3600 for rates in (rental, giving))
    out, into = rates
    return Forecast(
        start_ts=moment("2026-06-01 05:00"),
        slot_s=1800,
        rental=out,
        giving=into,
        sigma=np.full(len(rental), sigma),
        is_known=np.ones(len(rental), dtype=bool),
        renting=USUAL,
        returning=USUAL,
    )


def targets_of(forecast, rooms, *, bikes=0, soft=(None,) * 9, **options):
    places = [
        Place(station_id=f"S{row}", row=row, room=room, soft_capacity=soft[row]) for row, room in enumerate(rooms)
    ]
    return station_targets(forecast, places, bikes=bikes, settings=DemandSettings(**options), time_zone="UTC")


def test_an_interval_serves_both_shares():
    # 95 % of 20 rentals: at most 1 lost, from 2 bikes on; of 40 returns: at most 2, up to 3 bikes.
    rentals, returns = np.array([5.0, 2, 1, 0.5, 0]), np.array([0.0, 0, 1, 2, 3])
    assert (2, 3) == service_interval(rentals, returns, rentals=20, returns=40, service_level=0.95)


def test_an_interval_may_be_a_single_number():
    rentals, returns = np.array([5.0, 1, 0]), np.array([0.0, 2, 3])
    assert (1, 1) == service_interval(rentals, returns, rentals=20, returns=40, service_level=0.95)


@pytest.mark.parametrize(
    ("rentals", "returns"),
    [
        # From 2 bikes on, up to 1: nothing serves both. Then: no number of bikes serves enough rentals; or returns.
        ([5.0, 2, 1], [0.0, 2, 3]),
        ([5.0, 3, 2], [0.0, 0, 0]),
        ([0.0, 0, 0], [3.0, 4, 5]),
    ],
)
def test_where_no_number_of_bikes_serves_both_there_is_no_interval(rentals, returns):
    assert service_interval(np.array(rentals), np.array(returns), rentals=20, returns=40, service_level=0.95) is None


def test_a_reason_names_what_is_wanted_and_which_bikes_serve_it():
    # 0.5 rentals and 0.25 returns an hour: 12 and 6 until five o'clock the next day.
    target = targets_of(coming([0.5], [0.25]), [20])["S0"]
    assert target.reason == (
        f"about 12 rentals and 6 returns wanted until Tue 05:00; {target.low} to {target.high} bikes serve 95% of each"
    )
    assert TargetSource.DEMAND == target.source
    assert (12, 6) == (pytest.approx(target.demand.rentals), pytest.approx(target.demand.returns))
    assert target.demand.lost_rentals[target.low] <= 0.05 * 12 < target.demand.lost_rentals[target.low - 1]


def test_where_both_cannot_be_served_the_target_is_what_loses_least_and_says_so():
    # Symmetric: 2 of 4 lose least, 1 and 3 lose 0.2 trips more, 0 and 4 lose 0.8 more, which is over half a trip.
    target = targets_of(coming([10.0], [10.0]), [4])["S0"]
    assert [0.8, 0.2, 0.0, 0.2, 0.8] == pytest.approx([lost - min(target.lost_trips) for lost in target.lost_trips])
    assert (1, 3) == (target.low, target.high)
    assert "no number of bikes serves 95% of both, 1 to 3 lose least" in target.reason


def test_near_the_least_is_a_twentieth_of_what_is_at_stake():
    # From 1 to 21 trips: up to 1 + 20 / 20 = 2 is near.
    assert (1, 3) == near_least(np.array([21.0, 2.0, 1.0, 1.5, 2.5]))


@pytest.mark.parametrize("sigma", [0.0, 0.8])
@pytest.mark.parametrize("soft", [None, 6])
def test_targets_are_finite_convex_and_not_negative(sigma, soft):
    # Target refuses anything else; slopes stay within a trip for each bike.
    made = targets_of(coming([0, 3, 40, 0.2], [0, 5, 35, 9], sigma=sigma), [10, 12, 0, 30], soft=(soft,) * 4)
    for target in made.values():
        steps = np.diff(target.lost_trips)
        assert np.isfinite(target.lost_trips).all()
        assert min(target.lost_trips) >= 0
        assert (np.diff(steps) >= -1e-9).all()
        assert soft is not None or (np.abs(steps) <= 1 + 1e-9).all()


def test_the_worth_of_one_bike_more_or_less_is_read_off_the_table():
    target = interval_target("A", capacity=3, low=1, high=2, trips_per_bike=2.0, reason="by hand")
    # Table 2, 0, 0, 2.
    assert [2.0, 0.0, -2.0, None] == [target.worth_of_next_in(bikes) for bikes in range(4)]
    assert [None, -2.0, 0.0, 2.0] == [target.worth_of_next_out(bikes) for bikes in range(4)]


@pytest.mark.parametrize(("bikes", "placed"), [(0, 0), (17, 17), (60, 42), (-3, 0)])
def test_the_fleets_split_sums_to_the_bikes_that_fit(bikes, placed):
    made = targets_of(coming([1, 2, 3], [3, 2, 1]), [10, 12, 20], bikes=bikes)
    assert placed == sum(target.demand.fleet_split for target in made.values())


def test_a_lost_return_may_count_less_than_a_lost_rental():
    half = targets_of(coming([2.0], [2.0]), [6], lost_return=0.5)["S0"]
    whole = targets_of(coming([2.0], [2.0]), [6])["S0"]
    lost_returns = np.array(whole.lost_trips) - whole.demand.lost_rentals
    np.testing.assert_allclose(half.lost_trips, whole.demand.lost_rentals + lost_returns / 2)


def test_little_knowledge_is_a_reason_for_a_flatter_table():
    # A rental lost on a busier day than thought outweighs one saved on a quieter one: the least rises.
    sure, unsure = (targets_of(coming([2.0], [2.0], sigma=sigma), [12])["S0"] for sigma in (0.0, 0.6))
    assert min(unsure.lost_trips) > min(sure.lost_trips)


def test_stations_without_rates_of_their_own_get_no_target_from_demand():
    forecast = replace(coming([1, 2], [2, 1]), is_known=np.array([False, True]))
    assert ["S1"] == list(targets_of(forecast, [10, 10], bikes=5))
    assert {} == targets_of(forecast.of(np.array([0])), [10])


def test_the_operators_target_comes_before_demand_and_demand_before_the_default():
    past = generated(days=14)
    city = small_city(capacities=(*past.history.capacities, 20), zone="Europe/Oslo")
    as_of = past.history.span()[1] + 1
    demand = fit_demand(past.history, as_of_ts=as_of, settings=DemandSettings())
    snapshot = Snapshot(
        as_of=START, stations=tuple(StationStatus(station_id=item.id, bikes=5) for item in city.stations)
    )
    own = interval_target("S2", capacity=20, low=3, high=4, trips_per_bike=1.0, reason="event in the park")
    made = choose_targets(city, snapshot, start_ts=as_of, demand=demand, given=[own])
    assert [station.id for station in city.stations] == [target.station_id for target in made]
    # S6 is not in the past.
    assert ["demand", "demand", "operator", "demand", "demand", "demand", "default"] == [item.source for item in made]
    assert own == made[2]
    # S6 does not take part in the split: five bikes at each of the six others.
    split = sum(target.demand.fleet_split for target in made if target.demand is not None)
    assert all(
        len(target.lost_trips) == station.capacity + 1 for target, station in zip(made, city.stations, strict=True)
    )
    assert split <= 30


@pytest.mark.parametrize(
    "wrong", [{"service_level": 1.0}, {"service_level": 0.0}, {"lost_return": -1}, {"crowding": -1}]
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InvalidProblem):
        DemandSettings(**wrong)


def test_steps_of_a_table_are_the_worth_of_bikes():
    target = targets_of(coming([1.0], [0.5]), [8])["S0"]
    assert [before - after for before, after in pairwise(target.lost_trips)] == [
        target.worth_of_next_in(bikes) for bikes in range(8)
    ]


def test_charging_an_empty_bike_is_worth_the_rental_it_serves():
    # Only rentals, about 48 a day, far more than bikes: each charged bike serves one of them.
    forecast = coming([2.0], [0.0])
    place = Place(station_id="S0", row=0, room=9, low_charge=1)
    made = station_targets(forecast, [place], bikes=5, settings=DemandSettings(), time_zone="UTC")["S0"]
    assert [1.0] * 10 == pytest.approx(list(made.demand.worth_of_swap), abs=1e-6)
    # Without an empty bike there is nothing to swap.
    assert targets_of(forecast, [9])["S0"].demand.worth_of_swap is None


def test_charging_a_bike_where_docks_are_short_gains_nothing():
    # Only returns: a usable bike holds a dock as an empty one does, and nobody rents it.
    place = Place(station_id="S0", row=0, room=4, low_charge=2)
    made = station_targets(coming([0.0], [3.0]), [place], bikes=0, settings=DemandSettings(), time_zone="UTC")["S0"]
    assert [0.0] * 5 == pytest.approx(list(made.demand.worth_of_swap), abs=1e-9)


def test_tables_for_freed_docks_are_those_of_a_larger_station():
    forecast = coming([1.5], [1.5])
    place = Place(station_id="S0", row=0, room=5, low_charge=1, broken=2)
    made = station_targets(forecast, [place], bikes=2, settings=DemandSettings(), time_zone="UTC")["S0"]
    assert [7, 8, 9] == [len(table) for table in made.lost_trips_freed]
    for freed, table in enumerate(made.lost_trips_freed, start=1):
        assert targets_of(forecast, [5 + freed])["S0"].lost_trips == pytest.approx(table)
    # One charged bike comes with its dock: the worth of a swap, told by both.
    for bikes in range(6):
        assert made.lost_trips[bikes] - made.lost_trips_freed[0][bikes + 1] == pytest.approx(
            made.demand.worth_of_swap[bikes]
        )


def test_nothing_is_freed_where_nothing_is_blocked_nor_in_a_zone():
    forecast = coming([1.5], [1.5])
    assert () == targets_of(forecast, [5])["S0"].lost_trips_freed
    zone = Place(station_id="S0", row=0, room=10, soft_capacity=5, low_charge=1, broken=2)
    made = station_targets(forecast, [zone], bikes=2, settings=DemandSettings(), time_zone="UTC")["S0"]
    assert () == made.lost_trips_freed
