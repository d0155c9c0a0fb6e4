"""study.xlsx: the tables of a study as one workbook; and any table as CSV."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import datetime

from optimiser.basics.cells import Cell, sheet_csv
from optimiser.reporting.siting_rows import Table

WRITTEN = datetime(2000, 1, 1)  # noqa: DTZ001 - the workbook's own format has no zone
"""Stands in the workbook as its date, so that the same study gives the same bytes."""
_WIDEST = 60


def table_csv(rows: Table) -> str:
    """Comma-separated, lines end in CRLF (RFC 4180); text that a spreadsheet would take for a formula gets a '."""
    return sheet_csv(rows.columns, rows.rows)


def workbook(tables: Sequence[Table]) -> bytes:
    """One sheet a table, head frozen, filters on; text stays text and numbers stay numbers."""
    import xlsxwriter

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"created": WRITTEN})
    head = book.add_format({"bold": True, "bottom": 1})
    for rows in tables:
        sheet = book.add_worksheet(rows.name)
        sheet.write_row(0, 0, rows.columns, head)
        for number, row in enumerate(rows.rows, start=1):
            for column, cell in enumerate(row):
                if cell is not None and not (isinstance(cell, float) and not math.isfinite(cell)):
                    sheet.write(number, column, cell)
        sheet.freeze_panes(1, 1)
        for column in range(len(rows.columns)):
            sheet.set_column(column, column, _width(rows, column))
        if rows.rows:
            sheet.autofilter(0, 0, len(rows.rows), len(rows.columns) - 1)
    book.close()
    return target.getvalue()


def _width(rows: Table, column: int) -> int:
    """In characters: as wide as the head and the first rows need, within reason."""
    cells: list[Cell] = [rows.columns[column], *(row[column] for row in rows.rows[:200])]
    return min(_WIDEST, max(len(f"{cell:.1f}" if isinstance(cell, float) else str(cell)) for cell in cells) + 2)
