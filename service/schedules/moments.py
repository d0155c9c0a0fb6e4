"""When a night is due, by the clock of its city; nothing here knows what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def due_at(service_date: date, local_time: time, zone: ZoneInfo) -> datetime:
    """
    The moment, in UTC, at which the night of this date is due.

    A time that the clock shows twice, when it goes back, means the first. One that it skips, when it goes forward,
    means the moment at which it would have been shown: 02:30 in a gap of an hour is when the clock shows 03:30.
    """
    return datetime.combine(service_date, local_time, zone).replace(fold=0).astimezone(UTC)


def due_dates(
    now: datetime, local_time: time, zone: ZoneInfo, *, since: datetime, catch_up: timedelta, last: date | None
) -> tuple[date, ...]:
    """
    Service dates that are due by now, oldest first, and have not been planned.

    `since` is when the schedule began or went on: what was due before is not made up for. What is overdue by more
    than `catch_up` has been missed. `last` is the newest date that has been planned.
    """
    today = now.astimezone(zone).date()
    days = catch_up.days + 2
    dates = (today - timedelta(days=back) for back in range(days, -2, -1))
    return tuple(
        one
        for one in dates
        if (last is None or one > last) and max(since, now - catch_up) <= due_at(one, local_time, zone) <= now
    )


def next_due(now: datetime, local_time: time, zone: ZoneInfo) -> datetime:
    """The next moment after now."""
    today = now.astimezone(zone).date()
    moments = (due_at(today + timedelta(days=ahead), local_time, zone) for ahead in range(-1, 3))
    return next(moment for moment in moments if moment > now)
