"""
Times as operators write them: Unix seconds, RFC 3339 and its loose relatives, and dates with slashes.

Times with an offset become Unix seconds. Times without are what clocks showed, as if it were seconds of UTC; `zones`
makes moments of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scenarios.history.cells import texts_of
from scenarios.history.problems import Problem

_EARLIEST = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
_LATEST = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp())
_MILLISECONDS = 100_000_000_000
"""More than this was meant as milliseconds: as seconds it lies beyond the year 5000."""
_SHORTEST_ISO = len("2026-11-22 21:00")

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:e\+?\d+)?", re.IGNORECASE)
_PARTS = re.compile(r"([^T ,]+)(?:T|,? +)(.+)")
_ISO_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_TWO_DIGITS_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(am|pm)?\s*(z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?", re.IGNORECASE
)


class DateOrder(StrEnum):
    """Which number of `1/8/2019` is the day."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


@dataclass(frozen=True, eq=False, kw_only=True)
class Times:
    """A column of times."""

    seconds: NDArray[np.int64]
    """Unix seconds, or what clocks showed where `naive`; a `Problem` where it cannot be read."""
    naive: NDArray[np.bool_]
    """Written without an offset."""


def read_times(array: Any, order: DateOrder) -> Times:
    """The times of a column of timestamps, numbers or texts."""
    kind = array.type
    if pa.types.is_timestamp(kind):
        seconds = _epoch(array)
        return _checked(seconds, np.full(len(seconds), kind.tz is None))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _checked(_numbers(array), np.zeros(len(array), dtype=np.bool_))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        quick = _quick(array, order)
        if quick is not None:
            return quick
    texts, codes = texts_of(array)
    pairs = np.array([_read(text, order) for text in texts], dtype=np.int64).reshape(-1, 2)
    return _checked(pairs[codes, 0], pairs[codes, 1].astype(np.bool_))


def _epoch(array: Any) -> NDArray[np.int64]:
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[array.type.unit]
    ticks = array.cast(pa.int64())
    numbers: NDArray[np.int64] = ticks.fill_null(0).to_numpy(zero_copy_only=False) // per_second
    return _where_null(array, numbers)


def _numbers(array: Any) -> NDArray[np.int64]:
    floats = pa.types.is_floating(array.type)
    numbers = array.fill_null(0).to_numpy(zero_copy_only=False)
    if floats:
        numbers = np.where(np.isfinite(numbers), np.clip(numbers, -1e17, 1e17), 0)
    return _where_null(array, np.floor(numbers).astype(np.int64) if floats else numbers.astype(np.int64))


def _where_null(array: Any, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    if not array.null_count:
        return numbers
    nothing = array.is_null().to_numpy(zero_copy_only=False)
    return np.where(nothing, int(Problem.TIME_UNREADABLE), numbers)


def _checked(seconds: NDArray[np.int64], naive: NDArray[np.bool_]) -> Times:
    readable = seconds != Problem.TIME_UNREADABLE
    outside = readable & ((seconds < _EARLIEST) | (seconds >= _LATEST))
    if outside.any():
        reason = np.where(seconds > _MILLISECONDS, int(Problem.TIME_IN_MILLISECONDS), int(Problem.TIME_OUT_OF_RANGE))
        seconds = np.where(outside, reason, seconds)
    return Times(seconds=seconds, naive=naive & readable)


def _quick(array: Any, order: DateOrder) -> Times | None:
    """Texts that are all of one plain form, hundreds of times faster; None where they are not."""
    if not len(array):
        return Times(seconds=np.zeros(0, dtype=np.int64), naive=np.zeros(0, dtype=np.bool_))
    first = array[0].as_py() or ""
    try:
        if first.isdigit():
            return _checked(_numbers(pc.cast(array, pa.int64())), np.zeros(len(array), dtype=np.bool_))
        if form := _form_with_slashes(first, order):
            stamps = pc.strptime(array, format=form, unit="s")
            times = _checked(_epoch(stamps), np.full(len(array), True))
            # Years of two digits among those of four: read one by one.
            return times if (times.seconds >= 0).all() else None
        if pc.min(pc.binary_length(array)).as_py() < _SHORTEST_ISO:
            return None
        naive = _CLOCK.fullmatch(first[11:].strip()) is not None and not _has_offset(first[11:])
        stamps = pc.cast(array, pa.timestamp("us") if naive else pa.timestamp("us", "UTC"))
    except (pa.ArrowInvalid, TypeError):
        return None
    return _checked(_epoch(stamps), np.full(len(array), naive))


def _form_with_slashes(text: str, order: DateOrder) -> str | None:
    """The form of times like `1/8/2019 7:02`, with or without seconds; None for any other."""
    match = re.fullmatch(r"\d{1,2}([-/.])\d{1,2}\1\d{4} \d{1,2}:\d{2}(:\d{2})?", text)
    if match is None:
        return None
    day_and_month = ("%d", "%m") if order is DateOrder.DAY_FIRST else ("%m", "%d")
    return match[1].join((*day_and_month, "%Y")) + (" %H:%M:%S" if match[2] else " %H:%M")


def _has_offset(clock: str) -> bool:
    match = _CLOCK.fullmatch(clock.strip())
    return match is not None and match[5] is not None


def _read(text: str, order: DateOrder) -> tuple[int, bool]:
    """Seconds of a text and whether it is naive."""
    if _NUMBER.fullmatch(text):
        return int(min(max(float(text), -1e17), 1e17)), False
    parts = _PARTS.fullmatch(text)
    midnight, shown = (_day(parts[1], order), _clock(parts[2])) if parts else (None, None)
    if midnight is None or shown is None:
        return int(Problem.TIME_UNREADABLE), False
    seconds, offset = shown
    return midnight + seconds - (offset or 0), offset is None


@lru_cache(maxsize=10_000)
def _day(text: str, order: DateOrder) -> int | None:
    """Seconds from 1970 to a date's midnight."""
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _TWO_DIGITS_FIRST.fullmatch(text):
        one, two, year = (int(part) for part in match.groups())
        year += 2000 if year < 100 else 0
        day, month = (one, two) if order is DateOrder.DAY_FIRST else (two, one)
    else:
        return None
    try:
        return (date(year, month, day) - date(1970, 1, 1)).days * 86_400
    except ValueError:
        return None


@lru_cache(maxsize=200_000)
def _clock(text: str) -> tuple[int, int | None] | None:
    """Seconds since midnight and, if told, seconds ahead of UTC."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[4].casefold() == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return hour * 3600 + minute * 60 + second, _offset(match[5])


def _offset(text: str | None) -> int | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    ahead = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return ahead if text[0] == "+" else -ahead


def numbers_of_slashed_date(text: str) -> tuple[int, int] | None:
    """The first two numbers of a date like `1/8/2019`, whose order has to be found out; None for any other."""
    match = _TWO_DIGITS_FIRST.fullmatch(text.strip().partition(" ")[0].removesuffix(","))
    return (int(match[1]), int(match[2])) if match else None
