"""A first look at files whose times leave something open: the order of day and month, and whether they are UTC."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pa_parquet

from optimiser.basics.findings import Findings
from scenarios.history.batches import Shorts, read_batches
from scenarios.history.files import HistoryFile
from scenarios.history.mixing import CITY_KEY
from scenarios.history.times import DateOrder, numbers_of_slashed_date, read_times
from scenarios.history.zones import zone

LEAST_TRIPS = 1000
"""Fewer do not show when a city sleeps."""
QUIET_HOURS = 5
QUIET_SHARE = 0.08
"""The quiet hours of a city that sleeps hold no larger share of its trips."""
NIGHT = (0.0, 7.0)
"""Local hours in which the middle of the quiet hours lies."""

_SLASHED = r"^\s*\d{1,2}[-/.]\d{1,2}[-/.]\d"


@dataclass(slots=True)
class Hours:
    """Naive starts of trips by the hour that was written."""

    written: Counter[int] = field(default_factory=Counter)
    """Hours since 1970 as if it were UTC, to trips."""
    files: list[str] = field(default_factory=list)


def date_order(file: HistoryFile, column: str, findings: Findings) -> DateOrder:
    """Whether dates like 1/8/2019 have the day or the month first: by evidence, else assumed with a warning."""
    seen: set[tuple[int, int]] = set()
    slashed = ""
    if not _is_text(file, column):
        return DateOrder.MONTH_FIRST
    for batch in read_batches(file, [column], Shorts()):
        texts = batch.columns[column]
        if pa.types.is_dictionary(texts.type):
            texts = texts.dictionary
        if not _any_slashed(texts):
            # Files keep to one form; so most are not read twice.
            if not seen and len(texts):
                break
            continue
        days = pc.unique(pc.list_element(pc.split_pattern(pc.utf8_trim_whitespace(texts), " ", max_splits=1), 0))
        for text in days.to_pylist():
            numbers = numbers_of_slashed_date(text or "")
            if numbers is not None:
                seen.add(numbers)
                slashed = slashed or text
        if any(max(pair) > 12 for pair in seen):
            break
    if not seen:
        return DateOrder.MONTH_FIRST
    first, second = (any(pair[place] > 12 for pair in seen) for place in (0, 1))
    if first != second:
        return DateOrder.DAY_FIRST if first else DateOrder.MONTH_FIRST
    firsts, seconds = ({pair[place] for pair in seen} for place in (0, 1))
    # A file of some months has few of them and many days.
    order = DateOrder.DAY_FIRST if len(firsts) > len(seconds) else DateOrder.MONTH_FIRST
    findings.warning(
        "date_order_assumed",
        f"tells dates like {slashed}, and none shows whether the day or the month comes first; taken as {order}",
        source=file.name,
        where=file.layout.name(column),
        value=slashed,
        hint="dates like 2019-08-01 leave nothing open",
    )
    return order


def _is_text(file: HistoryFile, column: str) -> bool:
    if not file.is_parquet:
        return True
    kind = pa_parquet.read_schema(file.path).field(file.layout.name(column)).type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))


def _any_slashed(texts: object) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, _SLASHED)).as_py())


def count_hours(file: HistoryFile, order: DateOrder, hours: Hours) -> None:
    """Count the naive starts of a trip file; nothing where its first ones have an offset."""
    first = True
    for batch in read_batches(file, ["started_at"], Shorts()):
        times = read_times(batch.columns["started_at"], order)
        naive = times.naive & (times.seconds >= 0)
        if first and not naive.any():
            return
        if first:
            hours.files.append(file.name)
        first = False
        for hour, trips in zip(*np.unique(times.seconds[naive] // 3600, return_counts=True), strict=True):
            hours.written[int(hour)] += int(trips)


def taken_as_utc(hours: Hours, time_zone: str, findings: Findings) -> bool:
    """Whether naive times are UTC, because only then the city sleeps at night; told with the evidence."""
    if sum(hours.written.values()) < LEAST_TRIPS:
        return False
    written = np.array(list(hours.written), dtype=np.int64)
    trips = np.array(list(hours.written.values()), dtype=np.int64)
    as_local = np.bincount(written % 24, weights=trips, minlength=24)
    shown = zone(time_zone).local(written * 3600) // 3600
    as_utc = np.bincount(shown % 24, weights=trips, minlength=24)
    local_middle, share = _quiet(as_local)
    utc_middle, _ = _quiet(as_utc)
    if share > QUIET_SHARE or NIGHT[0] <= local_middle <= NIGHT[1] or not NIGHT[0] <= utc_middle <= NIGHT[1]:
        return False
    findings.warning(
        "times_taken_as_utc",
        f"times have no offset and are taken as UTC: as local times the quietest five hours would be around"
        f" {_clock(local_middle)}, as UTC they are around {_clock(utc_middle)}"
        f" ({share:.1%} of {int(trips.sum()):,} trips)",
        source=", ".join(hours.files[:5]) + (f" and {len(hours.files) - 5} more" if len(hours.files) > 5 else ""),
        value="UTC",
        hint=f"{CITY_KEY} says otherwise, like time_zone = {time_zone!r}",
    )
    return True


def _quiet(trips_by_hour: np.ndarray) -> tuple[float, float]:
    """Middle of the quietest hours, the one nearest to the night's where several are; and their share."""
    windows = np.array([sum(trips_by_hour[(start + k) % 24] for k in range(QUIET_HOURS)) for start in range(24)])
    middles = [(start + QUIET_HOURS / 2) % 24 for start in np.flatnonzero(windows == windows.min()).tolist()]
    night = sum(NIGHT) / 2
    middle = min(middles, key=lambda hour: min((hour - night) % 24, (night - hour) % 24))
    return middle, float(windows.min() / trips_by_hour.sum())


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{int(hour % 1 * 60):02d}"
