"""One located remark about input."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a screen obeys instead of showing it: controls, ends of lines, turns of direction; and halves of characters."""


def shown(text: str) -> str:
    """The text as one line that may be shown and sent anywhere: what only a machine would see is spelled out."""
    return UNSHOWN.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


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

    def __post_init__(self) -> None:
        # Findings quote foreign files, and are shown on terminals, in logs and on pages.
        for name in ("source", "where", "value", "message", "hint"):
            told = getattr(self, name)
            if isinstance(told, str) and UNSHOWN.search(told):
                object.__setattr__(self, name, shown(told))

    def __str__(self) -> str:
        place = f"{self.source}: {self.where}" if self.where else self.source
        return f"{place}: {self.message}" + (f" ({self.hint})" if self.hint else "")
