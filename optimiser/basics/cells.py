"""Tables for people's spreadsheets, which take text for formulas where it begins like one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | int | float | None

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are wide forms of the first, which some spreadsheets read alike."""


def sheet_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Comma-separated, lines end in CRLF (RFC 4180), every cell safe; numbers stay numbers."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return sheet.getvalue()


def safe_cell(cell: Cell) -> Cell:
    """
    Text that a spreadsheet would take for a formula, with a ' in front; everything else as it is.

    Text that begins so after marks of its own gets one more, so that `plain_cell` always finds what was meant.
    """
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip("'").startswith(FORMULA_STARTS) else cell


def plain_cell(text: str) -> str:
    """The text that `safe_cell` was given, from a cell as a file has it."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA_STARTS) else text
