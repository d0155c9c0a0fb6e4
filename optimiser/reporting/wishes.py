"""What was asked for beyond targets, must-do work and zones, and how the plan leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from optimiser.basics import city as cities
from optimiser.rebalancing.cost import missed_zones, unserved_musts
from optimiser.rebalancing.problem import Must
from optimiser.reporting.night import Night

_ASKED = {
    "visit": "a visit",
    "low": "{} ready bikes at least",
    "high": "{} ready bikes at most",
    "swaps": "{} battery swaps",
    "broken": "{} broken bikes taken home",
}
_MISSING = {
    "visit": "nobody comes",
    "low": "{} short",
    "high": "{} too many",
    "swaps": "{} not done",
    "broken": "{} left in the street",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One piece of must-do work."""

    station_id: str
    name: str
    kind: str
    """`visit`, `low`, `high`, `swaps` or `broken`."""
    asked: int
    missing: int | None
    """What the plan leaves open; None where the station takes no part tonight."""

    @property
    def is_open(self) -> bool:
        """Whether the plan leaves something of it."""
        return self.missing != 0

    @property
    def wish(self) -> str:
        """What was asked for."""
        return _ASKED[self.kind].format(self.asked)

    @property
    def outcome(self) -> str:
        """How the plan leaves it."""
        if self.missing is None:
            return "the station takes no part tonight"
        return _MISSING[self.kind].format(self.missing) if self.missing else "done"

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "text": f"{self.wish}: {self.outcome}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneOutcome:
    """How a zone stands before the night and after it."""

    zone_id: str
    station_ids: tuple[str, ...]
    floor: int | None
    cap: int | None
    bikes_before: int
    bikes_after: int
    short: int
    """Ready bikes below the floor after the night."""
    over: int
    """Ready bikes above the cap after the night."""

    @property
    def is_missed(self) -> bool:
        """Whether it opens below its floor or above its cap."""
        return bool(self.short or self.over)

    @property
    def wish(self) -> str:
        """What was asked for."""
        ends = [f"{self.floor} at least"] if self.floor is not None else []
        return ", ".join(ends + ([f"{self.cap} at most"] if self.cap is not None else []))

    @property
    def outcome(self) -> str:
        """How the plan leaves it."""
        return f"{self.short} short" if self.short else f"{self.over} too many" if self.over else "met"

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "station_ids": list(self.station_ids)}


def must_do(night: Night) -> tuple[Asked, ...]:
    """All must-do work of the night, that of stations that take no part last."""
    missing: dict[tuple[str, str], int] = {
        (item.station_id, item.kind): item.amount for item in unserved_musts(night.problem, night.timeline)
    }
    planned = [
        Asked(
            station_id=station.id,
            name=_name(night, station.id),
            kind=kind,
            asked=asked,
            missing=missing.get((station.id, kind), 0),
        )
        for station in night.stations
        if station.must is not None
        for kind, asked in _parts(station.must)
    ]
    out = [
        Asked(station_id=must.station_id, name=_name(night, must.station_id), kind=kind, asked=asked, missing=None)
        for must in night.musts_out
        for kind, asked in _parts(must)
    ]
    return (*planned, *out)


def zone_outcomes(night: Night) -> tuple[ZoneOutcome, ...]:
    """Every zone of the night."""
    missed: dict[tuple[str, str], int] = {
        (miss.zone_id, miss.kind): miss.amount for miss in missed_zones(night.problem, night.timeline)
    }
    stations = night.problem.station_by_id
    return tuple(
        ZoneOutcome(
            zone_id=zone.id,
            station_ids=zone.station_ids,
            floor=zone.floor,
            cap=zone.cap,
            bikes_before=sum(stations[id_].inventory for id_ in zone.station_ids),
            bikes_after=sum(night.timeline.inventories[id_] for id_ in zone.station_ids),
            short=missed.get((zone.id, "floor"), 0),
            over=missed.get((zone.id, "cap"), 0),
        )
        for zone in night.problem.zones
    )


def left_undone(night: Night) -> list[str]:
    """A sentence for each piece of must-do work that the plan leaves."""
    return [
        f"{entry.name} ({entry.station_id}): {entry.wish}, {entry.outcome}" for entry in must_do(night) if entry.is_open
    ]


def zones_missed(night: Night) -> list[str]:
    """A sentence for each zone that opens with too few or too many bikes."""
    return [
        f"zone {zone.zone_id}: {zone.wish}, opens with {zone.bikes_after}, {zone.outcome}"
        for zone in zone_outcomes(night)
        if zone.is_missed
    ]


def _parts(must: Must | cities.Must) -> Iterator[tuple[str, int]]:
    if must.visit:
        yield "visit", 1
    if must.low is not None:
        yield "low", must.low
    if must.high is not None:
        yield "high", must.high
    if must.swaps:
        yield "swaps", must.swaps
    if must.broken:
        yield "broken", must.broken


def _name(night: Night, station_id: str) -> str:
    place = night.place_of_station.get(station_id)
    return place.name if place else station_id
