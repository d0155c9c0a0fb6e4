"""Local days and slots, clock changes included."""

from datetime import date

import numpy as np
import pytest

from optimiser.basics.errors import InvalidProblem
from optimiser.demand.calendar import DayClass, calendar
from tests.pasts import moment

OSLO, LOS_ANGELES, KOLKATA = "Europe/Oslo", "America/Los_Angeles", "Asia/Kolkata"


def utc(*texts):
    return np.array([moment(text) for text in texts], dtype=np.int64)


def days_of(zone, first, last, **options):
    return calendar(zone, moment(first, zone), moment(last, zone), **options)


def quarters_by_cell(days, zone):
    """How many quarters of an hour of real time fall into each cell."""
    begin, end = moment(f"{days.first_day} 00:00", zone), moment(f"{days.day(days.days)} 00:00", zone)
    return np.bincount(days.cell_of(np.arange(begin, end, 900)), minlength=days.days * days.slots)


def test_a_cell_is_a_slot_of_a_local_day():
    days = days_of(OSLO, "2026-06-01 10:00", "2026-06-02 10:00")
    # Summer time: 12:29 UTC on 2 June is 14:29 in Oslo, slot 28 of day 1 = cell 48 + 28.
    assert [76, 77] == days.cell_of(utc("2026-06-02 12:29:59", "2026-06-02 12:30")).tolist()
    assert (48, 2, date(2026, 6, 1)) == (days.slots, days.days, days.first_day)


@pytest.mark.parametrize(
    ("zone", "before", "after", "slot"),
    # Clocks go back at 01:00 UTC in Oslo and at 09:00 UTC in Los Angeles: the hour from two (one) is lived twice.
    [
        (OSLO, "2026-10-25 00:30", "2026-10-25 01:30", 5),
        (LOS_ANGELES, "2026-11-01 08:30", "2026-11-01 09:30", 3),
    ],
)
def test_where_clocks_go_back_two_half_hours_share_a_cell(zone, before, after, slot):
    day = before[:10]
    days = days_of(zone, f"{day} 12:00", f"{day} 12:00")
    assert [slot, slot] == days.cell_of(utc(before, after)).tolist()
    # 25 hours = 100 quarters, four to each of the two slots that are lived twice.
    quarters = quarters_by_cell(days, zone)
    assert 100 == quarters.sum()
    assert [4, 4] == quarters[slot - slot % 2 :][:2].tolist()
    assert {2, 4} == set(quarters.tolist())


@pytest.mark.parametrize(
    ("zone", "day", "skipped"), [(OSLO, "2026-03-29", [4, 5]), (LOS_ANGELES, "2026-03-08", [4, 5])]
)
def test_where_clocks_go_forward_two_cells_stay_empty(zone, day, skipped):
    # From two to three there is no time: 23 hours = 92 quarters.
    days = days_of(zone, f"{day} 12:00", f"{day} 12:00")
    quarters = quarters_by_cell(days, zone)
    assert 92 == quarters.sum()
    assert skipped == np.flatnonzero(quarters == 0).tolist()


def test_the_day_after_a_clock_change_begins_with_its_own_first_cell():
    days = days_of(OSLO, "2026-10-25 12:00", "2026-10-26 12:00")
    assert [47, 48] == days.cell_of(utc("2026-10-25 22:59", "2026-10-25 23:00")).tolist()


@pytest.mark.parametrize(("minutes", "cell"), [(15, 23), (30, 11), (60, 5)])
def test_a_zone_off_by_half_an_hour(minutes, cell):
    # 00:20 UTC is 05:50 in Kolkata: quarter 23, half hour 11, hour 5.
    days = days_of(KOLKATA, "2026-06-01 00:00", "2026-06-01 23:59", slot_minutes=minutes)
    assert [cell] == days.cell_of(utc("2026-06-01 00:20")).tolist()
    # The local day runs from 18:30 UTC to 18:30 UTC.
    moments = utc("2026-05-31 18:29:59", "2026-05-31 18:30", "2026-06-01 18:29:59", "2026-06-01 18:30")
    assert [False, True, True, False] == days.covers(moments).tolist()


def test_moments_outside_all_days_fall_into_the_first_or_last_cell():
    days = days_of(OSLO, "2026-06-01 10:00", "2026-06-02 10:00")
    assert [0, 0, 95, 95] == days.cell_of(
        utc("2020-01-01 00:00", "2026-05-31 12:00", "2026-06-03 12:00", "2030-01-01 00:00")
    ).tolist()


def test_classes_of_days():
    # Friday 1 May 2026 (a holiday), Saturday, Sunday, Monday; a Saturday that is a holiday counts as a Sunday.
    days = days_of(OSLO, "2026-05-01 00:00", "2026-05-04 00:00", holidays={date(2026, 5, 1)})
    assert [DayClass.SUNDAY, DayClass.SATURDAY, DayClass.SUNDAY, DayClass.WORKDAY] == days.classes.tolist()
    days = days_of(OSLO, "2026-12-26 00:00", "2026-12-26 00:00", holidays={date(2026, 12, 26)})
    assert [DayClass.SUNDAY] == days.classes.tolist()


def test_days_run_from_local_midnight_to_local_midnight_across_a_clock_change():
    days = days_of(OSLO, "2026-10-25 12:00", "2026-10-25 12:00")
    # Midnight is 22:00 UTC in summer and 23:00 UTC in winter time.
    moments = utc("2026-10-24 21:59:59", "2026-10-24 22:00", "2026-10-25 22:59:59", "2026-10-25 23:00")
    assert [False, True, True, False] == days.covers(moments).tolist()


def test_slots_of_other_lengths_are_refused():
    with pytest.raises(InvalidProblem, match="15, 30 or 60"):
        calendar(OSLO, 0, 0, slot_minutes=20)
