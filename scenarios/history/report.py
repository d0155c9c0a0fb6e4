"""What was found in a history: every row accounted for, and what is odd about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from scenarios.feed import named


@dataclass(frozen=True, kw_only=True)
class HistoryReport:
    """
    Counts of a history.

    `rows` are all rows of all files, blank ones apart: those kept (`status_rows`, `trip_rows`) and the `losses`.
    """

    time_zone: str
    files: int = 0
    status_files: int = 0
    trip_files: int = 0
    rows: int = 0
    blank_rows: int = 0
    """Not counted among `rows`."""
    status_rows: int = 0
    trip_rows: int = 0

    set_aside: Mapping[str, int] = field(default_factory=dict)
    """Rows that cannot be read, by reason."""
    status_rows_unknown: int = 0
    """Status rows of stations that the city does not have."""
    trips_elsewhere: int = 0
    """Trips that neither start nor end at a station of the city."""
    duplicates_identical: int = 0
    duplicates_conflicting: int = 0
    """Status rows for the same station and moment that say something else than the one kept, which came last."""
    duplicate_trips: int = 0
    false_starts: int = 0
    """Trips under a minute that end where they start."""

    unknown_stations: Mapping[str, int] = field(default_factory=dict)
    """Rows by id."""
    ends_by_name: int = 0
    """Ends of trips whose station was found by its name, not its id."""
    stations_never_seen: tuple[str, ...] = ()
    stations_new: tuple[str, ...] = ()
    """First seen more than a week after the beginning."""
    stations_gone: tuple[str, ...] = ()
    """Last seen more than a week before the end."""

    first_ts: int | None = None
    last_ts: int | None = None
    median_poll_s: int | None = None
    station_gaps: int = 0
    """Times that a station was not polled for more than an hour."""
    system_gaps: tuple[tuple[int, int], ...] = ()
    """From and to (Unix seconds, whole minutes) where no station was polled for more than six hours."""
    polls_closed: int = 0
    """Polls of a station that does not rent, or shows neither bike nor dock."""

    trips_without_start: int = 0
    trips_without_end: int = 0
    long_trips: int = 0
    """Over 24 hours; kept."""
    overlapping_trips: int = 0
    """Trips that start before the same bike's trip before has ended; kept."""
    moves_without_rider: int | None = None
    """Trips that start elsewhere than the same bike's trip before ended; None where bikes are unknown."""
    clock_changes: int = 0
    """Rows with a local time that clocks showed twice or skipped."""
    times_taken_as_utc: bool = False

    @property
    def losses(self) -> Mapping[str, int]:
        """Rows that were not kept, by reason; with the rows kept they make up all rows."""
        return {
            **self.set_aside,
            "station_unknown": self.status_rows_unknown,
            "trip_elsewhere": self.trips_elsewhere,
            "duplicate_identical": self.duplicates_identical,
            "duplicate_conflicting": self.duplicates_conflicting,
            "duplicate_trip": self.duplicate_trips,
            "false_start": self.false_starts,
        }

    def as_document(self) -> dict[str, Any]:
        """As plain values for JSON."""
        document = dataclasses.asdict(self)
        for key, value in document.items():
            if isinstance(value, tuple):
                document[key] = [list(part) if isinstance(part, tuple) else part for part in value]
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> HistoryReport:
        """The report of a document; raises TypeError when it is none."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in document.items()
        }
        values["system_gaps"] = tuple((int(since), int(until)) for since, until in values["system_gaps"])
        return cls(**values)

    def sentences(self) -> tuple[str, ...]:
        """For people: what was read, what was left out, what is odd."""
        return tuple(sentence for sentence in (*self._read(), *self._left_out(), *self._odd()) if sentence)

    def _read(self) -> list[str]:
        used = f"{_count(self.status_rows, 'poll')} and {_count(self.trip_rows, 'trip')}"
        told = [f"{_count(self.rows, 'row')} in {_count(self.files, 'file')}, of which {used} are used."]
        if self.first_ts is not None and self.last_ts is not None:
            told.append(f"From {self._local(self.first_ts)} to {self._local(self.last_ts)}.")
        if self.median_poll_s is not None:
            told.append(f"A station is polled every {self.median_poll_s:,} s (median).")
        return told

    def _left_out(self) -> list[str]:
        return [
            _some(sum(self.set_aside.values()), "row cannot be read", "rows cannot be read"),
            _some(self.status_rows_unknown, "poll is of an unknown station", "polls are of unknown stations"),
            _some(self.trips_elsewhere, "trip has no known station", "trips have no known station"),
            _some(self.duplicates_identical, "poll is there twice", "polls are there twice"),
            _some(
                self.duplicates_conflicting,
                "poll contradicts a later row for the same moment",
                "polls contradict a later row for the same moment",
            ),
            _some(self.duplicate_trips, "trip is there twice", "trips are there twice"),
            _some(self.false_starts, "trip is a false start", "trips are false starts (under a minute, back in place)"),
        ]

    def _odd(self) -> list[str]:
        return [
            "Times without offset are taken as UTC." if self.times_taken_as_utc else "",
            _some(self.clock_changes, "time falls into a change of clocks", "times fall into a change of clocks"),
            _some(self.ends_by_name, "end of a trip is found by its name", "ends of trips are found by their name"),
            _some(self.polls_closed, "poll finds its station closed", "polls find their station closed"),
            _some(
                self.station_gaps,
                "time a station is unseen for an hour",
                "times a station is unseen for an hour",
            ),
            *(f"No poll from {self._local(since)} to {self._local(until)}." for since, until in self.system_gaps[:5]),
            _some(max(0, len(self.system_gaps) - 5), "more gap of over six hours", "more gaps of over six hours"),
            _ids("Never seen", self.stations_never_seen),
            _ids("New within this time", self.stations_new),
            _ids("Gone before its end", self.stations_gone),
            _some(self.trips_without_start, "trip starts at no station", "trips start at no station"),
            _some(self.trips_without_end, "trip ends at no station", "trips end at no station"),
            _some(self.long_trips, "trip is longer than a day", "trips are longer than a day"),
            _some(self.overlapping_trips, "trip overlaps the same bike's last", "trips overlap the same bike's last"),
            _some(
                self.moves_without_rider or 0,
                "bike is moved without rider",
                "times a bike is moved without rider",
            ),
        ]

    def _local(self, ts: int) -> str:
        return datetime.fromtimestamp(ts, UTC).astimezone(ZoneInfo(self.time_zone)).strftime("%Y-%m-%d %H:%M")


def _count(number: int, one: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {one}s"


def _some(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}." if number else ""


def _ids(what: str, ids: tuple[str, ...]) -> str:
    return f"{what}: {_count(len(ids), 'station')} ({named(ids)})." if ids else ""
