"""Histories of real cities load with the counts that are known of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.feed_folders import SHARED
from tests.unit.scenarios.history.folders import Read, at, read

needs_data = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the real data of ../shared")


def with_history(folder: Path, file: Path) -> Path:
    (folder / "history").mkdir()
    (folder / "history" / file.name).symlink_to(file)
    return folder


def bay_area(folder: Path, naive: str | None = None) -> Read:
    stations = pq.read_table(SHARED / "bay_area_2014" / "stations.parquet").to_pylist()
    return read(
        with_history(folder, SHARED / "bay_area_2014" / "trips.parquet"),
        ids=tuple(str(station["station_id"]) for station in stations),
        names=tuple(station["name"] for station in stations),
        zone="America/Los_Angeles",
        naive=naive,
    )


@needs_data
def test_oslo_polls(tmp_path: Path):
    with (SHARED / "oslo" / "station_information.csv").open(encoding="utf-8") as file:
        ids = tuple(row["station_id"] for row in csv.DictReader(file))
    answer = read(with_history(tmp_path, SHARED / "oslo" / "station_status_history.parquet"), ids=ids, names=ids)
    report = answer.history.report
    assert ["stations_unknown"] == answer.codes
    assert (2_793_285, 2_733_631, 59_654) == (report.rows, report.status_rows, report.status_rows_unknown)
    assert 1200 <= (report.median_poll_s or 0) <= 1260
    assert (10, 0) == (len(report.unknown_stations), len(report.stations_never_seen))
    # From December to April nothing was recorded.
    assert any(until - since > 100 * 86_400 for since, until in report.system_gaps)


@needs_data
def test_bay_wheels_polls(tmp_path: Path):
    stations = json.loads((SHARED / "bay_wheels" / "station_information.json").read_text())["data"]["stations"]
    ids = tuple(station["station_id"] for station in stations)
    file = SHARED / "bay_wheels" / "station_status_history.parquet"
    answer = read(with_history(tmp_path, file), ids=ids, names=ids, zone="America/Los_Angeles")
    report, status = answer.history.report, answer.history.history.status
    assert (1_988_224, 1_982_605) == (report.rows, report.status_rows)
    assert status is not None
    assert (status.ebikes >= 0).all()
    assert (status.ebikes <= status.bikes).mean() > 0.99
    assert report.polls_closed == 26_304


@needs_data
def test_bay_area_trips_have_no_offset_and_are_utc(tmp_path: Path):
    answer = bay_area(tmp_path)
    report, trips = answer.history.report, answer.history.history.trips
    assert ["times_taken_as_utc"] == answer.codes
    assert "would be around 09:30, as UTC they are around 02:30 (0.9% of 246,496 trips)" in answer.told[0]
    assert (246_496, 246_496, True) == (report.rows, report.trip_rows, report.times_taken_as_utc)
    assert trips is not None
    assert at("2014-01-01T08:14") == trips.started[0]
    # Hardly any trip starts between 02:00 and 03:00 at night, which is 10:00 UTC in winter.
    assert (((trips.started // 3600) % 24) == 10).mean() < 0.01


@needs_data
def test_bay_area_trips_are_local_when_somebody_says_so(tmp_path: Path):
    answer = bay_area(tmp_path, naive="America/Los_Angeles")
    # Some of them started in the hour that clocks skipped and ended after it: a contradiction.
    assert {"ends_before_start", "rows_set_aside"} == set(answer.codes)
    assert answer.history.history.trips is not None
    assert at("2014-01-01T16:14") == answer.history.history.trips.started[0]
    assert answer.history.report.clock_changes > 0
