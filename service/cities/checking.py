"""Has a city that somebody brought unpacked and looked over by a child process, and reads what it found."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimiser.basics.finding import Finding, Severity
from optimiser.basics.findings import Findings
from service.cities.child import FULL
from service.processes import child_environment
from service.settings import Settings

COMMAND = (sys.executable, "-m", "service.cities.child")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a city is, or what is wrong with it."""

    findings: tuple[Finding, ...]
    description: dict[str, Any] | None
    """None when there are errors."""
    version: str | None


def check(folder: Path, settings: Settings) -> Checked:
    """
    Check what is in the working folder `folder`; takes seconds, and for large cities a minute.

    Raises OSError where the disk takes nothing more.
    """
    task = {
        "parent_pid": os.getpid(),
        "memory_mb": settings.solver_memory_mb,
        "cpu_s": round(settings.city_check_s) + 1,
        "file_mb": settings.max_city_mb,
        "max_bytes": settings.max_city_mb * 1_000_000,
        "cache_dir": str(settings.cache_dir.resolve()),
    }
    settings.cache_dir.mkdir(parents=True, exist_ok=True)
    (folder / "task.json").write_text(json.dumps(task))
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter, our own module
            [*COMMAND, str(folder.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=child_environment(),
            start_new_session=True,
            timeout=settings.city_check_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _gave_up(f"looking it over took more than {settings.city_check_s:g} s")
    if ended.returncode == FULL:
        raise OSError(errno.ENOSPC, "no room to look a city over")
    if ended.returncode != 0:
        return _gave_up("looking it over took more memory or time than it may, or broke off")
    told = json.loads((folder / "told.json").read_text())
    findings = tuple(Finding(**{**row, "severity": Severity(row["severity"])}) for row in told["findings"])
    return Checked(findings=findings, description=told["description"], version=told["version"])


def _gave_up(why: str) -> Checked:
    hint = "cut the streets and the history to what is needed; `evenfleet city check` has no such limits"
    findings = Findings()
    findings.error("city_too_heavy", why, source="request", hint=hint)
    return Checked(findings=findings.errors, description=None, version=None)
