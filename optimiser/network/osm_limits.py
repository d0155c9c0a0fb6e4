"""
Holds street files to the limits of their formats before anything is built from them.

A PBF file is blobs: four bytes with the length of a header, the header, which tells the length of what follows. The
format allows 64 KiB for a header and 32 MiB for a blob, packed and unpacked (wiki.openstreetmap.org/wiki/PBF_Format).
XML may bring document types, which name other files and make much of little, and tags without end: maps need neither.
"""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

MAX_HEADER_BYTES = 64 * 1024
MAX_BLOB_BYTES = 32 * 1024 * 1024
MAX_TAG_BYTES = 64 * 1024
"""From one `<` to the next; a tag of OpenStreetMap has hundreds."""
MOST_TIMES_LARGER = 100
"""Unpacked, small files aside; street files grow ten times or twenty."""
SMALL_BYTES = 32_000_000
CHUNK = 1 << 20
_DOCTYPE = b"<!DOCTYPE"
_NOT_UTF8 = (b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")


class Excess(NamedTuple):
    """What is over a limit, and where."""

    where: str
    what: str


def excess_of(path: Path) -> Excess | None:
    """What a street file is over a limit with, or None; reads no more than it must."""
    if path.name.endswith(".pbf"):
        with path.open("rb") as file:
            return _pbf(file, path.stat().st_size)
    kind = {".gz": "gzip", ".bz2": "bzip2"}.get(path.suffix, "XML")
    try:
        with _opened(path) as file:
            return _xml(file, path.stat().st_size)
    except (OSError, EOFError, zlib.error) as error:
        return Excess("", f"is no whole {kind} file: {error}")


def _opened(path: Path) -> io.BufferedIOBase:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    return bz2.open(path, "rb") if path.suffix == ".bz2" else path.open("rb")


def _pbf(file: io.BufferedIOBase, size: int) -> Excess | None:
    at = unpacked = 0
    while at < size:
        where = f"byte {at}"
        head = file.read(4)
        length = int.from_bytes(head, "big")
        if length > MAX_HEADER_BYTES:
            return Excess(where, f"is no PBF file: a blob's header of {length:,} bytes, over {MAX_HEADER_BYTES:,}")
        header = dict(_numbers(file, at + 4, at + 4 + length))
        begin, packed = at + 4 + length, header.get(3)
        if packed is not None and packed > MAX_BLOB_BYTES:
            return Excess(where, f"has a blob of {packed:,} bytes, over {MAX_BLOB_BYTES:,}")
        if len(head) < 4 or packed is None or begin + packed > size:
            return Excess(where, "is torn: a blob is not whole")
        at = begin + packed
        raw = dict(_numbers(file, begin, at)).get(2, packed)
        if raw > MAX_BLOB_BYTES:
            return Excess(where, f"has a blob of {raw:,} bytes when unpacked, over {MAX_BLOB_BYTES:,}")
        unpacked += raw
        if _is_much(unpacked, size):
            return Excess(where, f"grows more than {MOST_TIMES_LARGER} times when unpacked")
        file.seek(at)
    return None


def _numbers(file: io.BufferedIOBase, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Fields of a protobuf message that are numbers; of the others nothing but the length is read."""
    at = begin
    while at < end:
        file.seek(at)
        key, at = _varint(file, at)
        if at >= end:
            return  # Torn: there is no value.
        kind = key & 7
        if kind == 0:
            value, at = _varint(file, at)
            yield key >> 3, value
        elif kind == 2:
            length, at = _varint(file, at)
            at += length
        else:
            at += {1: 8, 5: 4}.get(kind, end)


def _varint(file: io.BufferedIOBase, at: int) -> tuple[int, int]:
    number = 0
    for place, byte in enumerate(file.read(10)):
        number |= (byte & 127) << (7 * place)
        if byte < 128:
            file.seek(at + place + 1)
            return number, at + place + 1
    # Neither ends nor fits: whoever asks is beyond the end of the message with it.
    return 2**63, at + 2**63


def _xml(file: io.BufferedIOBase, size: int) -> Excess | None:
    read, opened, last = 0, 0, b""
    while chunk := file.read(CHUNK):
        if read == 0 and chunk.startswith(_NOT_UTF8):
            return Excess("byte 0", "is not in UTF-8")
        found = (last + chunk).find(_DOCTYPE)
        if found >= 0:
            return Excess(
                f"byte {read - len(last) + found}", "declares a document type or entities, which no map needs"
            )
        places = np.flatnonzero(np.frombuffer(chunk, np.uint8) == ord("<")) + read
        gaps = np.diff(np.concatenate([[opened], places, [read + len(chunk)]]))
        if gaps.max() > MAX_TAG_BYTES:
            at = int(np.concatenate([[opened], places])[gaps.argmax()])
            return Excess(f"byte {at}", f"has a tag of more than {MAX_TAG_BYTES:,} bytes")
        opened = int(places[-1]) if len(places) else opened
        read, last = read + len(chunk), chunk[1 - len(_DOCTYPE) :]
        if _is_much(read, size):
            return Excess(f"byte {read}", f"grows more than {MOST_TIMES_LARGER} times when unpacked")
    return None


def _is_much(unpacked: int, size: int) -> bool:
    return unpacked > max(SMALL_BYTES, MOST_TIMES_LARGER * size)
