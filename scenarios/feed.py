"""
Station feeds in one shape, whatever file they came from, each row remembering its place in that file.

`join_feed` settles what real feeds leave open: stations without status, closed ones, missing or exceeded
capacities. Everything it settles is a warning; what it cannot judge it passes on, and the schema judges it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from optimiser.basics.findings import Findings

NAMED_IN_A_WARNING = 500
"""Ids listed in one warning; the rest is counted."""

ASSUMED_SPARE = 2
"""A station whose size nobody states is taken to hold twice the bikes it has, and at least `ASSUMED_LEAST`."""
ASSUMED_LEAST = 10


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a feed, its values named as in the schema."""

    values: Mapping[str, Any]
    source: str
    """File name."""
    where: str
    """`row 12`, or `data/stations/3 (station_id 2351)`."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Name in the file of each value, where it differs."""
    open: bool = True
    """Installed, and renting or returning."""

    def place(self, name: str) -> str:
        """Where in the file a value stands."""
        return f"{self.where}, {self.fields.get(name, name)}" if name else self.where

    def count(self, name: str) -> int | None:
        """A value as a whole number, or None where it is absent or malformed."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return None
        try:
            return int(value) if value is not None and float(value) == int(float(value)) else None
        except (TypeError, ValueError, OverflowError):
            return None

    def having(self, **values: Any) -> Row:
        """The row with some values replaced."""
        return replace(self, values={**self.values, **values})


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Everything a feed says about a system."""

    stations: tuple[Row, ...]
    statuses: tuple[Row, ...]
    as_of: Any = None
    """As written; the schema reads it."""
    as_of_place: tuple[str, str] = ("", "")
    """File and field of `as_of`."""
    name: str | None = None
    time_zone: str | None = None


def join_feed(feed: Feed, findings: Findings) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """
    Stations that can take part, and their statuses in the same order.

    Duplicated ids stay, so that the schema can refuse them.
    """
    status_of = {_id(row, "station_id"): row for row in feed.statuses}
    station_ids = {_id(row, "id") for row in feed.stations}
    _warn_of_absent(feed, status_of, station_ids, findings)
    paired = [(station, status_of[_id(station, "id")]) for station in feed.stations if _id(station, "id") in status_of]
    shut = [_id(station, "id") for station, status in paired if not status.open]
    if shut:
        findings.warning(
            "station_closed",
            f"{_stations(shut)} not in service and left out: {named(shut)}",
            source=feed.statuses[0].source,
            value=len(shut),
        )
    stations, used = [], set()
    for station, status in paired:
        if status.open and (fitted := _with_capacity(station, status, findings)) is not None:
            stations.append(fitted)
            used.add(_id(fitted, "id"))
    statuses = [_consistent(row, findings) for row in feed.statuses if _id(row, "station_id") in used]
    return tuple(stations), tuple(statuses)


def named(ids: Sequence[str]) -> str:
    """Ids for a sentence; a long list ends in a count."""
    shown = ", ".join(ids[:NAMED_IN_A_WARNING])
    return shown if len(ids) <= NAMED_IN_A_WARNING else f"{shown} and {len(ids) - NAMED_IN_A_WARNING} more"


def _id(row: Row, key: str) -> str:
    return str(row.values.get(key, "")).strip()


def _stations(ids: Sequence[str]) -> str:
    return "1 station is" if len(ids) == 1 else f"{len(ids)} stations are"


def _warn_of_absent(feed: Feed, status_of: Mapping[str, Row], station_ids: Iterable[str], findings: Findings) -> None:
    known = set(station_ids)
    silent = [id_ for row in feed.stations if (id_ := _id(row, "id")) not in status_of]
    unknown = [id_ for id_ in status_of if id_ not in known]
    if silent and feed.statuses:
        findings.warning(
            "status_missing",
            f"{_stations(silent)} without status and left out: {named(silent)}",
            source=feed.statuses[0].source,
            value=len(silent),
            hint="a status for each station",
        )
    if unknown and feed.stations:
        findings.warning(
            "station_unknown",
            f"{_stations(unknown)} reported but not described, and left out: {named(unknown)}",
            source=feed.stations[0].source,
            value=len(unknown),
            hint="a description for each station with a status",
        )


def _with_capacity(station: Row, status: Row, findings: Findings) -> Row | None:
    """The station with a capacity that can be true; None when it holds no dock at all."""
    stated, bikes, docks = station.count("capacity"), status.count("bikes"), status.count("docks")
    if station.values.get("capacity") is not None and stated is None:
        return station
    id_ = _id(station, "id")
    if stated:
        if bikes is not None and bikes > stated:
            findings.warning(
                "capacity_raised",
                f"station {id_} holds {bikes} bikes, its capacity is {stated}; capacity raised to {bikes}",
                source=station.source,
                where=station.place("capacity"),
                value=stated,
                hint=f"{bikes} or more",
            )
            return station.having(capacity=bikes)
        if bikes is not None and docks is not None and bikes + docks > stated:
            findings.warning(
                "docks_exceed_capacity",
                f"station {id_} reports {bikes} bikes and {docks} free docks, more than its capacity {stated}",
                source=status.source,
                where=status.place("docks"),
                value=docks,
                hint=f"{stated - bikes} or less",
            )
        return station
    if (stated is not None and stated < 0) or bikes is None or bikes < 0:
        return station
    if docks is not None:
        assumed, reason = bikes + max(0, docks) + max(0, status.count("disabled") or 0), "bikes and docks reported"
    else:
        assumed, reason = max(ASSUMED_LEAST, ASSUMED_SPARE * bikes), "twice the bikes it holds, at least 10"
    if assumed == 0:
        findings.warning(
            "station_without_docks",
            f"station {id_} holds no dock and no bike, and is left out",
            source=station.source,
            where=station.place("capacity"),
            value=stated,
        )
        return None
    findings.warning(
        "capacity_assumed",
        f"station {id_} states no capacity; assumed {assumed}: {reason}",
        source=station.source,
        where=station.place("capacity"),
        value=stated,
        hint="the number of docks",
    )
    return station.having(capacity=assumed)


def _consistent(status: Row, findings: Findings) -> Row:
    bikes, ebikes = status.count("bikes"), status.count("ebikes")
    if bikes is None or ebikes is None or ebikes <= bikes:
        return status
    findings.warning(
        "more_ebikes_than_bikes",
        f"station {_id(status, 'station_id')} counts {ebikes} e-bikes among {bikes} bikes; taken as {bikes}",
        source=status.source,
        where=status.place("ebikes"),
        value=ebikes,
        hint=f"{bikes} or less",
    )
    return status.having(ebikes=bikes)
