"""Leads a finding about the joined document back to the file, row and field its value came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from optimiser.basics.finding import Finding
from scenarios.feed import Row

POINTER_IN_A_SENTENCE = re.compile(r"(?<!\S)/[a-z_]+(?:/[a-z_0-9]+)*")


@dataclass(slots=True)
class Origins:
    """Where each part of a document came from; what nobody claims came from the main file."""

    main: str
    rows: dict[tuple[str, ...], Sequence[Row]] = field(default_factory=dict)
    fields: dict[tuple[str, ...], tuple[str, str]] = field(default_factory=dict)

    def add_rows(self, path: tuple[str, ...], rows: Sequence[Row]) -> None:
        """The list at `path` was made of these rows, in order."""
        self.rows[path] = rows

    def add_field(self, path: tuple[str, ...], source: str, where: str) -> None:
        """The value at `path` stands in file `source` at `where`."""
        self.fields[path] = (source, where)

    def located(self, finding: Finding) -> Finding:
        """The finding with its file and place there instead of a JSON Pointer."""
        source, where = self.place(finding.where)
        hint = POINTER_IN_A_SENTENCE.sub(lambda match: ", ".join(reversed(self.place(match[0]))), finding.hint)
        return replace(finding, source=source, where=where, hint=hint)

    def place(self, pointer: str) -> tuple[str, str]:
        """File and place of a JSON Pointer."""
        parts = tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
        if parts in self.fields:
            return self.fields[parts]
        for path, rows in self.rows.items():
            if parts == path and rows:
                return rows[0].source, ""
            if parts[: len(path)] == path and len(parts) > len(path):
                row = rows[int(parts[len(path)])]
                return row.source, row.place(".".join(parts[len(path) + 1 :]))
        return self.main, _dotted(parts)


def _dotted(parts: Sequence[str]) -> str:
    """`vans[0].slots`, as one would look for it in TOML."""
    text = ""
    for part in parts:
        text += f"[{part}]" if part.isdigit() else f".{part}" if text else part
    return text
