"""Unpacks the zip file of a city folder, trusting nothing that it says of itself."""

from __future__ import annotations

import hashlib
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from optimiser.basics.findings import Findings
from service.errors import NO_ROOM

MAX_FILES = 1_000
MAX_DEPTH = 4
MAX_NAME = 200
MOST_TIMES_LARGER = 100
"""No file grows more than so many times, small ones aside; real tables shrink to a tenth."""
SMALL_BYTES = 1_000_000
CHUNK = 1 << 20
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    UnicodeDecodeError,
)
"""What `zipfile` raises of files that are damaged; names may be no text."""


def unpack(archive: Path, folder: Path, *, max_bytes: int, findings: Findings) -> None:
    """
    Write the files of `archive` into the new `folder`; what is wrong is an error in `findings`.

    A folder around all files is taken off. Only plain files with plain names are written, and nothing is taken for
    smaller than what really comes out of it. Raises OSError where the disk takes nothing more.
    """
    folder.mkdir()
    try:
        with zipfile.ZipFile(archive) as opened:
            places = _places([entry for entry in opened.infolist() if not entry.filename.endswith("/")], findings)
            if not findings.errors:
                _write(opened, places, folder, max_bytes=max_bytes, findings=findings)
    except UNREADABLE as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise
        findings.error("not_zip", f"is no zip file that can be read: {error}", source="request", hint="zip the folder")


def version_of(folder: Path) -> str:
    """A sha256 of all names and contents, after everything has been forced to the disk."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            os.fsync(file.fileno())
        total.update(f"{path.relative_to(folder).as_posix()}\0{digest.hexdigest()}\n".encode())
    return total.hexdigest()


def _places(entries: Sequence[zipfile.ZipInfo], findings: Findings) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Where each file belongs in the folder."""
    if len(entries) > MAX_FILES:
        findings.error("too_many_files", f"has more than {MAX_FILES} files", source="request", value=len(entries))
        return []
    for entry in entries:
        if why := _fault(entry):
            findings.error(
                "file_refused", why, source=entry.filename[:MAX_NAME] or "request", value=entry.filename[:MAX_NAME]
            )
    places = [PurePosixPath(entry.filename) for entry in entries]
    tops = {place.parts[0] for place in places if place.parts}
    if len(tops) == 1 and all(len(place.parts) > 1 for place in places):
        places = [PurePosixPath(*place.parts[1:]) for place in places]
    seen: set[str] = set()
    for place in places:
        if str(place).casefold() in seen:
            findings.error("file_twice", "is in the zip file twice", source=str(place))
        seen.add(str(place).casefold())
    return list(zip(entries, places, strict=True))


def _fault(entry: zipfile.ZipInfo) -> str | None:
    name = entry.filename
    place = PurePosixPath(name)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if len(name) > MAX_NAME or "\\" in name or ":" in name or any(ord(letter) < 32 for letter in name):
        return "is no plain name of a file"
    if place.is_absolute() or ".." in place.parts or not place.parts:
        return "leads out of the folder"
    if len(place.parts) > MAX_DEPTH:
        return f"is more than {MAX_DEPTH} folders deep"
    if kind not in (0, stat.S_IFREG):
        return "is no plain file"
    if entry.flag_bits & 0x1:
        return "is encrypted"
    return None


def _write(
    opened: zipfile.ZipFile,
    places: Iterable[tuple[zipfile.ZipInfo, PurePosixPath]],
    folder: Path,
    *,
    max_bytes: int,
    findings: Findings,
) -> None:
    left = max_bytes
    for entry, place in places:
        most = min(left, max(SMALL_BYTES, MOST_TIMES_LARGER * entry.compress_size))
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        written = 0
        with opened.open(entry) as source, path.open("xb") as target:
            while chunk := source.read(CHUNK):
                written += len(chunk)
                if written > most:
                    findings.error(
                        "too_large_unpacked",
                        f"grows beyond {most:,} bytes",
                        source=str(place),
                        value=entry.file_size,
                        hint=f"all files together at most {max_bytes:,} bytes, none {MOST_TIMES_LARGER} times its zip",
                    )
                    return
                target.write(chunk)
        left -= written
