"""Requests and results as files named by their content: written once, never changed, shared when equal."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path


def keep(folder: Path, content: bytes) -> str:
    """Store `content` so that it survives a crash right after the return; gives its sha256."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = place(folder, sha256)
    with suppress(FileNotFoundError):
        os.utime(path)  # As good as new, for who removes what is old and named by nothing.
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return sha256


def remove(path: Path, *, written_before_s: float) -> bool:
    """
    Let a document go, unless somebody has kept it since then; whether it is gone.

    It is taken aside first: who keeps the same at that very moment has been there before, which then is to be seen, or
    does not find it and writes it anew.
    """
    aside = path.with_name(f"{path.name}.gone")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return False
    is_old = aside.stat().st_mtime < written_before_s
    if is_old:
        aside.unlink()
    else:
        aside.rename(path)
    return is_old


def sync_folder(folder: Path) -> None:
    """Force to the disk which names are in a folder."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def place(folder: Path, sha256: str) -> Path:
    """Where the document with this sha256 is kept."""
    return folder / sha256[:2] / sha256
