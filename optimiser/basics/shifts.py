"""From a city's local clock to moments of one night: shifts, breaks, opening hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from optimiser.basics.city import Break
from optimiser.basics.errors import InvalidInput

Span = tuple[datetime, datetime]
"""Begin and end, UTC."""


class Worker(Protocol):
    """Whoever has a shift by the local clock: a van, a driver."""

    @property
    def id(self) -> str:
        """Names it when its shift cannot be."""
        ...

    @property
    def shift_start(self) -> time:
        """Local time of the city."""
        ...

    @property
    def shift_end(self) -> time:
        """Local time; earlier than `shift_start` means the next morning."""
        ...

    @property
    def break_(self) -> Break | None:
        """Within the shift."""
        ...


def night_start(workers: Iterable[Worker], time_zone: str, as_of: datetime) -> datetime:
    """When the first shift of the night that follows `as_of` begins (UTC)."""
    return min((next_shift(worker, time_zone, as_of)[0] for worker in workers), default=as_of.astimezone(UTC))


def next_shift(worker: Worker, time_zone: str, as_of: datetime) -> Span:
    """Start and end (UTC, whole seconds) of the shift that runs at `as_of` or comes next, cut to begin then."""
    _, begin, end = _next_shift(worker, ZoneInfo(time_zone), as_of)
    return begin, end


def break_window(worker: Worker, time_zone: str, as_of: datetime) -> Span | None:
    """
    Between when and when the break in the shift of `next_shift` begins (UTC).

    None where there is none, or where the shift has begun and the time for the break is over.
    """
    if worker.break_ is None:
        return None
    zone = ZoneInfo(time_zone)
    day, begin, _ = _next_shift(worker, zone, as_of)

    def at(clock: time) -> datetime:
        return moment_of(day if clock >= worker.shift_start else day + timedelta(days=1), clock, zone)

    earliest, latest = at(worker.break_.earliest), at(worker.break_.latest)
    if latest < begin:
        return None
    # In the hour that spring skips the earlier time on the clock may be the later moment.
    return min(earliest, latest), latest


def open_spans(hours: tuple[time, time], time_zone: str, night: Span) -> list[Span]:
    """
    When a station with daily opening hours is open in the night; where it never is, when it opens next.

    In the order of time; several where it closes and opens again before the night is over.
    """
    zone = ZoneInfo(time_zone)
    first = night[0].astimezone(zone).date()
    spans = []
    for day in (first + timedelta(days=offset) for offset in (-1, 0, 1, 2, 3)):
        last = day if hours[1] > hours[0] else day + timedelta(days=1)
        begin, end = moment_of(day, hours[0], zone), moment_of(last, hours[1], zone)
        # Hours that lie in the one that spring skips do not come that day.
        if begin < end:
            spans.append((begin, end))
    inside = [span for span in spans if span[0] < night[1] and span[1] > night[0]]
    return inside or [next(span for span in spans if span[0] >= night[1])]


def next_moment(clock: time, time_zone: str, after: datetime) -> datetime:
    """When the local clock shows a time next, later than `after` (UTC)."""
    zone = ZoneInfo(time_zone)
    today = after.astimezone(zone).date()
    moments = (moment_of(today + timedelta(days=offset), clock, zone) for offset in (0, 1, 2))
    return next(moment for moment in moments if moment > after)


def seconds_after(start: datetime, moment: datetime) -> int:
    """Whole seconds from the start of the night to a moment; below 0 before it."""
    return round((moment - start).total_seconds())


def moment_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When the local clock shows a time on a day (UTC)."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _next_shift(worker: Worker, zone: ZoneInfo, as_of: datetime) -> tuple[date, datetime, datetime]:
    """As `next_shift`, with the day on which the whole shift begins."""
    now = as_of.astimezone(UTC)
    today = as_of.astimezone(zone).date()
    for day in (today + timedelta(days=offset) for offset in (-1, 0, 1, 2)):
        last = day if worker.shift_end > worker.shift_start else day + timedelta(days=1)
        begin, end = moment_of(day, worker.shift_start, zone), moment_of(last, worker.shift_end, zone)
        if end > now:
            return day, max(begin, now.replace(microsecond=0)), end
    raise InvalidInput(f"{worker.id}: no shift ends within two days of {as_of.isoformat()}")
