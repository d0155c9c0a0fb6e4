"""Duplicates, unknown stations, what is odd about trips and polls, histories on disk, and the cache."""

from __future__ import annotations

import gc
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimiser.demand.history import History
from scenarios.history import HistoryReport
from scenarios.history.assembly import assemble
from tests.unit.scenarios.history.folders import POLL_TEXT, TRIP_TEXT, Read, read, write

STATUS = "ts,station_id,bikes,docks,is_renting\n"
TRIPS = "started_at,ended_at,start_station_id,end_station_id,bike_id\n"
NO_BIKES = "started_at,ended_at,start_station_id,end_station_id\n"
T = 1_700_000_040
"""A whole minute."""
HOUR, DAY = 3600, 86_400


def same(one: History, other: History) -> bool:
    """Equal in every column."""

    def columns(part: Any) -> list[Any]:
        return [] if part is None else [np.asarray(value) for value in vars(part).values()]

    pairs = zip(
        [*columns(one.status), *columns(one.trips)], [*columns(other.status), *columns(other.trips)], strict=True
    )
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)


def test_the_last_of_conflicting_polls_wins_and_both_kinds_of_duplicates_are_counted(tmp_path: Path):
    write(
        tmp_path,
        a_csv=STATUS + f"{T},72,1,9,1\n{T},72,2,9,1\n{T},72,2,9,1\n{T + 60},72,3,9,1\n",
        b_csv=STATUS + f"{T + 60},72,4,9,1\n",
    )
    answer = read(tmp_path)
    assert [("72", T, 2, 9, -1, -1, True), ("72", T + 60, 4, 9, -1, -1, True)] == answer.polls
    # 1 and 3 contradict later rows; the second 2 is there twice.
    assert (1, 2) == (answer.history.report.duplicates_identical, answer.history.report.duplicates_conflicting)


def test_files_that_overlap_count_once(tmp_path: Path):
    once = read(write(tmp_path / "once", a_csv=TRIP_TEXT, b_csv=POLL_TEXT))
    twice = read(write(tmp_path / "twice", a_csv=TRIP_TEXT, b_csv=POLL_TEXT, c_csv=TRIP_TEXT, d_csv=POLL_TEXT))
    assert same(once.history.history, twice.history.history)
    assert (2, 2) == (twice.history.report.duplicate_trips, twice.history.report.duplicates_identical)


def test_two_people_may_leave_together_but_not_on_one_bike(tmp_path: Path):
    pair = f"{T},{T + 600},72,79\n" * 2
    assert 2 == read(write(tmp_path / "a", a_csv=NO_BIKES + pair)).history.report.trip_rows
    # Twice in one file and once in the other: two trips.
    both = read(write(tmp_path / "b", a_csv=NO_BIKES + pair, b_csv=NO_BIKES + f"{T},{T + 600},72,79\n"))
    assert (2, 1) == (both.history.report.trip_rows, both.history.report.duplicate_trips)
    bike = read(write(tmp_path / "c", a_csv=TRIPS + f"{T},{T + 600},72,79,b\n" * 2))
    assert (1, 1) == (bike.history.report.trip_rows, bike.history.report.duplicate_trips)


def test_unknown_stations_are_told_in_one_warning_with_their_rows(tmp_path: Path):
    answer = read(write(tmp_path, a_csv=STATUS + f"{T},72,1,9,1\n{T},x,1,9,1\n{T},x,1,9,1\n{T},9.0,1,9,1\n"))
    assert [
        (
            "history/a.csv: 2 stations are not in this city, 3 rows: x, 9 (old stations are; otherwise the ids of"
            " station_information)"
        )
    ] == answer.told
    assert ({"x": 2, "9": 1}, 3) == (answer.history.report.unknown_stations, answer.history.report.status_rows_unknown)


@pytest.mark.parametrize("text", [STATUS + f"{T},x,1,9,1\n", NO_BIKES + f"{T},{T + 600},x,x\n"], ids=["polls", "trips"])
def test_a_history_of_unknown_stations_only_is_an_error(tmp_path: Path, text: str):
    answer = read(write(tmp_path, a_csv=text))
    assert answer.loaded is None
    assert [
        (
            "history/a.csv: no row is of a station of this city; ids here: x"
            " (ids as in station_information, or in trips a column with the stations' names)"
        )
    ] == answer.told


def test_a_trip_keeps_the_end_that_is_known(tmp_path: Path):
    rows = f"{T},{T + 600},72,x\n{T + 1},{T + 600},,79\n{T + 2},{T + 600},,\n{T + 3},{T + 600},x,\n"
    answer = read(write(tmp_path, a_csv=NO_BIKES + rows))
    assert [(T, T + 600, "72", "", -1), (T + 1, T + 600, "", "79", -1)] == answer.trips
    report = answer.history.report
    assert (1, 1, 2) == (report.trips_without_start, report.trips_without_end, report.trips_elsewhere)
    assert {"x": 2} == report.unknown_stations


def test_a_name_stands_in_for_an_id_that_the_city_does_not_have(tmp_path: Path):
    header = "started_at,ended_at,start_station_id,start_station_name,end_station_id,end_station_name\n"
    answer = read(write(tmp_path, a_csv=header + f"{T},{T + 600},SF-1,West End,79,Old Mill\n"))
    # The id 79 is known and wins over the name.
    assert [(T, T + 600, "72", "79", -1)] == answer.trips
    assert [
        (
            "history/a.csv: ids of stations are missing or not of this city; 1 end of a trip is found by name"
            " (the ids of station_information)"
        )
    ] == answer.told


def test_a_name_of_two_stations_finds_none(tmp_path: Path):
    header = "started_at,ended_at,start_station_name,end_station_name\n"
    answer = read(write(tmp_path, a_csv=header + f"{T},{T + 600},Twin,Single\n"), names=("Twin", "Twin", "Single"))
    assert [(T, T + 600, "", "A7", -1)] == answer.trips
    assert {"Twin": 1} == answer.history.report.unknown_stations


@pytest.mark.parametrize("written", ["72", "72.0", "72.", " 72 "])
@pytest.mark.parametrize("ours", ["72", "72.0"])
def test_numbers_are_one_station_however_written(tmp_path: Path, written: str, ours: str):
    answer = read(write(tmp_path, a_csv=STATUS + f"{T},{written},1,9,1\n"), ids=(ours,), names=("",))
    assert 1 == answer.history.report.status_rows


def test_false_starts_are_left_out_and_long_trips_kept(tmp_path: Path):
    rows = [
        (T, T + 59, "72", "72", "a"),  # false start
        (T, T + 60, "72", "72", "b"),  # a minute is a trip
        (T, T + 59, "72", "79", "c"),  # elsewhere is a trip
        (T, T + DAY, "72", "79", "d"),
        (T, T + DAY + 1, "72", "79", "e"),  # long
    ]
    answer = read(write(tmp_path, a_csv=TRIPS + "".join(",".join(map(str, row)) + "\n" for row in rows)))
    report = answer.history.report
    assert (4, 1, 1) == (report.trip_rows, report.false_starts, report.long_trips)


def test_trips_of_a_bike_are_followed(tmp_path: Path):
    rows = [
        (T, T + 600, "72", "79", "a"),
        (T + 600, T + 900, "79", "A7", "a"),
        (T + 800, T + 950, "72", "79", "a"),  # overlaps
        (T + 2000, T + 2100, "A7", "72", "a"),  # moved from 79 to A7
        (T, T + 600, "72", "79", "b"),
        (T + 700, T + 900, "72", "79", "b"),  # moved from 79 to 72
    ]
    text = TRIPS + "".join(",".join(map(str, row)) + "\n" for row in rows)
    report = read(write(tmp_path, a_csv=text)).history.report
    assert (1, 2) == (report.overlapping_trips, report.moves_without_rider)


def test_a_station_is_open_when_it_rents_and_shows_anything(tmp_path: Path):
    header = "ts,station_id,bikes,docks,is_renting,is_installed\n"
    rows = f"{T},72,0,9,1,1\n{T + 1},72,0,0,1,1\n{T + 2},72,0,,1,1\n{T + 3},72,5,0,0,1\n{T + 4},72,5,0,1,false\n"
    answer = read(write(tmp_path, a_csv=header + rows))
    assert [True, False, True, False, False] == [poll[-1] for poll in answer.polls]
    assert 3 == answer.history.report.polls_closed


def test_what_is_seen_when_is_reported(tmp_path: Path):
    rows = [(T, "72"), (T + 600, "72"), (T + 600 + HOUR, "72"), (T + 601 + 2 * HOUR, "72"), (T + 20 * DAY, "72")]
    rows += [(T + 8 * DAY, "79"), (T + 8 * DAY + 600, "79")]
    text = STATUS + "".join(f"{ts},{id_},5,5,1\n" for ts, id_ in rows)
    report = read(write(tmp_path, a_csv=text)).history.report
    assert (("A7",), ("79",), ("79",)) == (report.stations_never_seen, report.stations_new, report.stations_gone)
    assert (T, T + 20 * DAY) == (report.first_ts, report.last_ts)
    # Over an hour apart are the fourth and the fifth poll of 72; an hour is not over an hour.
    assert 2 == report.station_gaps
    # Of 600, 600, 3600, 3601 and nearly 20 days.
    assert 3600 == report.median_poll_s
    fourth = (T + 601 + 2 * HOUR) // 60 * 60
    assert ((fourth, T + 8 * DAY), (T + 8 * DAY + 600, T + 20 * DAY)) == report.system_gaps


def random_history(folder: Path) -> Path:
    """Polls and trips of a few weeks in random order, with every kind of loss among them."""
    random = np.random.default_rng(5)
    ids = np.array(["72", "79", "A7", "x"])
    stations = ids[random.integers(0, 4, 3000)]
    polls = [
        f"{T + 60 * int(n)},{id_},{int(n) % 9},{int(n) % 7},1\n"
        for n, id_ in zip(random.integers(0, 40_000, 3000), stations, strict=True)
    ]
    starts = random.integers(0, 30 * DAY, 3000)
    trips = [
        f"{T + n},{T + n + n % 900 - 5 * (n % 500 == 0)},{ids[n % 4]},{ids[n % 3]},b{n % 40}\n" for n in starts.tolist()
    ]
    return write(
        folder,
        a_csv=STATUS + "".join(polls[:2000]),
        b_csv=TRIPS + "".join(trips[:2000]),
        c_csv=STATUS + "".join(polls[1500:]),
        d_csv=TRIPS + "".join(trips[1500:]),
    )


def test_histories_sorted_on_disk_are_those_sorted_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("scenarios.history.batches.CSV_BLOCK_BYTES", 1 << 13)
    folder = random_history(tmp_path)
    memory, disk = read(folder), read(folder, in_memory_rows=500)
    assert memory.history.history.status.ts.flags.owndata
    assert not disk.history.history.status.ts.flags.owndata
    assert same(memory.history.history, disk.history.history)
    assert memory.history.report == disk.history.report
    assert memory.told == disk.told
    assert memory.history.report.losses["duplicate_trip"] > 0


def test_temporary_columns_go_with_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    answer: Read | None = read(random_history(tmp_path), in_memory_rows=500)
    assert 1 == len(list((tmp_path / "temporary").iterdir()))
    del answer
    gc.collect()
    assert [] == list((tmp_path / "temporary").iterdir())


def test_the_second_reading_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder, cache = random_history(tmp_path), tmp_path / "cache"
    plain, first = read(folder), read(folder, cache_dir=cache)
    monkeypatch.setattr("scenarios.history.reader.assemble", None)
    second = read(folder, cache_dir=cache)
    for answer in (first, second):
        assert same(plain.history.history, answer.history.history)
        assert plain.history.report == answer.history.report
        assert plain.history.content_hash == answer.history.content_hash
    assert first.findings.items == second.findings.items
    assert not [path for path in cache.iterdir() if path.name.endswith(".tmp")]


@pytest.mark.parametrize("kind", ["status", "trips"])
def test_a_cache_of_one_kind_holds_no_other(tmp_path: Path, kind: str):
    folder = write(tmp_path, a_csv=POLL_TEXT if kind == "status" else TRIP_TEXT)
    for _ in range(2):
        history = read(folder, cache_dir=tmp_path / "cache").history.history
        assert (kind == "status", kind == "trips") == (history.status is not None, history.trips is not None)


@pytest.mark.parametrize("name", ["kept.json", "status-ts.npy", "trips-bike.npy", "history-set-aside.csv"])
@pytest.mark.parametrize("harm", ["cut", "gone", "changed"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, name: str, harm: str):
    folder, cache = random_history(tmp_path), tmp_path / "cache"
    bad = STATUS + "".join(f"{T + n},72,5,5,1\n" for n in range(200)) + f"{T},72,-7,5,1\n"
    write(folder, e_csv=bad)
    first = read(folder, cache_dir=cache)
    (file,) = cache.glob(f"history-*/{name}")
    content = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(content[:-3] + (b"" if harm == "cut" else b"\0\0\0"))
    again = read(folder, cache_dir=cache)
    assert same(first.history.history, again.history.history)
    assert first.findings.items == again.findings.items
    assert content == file.read_bytes()


def test_two_cities_share_a_cache(tmp_path: Path):
    def bad(count: int) -> str:
        good = "".join(f"{T + n},72,5,5,1\n" for n in range(500))
        return STATUS + good + "".join(f"{T + 900 + n},72,-7,5,1\n" for n in range(count))

    cache = tmp_path / "cache"
    cities = [write(tmp_path / str(count), a_csv=bad(count)) for count in (1, 2)]
    for _ in range(2):
        for count, city in enumerate(cities, start=1):
            read(city, cache_dir=cache)
            assert 1 + count == len((cache / "history-set-aside.csv").read_text().splitlines())
    write(cities[0], a_csv=bad(0))
    read(cities[0], cache_dir=cache)
    assert not (cache / "history-set-aside.csv").exists()


def test_other_content_stations_and_zones_are_other_histories(tmp_path: Path):
    folder = write(tmp_path, a_csv=POLL_TEXT)
    options: list[dict[str, Any]] = [{}, {"ids": ("79", "72", "A7")}, {"zone": "UTC"}, {"naive": "UTC"}]
    hashes = [read(folder, cache_dir=tmp_path / "cache", **option).history.content_hash for option in options]
    write(tmp_path, a_csv=POLL_TEXT + "1700000120,79,1,11\n")
    changed = read(folder, cache_dir=tmp_path / "cache")
    assert 3 == changed.history.report.status_rows
    assert 5 == len({*hashes, changed.history.content_hash})


def test_a_cache_that_cannot_be_written_is_no_cache(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    answer = read(write(tmp_path, a_csv=POLL_TEXT), cache_dir=tmp_path / "file" / "cache")
    assert 2 == answer.history.report.status_rows


def test_a_cache_on_a_full_disk_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[bool] = []

    def full(*arguments: Any, to_disk: bool, **options: Any) -> Any:
        asked.append(to_disk)
        if to_disk:
            raise OSError(28, "No space left on device")
        return assemble(*arguments, to_disk=to_disk, **options)

    monkeypatch.setattr("scenarios.history.reader.assemble", full)
    answer = read(write(tmp_path, a_csv=POLL_TEXT), cache_dir=tmp_path / "cache")
    assert [True, False] == asked
    assert (2, []) == (answer.history.report.status_rows, answer.told)
    assert [] == list((tmp_path / "cache").iterdir())


def test_a_report_survives_its_document_and_tells_every_loss(tmp_path: Path):
    report = read(random_history(tmp_path)).history.report
    assert report == HistoryReport.from_document(report.as_document())
    told = " ".join(report.sentences())
    assert "polls are of unknown stations" in told
    assert "trips are there twice" in told


def test_files_compressed_in_pieces_are_read_whole(tmp_path: Path):
    pieces = gzip.compress(POLL_TEXT.encode()) + gzip.compress(b"1700000120,79,1,11\n")
    assert 3 == read(write(tmp_path, a_csv_gz=pieces)).history.report.status_rows


def test_a_column_named_after_stations_may_hold_their_ids(tmp_path: Path):
    text = f"start_time,end_time,start_station,end_station\n{T},{T + 600},72.0,A7\n"
    assert [(T, T + 600, "72", "A7", -1)] == read(write(tmp_path, a_csv=text)).trips


def test_a_header_that_fits_no_row_is_told_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("scenarios.history.batches.MOST_SHORT_ROWS", 100)
    answer = read(write(tmp_path, a_csv=STATUS + f"{T},72,5,5,1,\n" * 1000))
    assert answer.loaded is None
    assert "Expected 5 columns, got 6" in answer.told[0]


def test_progress_names_the_file(tmp_path: Path):
    said: list[str] = []
    read(write(tmp_path, a_csv=POLL_TEXT), on_message=said.append)
    assert ["history: reading history/a.csv", "history: sorting"] == said
