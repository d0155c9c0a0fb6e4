"""
Numbers from the first sheet of a workbook (Office Open XML, .xlsx), row by row.

Files are strangers: nothing is unpacked that is larger than it may be, and a document that declares entities or a
document type is refused before any of it is expanded.
"""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from scenarios.benchmarks.files import refuse

MAX_BYTES = 200_000_000
"""Of a sheet once unpacked."""
SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
PIECE = 1 << 20
UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError, UnicodeDecodeError)
"""What `zipfile` raises of files that are damaged, packed in ways that it does not know, or encrypted."""
TEXT = "a text"
"""Stands for every text: a workbook keeps them elsewhere."""

Row = tuple[int, dict[str, str]]
"""Its number and the text of its cells by column."""


def read_rows(path: Path, *, hint: str) -> list[Row]:
    """
    Rows that hold something; `hint` says what the sheet should hold.

    Raises
    ------
    InvalidInput
        A path that is no file, or no workbook with a sheet that can be read.
    """
    if not path.is_file():
        refuse(path, "file_missing", "is no file" if path.exists() else "does not exist", hint=hint)
    sheet = _Sheet()
    try:
        with zipfile.ZipFile(path) as book:
            names = sorted((int(found[1]), name) for name in book.namelist() if (found := SHEET.fullmatch(name)))
            if not names:
                refuse(path, "sheet_missing", "is a workbook without a sheet", hint=hint)
            with book.open(names[0][1]) as file:
                size = 0
                while piece := file.read(PIECE):
                    size += len(piece)
                    if size > MAX_BYTES:
                        refuse(path, "file_too_large", f"holds more than {MAX_BYTES // 1_000_000} MB", hint=hint)
                    sheet.parser.Parse(piece, False)
                sheet.parser.Parse(b"", True)
    except UNREADABLE:
        refuse(path, "no_workbook", "is no workbook that can be unpacked", hint=hint)
    except _DocumentTypeError:
        refuse(path, "document_type", "declares a document type, as no workbook does", hint=hint)
    except expat.ExpatError as error:
        refuse(path, "sheet_wrong", f"holds a sheet that is no XML: {error}", hint=hint)
    return [(number, cells) for number, cells in sheet.rows if cells]


class _DocumentTypeError(Exception):
    """Where entities are declared, which may stand for anything."""


class _Sheet:
    """Collects the values of cells while a sheet is parsed."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._hear
        self._column = ""
        self._value: list[str] | None = None

    def _refuse(self, *_: object) -> None:
        raise _DocumentTypeError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(" ")[2]
        if kind == "row":
            told = attributes.get("r", "")[:9]
            self.rows.append((int(told) if told.isdecimal() else len(self.rows) + 1, {}))
        elif kind == "c" and self.rows:
            self._column = attributes.get("r", "").rstrip("0123456789") or f"cell {len(self.rows[-1][1]) + 1}"
            if attributes.get("t", "n") != "n":
                self.rows[-1][1][self._column] = TEXT
        elif kind == "v" and self.rows and self.rows[-1][1].get(self._column) != TEXT:
            self._value = []

    def _hear(self, text: str) -> None:
        if self._value is not None:
            self._value.append(text)

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] == "v" and self._value is not None:
            self.rows[-1][1][self._column] = "".join(self._value).strip()
            self._value = None
