"""
Which instances are meant: files, folders, or lists with their instances beside them.

A list is a CSV table with a column `file` or `instance`; `best_known` or `value` is a value known of each, and other
columns, such as `p`, say what is asked of it: one instance may be listed several times. A folder that holds `cases.csv`
or `best_known.csv` means that list, and an instance beside such a list is all that the list asks of it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from optimiser.basics.findings import Findings
from scenarios.benchmarks.asked import Asked
from scenarios.benchmarks.files import finite_number, read_text, refuse

LISTS = ("cases.csv", "best_known.csv")
NAMES = ("file", "instance")
VALUES = ("best_known", "value")
LAYOUT = "a list holds a column file or instance, and perhaps best_known or value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An instance to solve."""

    path: Path
    best_known: float | None = None
    """A value that others, or we, have found before."""
    asked: Asked = field(default_factory=Asked)
    """By the row of a list that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What instances look like on disk: see `find_cases`."""

    is_instance: Callable[[Path], bool]
    file_of: Callable[[str], str]
    depth: int


def find_cases(
    paths: Iterable[Path],
    *,
    is_instance: Callable[[Path], bool],
    file_of: Callable[[str], str] = str,
    depth: int = 1,
    findings: Findings | None = None,
) -> tuple[Case, ...]:
    """
    The instances that paths mean, each once, in the order given; those of a folder by name.

    Parameters
    ----------
    is_instance
        Whether a file, or a folder, found in a folder is an instance at all; what was named outright is not asked.
    file_of
        The name on disk of an instance that a list names: one file may be asked for in several ways.
    depth
        How far below the folder of its list an instance may lie; 1 is in it.
    findings
        Where what is wrong is noted instead of being raised, so that what is found can be looked at all the same.

    Raises
    ------
    InvalidInput
        Every path and every row of a list that leads nowhere, located.
    """
    kind = _Kind(is_instance=is_instance, file_of=file_of, depth=depth)
    noted = Findings() if findings is None else findings
    cases: dict[tuple[Path, tuple[tuple[str, str], ...]], Case] = {}
    for path in paths:
        with noted.noting():
            for case in _cases_of(path, kind, noted):
                cases.setdefault((case.path.resolve(), tuple(sorted(case.asked.row.items()))), case)
    if findings is None:
        noted.raise_errors("benchmark")
    return tuple(cases.values())


def _cases_of(path: Path, kind: _Kind, findings: Findings) -> tuple[Case, ...]:
    if not path.exists():
        refuse(path, "path_missing", "does not exist", hint="an instance file, a folder of them, or their cases.csv")
    if path.is_file() and _is_list(path):
        return _listed(path, kind, findings)
    if path.is_file() or kind.is_instance(path):
        return _looked_up(path, kind)
    for name in LISTS:
        if (path / name).is_file():
            return _listed(path / name, kind, findings)
    # Hidden files and folders are nobody's instances.
    below = sorted(item for item in path.rglob("*") if not any(part[0] == "." for part in item.relative_to(path).parts))
    found = tuple(case for item in below if kind.is_instance(item) for case in _looked_up(item, kind))
    if not found:
        refuse(path, "folder_empty", "holds no instance", hint="instance files, or a cases.csv")
    return found


def _is_list(path: Path) -> bool:
    if path.name in LISTS:
        return True
    if path.suffix.casefold() != ".csv":
        return False
    with path.open("rb") as file:
        header = file.readline(10_000).decode("utf-8-sig", errors="replace")
    return bool(set(NAMES) & {cell.strip().casefold() for cell in header.split(",")})


def _listed(path: Path, kind: _Kind, findings: Findings) -> tuple[Case, ...]:
    """The cases of its rows; what is wrong with other rows is noted."""
    cases, rows = [], _rows(path)
    for number, row in rows:
        name = next((row[column] for column in NAMES if row.get(column)), "")
        found = _beside(path, name, kind)
        if found is None:
            findings.error(
                "instance_missing",
                f"there is no instance {name} beside the list" if name else "names no instance",
                source=str(path),
                where=f"row {number}",
                value=name,
                hint="the name of a file in the same folder, its ending may be left out",
            )
        else:
            asked = Asked(row=row, source=str(path), where=f"row {number}")
            _note_value(asked, findings)
            cases.append(Case(path=found, best_known=_value(row), asked=asked))
    if not rows:
        refuse(path, "list_empty", "lists no instances", where="row 2", hint="one row for each instance")
    return tuple(cases)


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    lines = csv.reader(read_text(path, hint=LAYOUT).splitlines())
    header = [cell.strip().casefold() for cell in next(lines)]
    if not set(NAMES) & set(header):
        refuse(path, "column_missing", "there is no column file or instance", where="row 1", value=header, hint=LAYOUT)
    return [
        (lines.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False)))
        for cells in lines
        if any(cell.strip() for cell in cells)
    ]


def _beside(path: Path, name: str, kind: _Kind) -> Path | None:
    """The instance of that name in the list's folder, or as deep below as may be; never outside of it."""
    if not name or name != Path(name).name or name in LISTS:
        return None
    for depth in range(1, kind.depth + 1):
        beside = sorted(item for item in path.parent.glob("/".join("*" * depth)) if item.name not in LISTS)
        for match in (name, kind.file_of(name)):
            exact = [item for item in beside if item.name == match]
            others = [item for item in beside if item.stem == match]
            if exact or others:
                return (exact or others)[0]
    return None


def _looked_up(path: Path, kind: _Kind) -> tuple[Case, ...]:
    """What a list beside an instance asks of it; the instance alone if there is none that names it."""
    for folder in path.absolute().parents[: kind.depth]:
        for name in LISTS:
            if (folder / name).is_file():
                asked = [
                    Asked(row=row, source=str(folder / name), where=f"row {number}")
                    for number, row in _rows(folder / name)
                    if _names(row, kind) & {path.name, path.stem}
                ]
                if asked:
                    return tuple(Case(path=path, best_known=_value(one.row), asked=one) for one in asked)
    return (Case(path=path),)


def _names(row: Mapping[str, str], kind: _Kind) -> set[str]:
    """By which an instance may be called on disk."""
    told = {row[column] for column in NAMES if row.get(column)}
    return told | {kind.file_of(name) for name in told}


def _note_value(asked: Asked, findings: Findings) -> None:
    """Note a known value that is no number."""
    for column in VALUES:
        if asked.get(column) and finite_number(asked.get(column)) is None:
            told = asked.get(column)[:30]
            hint = "a number, or nothing where none is known"
            asked.wrong(findings, Path(asked.source), "value_wrong", f"{column} is {told!r}", value=told, hint=hint)


def _value(row: Mapping[str, str]) -> float | None:
    return next((finite_number(row[column]) for column in VALUES if row.get(column)), None)
