"""Every known spelling reads to the same trips and polls."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from optimiser.basics.findings import Findings
from scenarios.history.layout import Kind, layout_of
from scenarios.history.spellings import STATUS_SPELLINGS, TRIP_SPELLINGS, spelled
from tests.unit.scenarios.history.folders import at, read, write

# 2014-07-01 in Oslo is two hours ahead of UTC. Bikes 15 and 9 are numbered in the order of their ids.
FIRST = (at("2014-07-01T05:02:00"), at("2014-07-01T05:31:00"), "72", "79")
SECOND = (at("2014-07-13T20:59:00"), at("2014-07-13T21:59:00"), "79", "A7")

TRIPS = {
    "canonical": (
        "started_at,ended_at,start_station_id,end_station_id,bike_id,vehicle_type\n"
        "2014-07-01T07:02:00+02:00,2014-07-01T07:31:00+02:00,72,79,15,ebike\n"
        "2014-07-13T22:59:00+02:00,2014-07-13T23:59:00+02:00,79,A7,9,bike\n"
    ),
    "Citi Bike until 2021": (
        '"tripduration","starttime","stoptime","start station id","start station name","start station latitude",'
        '"start station longitude","end station id","end station name","bikeid","usertype","birth year","gender"\n'
        '"1740","2014-07-01 07:02:00","2014-07-01 07:31:00","72","West End","1","2","79","Harbour","15","S","1980",""\n'
        '"3600","2014-07-13 22:59:00","2014-07-13 23:59:00","79","Harbour","1","2","A7","Old Mill","9","S","\\N","0"\n'
    ),
    "Citi Bike with capitals": (
        "Trip Duration,Start Time,Stop Time,Start Station ID,Start Station Name,End Station ID,"
        "End Station Name,Bike ID\n"
        "1740,2014-07-01 07:02:00,2014-07-01 07:31:00,72,West End,79,Harbour,15\n"
        "3600,2014-07-13 22:59:00,2014-07-13 23:59:00,79,Harbour,A7,Old Mill,9\n"
    ),
    "Citi Bike with the month first": (
        "tripduration,starttime,stoptime,start station id,end station id,bikeid\n"
        "1740,7/1/2014 07:02:00,7/1/2014 07:31:00,72,79,15\n"
        "3600,7/13/2014 22:59:00,7/13/2014 23:59:00,79,A7,9\n"
    ),
    "Capital Bikeshare until 2020": (
        "Duration,Start date,End date,Start station number,Start station,End station number,End station,"
        "Bike number,Member\n"
        "1740,2014-07-01 07:02:00,2014-07-01 07:31:00,72,West End,79,Harbour,15,Member\n"
        "3600,2014-07-13 22:59:00,2014-07-13 23:59:00,79,Harbour,A7,Old Mill,9,Casual\n"
    ),
    "Bay Area": (
        "Trip ID,Duration,Start Date,Start Station,Start Terminal,End Date,End Station,End Terminal,Bike #,Zip Code\n"
        "1,1740,7/1/2014 7:02,West End,72,7/1/2014 7:31,Harbour,79,15,94107\n"
        "2,3600,7/13/2014 22:59,Harbour,79,7/13/2014 23:59,Old Mill,A7,9,94107\n"
    ),
    "Bay Area with short years": (
        "Trip ID,Duration,Start Date,Start Station,Start Terminal,End Date,End Station,End Terminal,Bike #\n"
        "1,1740,7/1/14 7:02,West End,72,7/1/14 7:31,Harbour,79,15\n"
        "2,3600,7/13/14 22:59,Harbour,79,7/13/14 23:59,Old Mill,A7,9\n"
    ),
    "Divvy until 2019": (
        "trip_id,start_time,end_time,bikeid,tripduration,from_station_id,from_station_name,to_station_id,to_station_name\n"
        '1,2014-07-01 07:02:00,2014-07-01 07:31:00,15,"1,740.0",72,West End,79,Harbour\n'
        '2,2014-07-13 22:59:00,2014-07-13 23:59:00,9,"3,600.0",79,Harbour,A7,Old Mill\n'
    ),
    "TfL": (
        "Rental Id,Duration,Bike Id,End Date,EndStation Id,EndStation Name,Start Date,StartStation Id,"
        "StartStation Name\n"
        "1,1740,15,01/07/2014 07:31,79,Harbour,01/07/2014 07:02,72,West End\n"
        "2,3600,9,13/07/2014 23:59,A7,Old Mill,13/07/2014 22:59,79,Harbour\n"
    ),
    "TfL since 2022": (
        "Number,Start date,Start station number,Start station,End date,End station number,End station,Bike number\n"
        "1,2014-07-01 07:02,72,West End,2014-07-01 07:31,79,Harbour,15\n"
        "2,2014-07-13 22:59,79,Harbour,2014-07-13 23:59,A7,Old Mill,9\n"
    ),
}

WITHOUT_BIKES = {
    "Lyft": (
        "ride_id,rideable_type,started_at,ended_at,start_station_name,start_station_id,end_station_name,"
        "end_station_id,start_lat,start_lng,end_lat,end_lng,member_casual\n"
        "A1,electric_bike,2014-07-01 07:02:00,2014-07-01 07:31:00,West End,72,Harbour,79,1,2,3,4,member\n"
        "A2,classic_bike,2014-07-13 22:59:00.123,2014-07-13 23:59:00.456,Harbour,79,Old Mill,A7,1,2,3,4,casual\n"
    ),
    "Oslo Bysykkel": (
        "started_at,ended_at,duration,start_station_id,start_station_name,start_station_description,"
        "start_station_latitude,start_station_longitude,end_station_id,end_station_name,end_station_description\n"
        '2014-07-01 05:02:00.123000+00:00,2014-07-01 05:31:00.999000+00:00,1740,72,West End,"a, b",1,2,79,Harbour,\n'
        "2014-07-13 20:59:00+00:00,2014-07-13 21:59:00.000100+00:00,3600,79,Harbour,,1,2,A7,Old Mill,\n"
    ),
    "BIXI until 2021": (
        "start_date,start_station_code,end_date,end_station_code,duration_sec,is_member\n"
        "2014-07-01 07:02,72,2014-07-01 07:31,79,1740,1\n"
        "2014-07-13 22:59,79,2014-07-13 23:59,A7,3600,0\n"
    ),
    "BIXI 2021": (
        "start_date,emplacement_pk_start,end_date,emplacement_pk_end,duration_sec,is_member\n"
        "2014-07-01 07:02:00,72,2014-07-01 07:31:00,79,1740,1\n"
        "2014-07-13 22:59:00,79,2014-07-13 23:59:00,A7,3600,0\n"
    ),
    "Toronto": (
        "Trip Id,Trip  Duration,Start Station Id,Start Time,Start Station Name,End Station Id,End Time,"
        "End Station Name\n"
        "1,1740,72,07/01/2014 07:02,West End,79,07/01/2014 07:31,Harbour\n"
        "2,3600,79,07/13/2014 22:59,Harbour,A7,07/13/2014 23:59,Old Mill\n"
    ),
    "Helsinki": (
        "Departure,Return,Departure station id,Departure station name,Return station id,Return station name,"
        "Covered distance (m),Duration (sec.)\n"
        "2014-07-01T07:02:00,2014-07-01T07:31:00,072.0,West End,79,Harbour,1000,1740\n"
        "2014-07-13T22:59:00,2014-07-13T23:59:00,79,Harbour,A7,Old Mill,1000,3600\n"
    ).replace("072.0", "72.0"),
    "names only": (
        "Started at;Ended at;Start station name;End station name\n"
        "2014-07-01 07:02 AM;2014-07-01 07:31 AM;west  end;HARBOUR\n"
        "2014-07-13 10:59 PM;2014-07-13 11:59 PM;Harbour;Old Mill\n"
    ),
    "Unix seconds": (
        "started_at\tended_at\tstart_station_id\tend_station_id\n"
        f"{FIRST[0]}\t{FIRST[1]}\t72\t79\n{SECOND[0]}\t{SECOND[1]}.5\t79\tA7\n"
    ),
}

POLLS = [("72", 1_700_000_000, 5, 7, -1, -1, True), ("79", 1_700_000_060, 0, 12, -1, -1, True)]

STATUS = {
    "canonical": "ts,station_id,bikes,docks\n1700000000,72,5,7\n1700000060,79,0,12\n",
    "GBFS": (
        "station_id,num_bikes_available,num_docks_available,last_reported,is_installed,is_renting,is_returning\n"
        "72,5,7,1700000000,1,1,1\n79,0,12,1700000060,true,true,true\n"
    ),
    "GBFS, fetched": (
        "fetched_at,station_id,num_vehicles_available,num_docks_available,last_reported\n"
        "2023-11-14T22:13:20Z,72,5,7,12\n2023-11-14T23:14:20+01:00,79,0,12,86400\n"
    ),
    "Bay Area": (
        "station_id,bikes_available,docks_available,time\n72,5,7,2023/11/14 23:13:20\n79,0,12,2023/11/14 23:14:20\n"
    ),
    "avail_": "timestamp,station_id,avail_bikes,avail_docks\n1700000000,72.0,5.0,7.0\n1700000060,79.0,0.0,12.0\n",
    "CityBikes": (
        "timestamp,uid,free_bikes,empty_slots\n2023-11-14T22:13:20.5Z,72,5,7\n2023-11-14T22:14:20.1Z,79,0,12\n"
    ),
    "JCDecaux": (
        "last_update,number,available_bikes,available_bike_stands\n"
        "2023-11-14 23:13:20,72,5,7\n2023-11-14 23:14:20,79,0,12\n"
    ),
}


@pytest.mark.parametrize("text", TRIPS.values(), ids=TRIPS)
def test_every_spelling_of_trips_with_bikes_reads_alike(tmp_path: Path, text: str):
    answer = read(write(tmp_path, trips_csv=text))
    assert [] == answer.told
    assert [(*FIRST, 0), (*SECOND, 1)] == answer.trips


@pytest.mark.parametrize("text", WITHOUT_BIKES.values(), ids=WITHOUT_BIKES)
def test_every_spelling_of_trips_without_bikes_reads_alike(tmp_path: Path, text: str):
    answer = read(write(tmp_path, trips_csv=text))
    assert [] == answer.told
    assert [(*FIRST, -1), (*SECOND, -1)] == answer.trips
    assert answer.history.report.moves_without_rider is None


@pytest.mark.parametrize("text", STATUS.values(), ids=STATUS)
def test_every_spelling_of_status_reads_alike(tmp_path: Path, text: str):
    answer = read(write(tmp_path, polls_csv=text))
    assert [] == answer.told
    assert POLLS == answer.polls


def test_the_bay_area_parquet_has_names_where_others_have_ids(tmp_path: Path):
    write(tmp_path)
    table = pa.table(
        {
            "start_date": pa.array([FIRST[0], SECOND[0]], pa.timestamp("s")).cast(pa.timestamp("us")),
            "start_station": ["West End", "Harbour"],
            "start_terminal": ["72", "79"],
            "end_date": pa.array([FIRST[1], SECOND[1]], pa.timestamp("s")).cast(pa.timestamp("us")),
            "end_station": ["Harbour", "Old Mill"],
            "end_terminal": ["79", "A7"],
            "bike_id": pa.array([15, 9], pa.int32()),
        }
    )
    pq.write_table(table, tmp_path / "history" / "trips.parquet")
    answer = read(tmp_path, naive="UTC")
    assert [(*FIRST, 0), (*SECOND, 1)] == answer.trips
    assert 0 == answer.history.report.ends_by_name


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.string(), pa.dictionary(pa.int16(), pa.string())])
def test_parquet_of_any_type_reads_like_csv(tmp_path: Path, kind: pa.DataType):
    write(tmp_path)
    plain = pa.string() if pa.types.is_dictionary(kind) else kind
    columns = {"station_id": ["72", "79"], "bikes": ["5", "0"], "docks": ["7", "12"]}
    table = pa.table(
        {
            "ts": pa.array([1_700_000_000, 1_700_000_060], pa.timestamp("s", "Europe/Paris")),
            **{name: pa.array(cells).cast(plain).cast(kind) for name, cells in columns.items()},
        }
    )
    pq.write_table(table, tmp_path / "history" / "polls.parquet")
    assert POLLS == read(tmp_path).polls


@pytest.mark.parametrize(
    ("kind", "column", "name"),
    [
        *((Kind.STATUS, column, name) for column, names in STATUS_SPELLINGS.items() for name in names),
        *((Kind.TRIPS, column, name) for column, names in TRIP_SPELLINGS.items() for name in names),
    ],
)
def test_every_spelling_in_the_table_is_found(kind: Kind, column: str, name: str):
    ours = STATUS_SPELLINGS if kind is Kind.STATUS else TRIP_SPELLINGS
    header = [name.upper().replace("_", " "), *(other for other in ours if other != column)]
    layout = layout_of(header, Findings(), source="x")
    assert layout is not None
    assert (kind, 0) == (layout.kind, layout.positions[column])


def test_no_spelling_means_two_things():
    for table in (STATUS_SPELLINGS, TRIP_SPELLINGS):
        names = [spelled(name) for known in table.values() for name in known]
        assert len(set(names)) == len(names)
