"""The page of measurements: each room owns what lies between its two markers."""

from __future__ import annotations

import platform
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from optimiser.basics.compiled import available_cores

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"


def machine() -> str:
    """What the figures were measured with, in a sentence."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    today = datetime.now(UTC).date().isoformat()
    return (
        f"evenfleet {version}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        f" ({_processor()}), {available_cores()} cores, measured {today}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "processor unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "processor unknown")


def write_section(room: str, section: str, *, page: Path = PAGE) -> None:
    """Replace what lies between the room's markers; raises ValueError when the page lacks them."""
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- {room}: begin, written by make bench -->", f"<!-- {room}: end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{page.name} needs the lines {begin!r} and {end!r}, once each")
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    page.write_text(f"{head}{begin}\n{section}\n{end}{tail}", encoding="utf-8")
