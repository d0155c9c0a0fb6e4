"""Writes files of a result, each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


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
