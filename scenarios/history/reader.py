"""
Reads the history of a city folder.

Files are told apart by their columns (`layout`), read batch by batch (`files`), translated to compact records
(`statuses`, `trips`), spilled to disk where they are many (`spill`), sorted and freed of duplicates part by part
(`merge_status`, `merge_trips`), and kept under the hash of their content (`kept`).
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimiser.basics.findings import Findings
from optimiser.basics.hashing import content_hash
from optimiser.demand.history import History
from scenarios.history import kept as keeping
from scenarios.history.assembly import City, assemble
from scenarios.history.files import HistoryFile, history_paths, open_history
from scenarios.history.report import HistoryReport
from scenarios.history.set_aside import FILE as SET_ASIDE_FILE
from scenarios.history.spill import IN_MEMORY_ROWS


@dataclass(frozen=True, eq=False, kw_only=True)
class LoadedHistory:
    """A city's past, and what was found in it."""

    history: History
    report: HistoryReport
    content_hash: str
    """Of the files' content, the stations and the zones."""


def read_history(
    folder: Path,
    *,
    station_ids: Sequence[str],
    capacities: Sequence[int],
    station_names: Sequence[str],
    time_zone: str,
    naive_zone: str | None,
    findings: Findings,
    cache_dir: Path | None = None,
    on_message: Callable[[str], None] | None = None,
    in_memory_rows: int = IN_MEMORY_ROWS,
) -> LoadedHistory | None:
    """
    The history in a city folder; None when there is none, or with errors in `findings`.

    Parameters
    ----------
    naive_zone
        IANA name of the zone of times without offset; None takes them as local, unless they must be UTC.
    cache_dir
        Keeps what was read, and the rows that were set aside; may be lost at any time.
    in_memory_rows
        Histories with more rows are sorted on disk.
    """
    paths = history_paths(folder)
    if not paths:
        return None
    city = City(
        station_ids=tuple(station_ids),
        capacities=tuple(capacities),
        names=tuple(station_names),
        time_zone=time_zone,
        naive_zone=naive_zone,
    )
    say = on_message or (lambda _: None)
    content = content_hash([(path.name, keeping.seal(path)) for path in paths], city)
    if cache_dir is not None and (found := keeping.load(keeping.folder_of(cache_dir, content))) is not None:
        findings.extend(found.warnings)
        return _loaded(city, found, content)
    own = Findings()
    files = [file for path in paths if (file := open_history(path, own)) is not None]
    if own.errors:
        findings.extend(own.items)
        return None
    options: dict[str, Any] = {"content": content, "in_memory_rows": in_memory_rows, "say": say}
    try:
        loaded = _read(files, city, own, cache_dir=cache_dir, **options)
    except OSError:
        # The cache's disk may be full: read as if there were none.
        if cache_dir is None:
            raise
        own = Findings()
        loaded = _read(files, city, own, cache_dir=None, **options)
    findings.extend(own.items)
    return loaded


def _loaded(city: City, found: keeping.Kept, content: str) -> LoadedHistory | None:
    if found.status is None and found.trips is None:
        return None
    history = History(
        station_ids=city.station_ids,
        capacities=city.capacities,
        time_zone=city.time_zone,
        status=found.status,
        trips=found.trips,
    )
    return LoadedHistory(history=history, report=found.report, content_hash=content)


def _read(
    files: Sequence[HistoryFile],
    city: City,
    findings: Findings,
    *,
    content: str,
    cache_dir: Path | None,
    in_memory_rows: int,
    say: Callable[[str], None],
) -> LoadedHistory | None:
    work, in_cache = _work_folder(cache_dir)
    leave = True
    try:
        set_aside = cache_dir / SET_ASIDE_FILE if cache_dir is not None and in_cache else None
        found = assemble(
            files,
            city,
            findings,
            work,
            to_disk=in_cache,
            set_aside=set_aside,
            in_memory_rows=in_memory_rows,
            say=say,
        )
        if found is None:
            return None
        if in_cache and cache_dir is not None:
            target = keeping.folder_of(cache_dir, content)
            if keeping.save(work, target, found):
                leave = False
                found = keeping.load(target) or found
        loaded = _loaded(city, found, content)
        if loaded is not None and leave and _mapped(loaded.history):
            # The columns lie in the work folder: it goes when they do.
            weakref.finalize(loaded.history, shutil.rmtree, work, ignore_errors=True)
            leave = False
        return loaded
    finally:
        if leave:
            shutil.rmtree(work, ignore_errors=True)


def _mapped(history: History) -> bool:
    """Whether some columns lie in files."""
    columns = [history.status.ts] if history.status else []
    columns += [history.trips.started] if history.trips else []
    return any(not column.flags.owndata for column in columns)


def _work_folder(cache_dir: Path | None) -> tuple[Path, bool]:
    """A new folder to work in, and whether it lies in the cache."""
    if cache_dir is not None:
        try:
            cache_dir.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix="history-", suffix=".tmp", dir=cache_dir)), True
        except OSError:
            pass
    return Path(tempfile.mkdtemp(prefix="evenfleet-history-")), False
