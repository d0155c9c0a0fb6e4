"""
Bikes that a feed lists one by one (GBFS `vehicle_status.json`, 2.x `free_bike_status.json`), counted by station.

What stands at a station is what the station's own status counts; the list says which of its bikes are too low on charge
to be rented, and how many are broken where the status does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from optimiser.basics.findings import Findings
from scenarios.feed import Notes, Row, named

USABLE_CHARGE = 0.15
"""An e-bike with less cannot be rented, unless the city says otherwise."""


@dataclass(frozen=True, kw_only=True)
class SingleBikes:
    """The list as the feed writes it."""

    rows: tuple[Mapping[str, Any], ...] = ()
    source: str = ""
    """File name."""
    ranges_m: Mapping[str, float] = field(default_factory=dict)
    """Largest range by vehicle type, where it is told."""

    def charges(self) -> Iterator[tuple[Mapping[str, Any], float | None]]:
        """Each bike with its charge, 0..1; None where nobody knows it."""
        told = [_number(row.get("current_fuel_percent")) for row in self.rows]
        # GBFS asks for 0..1; some feeds write 0..100.
        scale = 100 if self.is_in_hundredths else 1
        for row, charge in zip(self.rows, told, strict=True):
            if charge is not None:
                yield row, charge / scale
            else:
                here, most = (
                    _number(row.get("current_range_meters")),
                    self.ranges_m.get(str(row.get("vehicle_type_id"))),
                )
                yield row, here / most if here is not None and most else None

    @property
    def is_in_hundredths(self) -> bool:
        """Whether charges are written as 0..100."""
        return any((_number(row.get("current_fuel_percent")) or 0) > 1 for row in self.rows)


def largest_ranges(vehicle_types: Iterable[Any]) -> dict[str, float]:
    """Metres by vehicle type, of the rows of `vehicle_types`."""
    return {
        str(row["vehicle_type_id"]): most
        for row in vehicle_types
        if isinstance(row, Mapping) and "vehicle_type_id" in row and (most := _number(row.get("max_range_meters")))
    }


def with_single_bikes(
    statuses: Sequence[Row], bikes: SingleBikes, findings: Findings, *, usable_charge: float
) -> tuple[Row, ...]:
    """The statuses with bikes that are low on charge, and broken ones where the status itself tells none."""
    if not bikes.rows:
        return tuple(statuses)
    _warn_of_the_list(statuses, bikes, findings)
    low: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for row, charge in bikes.charges():
        if not row.get("station_id"):
            continue
        if is_true(row.get("is_disabled")):
            broken[str(row["station_id"])] += 1
        elif charge is not None and charge < usable_charge and not is_true(row.get("is_reserved")):
            low[str(row["station_id"])] += 1
    notes = Notes()
    merged = tuple(_with_counts(row, low, broken, notes) for row in statuses)
    findings.extend(notes.told())
    return merged


def is_true(value: Any) -> bool:
    """1.x writes 0 and 1, later versions booleans, some feeds strings."""
    return value.strip().casefold() not in {"", "false", "0", "no"} if isinstance(value, str) else bool(value)


def _with_counts(row: Row, low: Mapping[str, int], broken: Mapping[str, int], notes: Notes) -> Row:
    id_ = str(row.values.get("station_id", "")).strip()
    bikes, disabled = row.count("bikes"), row.count("disabled")
    counts: dict[str, int] = {}
    if (listed := low.get(id_, 0)) and bikes is not None:
        counts["low_charge"] = max(0, min(listed, bikes))
        if listed > bikes:
            text = (
                f"lists {listed} bikes low on charge, its status counts {bikes} bikes; {counts['low_charge']} are taken"
            )
            hint = "bikes that stand there and are not disabled count among the bikes of the status"
            notes.warn("low_charge_exceeds_bikes", id_, text, row=row, name="bikes", value=listed, hint=hint)
    if listed := broken.get(id_, 0):
        if "disabled" not in row.values:
            counts["disabled"] = listed
        elif disabled is not None and listed > disabled:
            text = f"lists {listed} disabled bikes, its status counts {disabled}; {disabled} are taken"
            notes.warn("disabled_differ", id_, text, row=row, name="disabled", value=listed)
    return row.having(**counts) if counts else row


def _warn_of_the_list(statuses: Sequence[Row], bikes: SingleBikes, findings: Findings) -> None:
    """What is in the list and counts nowhere."""
    known = {str(row.values.get("station_id", "")).strip() for row in statuses}

    def ids(rows: Iterable[Mapping[str, Any]]) -> list[str]:
        return [str(row.get("vehicle_id", row.get("bike_id", "?"))) for row in rows]

    outside = ids(row for row in bikes.rows if not row.get("station_id"))
    elsewhere = ids(row for row in bikes.rows if row.get("station_id") and str(row["station_id"]) not in known)
    unknown = ids(
        row for row, charge in bikes.charges() if charge is None and row.get("current_range_meters") is not None
    )
    for code, which, text in (
        ("bikes_outside_stations", outside, "bikes stand outside stations and are not planned"),
        ("bikes_at_unknown_stations", elsewhere, "bikes stand at stations without a status and do not count"),
        ("charge_unknown", unknown, "bikes tell a range, and neither a charge nor the largest range of their type"),
    ):
        if which:
            findings.warning(
                code,
                f"{len(which)} {text}: {named(which)}",
                source=bikes.source,
                value=len(which),
                hint=_HINTS.get(code, ""),
            )
    if bikes.is_in_hundredths:
        findings.warning(
            "charge_in_hundredths",
            "charges above 1 are taken as hundredths, all of them",
            source=bikes.source,
            where="current_fuel_percent",
            hint="GBFS asks for 0..1",
        )


_HINTS = {
    "charge_unknown": "they are taken as charged; max_range_meters in vehicle_types.json, or current_fuel_percent"
}


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 else None
