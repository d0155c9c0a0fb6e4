"""
The table of a day that lasts, `status-YYYY-MM-DD.csv`: mended at the start, then only appended to.

A row is whole or it is removed. A crash between the rows of one moment leaves the whole ones, which are true; the
stations cut off are added when the feed still shows that moment.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from service.recording.durable import append_bytes, replace_file
from service.recording.poll import Poll, StationRow

COLUMNS = ("ts", "station_id", "bikes", "ebikes", "docks", "bikes_disabled", "is_renting")
HEADER = ",".join(COLUMNS).encode()
_HEADER_LINE = re.compile(re.escape(HEADER) + rb"\r?\n")
_ROW = re.compile(rb'\d+,(?:"(?:[^"\0]|"")+"|[^",\0]+)(?:,-?\d+){4},[01]\r?\n')


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is recorded of a day."""

    moments: frozenset[int]
    last_ts: int | None
    """The last moment of the table."""
    last_ids: frozenset[str]
    """Stations that the table has at its last moment."""

    def lacks(self, poll: Poll) -> tuple[StationRow, ...]:
        """The rows of a poll that are not recorded yet: all, none, or those that a crash cut off the last moment."""
        if poll.ts not in self.moments:
            return poll.rows
        if poll.ts != self.last_ts:
            return ()
        return tuple(row for row in poll.rows if row.station_id not in self.last_ids)

    def having(self, ts: int, rows: Iterable[StationRow]) -> Recorded:
        """The same with more rows of a moment."""
        ids = frozenset(row.station_id for row in rows)
        return Recorded(
            moments=self.moments | {ts}, last_ts=ts, last_ids=self.last_ids | ids if ts == self.last_ts else ids
        )


def table_path(folder: Path, day: date) -> Path:
    """Where the rows of a day go while it lasts."""
    return folder / f"status-{day.isoformat()}.csv"


def table_days(folder: Path) -> list[date]:
    """Days that have a table, in order."""
    days = []
    for path in folder.glob("status-*.csv"):
        try:
            days.append(date.fromisoformat(path.stem.removeprefix("status-")))
        except ValueError:
            continue
    return sorted(days)


def is_ours(path: Path) -> bool:
    """Whether a recorder began this table; one with other columns is somebody else's and left alone."""
    with path.open("rb") as file:
        start = file.read(len(HEADER) + 2)
    return bool(_HEADER_LINE.match(start)) or HEADER.startswith(start.rstrip(b"\r"))


def is_empty(path: Path) -> bool:
    """Whether there is not one row."""
    return path.stat().st_size <= len(HEADER) + 2


def mend(path: Path) -> int:
    """Remove from a table what is no whole row, as a crash or a full disk leaves it; returns the bytes removed."""
    content = path.read_bytes()
    begun = _HEADER_LINE.match(content)
    lines = io.BytesIO(content[begun.end() :] if begun else b"")
    good = (begun.group() if begun else b"") + b"".join(line for line in lines if _is_row(line))
    if len(good) == len(content):
        return 0
    if content.startswith(good):
        # Needs no room on a full disk.
        with path.open("r+b") as file:
            file.truncate(len(good))
            os.fsync(file.fileno())
    else:
        replace_file(path, good)
    return len(content) - len(good)


def append_rows(path: Path, ts: int, rows: Iterable[StationRow]) -> None:
    """Add the rows of one moment in one write."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if not path.exists() or path.stat().st_size == 0:
        writer.writerow(COLUMNS)
    writer.writerows((ts, *row) for row in rows)
    append_bytes(path, text.getvalue().encode())


def read_recorded(path: Path) -> Recorded:
    """What a mended table holds; nothing where there is none."""
    moments, last_ts, last_ids = set[int](), None, set[str]()
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                ts = int(row["ts"])
                if ts != last_ts:
                    last_ts, last_ids = ts, set()
                last_ids.add(row["station_id"])
                moments.add(ts)
    return Recorded(moments=frozenset(moments), last_ts=last_ts, last_ids=frozenset(last_ids))


def _is_row(line: bytes) -> bool:
    if not _ROW.fullmatch(line):
        return False
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
