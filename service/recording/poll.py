"""One poll of a feed: what every station holds at the feed's own `last_updated`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from optimiser.basics.findings import Findings
from scenarios.feed import Row
from scenarios.gbfs import BikeTypes, bike_types, status_rows
from scenarios.json_text import parse_json
from scenarios.schema_fields import CONTROL_CHARACTERS, Moment
from service.feeds import FeedUnavailable, discover, get_file
from service.outward.connector import Connector

UNKNOWN = -1
MOST = 32_767
"""History holds counts in 16 bits; more than that at one station is a mistake of the feed."""
LONGEST_ID = 100
NO_TTL_S = 60.0
"""Taken where a feed does not say how long it stays the same."""
LONGEST_TTL_S = 3600.0

_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


class StationRow(NamedTuple):
    """What one station holds; e-bikes, docks and disabled bikes may be unknown, which is -1."""

    station_id: str
    bikes: int
    ebikes: int
    docks: int
    bikes_disabled: int
    is_renting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """All stations at one moment."""

    ts: int
    """The feed's `last_updated`, Unix seconds."""
    ttl_s: float
    rows: tuple[StationRow, ...]
    notes: tuple[str, ...] = ()
    """What was odd."""

    @property
    def day(self) -> date:
        """The UTC day it belongs to."""
        return datetime.fromtimestamp(self.ts, UTC).date()


@dataclass(slots=True)
class FeedReader:
    """A feed that is polled again and again; what was discovered is kept until something fails."""

    connector: Connector
    url: str
    listed: dict[str, str] = field(default_factory=dict)
    types: BikeTypes | None = None
    types_day: date | None = None
    """Vehicle types are fetched at discovery and once a day: an operator may bring out another bike at any time."""

    def poll(self) -> Poll:
        """
        Fetch the status of all stations.

        Raises
        ------
        InvalidInput
            With the reason; the next poll starts from `gbfs.json` again.
        """
        try:
            return self._poll()
        except BaseException:
            self.listed = {}
            raise

    def _poll(self) -> Poll:
        findings = Findings()
        if not self.listed:
            self.listed, self.types_day = discover(self.connector, self.url), None
        if "station_status" not in self.listed:
            hint = "a feed of stations; feeds of free-floating bikes alone cannot be recorded yet"
            findings.error(
                "feed_incomplete", "lists no station_status", source=self.url, value=sorted(self.listed), hint=hint
            )
            findings.raise_errors("GBFS feed")
        document = parse_json(
            get_file(self.connector, self.listed["station_status"]), findings, source="station_status"
        )
        ts = _last_updated(document, findings)
        findings.raise_errors("GBFS feed")
        notes = self._refresh_types(datetime.fromtimestamp(ts, UTC).date())
        statuses = status_rows(document, self.types, findings)
        findings.raise_errors("GBFS feed")
        rows, odd = station_rows(statuses or ())
        if not rows:
            hint = "at least one station with an id and a count of bikes"
            findings.error(
                "stations_missing",
                "lists no station that can be recorded",
                source="station_status",
                where="data/stations",
                hint=hint,
            )
            findings.raise_errors("GBFS feed")
        return Poll(ts=ts, ttl_s=_ttl_s(document), rows=rows, notes=(*notes, *odd))

    def _refresh_types(self, day: date) -> tuple[str, ...]:
        """Fetch the vehicle types where it is time; a feed whose types are out of order is recorded without."""
        if self.types_day == day or "vehicle_types" not in self.listed:
            return ()
        findings = Findings()
        try:
            content = get_file(self.connector, self.listed["vehicle_types"])
        except FeedUnavailable as error:
            findings.extend(error.findings)
        else:
            read = bike_types(parse_json(content, findings, source="vehicle_types"))
            if not findings.errors:
                self.types, self.types_day = read, day
        known = "the earlier ones count" if self.types else "e-bikes may stay unknown"
        return tuple(f"{finding}; {known}" for finding in findings.errors)


def station_rows(statuses: Iterable[Row]) -> tuple[tuple[StationRow, ...], tuple[str, ...]]:
    """
    One row for each station, the first where an id comes twice; and what was odd.

    Without a usable id or a count of bikes a station says nothing that could be recorded: readers of a history would
    have to refuse the row.
    """
    rows: dict[str, StationRow] = {}
    nameless = twice = uncounted = 0
    for status in statuses:
        id_ = _station_id(status.values.get("station_id"))
        if id_ is None:
            nameless += 1
        elif id_ in rows:
            twice += 1
        elif (bikes := _count(status, "bikes")) == UNKNOWN:
            uncounted += 1
        else:
            rows[id_] = StationRow(
                id_,
                bikes,
                _count(status, "ebikes"),
                _count(status, "docks"),
                _count(status, "disabled"),
                int(status.renting),
            )
    odd = (
        (nameless, "without a usable id left out"),
        (twice, "repeated and left out"),
        (uncounted, "without a count of bikes left out"),
    )
    return tuple(rows.values()), tuple(f"{number} {text}" for number, text in odd if number)


def _station_id(value: Any) -> str | None:
    """Text as everywhere in a city: no control characters, not too long, and such that UTF-8 can write it."""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return None
    id_ = str(value).strip()
    try:
        id_.encode()
    except UnicodeEncodeError:
        return None
    return None if not id_ or len(id_) > LONGEST_ID or CONTROL_CHARACTERS.search(id_) else id_


def _count(status: Row, name: str) -> int:
    count = status.count(name)
    return count if count is not None and 0 <= count <= MOST else UNKNOWN


def _last_updated(document: Any, findings: Findings) -> int:
    """Unix seconds in 1.x and 2.x, RFC 3339 in 3.0; 0 with the reason in `findings`."""
    if findings.errors:
        return 0
    value = document.get("last_updated") if isinstance(document, dict) else None
    try:
        return int(_MOMENT.validate_python(value).timestamp())
    except ValidationError:
        hint = "Unix seconds, or RFC 3339 with an offset"
        findings.error(
            "as_of_missing",
            "does not say when it was updated",
            source="station_status",
            where="last_updated",
            value=str(value)[:100],
            hint=hint,
        )
        return 0


def _ttl_s(document: Any) -> float:
    ttl = document.get("ttl")
    is_given = isinstance(ttl, (int, float)) and not isinstance(ttl, bool) and ttl >= 0
    return float(min(ttl, LONGEST_TTL_S)) if is_given else NO_TTL_S
