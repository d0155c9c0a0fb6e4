"""Key figures against hand arithmetic; see `nights.SMALL_PLAN` for the clock."""

from __future__ import annotations

import pytest

from optimiser.reporting.key_figures import figure_rows, key_figures
from tests.unit.reporting.nights import night_of, small_night, small_problem


def test_stations_before_and_after():
    figures = key_figures(small_night())
    # Before: A loses 9 - 4 = 5 trips, B 4 - 0 = 4, C none; each is worth 10.
    assert figures.before.expected_lost_trips == 9
    assert figures.before.lost_trip_cost == 90
    assert figures.before.stations_empty == 1
    assert figures.before.stations_full == 0
    assert figures.before.stations_below_target == 1
    assert figures.before.stations_within_target == 1
    assert figures.before.stations_above_target == 1
    assert figures.before.bikes_short_of_target == 4
    assert figures.before.bikes_at_stations == 14
    assert figures.before.bikes_in_vans == 0
    # After: A 4, B 4, C 5; one bike came home in the van.
    assert figures.after.expected_lost_trips == 0
    assert figures.after.stations_within_target == 3
    assert figures.after.bikes_at_stations == 13
    assert figures.after.bikes_in_vans == 1


def test_work_and_money():
    work = key_figures(small_night()).work
    assert (work.vans_used, work.stops, work.bikes_moved, work.bike_handlings) == (1, 2, 5, 9)
    assert work.driven_km == 6.0
    assert work.van_hours == pytest.approx(890 / 3600)
    assert work.drive_hours == pytest.approx(600 / 3600)
    assert work.handling_hours == pytest.approx(290 / 3600)
    assert work.lost_trips_avoided == 9
    assert work.lost_trips_avoided_per_van_hour == pytest.approx(9 / (890 / 3600))
    assert work.lost_trips_avoided_per_km == 1.5
    # 36 an hour x 890 s = 8.90; 1 a km x 6 km = 6.00; nothing lost any more: 90 - 14.90 = 75.10 saved.
    assert work.total_cost_after == pytest.approx(14.9)
    assert work.total_saved == pytest.approx(75.1)


def test_a_night_in_the_depot_has_no_rates_and_no_change():
    figures = key_figures(night_of(small_problem()))
    assert figures.work.lost_trips_avoided_per_van_hour is None
    assert figures.work.lost_trips_avoided_per_km is None
    assert figures.before == figures.after


def test_delta_is_after_less_before_in_the_document():
    document = key_figures(small_night()).as_document()
    assert document["delta"]["bikes_short_of_target"] == -4
    assert document["delta"]["stations_within_target"] == 2
    assert document["after"]["stops"] == 2


def test_every_station_figure_has_a_row():
    rows = figure_rows(key_figures(small_night()), currency="SEK")
    assert (rows[0].name, rows[0].delta) == ("expected_lost_trips", -9)
    assert len(rows) == 12
