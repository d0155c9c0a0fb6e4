"""One located remark about input."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Whether a finding stops the work or is only reported."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong or odd in the input, and what would be right."""

    code: str
    """Stable name, e.g. `station_capacity`."""
    severity: Severity
    source: str
    """File name, or `request`."""
    where: str
    """Row and field of a file (`row 12, capacity`), or a JSON Pointer (`/vans/0/slots`)."""
    value: Any
    message: str
    hint: str = ""
    """What would be right."""

    def __str__(self) -> str:
        place = f"{self.source}: {self.where}" if self.where else self.source
        return f"{place}: {self.message}" + (f" ({self.hint})" if self.hint else "")
