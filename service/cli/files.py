"""Writes files of a result, each whole or not at all, where it was seen beforehand that they can be."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from optimiser.basics.findings import Findings

PLANS = Path("plans")
"""Where folders of plans go that nobody says a place for."""


def try_folder(folder: Path) -> None:
    """
    See that files can be written into a folder, before the work that they are of; leave nothing behind.

    Raises
    ------
    InvalidInput
        The folder cannot be made, or nothing can be written into it.
    """
    missing: list[Path] = []
    try:
        missing += [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        findings = Findings()
        findings.error(
            "output_unwritable",
            f"no files can be written into it: {error.strerror or error}",
            source=str(folder),
            value=str(folder),
            hint="name a folder that can be made or written into, not a file, with --output",
        )
        findings.raise_errors("output")
    finally:
        for path in missing:
            with suppress(OSError):
                path.rmdir()


def write_all(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write files by name into a folder that is made if need be; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in files.items():
        path, part = folder / name, folder / f".{name}.part"
        part.write_bytes(content)
        part.replace(path)
        paths.append(path)
    return paths
