"""Polls a feed into a history until it is told to stop; what fails is tried again, later and later."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from optimiser.basics.errors import InvalidInput
from service.feeds import FeedUnavailable
from service.recording.history import History
from service.recording.poll import FeedReader

LEAST_PAUSE_S = 5.0
FIRST_RETRY_S, LONGEST_RETRY_S = 10.0, 600.0
LONGEST_LATER_S = 3600.0
"""`Retry-After` is honoured up to an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time, passed in so that tests do not wait."""

    now: Callable[[], datetime]
    steady_s: Callable[[], float]
    """Seconds that only grow, whatever is done to the wall clock."""
    sleep: Callable[[float], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often to poll, and for how long."""

    every_s: float = 0.0
    """Poll no more often than this; the feed's ttl counts too."""
    polls: int | None = None
    """End after so many polls, those that failed included."""
    hours: float | None = None


@dataclass(slots=True)
class Totals:
    """What came of a recording."""

    polls: int = 0
    rows: int = 0
    unchanged: int = 0
    failures: int = 0

    @property
    def recorded(self) -> int:
        """Polls that brought new rows."""
        return self.polls - self.unchanged - self.failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One poll, for people."""

    at: datetime
    text: str
    failed: bool = False


def record(
    reader: FeedReader,
    history: History,
    *,
    pace: Pace,
    clock: Clock,
    rng: random.Random,
    totals: Totals,
    on_poll: Callable[[Told], None],
    hold: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> None:
    """
    Poll until the pace ends it; otherwise for ever.

    Parameters
    ----------
    totals
        Counted up in place, so that they are there however it ends.
    hold
        Wraps every write; puts off what must not come in between.

    Raises
    ------
    InvalidInput, OSError
        When the history cannot be written. A feed that fails is only told.
    """
    begun_s = clock.steady_s()
    failed_in_a_row = 0
    while True:
        asked_s = clock.steady_s()
        try:
            poll = reader.poll()
        except InvalidInput as error:
            failed_in_a_row += 1
            totals.polls += 1
            totals.failures += 1
            pause_s = retry_pause_s(error, failed_in_a_row, now=clock.now(), rng=rng)
            reason = "; ".join(str(finding) for finding in error.findings)
            on_poll(Told(at=clock.now(), text=f"{reason}; next try in {pause_s:.0f} s", failed=True))
        else:
            failed_in_a_row = 0
            with hold():
                added = history.add(poll)
                totals.polls += 1
                totals.rows += added
                totals.unchanged += not added
            stations = f"{len(poll.rows)} stations, {added} rows" if added else "unchanged"
            moment = f"{datetime.fromtimestamp(poll.ts, UTC):%Y-%m-%d %H:%M:%S}Z"
            on_poll(Told(at=clock.now(), text="; ".join((f"as of {moment}: {stations}", *poll.notes))))
            pause_s = max(poll.ttl_s, pace.every_s, LEAST_PAUSE_S) - (clock.steady_s() - asked_s)
        if pace.polls is not None and totals.polls >= pace.polls:
            return
        if pace.hours is not None and clock.steady_s() + max(0.0, pause_s) - begun_s > 3600 * pace.hours:
            return
        clock.sleep(max(0.0, pause_s))


def retry_pause_s(error: InvalidInput, failed_in_a_row: int, *, now: datetime, rng: random.Random) -> float:
    """What the server asks for; else twice as long each time, up to ten minutes, and never quite the same."""
    asked_s = _asked_s(error.retry_after, now) if isinstance(error, FeedUnavailable) else None
    if asked_s is not None:
        return min(LONGEST_LATER_S, max(LEAST_PAUSE_S, asked_s))
    doubled_s = FIRST_RETRY_S * 2.0 ** min(failed_in_a_row - 1, 20)
    return min(LONGEST_RETRY_S, doubled_s) * rng.uniform(0.5, 1.0)


def _asked_s(retry_after: str, now: datetime) -> float | None:
    """`Retry-After` in seconds, which it is, or a date."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        then = parsedate_to_datetime(text)
        return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    except (ValueError, OverflowError):
        return None


def as_document(totals: Totals, files: Iterable[Path]) -> dict[str, Any]:
    """The summary for machines."""
    return {
        "polls": totals.polls,
        "recorded": totals.recorded,
        "unchanged": totals.unchanged,
        "failures": totals.failures,
        "rows": totals.rows,
        "files": [str(path) for path in sorted(files)],
    }
