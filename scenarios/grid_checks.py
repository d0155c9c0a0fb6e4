"""Contradictions in the grid's series: hours that are missing, steps that do not follow each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from pydantic_core import InitErrorDetails

from scenarios.raw_rows import as_id, rows, whole
from scenarios.schema_errors import Location, custom_error, pointer

CURRENCY = "EUR"
"""Of the bundled tariff."""


def grid_errors(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Every contradiction in `grid_series`, and a bundled tariff in the wrong currency."""
    given = list(rows(document, "grid_series"))
    if not given:
        yield from _currency(document)
        return
    timed = [(at, row) for at, row in given if row.get("time") not in (None, "")]
    hourly = [(at, row) for at, row in given if row.get("hour") not in (None, "")]
    for at, row in given:
        if (row.get("time") in (None, "")) == (row.get("hour") in (None, "")):
            hint = "either an hour 0..23 that comes again every day, or a time with an offset"
            yield custom_error("grid_when", "says not once when it holds", at=at, value=row.get("time"), hint=hint)
    if timed and hourly:
        hint = "either hours or times throughout"
        yield custom_error("grid_when", "holds hours and times", at=(*hourly[0][0], "hour"), value=None, hint=hint)
        return
    yield from _hours(hourly) if hourly else _times(timed)


def _hours(hourly: list[tuple[Location, Mapping[str, Any]]]) -> Iterator[InitErrorDetails]:
    seen: dict[int, Location] = {}
    for at, row in hourly:
        if (hour := whole(row, "hour")) is None:
            return
        if hour in seen:
            text, hint = f"hour {hour} is given twice", f"once; the first is {pointer(seen[hour])}"
            yield custom_error("grid_twice", text, at=(*at, "hour"), value=hour, hint=hint)
        seen.setdefault(hour, at)
    if missing := [hour for hour in range(24) if hour not in seen]:
        text = f"there is no row for hour {', '.join(map(str, missing))}"
        hint = "a row for each hour 0..23 of the local clock"
        yield custom_error("grid_gap", text, at=("grid_series",), value=missing[0], hint=hint)


def _times(timed: list[tuple[Location, Mapping[str, Any]]]) -> Iterator[InitErrorDetails]:
    moments = [(at, moment) for at, row in timed if (moment := _moment(row.get("time"))) is not None]
    if not moments or len(moments) < len(timed):
        return  # Told of each row.
    if len(moments) < 2:
        hint = "two rows at least, so that it is known how long each holds"
        yield custom_error("grid_gap", "holds a single time", at=(*moments[0][0], "time"), value=None, hint=hint)
        return
    step = min((after[1] - before[1] for before, after in pairwise(moments)), key=abs)
    for before, after in pairwise(moments):
        apart = after[1] - before[1]
        if apart <= timedelta(0):
            text, hint = (
                f"{after[1].isoformat()} does not come after {before[1].isoformat()}",
                "times in order, each once",
            )
            yield custom_error("grid_order", text, at=(*after[0], "time"), value=after[1].isoformat(), hint=hint)
        elif apart > step > timedelta(0):
            text = f"nothing is known between {before[1].isoformat()} + {step} and {after[1].isoformat()}"
            hint = "a row for each step, all of the same length"
            yield custom_error("grid_gap", text, at=(*after[0], "time"), value=after[1].isoformat(), hint=hint)


def _currency(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    grid = document.get("grid")
    rate = grid.get("currency_per_euro") if isinstance(grid, Mapping) else None
    currency = as_id(document.get("currency"))
    if currency in (None, CURRENCY) or rate is not None:
        return
    text = f"no series is given, the bundled tariff is in euros, and the city counts in {currency}"
    hint = "give currency_per_euro in [grid], or a series of your own"
    yield custom_error("prices_in_euros", text, at=("grid",), value=currency, hint=hint)


def _moment(value: Any) -> datetime | None:
    """A moment as the model will read it, or None where the model complains."""
    try:
        read = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        return read.astimezone(UTC) if read.tzinfo else None
    except (ValueError, OverflowError):
        return None
