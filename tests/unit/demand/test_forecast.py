"""Rates of the day that follows, in real time."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from optimiser.demand.calendar import DayClass, calendar
from optimiser.demand.forecast import expected_losses, forecast
from optimiser.demand.rates import Intensity, Rates
from tests.pasts import moment

OSLO = "Europe/Oslo"


def rates(*, busy=1.0):
    """One station; the rate of a slot tells its class and number: 100 x class + slot."""
    rate = (100.0 * np.arange(3)[None, :, None] + np.arange(48)) / 1e6
    known = Intensity(rate=rate, shape=np.ones_like(rate), events=np.array([25.0]))
    days = calendar(OSLO, moment("2026-06-01 00:00", OSLO), moment("2026-06-30 23:00", OSLO))
    return Rates(
        calendar=days,
        rental=known,
        giving=replace(known, rate=rate * 2),
        day_factor=np.full((2, days.days), busy),
        lopsided=np.zeros(1),
        coming_tilt=np.zeros((2, 2)),
        watched=np.ones(days.days, dtype=bool),
        is_known=np.ones(1, dtype=bool),
        strength=(1.0, 1.0),
    )


def told(start, **options):
    """Class and slot of every half hour of the forecast, as 100 x class + slot."""
    made = forecast(rates(), start_ts=moment(start, OSLO), **options)
    return np.rint(made.rental[0] / made.renting.factor * 1e6).astype(int).tolist()


def test_a_day_runs_from_the_night_on_through_the_next():
    # Tuesday 30 June 2026 22:00: slots 44 to 47, then all of Wednesday's up to 43.
    assert [44, 45, 46, 47, *range(44)] == told("2026-06-30 22:00")


def test_the_class_changes_at_midnight():
    # Friday evening, then Saturday.
    assert [44, 45, 46, 47, *(100 * DayClass.SATURDAY + slot for slot in range(44))] == told("2026-07-03 22:00")


def test_a_holiday_is_a_sunday():
    holidays = frozenset({date(2026, 7, 1)})
    assert [47, *(200 + slot for slot in range(47))] == told("2026-06-30 23:30", holidays=holidays)


def test_where_clocks_go_back_an_hour_comes_twice():
    # Sunday 25 October 2026 from midnight: 24 hours end at 23:00, two o'clock comes twice.
    slots = [*range(6), 4, 5, *range(6, 46)]
    assert [200 + slot for slot in slots] == told("2026-10-25 00:00")


def test_where_clocks_go_forward_an_hour_is_missing():
    # Sunday 29 March 2026: no two o'clock; 24 hours end at 01:00 on Monday.
    assert [*(200 + slot for slot in (*range(4), *range(6, 48))), 0, 1] == told("2026-03-29 00:00")


@pytest.mark.parametrize("busy", [0.5, 2.0])
def test_a_busy_city_is_expected_to_stay_so(busy):
    made, usual = (forecast(rates(busy=level), start_ts=moment("2026-06-30 22:00", OSLO)) for level in (busy, 1.0))
    np.testing.assert_allclose(made.rental, busy * usual.rental, rtol=1e-6)
    assert made.wanted()[0][0] == pytest.approx(made.rental.sum() * 1800)
    assert made.wanted()[1][0] == pytest.approx(2 * made.wanted()[0][0])


def test_a_tilt_moves_demand_between_stations_and_that_of_the_coming_kind_of_day_counts():
    # Two stations alike but for what they are: by rentals one is foretold exp(0.6) times the other on a workday.
    one = rates()
    twice = replace(one.rental, rate=np.repeat(one.rental.rate, 2, axis=0), events=np.repeat(one.rental.events, 2))
    steady = replace(one, rental=twice, giving=twice, lopsided=np.array([1.0, -1.0]), is_known=np.ones(2, dtype=bool))
    leaning = replace(steady, coming_tilt=np.array([[0.3, 0.1], [-0.3, 0.0]]))
    workday, usual = (forecast(told, start_ts=moment("2026-06-30 22:00", OSLO)) for told in (leaning, steady))
    np.testing.assert_allclose(workday.rental[0], np.exp(0.6) * workday.rental[1], rtol=1e-9)
    np.testing.assert_allclose(workday.giving[0], np.exp(-0.6) * workday.giving[1], rtol=1e-9)
    np.testing.assert_allclose(workday.rental.sum(axis=0), usual.rental.sum(axis=0))
    saturday = forecast(leaning, start_ts=moment("2026-07-03 22:00", OSLO))
    np.testing.assert_allclose(saturday.rental[0, 4:], np.exp(0.2) * saturday.rental[1, 4:], rtol=1e-9)


def test_what_is_known_of_a_station_grows_with_its_events():
    # 25 events: a standard deviation of a fifth.
    assert [0.2] == forecast(rates(), start_ts=0).sigma.tolist()


def test_a_horizon_ends_a_day_after_its_start():
    start_ts = moment("2026-10-24 22:00", OSLO)
    made = forecast(rates(), start_ts=start_ts)
    assert start_ts + 86_400 == made.end_ts


def test_losses_are_averaged_over_days_and_so_exceed_those_of_the_usual_day():
    made = forecast(rates(), start_ts=moment("2026-07-03 22:00", OSLO))
    rooms = np.array([12])
    usual = replace(
        made,
        sigma=np.zeros(1),
        renting=replace(made.renting, kinds=(1.0, 1.0, 1.0)),
        returning=replace(made.returning, kinds=(1.0, 1.0, 1.0)),
    )
    assert (expected_losses(made, rooms).trips >= expected_losses(usual, rooms).trips).all()
