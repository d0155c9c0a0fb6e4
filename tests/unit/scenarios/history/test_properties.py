"""Whatever valid rows there are, in whatever order and files: the same history, and every row accounted for."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.scenarios.history.folders import IDS, Poll, Read, Trip, read

FIRST_TS = 1_700_000_000
Rows = list[dict[str, Any]]

ids = st.sampled_from([*IDS, "elsewhere"])
counts = st.integers(0, 40)
maybe = st.one_of(st.just(-1), counts)
polls = st.lists(
    st.fixed_dictionaries(
        {
            "ts": st.integers(FIRST_TS, FIRST_TS + 500),
            "station_id": ids,
            "bikes": counts,
            "docks": maybe,
            "ebikes": maybe,
            "bikes_disabled": maybe,
            "is_renting": st.integers(0, 1),
        }
    ),
    min_size=1,
    max_size=60,
    unique_by=lambda row: (row["ts"], row["station_id"]),
)


@st.composite
def trips(draw: st.DrawFn) -> Rows:
    starts = draw(st.lists(st.integers(FIRST_TS, FIRST_TS + 5000), min_size=1, max_size=60, unique=True))
    return [
        {
            "started_at": start,
            "ended_at": start + draw(st.integers(0, 200_000)),
            "start_station_id": draw(st.one_of(ids, st.just(""))),
            "end_station_id": draw(st.one_of(ids, st.just(""))),
            "bike_id": draw(st.sampled_from(["", "7", "8", "b"])),
        }
        for start in starts
    ]


def as_csv(rows: Rows) -> bytes:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode()


def as_parquet(rows: Rows) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file, row_group_size=7)
    return file.getvalue()


def read_rows(parts: Sequence[tuple[Rows, bool]], **options: Any) -> Read:
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "history"
        inside.mkdir()
        for number, (rows, parquet) in enumerate(parts):
            path = inside / f"{number}.{'parquet' if parquet else 'csv'}"
            path.write_bytes(as_parquet(rows) if parquet else as_csv(rows))
        return read(Path(folder), **options)


@st.composite
def files(draw: st.DrawFn, rows: Rows) -> list[tuple[Rows, bool]]:
    shuffled = draw(st.permutations(rows))
    cut = draw(st.integers(0, len(rows)))
    return [(part, draw(st.booleans())) for part in (shuffled[:cut], shuffled[cut:]) if part]


def expected_polls(rows: Rows) -> list[Poll]:
    return sorted(
        (
            row["station_id"],
            row["ts"],
            row["bikes"],
            row["docks"],
            row["ebikes"],
            row["bikes_disabled"],
            bool(row["is_renting"]) and (row["docks"] == -1 or row["bikes"] + row["docks"] > 0),
        )
        for row in rows
        if row["station_id"] in IDS
    )


def expected_trips(rows: Rows) -> list[Trip]:
    bikes = {bike: number for number, bike in enumerate(sorted({row["bike_id"] for row in rows if row["bike_id"]}))}
    kept = []
    for row in sorted(rows, key=lambda row: row["started_at"]):
        origin, destination = (row[name] if row[name] in IDS else "" for name in ("start_station_id", "end_station_id"))
        false_start = row["ended_at"] - row["started_at"] < 60 and origin == destination
        if (origin or destination) and not false_start:
            kept.append((row["started_at"], row["ended_at"], origin, destination, bikes.get(row["bike_id"], -1)))
    return kept


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), rows=polls, limit=st.sampled_from([5, 10_000]))
def test_polls_in_any_order_and_files_are_one_history(data: st.DataObject, rows: Rows, limit: int):
    answer = read_rows(data.draw(files(rows)), in_memory_rows=limit)
    expected = expected_polls(rows)
    if not expected:
        assert ["stations_all_unknown"] == answer.codes
        assert answer.loaded is None
    else:
        # `read` holds rows in against rows kept and every loss.
        assert expected == answer.polls
        assert len(rows) == answer.history.report.rows


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), rows=trips(), limit=st.sampled_from([5, 10_000]))
def test_trips_in_any_order_and_files_are_one_history(data: st.DataObject, rows: Rows, limit: int):
    answer = read_rows(data.draw(files(rows)), in_memory_rows=limit)
    expected = expected_trips(rows)
    if expected:
        assert expected == answer.trips
        assert len(rows) == answer.history.report.rows
    else:
        assert answer.loaded is None or not answer.trips


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=polls, again=st.lists(st.integers(0, 10_000), max_size=20), parquet=st.booleans())
def test_rows_told_twice_change_nothing_but_the_counts(rows: Rows, again: list[int], parquet: bool):
    known = [{**row, "station_id": "72" if row["station_id"] == "elsewhere" else row["station_id"]} for row in rows]
    known = list({(row["station_id"], row["ts"]): row for row in known}.values())
    repeated = [known[place % len(known)] for place in again]
    answer = read_rows([(known, False), *([(repeated, parquet)] if repeated else [])])
    assert expected_polls(known) == answer.polls
    assert (len(repeated), 0) == (
        answer.history.report.duplicates_identical,
        answer.history.report.duplicates_conflicting,
    )


@pytest.mark.parametrize("parquet", [False, True])
def test_the_expectation_itself_by_hand(parquet: bool):
    row = {"started_at": FIRST_TS, "ended_at": FIRST_TS + 9, "end_station_id": "elsewhere", "bike_id": "8"}
    rows = [{**row, "start_station_id": id_} for id_ in ("72", "elsewhere")]
    assert [(FIRST_TS, FIRST_TS + 9, "72", "", 0)] == expected_trips(rows) == read_rows([(rows, parquet)]).trips
