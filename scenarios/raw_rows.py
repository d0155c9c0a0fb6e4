"""Looks into a raw document before anything is checked; what is malformed is passed over in silence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any

from scenarios.schema_errors import Location


def rows(document: Any, *path: str) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    """Well-formed rows of a list in the document, each with its location."""
    for key in path:
        document = document.get(key) if isinstance(document, Mapping) else None
    for at, row in items(document, path):
        if isinstance(row, Mapping):
            yield at, row


def items(value: Any, at: Location) -> Iterator[tuple[Location, Any]]:
    """Items of a list, each with its location; none where it is no list."""
    if isinstance(value, (list, tuple)):
        yield from (((*at, index), item) for index, item in enumerate(value))


def table(document: Any, name: str) -> Mapping[str, Any]:
    """A table of the document; empty where it is none."""
    value = document.get(name) if isinstance(document, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def as_id(value: Any) -> str | None:
    """An id as the model will read it, or None where the model complains."""
    return str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def id_of(row: Mapping[str, Any], key: str = "id") -> str | None:
    """The id of a row, or None where the model complains or it is not given."""
    return as_id(row.get(key))


def real(row: Mapping[str, Any], key: str) -> float | None:
    """A finite number as the model will read it, or None where the model complains or it is not given."""
    try:
        value = float(row[key])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def whole(row: Mapping[str, Any], key: str) -> int | None:
    """Like `real`, for a whole number."""
    value = real(row, key)
    return int(value) if value is not None and value == int(value) else None


def clock_s(value: Any) -> int | None:
    """Seconds after midnight of a local time, or None where the model complains."""
    try:
        clock = value if isinstance(value, time) else time.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return clock.hour * 3600 + clock.minute * 60 + clock.second
