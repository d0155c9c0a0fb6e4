"""The bytes of a CSV: held to be UTF-8 on their way, and searched where something is wrong with them."""

from __future__ import annotations

import codecs
import csv
import io
from typing import Any

from scenarios.history.files import HistoryFile, open_bytes


class CheckedText:
    """Bytes on their way to the CSV reader, held to be UTF-8: the reader itself drops some rows that are not."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.closed = False
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._plain = True
        self.lines = 0
        self._whole = True

    def read(self, size: int) -> bytes:
        """The next bytes; raises UnicodeDecodeError where they are not UTF-8."""
        content: bytes = self.source.read(size)
        self.lines += content.count(b"\n")
        if content:
            self._whole = content.endswith(b"\n")
        elif not self._whole:
            # The last line has no end.
            self.lines, self._whole = self.lines + 1, True
        if not self._plain or not content.isascii():
            self._plain = False
            self._decoder.decode(content, final=not content)
            self._plain = not self._decoder.getstate()[0]
        return content

    def close(self) -> None:
        """Close the file."""
        self.closed = True
        self.source.close()


def open_quote(file: HistoryFile) -> tuple[int, int] | None:
    """The first row with a quoted cell that holds whole rows, and the lines it takes; None where there is none."""
    row, line = 0, 0
    content: Any = open_bytes(file.path)
    with io.TextIOWrapper(content, encoding="utf-8-sig", newline="") as text:
        table = csv.reader(text, delimiter=file.delimiter)
        try:
            for row, cells in enumerate(table, start=1):
                inner = [part for cell in cells if "\n" in cell for part in cell.splitlines()]
                if any(part.count(file.delimiter) >= len(file.layout.header) - 1 for part in inner):
                    return row, table.line_num - line
                line = table.line_num
        except csv.Error:
            # A cell that is longer than any that is meant.
            return row + 1, table.line_num - line
    return None


def row_without_text(file: HistoryFile) -> int | None:
    """The first row that is not UTF-8; None where all are."""
    with open_bytes(file.path) as lines:
        for row, line in enumerate(lines, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return row
    return None
