"""From the city's local clock to seconds of one night: shifts, breaks, opening hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from optimiser.basics.city import City, Van
from optimiser.basics.errors import InvalidInput
from optimiser.rebalancing.problem.fleet import Break

Span = tuple[datetime, datetime]
"""Begin and end, UTC."""


def night_start(city: City, as_of: datetime) -> datetime:
    """When the first van of the night that follows `as_of` sets out (UTC)."""
    return min((next_shift(van, city.time_zone, as_of)[0] for van in city.vans), default=as_of.astimezone(UTC))


def next_shift(van: Van, time_zone: str, as_of: datetime) -> Span:
    """Start and end (UTC, whole seconds) of the van's shift that runs at `as_of` or comes next, cut to begin then."""
    _, begin, end = _next_shift(van, ZoneInfo(time_zone), as_of)
    return begin, end


def next_break(van: Van, time_zone: str, as_of: datetime, *, start: datetime) -> Break | None:
    """
    The van's break in the shift of `next_shift`, in seconds after `start`.

    None where it has none, or where the shift has begun and the time for the break is over.
    """
    if van.break_ is None:
        return None
    zone = ZoneInfo(time_zone)
    day, begin, _ = _next_shift(van, zone, as_of)

    def at(clock: time) -> datetime:
        return _moment(day if clock >= van.shift_start else day + timedelta(days=1), clock, zone)

    earliest, latest = at(van.break_.earliest), at(van.break_.latest)
    if latest < begin:
        return None
    # In the hour that spring skips the earlier time on the clock may be the later moment.
    earliest = min(earliest, latest)
    return Break(
        duration_s=van.break_.duration_s,
        earliest_s=seconds_after(start, earliest),
        latest_s=seconds_after(start, latest),
    )


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
        begin, end = _moment(day, hours[0], zone), _moment(last, hours[1], zone)
        # Hours that lie in the one that spring skips do not come that day.
        if begin < end:
            spans.append((begin, end))
    inside = [span for span in spans if span[0] < night[1] and span[1] > night[0]]
    return inside or [next(span for span in spans if span[0] >= night[1])]


def seconds_after(start: datetime, moment: datetime) -> int:
    """Whole seconds from the start of the night to a moment; below 0 before it."""
    return round((moment - start).total_seconds())


def _next_shift(van: Van, zone: ZoneInfo, as_of: datetime) -> tuple[date, datetime, datetime]:
    """As `next_shift`, with the day on which the whole shift begins."""
    now = as_of.astimezone(UTC)
    today = as_of.astimezone(zone).date()
    for day in (today + timedelta(days=offset) for offset in (-1, 0, 1, 2)):
        last = day if van.shift_end > van.shift_start else day + timedelta(days=1)
        begin, end = _moment(day, van.shift_start, zone), _moment(last, van.shift_end, zone)
        if end > now:
            return day, max(begin, now.replace(microsecond=0)), end
    raise InvalidInput(f"van {van.id}: no shift ends within two days of {as_of.isoformat()}")


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
