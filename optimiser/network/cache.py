"""
Graphs and matrices kept on disk under the hash of what they are made from.

A cache may vanish, be damaged or be full at any time: reading then answers None and writing answers False, and the
caller computes as if there were no cache.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.hashing import content_hash
from optimiser.network.graph import GraphReport, StreetGraph

Arrays = dict[str, NDArray[Any]]

_SEAL = "seal"
"""Hash of all other arrays in the file; a file whose seal does not fit is computed anew."""


@cache
def recipe() -> str:
    """Hash of the code that makes graphs and matrices, so that none outlives a change of the rules."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(cache_dir: Path | None, name: str) -> Arrays | None:
    """The arrays kept under the name; None when there are none or they are damaged."""
    if cache_dir is None:
        return None
    try:
        with np.load(cache_dir / f"{name}.npz", allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        seal = str(arrays.pop(_SEAL))
    except (OSError, ValueError, KeyError, EOFError, SyntaxError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        return None
    return arrays if seal == content_hash(arrays) else None


def save(cache_dir: Path | None, name: str, arrays: Arrays) -> bool:
    """Keep the arrays under the name, whole or not at all; False when the disk refuses."""
    if cache_dir is None:
        return False
    temporary: str | None = None
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache_dir, suffix=".tmp", delete=False) as file:
            temporary = file.name
            np.savez(file, allow_pickle=False, **{**arrays, _SEAL: np.array(content_hash(arrays))})
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(cache_dir / f"{name}.npz")
    except OSError:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        return False
    return True


def pack(graph: StreetGraph) -> Arrays:
    """The graph as arrays only; what is not an array travels as JSON."""
    values = {field.name: getattr(graph, field.name) for field in dataclasses.fields(graph)}
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    rest = {name: value for name, value in values.items() if name not in arrays}
    rest["report"] = dataclasses.asdict(graph.report)
    return {**arrays, "rest": np.array(json.dumps(rest))}


def unpack(arrays: Arrays) -> StreetGraph:
    """The graph again."""
    rest = json.loads(str(arrays["rest"]))
    rest["report"] = GraphReport(**rest["report"])
    rest["highways"] = tuple(rest["highways"])
    fields: dict[str, Any] = {**arrays, **rest}
    del fields["rest"]
    return StreetGraph(**fields)
