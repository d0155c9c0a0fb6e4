"""Writes that survive a crash: appended and synced, or written beside, synced and renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def append_bytes(path: Path, content: bytes) -> None:
    """Add to a file in one write and sync it; after an error the file is as long as it was."""
    is_new = not path.exists()
    with _named(path), path.open("ab", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            _write_all(file.fileno(), content)
            os.fsync(file.fileno())
        except OSError:
            file.truncate(size)
            raise
    if is_new:
        sync_folder(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Put a whole new file in the place of another, or of none."""
    part = path.with_name(f".{path.name}.part")
    with _named(path), part.open("wb", buffering=0) as file:
        _write_all(file.fileno(), content)
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that new, changed and removed names survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    # One call writes all of it, unless the disk or a limit ends it.
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors of descriptors do not say which file they mean."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
