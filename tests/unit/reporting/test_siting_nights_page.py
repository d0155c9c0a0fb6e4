"""The sections of the page on nights of bikes and of cars without what a study builds and with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from optimiser.reporting.siting_car_night import CarNight, CarNightWork
from tests.unit.reporting.bike_nights import BIKE_NIGHTS, NIGHT, WITH_DOCKS, WITHOUT
from tests.unit.reporting.siting_pages import page


def test_nights_without_docks_and_with_them_are_told_with_what_they_rest_on():
    without, with_docks, night, told = WITHOUT, WITH_DOCKS, NIGHT, BIKE_NIGHTS
    text = page(bike_nights=told)
    assert "3 charging docks at 1 bike station, and 2 where no station is, which save nothing here." in text
    assert "Of 6 bikes low on charge in 1 night, 3 need no van." in text
    # 2 km, 3 swaps and 9 a night; 600 km, 2,700 and 120 kg a year.
    assert "saves 2.0 km of vans, 0 minutes, 3.0 swaps and 9.00 SEK a night, as the searches found it" in text
    assert "(what the best plans save is proven to lie between 4.00 and 10.00 SEK)" in text
    assert "in a year of such nights it saves 600 km, 2\u202f700 SEK and 120 kg of CO₂." in text
    # 5,400 for the docks are two years' 2,700.
    assert "These docks cost 5\u202f400 SEK, which that pays back in 2.0 years." in text
    # 45 - 41 and 50 - 40.
    assert "they save 4.00 SEK at least and 10.00 SEK at most; that is proven." in text
    worse = replace(night, with_docks=replace(with_docks, cost=48.0))
    text = page(bike_nights=replace(told, nights=(night, worse)))
    assert "From night to night docks save 2.00 to 9.00 SEK." in text
    # The mean of 4 and 45 - 48, and of 10 twice.
    assert "save 0.50 SEK at least and 10.00 SEK at most" in text
    worst = replace(told, nights=(replace(worse, without=replace(without, best_bound=30.0)),))
    text = page(bike_nights=worst)
    assert "within −18.00 SEK and 10.00 SEK only" in text
    # Found are 2 a night, but whether anything is saved is open: nobody knows when that has paid for the docks.
    assert "and 2.00 SEK a night, as the searches found it (what the best plans save is proven to lie between" in text
    assert "−18.00 and 10.00 SEK, so that it is open whether money is saved); in a year of such nights it" in text
    assert "it saves 600 km and 120 kg of CO₂, as found and not proven. These docks cost" in text
    assert "These docks cost 5\u202f400 SEK.</p>" in text
    assert worst.years_to_pay is None
    dear = page(bike_nights=replace(told, nights=(replace(night, with_docks=replace(with_docks, cost=64.0)),)))
    # 14 more than the 50 without docks; of 45 - 64 and 50 - 40 nobody knows which it is.
    assert "That saves 2.0 km of vans, 0 minutes and 3.0 swaps and costs 14.00 SEK more a night, as the" in dear
    assert "in a year of such nights it saves 600 km and 120 kg of CO₂, as found and not proven." in dear
    assert "These docks cost 5\u202f400 SEK.</p>" in dear
    # 45 - 64 and 50 - 40.
    assert "within −19.00 SEK and 10.00 SEK only: that they cost more is as the searches found it" in dear
    assert "From night to night docks cost up to 14.00 SEK more and save up to 9.00 SEK." in page(
        bike_nights=replace(told, nights=(night, replace(night, with_docks=replace(with_docks, cost=64.0))))
    )
    assert "Low bikes &lt;stand&gt; there." in text
    sure = replace(night, with_docks=replace(with_docks, cost=64.0, best_bound=60.0))
    sure = page(bike_nights=replace(told, nights=(sure,)))
    # 14 a night in a year of 300 nights; proven are 50 - 60 at most.
    assert "in a year of such nights it saves 600 km and 120 kg of CO₂ and costs 4\u202f200 SEK more." in sure
    assert "as found and not proven" not in sure
    # 45 - 45 at least: it may be nothing.
    even = replace(night, with_docks=replace(with_docks, cost=45.0, van_minutes=59.0))
    text = page(bike_nights=replace(told, nights=(even,)))
    assert "saves 2.0 km of vans, 1 minute, 3.0 swaps and 5.00 SEK a night" in text
    assert "lie between 0.00 and 10.00 SEK, so that it is open whether money is saved)" in text
    assert "it saves 600 km and 120 kg of CO₂, as found and not proven. These docks cost 5\u202f400 SEK.</p>" in text
    idle = replace(told, nights=(replace(night, charged=0, with_docks=without),))
    assert "so nothing is saved" in page(bike_nights=idle)
    assert 'id="nights"' not in page()


def test_a_night_of_cars_without_plugs_and_with_them_is_told_with_what_it_rests_on():
    without = CarNightWork(
        driver_minutes=120.0,
        charging_trips=3,
        cars_moved=5,
        plugged_in=4,
        car_km=12.0,
        ride_km=8.0,
        charged_kwh=90.0,
        energy_cost=18.0,
        grid_co2_kg=27.0,
        ready_cars=20,
        lost_trips=4.0,
        driver_cost=64.0,
        cost=118.0,
        best_bound=110.0,
    )
    with_plugs = replace(
        without, driver_minutes=90.0, charging_trips=1, car_km=4.0, lost_trips=4.5, cost=104.0, best_bound=95.0
    )
    told = CarNight(
        as_of=datetime(2026, 11, 22, 21, tzinfo=UTC),
        cars=30,
        low_charge=6,
        without=without,
        with_plugs=with_plugs,
        at_stations={"A": 2, "Z": 1},
        hubs={"S1": 4},
        held_by_others=5,
        out_of_reach=2,
        plugs_cost=80_000.0,
        nights_a_year=300.0,
        assumptions=("Plugs <stand> free.",),
    )
    text = page(car_night=told)
    assert "3 new plugs at 2 of the fleet&#39;s stations and zones, 4 at 1 charging hub of their own. Not" in text
    assert "Not counted: 5 that others hold at night, 2 that drivers cannot get to." in text
    assert "In the evening of 2026-11-22 6 of the fleet&#39;s 30 cars are low on charge and on no plug" in text
    assert "with the new plugs 1 instead of 3 are driven to one. That" in text
    # 30 minutes, 8 km and 14 a night less, half a trip more; 150 hours, 2,400 km, 4,200 and 150 trips a year.
    assert "saves 30 minutes of drivers, 8.0 km of cars and 14.00 SEK and costs 0.5 lost trips more a night" in text
    assert "saves 150 hours of drivers, 2\u202f400 km and 4\u202f200 SEK and costs 150 lost trips more" in text
    # 110 - 104 and 118 - 95.
    assert "they save 6.00 SEK at least and 23.00 SEK at most; that is proven." in text
    assert "All new plugs for cars cost 80\u202f000 SEK, and they serve others too." in text
    assert "Plugs &lt;stand&gt; free." in text
    # More is allowed with plugs, so that nothing can be lost.
    loose = replace(told, without=replace(without, best_bound=50.0))
    assert loose.saved_between == (0.0, 23.0)
    assert "as found and not proven" not in text
    text = page(car_night=loose)
    assert "lie between 0.00 and 23.00 SEK, so that it is open whether money is saved); in a year" in text
    assert "costs 150 lost trips more, as found and not proven. All new plugs" in text
    # A minute in each of 60 nights, and a sixtieth of a trip more.
    little = replace(with_plugs, driver_minutes=119.0, lost_trips=4.0 + 1 / 60)
    text = page(car_night=replace(told, with_plugs=little, nights_a_year=60.0))
    assert "saves 1 minute of drivers, 8.0 km" in text
    assert "it saves 1 hour of drivers, 480 km and 840 SEK and costs 1 lost trip more." in text
    none = replace(told, at_stations={}, hubs={}, with_plugs=without)
    assert "The night of the cars stays as it is." in page(car_night=none)
    assert 'id="car-night"' not in page()
