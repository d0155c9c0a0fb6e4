"""
Station feeds in one shape, whatever file they came from, each row remembering its place in that file.

`join_feed` settles what real feeds leave open: stations without status, closed ones, missing or exceeded
capacities. Everything it settles is a warning; what it cannot judge it passes on, and the schema judges it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from optimiser.basics.finding import Finding, Severity
from optimiser.basics.findings import Findings

NAMED_IN_A_WARNING = 500
"""Ids listed in one warning; the rest is counted."""

TOLD_ONE_BY_ONE = 20
"""More warnings of one kind are gathered into one."""

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
    renting: bool = True
    """Installed and renting, where the row is a status."""

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


@dataclass(slots=True)
class Notes:
    """Warnings about single stations; a kind that goes through the whole feed becomes one warning with all ids."""

    items: dict[str, list[tuple[str, Finding]]] = field(default_factory=dict)

    def warn(self, code: str, id_: str, message: str, *, row: Row, name: str, value: Any, hint: str = "") -> None:
        """Note something settled about station `id_` at value `name` of `row`."""
        finding = Finding(
            code=code,
            severity=Severity.WARNING,
            source=row.source,
            where=row.place(name),
            value=value,
            message=f"station {id_} {message}",
            hint=hint,
        )
        self.items.setdefault(code, []).append((id_, finding))

    def told(self) -> Iterator[Finding]:
        """The warnings, gathered where there are many of a kind."""
        for notes in self.items.values():
            if len(notes) <= TOLD_ONE_BY_ONE:
                yield from (finding for _, finding in notes)
                continue
            first = notes[0][1]
            others = named([id_ for id_, _ in notes[1:]])
            yield replace(
                first,
                where=first.where.rpartition(", ")[2],
                value=len(notes),
                message=f"{first.message}; likewise {len(notes) - 1} other stations: {others}",
            )


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
    stations, used, notes = [], set(), Notes()
    for station, status in paired:
        if status.open and (fitted := _with_capacity(station, status, notes)) is not None:
            stations.append(fitted)
            used.add(_id(fitted, "id"))
    statuses = [_consistent(row, notes) for row in feed.statuses if _id(row, "station_id") in used]
    findings.extend(notes.told())
    return tuple(stations), tuple(statuses)


def named(ids: Sequence[str], *, most: int = NAMED_IN_A_WARNING) -> str:
    """Ids for a sentence; a long list ends in a count."""
    shown = ", ".join(ids[:most])
    return shown if len(ids) <= most else f"{shown} and {len(ids) - most:,} more"


def line_of(error: UnicodeDecodeError) -> int:
    """The line of a file at which it is no text, from 1."""
    return error.object.count(b"\n", 0, error.start) + 1


def some(ids: Sequence[str]) -> str:
    """The first ten of them for a sentence, and how many more there are."""
    return named(ids, most=10)


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


def _with_capacity(station: Row, status: Row, notes: Notes) -> Row | None:
    """The station with a capacity that can be true; None when it holds no dock at all."""
    stated, bikes, docks = station.count("capacity"), status.count("bikes"), status.count("docks")
    if station.values.get("capacity") is not None and stated is None:
        return station
    id_ = _id(station, "id")
    if stated:
        return _with_stated_capacity(station, status, notes, stated=stated)
    if (stated is not None and stated < 0) or bikes is None or bikes < 0:
        return station
    if docks is not None:
        assumed, reason = bikes + max(0, docks) + max(0, status.count("disabled") or 0), "bikes and docks reported"
    else:
        assumed, reason = max(ASSUMED_LEAST, ASSUMED_SPARE * bikes), "twice the bikes it holds, at least 10"
    if assumed == 0:
        text = "holds no dock and no bike, and is left out"
        notes.warn("station_without_docks", id_, text, row=station, name="capacity", value=stated)
        return None
    text = f"states no capacity; assumed {assumed}: {reason}"
    hint = "the number of docks"
    notes.warn("capacity_assumed", id_, text, row=station, name="capacity", value=stated, hint=hint)
    return station.having(capacity=assumed)


def _with_stated_capacity(station: Row, status: Row, notes: Notes, *, stated: int) -> Row:
    id_, bikes, docks = _id(station, "id"), status.count("bikes"), status.count("docks")
    if bikes is None or station.values.get("is_zone"):
        return station
    disabled = max(0, status.count("disabled") or 0)
    held, counted = bikes + disabled, f"{bikes} bikes{f', {disabled} disabled ones' if disabled else ''}"
    if held > stated:
        text = f"holds {counted}, its capacity is {stated}; capacity raised to {held}"
        hint = f"{held} or more"
        notes.warn("capacity_raised", id_, text, row=station, name="capacity", value=stated, hint=hint)
        return station.having(capacity=held)
    if docks is not None and held + docks > stated:
        text = f"reports {counted} and {docks} free docks, more than its capacity {stated}"
        hint = f"{stated - held} or less"
        notes.warn("docks_exceed_capacity", id_, text, row=status, name="docks", value=docks, hint=hint)
    return station


def _consistent(status: Row, notes: Notes) -> Row:
    bikes, ebikes = status.count("bikes"), status.count("ebikes")
    if bikes is None or ebikes is None or ebikes <= bikes:
        return status
    text = f"counts {ebikes} e-bikes among {bikes} bikes; taken as {bikes}"
    notes.warn(
        "more_ebikes_than_bikes",
        _id(status, "station_id"),
        text,
        row=status,
        name="ebikes",
        value=ebikes,
        hint=f"{bikes} or less",
    )
    return status.having(ebikes=bikes)
