"""Times with and without offset, changes of clocks, the order of day and month, and times that are really UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.history.problems import Problem
from scenarios.history.times import DateOrder, read_times
from scenarios.history.zones import zone
from tests.unit.scenarios.history.folders import IDS, at, read, write

HEADER = "started_at,ended_at,start_station_id,end_station_id\n"


def trips(*pairs: tuple[str, str]) -> str:
    return HEADER + "".join(f"{start},{end},72,79\n" for start, end in pairs)


def seconds(*texts: str, order: DateOrder = DateOrder.MONTH_FIRST) -> list[int]:
    return read_times(pa.array(texts), order).seconds.tolist()


@pytest.mark.parametrize(
    ("text", "naive"),
    [
        ("2019-04-01T05:02:53Z", False),
        ("2019-04-01T05:02:53.999999Z", False),
        ("2019-04-01 05:02:53.123000+00:00", False),
        ("2019-04-01 07:02:53+0200", False),
        ("2019-04-01 07:02:53 +02", False),
        ("2019-04-01 05:02:53 UTC", False),
        ("1554094973", False),
        ("1554094973.75", False),
        ("1.554094973e9", False),
        ("2019-04-01 05:02:53", True),
        ("2019-04-01T05:02:53.123456789", True),
        (" 2019/04/01  5:02:53 ", True),
        ("4/1/2019 5:02:53", True),
        ("4/1/2019 5:02:53 AM", True),
        ("04/01/19 05:02:53", True),
        ("4-1-2019, 05:02:53", True),
    ],
)
def test_one_moment_in_many_forms(text: str, naive: bool):
    # Alone and among other forms: whole columns of one form are read by another way.
    alone, among = read_times(pa.array([text]), DateOrder.MONTH_FIRST), seconds(text, "x", "2019-04-01 05:02:53Z")
    assert [at("2019-04-01T05:02:53")] == alone.seconds.tolist()
    assert [naive] == alone.naive.tolist()
    assert [at("2019-04-01T05:02:53"), Problem.TIME_UNREADABLE, at("2019-04-01T05:02:53")] == among


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2019-04-01",
        "05:02",
        "yesterday",
        "2019-02-30 05:02",
        "2019-04-01 24:01",
        "2019-04-01 05:61",
        "13/13/2019 1:00",
    ],
)
def test_what_is_no_time_is_told_alone_and_among_others(text: str):
    assert [Problem.TIME_UNREADABLE] == seconds(text)
    assert Problem.TIME_UNREADABLE == seconds(text, "2019-04-01 05:02:53")[0]


def test_milliseconds_and_far_years_are_told_apart():
    expected = [Problem.TIME_IN_MILLISECONDS, Problem.TIME_OUT_OF_RANGE, at("2100-12-31T23:59:59")]
    assert expected == seconds("1554094973000", "86400", "2100-12-31 23:59:59")
    assert [Problem.TIME_OUT_OF_RANGE] == seconds("2101-01-01 00:00:00")


@pytest.mark.parametrize("text", ["-1e308", "-99999999999999999999"])
def test_seconds_long_before_all_time_are_out_of_range(text: str):
    assert [Problem.TIME_OUT_OF_RANGE] == seconds(text)
    assert [Problem.TIME_OUT_OF_RANGE, at("2019-04-01 05:02:53")] == seconds(text, "2019-04-01 05:02:53")


@pytest.mark.parametrize("name", ["Europe/Oslo", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
@given(moment=st.datetimes(datetime(2000, 1, 2), datetime(2100, 12, 30)))  # noqa: DTZ001 - clocks show no zone
def test_zones_agree_with_python(name: str, moment: datetime):
    shown = int(moment.replace(tzinfo=UTC, microsecond=0).timestamp())
    expected = int(moment.replace(tzinfo=ZoneInfo(name), microsecond=0).timestamp())
    assert expected == zone(name).moments(np.array([shown])).ts[0]
    local = datetime.fromtimestamp(expected, ZoneInfo(name)).replace(tzinfo=UTC)
    assert int(local.timestamp()) == zone(name).local(np.array([expected]))[0]


@pytest.mark.parametrize(
    ("city", "start", "end", "expected"),
    [
        # Clocks go back at 01:00 UTC from 03:00 to 02:00: the first 02:10 is 00:10 UTC.
        ("Europe/Oslo", "2019-10-27 01:50", "2019-10-27 02:10", ("2019-10-26T23:50", "2019-10-27T00:10")),
        # From 02:50 to 02:10 is twenty minutes, not back in time: the end is the second 02:10, 01:10 UTC.
        ("Europe/Oslo", "2019-10-27 02:50", "2019-10-27 02:10", ("2019-10-27T00:50", "2019-10-27T01:10")),
        # Clocks go forward at 01:00 UTC from 02:00 to 03:00: 02:30 does not exist and becomes 03:30.
        ("Europe/Oslo", "2019-03-31 01:50", "2019-03-31 02:30", ("2019-03-31T00:50", "2019-03-31T01:30")),
        # In California clocks go back at 09:00 UTC, from 02:00 to 01:00.
        ("America/Los_Angeles", "2019-11-03 00:50", "2019-11-03 01:10", ("2019-11-03T07:50", "2019-11-03T08:10")),
        ("America/Los_Angeles", "2019-11-03 01:50", "2019-11-03 01:10", ("2019-11-03T08:50", "2019-11-03T09:10")),
        # And forward at 10:00 UTC, from 02:00 to 03:00.
        ("America/Los_Angeles", "2019-03-10 01:50", "2019-03-10 02:30", ("2019-03-10T09:50", "2019-03-10T10:30")),
    ],
)
def test_a_trip_over_a_change_of_clocks(tmp_path: Path, city: str, start: str, end: str, expected: tuple[str, str]):
    answer = read(write(tmp_path, trips_csv=trips((start, end))), zone=city)
    assert [(at(expected[0]), at(expected[1]), "72", "79", -1)] == answer.trips
    assert 1 == answer.history.report.clock_changes


def test_a_poll_in_the_hour_that_comes_twice_is_the_first(tmp_path: Path):
    answer = read(
        write(tmp_path, polls_csv="ts,station_id,bikes\n2019-10-27 02:30:00,72,1\n2019-10-27 03:30:00,72,2\n")
    )
    assert [at("2019-10-27T00:30"), at("2019-10-27T02:30")] == [poll[1] for poll in answer.polls]
    assert 1 == answer.history.report.clock_changes


def test_offsets_win_over_every_zone(tmp_path: Path):
    text = trips(("2019-07-01T08:00:00+05:30", "2019-07-01T08:20:00+02:00"))
    answer = read(write(tmp_path, trips_csv=text), naive="America/Los_Angeles")
    assert [(at("2019-07-01T02:30"), at("2019-07-01T06:20"), "72", "79", -1)] == answer.trips
    assert 0 == answer.history.report.clock_changes


def test_one_file_with_and_without_offsets_is_refused(tmp_path: Path):
    text = trips(("2019-07-01 08:00:00", "2019-07-01 08:20:00"), ("2019-07-01T08:00:00Z", "2019-07-01T08:20:00Z"))
    answer = read(write(tmp_path, trips_csv=text), naive="UTC")
    assert answer.loaded is None
    assert [
        (
            "history/trips.csv: row 2: tells times with and without an offset: row 2 has none, row 3 has one"
            " (one way for all; for whole files without offsets, [history] time_zone in city.toml says what they mean)"
        )
    ] == answer.told


def test_two_files_one_without_offsets_are_refused_until_somebody_says_what_they_mean(tmp_path: Path):
    write(
        tmp_path,
        a_csv=trips(("2019-07-01 08:00:00", "2019-07-01 08:20:00")),
        b_csv=trips(("2019-07-01T09:00:00Z", "2019-07-01T09:20:00Z")),
    )
    answer = read(tmp_path)
    assert answer.loaded is None
    assert [
        (
            "history/b.csv: row 2: tells times with and without an offset: history/a.csv, row 2, has none,"
            " history/b.csv, row 2, has one"
            " (one way for all; for whole files without offsets, [history] time_zone in city.toml says what they mean)"
        )
    ] == answer.told
    assert [at("2019-07-01T08:00"), at("2019-07-01T09:00")] == [trip[0] for trip in read(tmp_path, naive="UTC").trips]


@pytest.mark.parametrize(
    ("dates", "order", "days"),
    [
        # More different numbers are those of days.
        (("8/1/2019", "8/2/2019"), "month first", ["2019-08-01", "2019-08-02"]),
        (("1/8/2019", "2/8/2019"), "day first", ["2019-08-01", "2019-08-02"]),
        (("7/8/2019",), "month first", ["2019-07-08"]),
    ],
)
def test_an_undecided_order_of_dates_is_assumed_and_told(
    tmp_path: Path, dates: tuple[str, ...], order: str, days: list[str]
):
    answer = read(write(tmp_path, trips_csv=trips(*((f"{day} 08:00", f"{day} 08:20") for day in dates))))
    assert [at(f"{day}T06:00") for day in days] == [trip[0] for trip in answer.trips]
    assert [
        (
            f"history/trips.csv: started_at: tells dates like {dates[0]}, and none shows whether the day or the month"
            f" comes first; taken as {order} (dates like 2019-08-01 leave nothing open)"
        )
    ] == answer.told


def city_day(count: int, *, ahead_h: int) -> str:
    """Trips of two weeks, from 06:00 to midnight local time, written in a clock that many hours ahead of it."""
    first = datetime(2019, 1, 7, tzinfo=UTC)
    rows = []
    for number in range(count):
        start = (
            first + timedelta(days=number % 14, hours=6 + number % 18, minutes=number // 100) + timedelta(hours=ahead_h)
        )
        rows.append((f"{start:%Y-%m-%d %H:%M:%S}", f"{start + timedelta(minutes=10):%Y-%m-%d %H:%M:%S}"))
    return trips(*rows)


def test_times_by_which_a_city_sleeps_at_noon_are_taken_as_utc(tmp_path: Path):
    answer = read(write(tmp_path, trips_csv=city_day(1000, ahead_h=8)), zone="America/Los_Angeles")
    assert [
        (
            "history/trips.csv: times have no offset and are taken as UTC: as local times the quietest five hours"
            " would be around 10:30, as UTC they are around 03:30 (0.0% of 1,000 trips)"
            " ([history] time_zone in city.toml says otherwise, like time_zone = 'America/Los_Angeles')"
        )
    ] == answer.told
    assert answer.history.report.times_taken_as_utc
    assert at("2019-01-07T14:00") == answer.trips[0][0]


@pytest.mark.parametrize(
    ("count", "ahead_h", "naive"),
    [(1000, 0, None), (999, 8, None), (1000, 8, "America/Los_Angeles"), (1000, 2, None)],
    ids=["local", "too few", "told otherwise", "nearly right as it is"],
)
def test_times_stay_local_without_evidence(tmp_path: Path, count: int, ahead_h: int, naive: str | None):
    answer = read(write(tmp_path, trips_csv=city_day(count, ahead_h=ahead_h)), zone="America/Los_Angeles", naive=naive)
    assert [] == answer.told
    assert at(f"2019-01-07T{6 + ahead_h + 8:02d}:00") == answer.trips[0][0]


def test_a_city_that_never_sleeps_shows_nothing(tmp_path: Path):
    start = datetime(2019, 1, 7, tzinfo=UTC)
    rows = [start + timedelta(minutes=10 * number) for number in range(2000)]
    text = trips(*((f"{row:%Y-%m-%d %H:%M}", f"{row + timedelta(minutes=9):%Y-%m-%d %H:%M}") for row in rows))
    answer = read(write(tmp_path, trips_csv=text), zone="America/Los_Angeles")
    assert [] == answer.told
    assert 2000 == answer.history.report.trip_rows


def test_ids_are_in_the_order_of_the_city(tmp_path: Path):
    assert IDS == read(write(tmp_path, trips_csv=trips(("1700000000", "1700000600")))).history.history.station_ids
