"""Which column of a file holds what, and whether the file tells trips or status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from optimiser.basics.findings import Findings
from scenarios.history.spellings import NAMES, OPTIONAL, STATUS_SPELLINGS, TRIP_SPELLINGS, spelled
from scenarios.schema_errors import nearest


class Kind(StrEnum):
    """What a file tells."""

    STATUS = "status"
    TRIPS = "trips"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of a file that are read."""

    kind: Kind
    header: tuple[str, ...]
    """As in the file."""
    positions: Mapping[str, int]
    """Our name of a column to its place in the header, counted from 0."""

    def name(self, column: str) -> str:
        """Name in the file of one of our columns."""
        return self.header[self.positions[column]]


def layout_of(header: Sequence[str], findings: Findings, *, source: str) -> Layout | None:
    """The layout that fits a file's header; None with an error for each column that is missing or there twice."""
    status, trips = _positions(header, STATUS_SPELLINGS), _positions(header, TRIP_SPELLINGS)
    missing = {Kind.STATUS: _missing(status, STATUS_SPELLINGS), Kind.TRIPS: _missing(trips, TRIP_SPELLINGS)}
    found = {Kind.STATUS: 3 - len(missing[Kind.STATUS]), Kind.TRIPS: 4 - len(missing[Kind.TRIPS])}
    kind = min(Kind, key=lambda kind: (len(missing[kind]), -found[kind], kind is Kind.STATUS))
    if not found[kind]:
        findings.error(
            "history_kind_unknown",
            "tells neither trips nor status",
            source=source,
            where="row 1",
            value=list(header),
            hint=(
                "trips have started_at, ended_at, start_station_id and end_station_id;"
                " status has ts, station_id and bikes"
            ),
        )
        return None
    positions = {Kind.STATUS: status, Kind.TRIPS: trips}[kind]
    twice = _twice(header, positions)
    for name in twice:
        findings.error(
            "column_twice", f"column {name} appears more than once", source=source, where="row 1", hint="keep one"
        )
    for column in missing[kind]:
        unread = [name for place, name in enumerate(header) if place not in positions.values()]
        spellings = (STATUS_SPELLINGS if kind is Kind.STATUS else TRIP_SPELLINGS)[column]
        guess = next((near for name in spellings if (near := nearest(name, unread))), None)
        findings.error(
            "column_missing",
            f"tells {kind}, but there is no column {column}",
            source=source,
            where="row 1",
            value=list(header),
            hint=f"is {guess} meant?" if guess else f"one of {', '.join(spellings)}",
        )
    if twice or missing[kind]:
        return None
    return Layout(kind=kind, header=tuple(header), positions=positions)


def _positions(header: Sequence[str], spellings: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        places.setdefault(spelled(name), place)
    positions: dict[str, int] = {}
    for column, known in spellings.items():
        place_of_it = next((places[spelled(name)] for name in known if spelled(name) in places), None)
        if place_of_it is not None:
            positions[column] = place_of_it
    return positions


def _missing(positions: Mapping[str, int], spellings: Mapping[str, tuple[str, ...]]) -> list[str]:
    needed = [column for column in spellings if column not in OPTIONAL and column not in NAMES.values()]
    return [column for column in needed if column not in positions and NAMES.get(column) not in positions]


def _twice(header: Sequence[str], positions: Mapping[str, int]) -> list[str]:
    read = [spelled(header[place]) for place in positions.values()]
    names = [spelled(name) for name in header]
    return sorted({header[names.index(name)] for name in read if names.count(name) > 1})
