"""
Tells when compiled functions that are kept on disk are old.

Numba looks at the file of a function alone. What the function calls from other files is compiled into it all the same,
and so are the constants that it takes from there: after an upgrade that changes only those, old code would go on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import caching

HOUSE = ("optimiser", "scenarios")
"""Packages whose files are looked at, beside that of the function itself."""
_IMPORT = re.compile(r"^from ([\w.]+) import (\([^)]*\)|.*)$", re.MULTILINE)


class _Stamped:
    """A place for compiled functions, stamped by all files that they are made of."""

    _py_file: str

    def get_source_stamp(self) -> Any:
        """The same as long as no such file changes."""
        return stamp_of(Path(self._py_file))


class Provided(_Stamped, caching.UserProvidedCacheLocator):  # type: ignore[misc]
    """The folder that `NUMBA_CACHE_DIR` names."""


class InTree(_Stamped, caching.InTreeCacheLocator):  # type: ignore[misc]
    """Beside the file of the function."""


class UserWide(_Stamped, caching.UserWideCacheLocator):  # type: ignore[misc]
    """The user's folder for such things."""


@contextmanager
def stamped() -> Iterator[None]:
    """Functions that are decorated meanwhile are kept with such a stamp."""
    before = numba.config.CACHE_LOCATOR_CLASSES
    numba.config.CACHE_LOCATOR_CLASSES = ",".join(f"{__name__}.{one.__name__}" for one in (Provided, InTree, UserWide))
    try:
        yield
    finally:
        numba.config.CACHE_LOCATOR_CLASSES = before


@cache
def stamp_of(path: Path) -> bytes:
    """Of a file and of all of the house that it imports at its head, and these in turn."""
    root = path.parent
    while (root / "__init__.py").exists():
        root = root.parent
    tops = {*HOUSE, path.relative_to(root).parts[0]}
    found, left = set[Path](), [path]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left.extend(_imported(one, root, frozenset(tops)))
    whole = hashlib.sha256()
    for one in sorted(found):
        whole.update(str(one.relative_to(root)).encode() + b"\0" + _read(one)[0])
    return whole.digest()


@cache
def _read(path: Path) -> tuple[bytes, str]:
    """What a file holds, as a digest and as text."""
    data = path.read_bytes()
    return hashlib.sha256(data).digest(), data.decode()


@cache
def _imported(path: Path, root: Path, tops: frozenset[str]) -> tuple[Path, ...]:
    """Files that a file imports from, of packages with these names."""
    files = []
    for match in _IMPORT.finditer(_read(path)[1]):
        module = match[1].split(".")
        if module[0] in tops:
            folder = root.joinpath(*module)
            names = re.findall(r"\w+", match[2])
            files += [folder.with_suffix(".py"), folder / "__init__.py", *(folder / f"{name}.py" for name in names)]
    return tuple(file for file in files if file.is_file())
