"""Reads TOML as people write it, within limits; whatever is wrong is told with its place."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from optimiser.basics.findings import Findings
from scenarios.feed import line_of

MAX_BYTES = 5_000_000
MOST_PARTS = 100
"""Of a dotted name; the time to read one grows with their square."""
_BETWEEN_NAMES = re.compile(r"[=\[\]{},#]")


def read_toml(path: Path, findings: Findings, *, page: str) -> dict[str, Any] | None:
    """What a file says, unchecked; None with the reason in `findings`, whose hint names the documentation's page."""
    source, hint = path.name, f"see {page}"
    size = path.stat().st_size
    if size > MAX_BYTES:
        findings.error("file_too_large", f"is larger than {MAX_BYTES // 10**6} MB", source=source, value=size)
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text, where = f"is not TOML: not UTF-8 at byte {error.start}", f"line {line_of(error)}"
        findings.error("not_toml", text, source=source, where=where, hint=hint)
        return None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > MOST_PARTS and any(part.count(".") > MOST_PARTS for part in _BETWEEN_NAMES.split(line)):
            what = f"has a name of more than {MOST_PARTS} parts"
            findings.error("not_toml", what, source=source, where=f"line {number}", hint=hint)
            return None
    try:
        return tomllib.loads(text)
    except RecursionError:
        findings.error("not_toml", "is nested too deeply", source=source, hint=hint)
    except ValueError as error:
        # No TOML, or a number of thousands of digits.
        findings.error("not_toml", f"is not TOML: {error}", source=source, hint=hint)
    return None
