"""Local days and slots of a city for moments in UTC, and what kind of day each is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidProblem

QUARTER_S = 900
"""Every zone's offset has been a multiple of a quarter of an hour for decades."""


class DayClass(IntEnum):
    """Days whose demand has the same shape."""

    WORKDAY = 0
    SATURDAY = 1
    SUNDAY = 2
    """Sundays and holidays."""


def day_class(day: date, holidays: Collection[date] = ()) -> DayClass:
    """Class of a local date."""
    if day in holidays or day.weekday() == 6:
        return DayClass.SUNDAY
    return DayClass.SATURDAY if day.weekday() == 5 else DayClass.WORKDAY


@dataclass(frozen=True, eq=False, kw_only=True)
class Calendar:
    """
    Consecutive local days of one zone, each cut into slots of local time.

    A *cell* is one slot of one day, numbered day by day. Where clocks go back, two quarters of an hour share a cell;
    where they go forward, cells stay empty.
    """

    time_zone: str
    slot_minutes: int
    first_day: date
    days: int
    first_quarter: int
    """Of UTC since 1970; the quarter in which the first day begins, some room before it included."""
    cells: NDArray[np.int32]
    """By quarter from `first_quarter` on; clipped to the first and last cell outside the days."""
    classes: NDArray[np.int8]
    """`DayClass` of each day, shape (days,)."""

    @property
    def slots(self) -> int:
        """Slots of a day."""
        return 24 * 60 // self.slot_minutes

    def day(self, index: int) -> date:
        """Date of a day."""
        return self.first_day + timedelta(days=index)

    def cell_of(self, ts: NDArray[np.int64]) -> NDArray[np.int32]:
        """Cells of moments in Unix seconds; those outside all days fall into the first or last."""
        return self.cells[np.clip(ts // QUARTER_S - self.first_quarter, 0, len(self.cells) - 1)]

    def covers(self, ts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which moments lie within the days."""
        first = datetime.combine(self.first_day, datetime.min.time(), ZoneInfo(self.time_zone)).timestamp()
        last = datetime.combine(self.day(self.days), datetime.min.time(), ZoneInfo(self.time_zone)).timestamp()
        return (ts >= first) & (ts < last)


def calendar(
    time_zone: str, first_ts: int, last_ts: int, *, slot_minutes: int = 30, holidays: Collection[date] = ()
) -> Calendar:
    """The calendar of all local days from one moment to another, both included (Unix seconds)."""
    if slot_minutes not in {15, 30, 60}:
        raise InvalidProblem(f"calendar: slots of {slot_minutes} minutes, must be 15, 30 or 60")
    zone = ZoneInfo(time_zone)
    first_day = datetime.fromtimestamp(first_ts, zone).date()
    days = (datetime.fromtimestamp(last_ts, zone).date() - first_day).days + 1
    # A day more at both ends: intervals may begin before the first day and end after the last.
    first_quarter = first_ts // QUARTER_S - 4 * 48
    quarters = np.arange(first_quarter, last_ts // QUARTER_S + 4 * 48)
    slots = 24 * 60 // slot_minutes
    cells = np.empty(len(quarters), dtype=np.int32)
    for index, (day, minute) in enumerate(local_minutes(zone, quarters)):
        cells[index] = (day - first_day).days * slots + minute // slot_minutes
    return Calendar(
        time_zone=time_zone,
        slot_minutes=slot_minutes,
        first_day=first_day,
        days=days,
        first_quarter=int(first_quarter),
        cells=np.clip(cells, 0, days * slots - 1),
        classes=np.array([day_class(first_day + timedelta(days=day), holidays) for day in range(days)], dtype=np.int8),
    )


def local_minutes(zone: ZoneInfo, quarters: NDArray[np.int64]) -> list[tuple[date, int]]:
    """Local date and minute of the day in which each quarter of an hour of UTC begins."""
    told = []
    for quarter in quarters.tolist():
        local = datetime.fromtimestamp(quarter * QUARTER_S, UTC).astimezone(zone)
        told.append((local.date(), local.hour * 60 + local.minute))
    return told
