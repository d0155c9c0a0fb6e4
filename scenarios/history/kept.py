"""
Histories kept on disk under the hash of what they were read from.

A kept history is a folder: columns as `.npy`, and `kept.json` with the report, the warnings and a seal of every file.
It may vanish or be damaged at any time: reading then answers None, and the caller reads the files again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from optimiser.basics.finding import Finding, Severity
from optimiser.demand.history import StatusHistory, TripHistory
from scenarios.history.columns import map_column
from scenarios.history.merge_status import STATUS_COLUMNS, status_of
from scenarios.history.merge_trips import TRIP_COLUMNS
from scenarios.history.report import HistoryReport
from scenarios.history.set_aside import FILE as SET_ASIDE_FILE

_INDEX = "kept.json"


@dataclass(frozen=True, eq=False, kw_only=True)
class Kept:
    """What a folder keeps."""

    status: StatusHistory | None
    trips: TripHistory | None
    report: HistoryReport
    warnings: tuple[Finding, ...]


@cache
def recipe() -> str:
    """Hash of the code that reads histories, so that none outlives a change of the rules."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def folder_of(cache_dir: Path, content: str) -> Path:
    """Where the history of some content is kept."""
    key = hashlib.sha256(f"{content} {recipe()}".encode()).hexdigest()
    return cache_dir / f"history-{key[:32]}"


def seal(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(folder: Path) -> Kept | None:
    """What is kept in a folder; None where there is nothing, or it is damaged."""
    try:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        if any(seal(folder / name) != told for name, told in index["seals"].items()):
            return None
        if SET_ASIDE_FILE in index["seals"]:
            _lay_out(folder / SET_ASIDE_FILE, index["seals"][SET_ASIDE_FILE])
        return Kept(
            status=_status(folder, index["polls"]) if index["polls"] is not None else None,
            trips=TripHistory(**_columns(folder, TRIP_COLUMNS, "trips")) if index["trips"] else None,
            report=HistoryReport.from_document(index["report"]),
            warnings=tuple(Finding(**{**told, "severity": Severity(told["severity"])}) for told in index["warnings"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _status(folder: Path, polls: list[int]) -> StatusHistory:
    return status_of(np.array(polls, dtype=np.int64), _columns(folder, STATUS_COLUMNS, "status"))


def _columns(folder: Path, names: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name: map_column(folder / f"{prefix}-{name}.npy") for name in names}


def _lay_out(file: Path, content: str) -> None:
    """Put the set-aside rows where warnings say they are; another city's may have taken the place."""
    place = file.parent.parent / SET_ASIDE_FILE
    if not place.is_file() or seal(place) != content:
        shutil.copyfile(file, place)


def save(made: Path, folder: Path, kept: Kept) -> bool:
    """Keep a folder of columns, whole or not at all; False when the disk refuses."""
    try:
        if kept.report.set_aside:
            shutil.copyfile(folder.parent / SET_ASIDE_FILE, made / SET_ASIDE_FILE)
        seals = {path.name: seal(path) for path in sorted(made.iterdir())}
        index = {
            "seals": seals,
            "polls": (kept.status.end - kept.status.first).tolist() if kept.status else None,
            "trips": kept.trips is not None,
            "report": kept.report.as_document(),
            "warnings": [dataclasses.asdict(finding) for finding in kept.warnings],
        }
        (made / _INDEX).write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    except OSError:
        return False
    return True
