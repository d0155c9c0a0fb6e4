"""
Nights of e-cars as files: one JSON document each, whole and self-contained (`docs/relocation-benchmark.md`).

Everything of `optimiser.relocation.problem.Problem`, field by field under its own name, with full matrices of seconds
and metres between `places`. What is written and read again has the same `input_hash`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.network.travel import TravelTimes
from optimiser.relocation.problem import (
    Car,
    Charging,
    Driver,
    Grid,
    Handling,
    Mode,
    Must,
    Prices,
    Problem,
    Station,
    Task,
    Zone,
)
from scenarios.benchmarks.files import read_text, refuse
from scenarios.benchmarks.records import WRONG, Decoder, plain

FORMAT = "evenfleet-relocation-1"
LAYOUT = f'a JSON object with "format": "{FORMAT}"'
LISTS = {"stations": Station, "cars": Car, "drivers": Driver, "zones": Zone, "tasks": Task, "musts": Must}
SINGLES = {"grid": Grid, "prices": Prices, "handling": Handling, "charging": Charging}
MATRICES = ("travel_s", "length_m")
KEYS = ("format", "about", "start", "opening_s", "places", *LISTS, *SINGLES, "drive", "modes")
MOST = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RelocationInstance:
    """A night of e-cars."""

    name: str
    problem: Problem
    about: tuple[str, ...]
    """Where it comes from, and what of it is made up."""
    document: dict[str, Any]
    """The file as it is written, for those who judge answers from nothing else."""


def read_relocation(path: Path) -> RelocationInstance:
    """
    Read a file.

    Raises
    ------
    InvalidInput
        Everything that is wrong, each with its place in the document.
    """
    document = _document(path)
    findings = Findings()
    problem, about = _Reader(findings, str(path)).read(document)
    findings.raise_errors(f"benchmark file {path}")
    return RelocationInstance(name=path.stem, problem=problem, about=about, document=document)


def write_relocation(path: Path, problem: Problem, *, about: tuple[str, ...] = ()) -> None:
    """Write a file: one line for each thing and each row of a matrix."""
    document = relocation_document(problem, about=about)
    path.write_text(_text(document), encoding="utf-8")


def relocation_document(problem: Problem, *, about: tuple[str, ...] = ()) -> dict[str, Any]:
    """A night as the file has it."""
    return {
        "format": FORMAT,
        "about": list(about),
        "start": problem.start.isoformat(),
        "opening_s": problem.opening_s,
        "places": list(problem.drive.place_ids),
        **{name: plain(getattr(problem, name)) for name in (*LISTS, *SINGLES)},
        "drive": _travel(problem.drive),
        "modes": [
            {"name": mode.name, "ride_s": mode.ride_s, "km": mode.km, **_travel(mode.travel)} for mode in problem.modes
        ],
    }


def is_relocation(path: Path) -> bool:
    """Whether a file of a folder looks like a night of e-cars."""
    if not path.is_file() or path.suffix.casefold() != ".json":
        return False
    with path.open("rb") as file:
        return FORMAT.encode() in file.read(200)


class _Reader:
    def __init__(self, findings: Findings, source: str) -> None:
        self._findings, self._decoder = findings, Decoder(findings, source)

    def read(self, document: dict[str, Any]) -> Any:
        decoder = self._decoder
        for key in document.keys() - set(KEYS):
            decoder.wrong("key_unknown", "is no field", key, key, f"one of {', '.join(KEYS)}")
        for key in (key for key in KEYS if key not in document):
            decoder.wrong("key_missing", f"has no {key}", "", None, "every field is told, an empty list for none")
        if self._findings.errors:
            return WRONG, ()
        about = decoder.value(tuple[str, ...], document["about"], "about")
        places = decoder.value(tuple[str, ...], document["places"], "places")
        start = decoder.value(datetime, document["start"], "start")
        opening_s = decoder.value(int, document["opening_s"], "opening_s")
        lists = {name: decoder.records(kind, document[name], name) for name, kind in LISTS.items()}
        singles = {name: decoder.record(kind, document[name], name) for name, kind in SINGLES.items()}
        modes: Any = ()
        drive: Any = WRONG
        if places is not WRONG:
            drive = self._travel(document["drive"], places, "drive", others=())
            modes = self._modes(document["modes"], places)
        if self._findings.errors:
            return WRONG, ()
        try:
            return Problem(start=start, opening_s=opening_s, drive=drive, modes=modes, **lists, **singles), about
        except InvalidInput as error:
            return decoder.wrong("night_wrong", str(error), "", None, "a night that does not contradict itself"), ()

    def _modes(self, value: Any, places: tuple[str, ...]) -> Any:
        if not isinstance(value, list):
            return self._decoder.wrong("list_expected", "is no list", "modes", value, "a list")
        modes = []
        for index, mode in enumerate(value):
            where, own = f"modes[{index}]", ("name", "ride_s", "km")
            travel = self._travel(mode, places, where, others=own)
            if isinstance(mode, dict):
                told = {key: mode[key] for key in own if key in mode}
                modes.append(self._decoder.record(Mode, told, where, travel=travel))
        return tuple(modes)

    def _travel(self, value: Any, places: tuple[str, ...], where: str, *, others: tuple[str, ...]) -> Any:
        wrong, keys = self._decoder.wrong, {*MATRICES, "label", *others}
        if not isinstance(value, dict):
            return wrong("object_expected", "is no object", where, value, f"an object with {', '.join(sorted(keys))}")
        for key in sorted(value.keys() - keys):
            wrong("key_unknown", "is no field", f"{where}.{key}", key, f"one of {', '.join(sorted(keys))}")
        missing = [key for key in (*MATRICES, "label") if key not in value]
        for key in missing:
            wrong("key_missing", f"has no {key}", where, None, "every field is told")
        if missing:
            return WRONG
        label = self._decoder.value(str, value["label"], f"{where}.label")
        seconds, metres = (self._matrix(value[name], len(places), f"{where}.{name}") for name in MATRICES)
        if seconds is None or metres is None:
            return WRONG
        return TravelTimes(place_ids=places, travel_s=seconds, length_m=metres, label=label)

    def _matrix(self, rows: Any, size: int, where: str) -> NDArray[np.int32] | None:
        wrong, hint = self._decoder.wrong, f"{size} rows of {size} whole numbers, one for each place"
        if not isinstance(rows, list) or len(rows) != size:
            count = len(rows) if isinstance(rows, list) else None
            wrong("matrix_wrong", f"has not {size} rows", where, count, hint)
            return None
        before = len(self._findings.errors)
        for number, row in enumerate(rows):
            if not isinstance(row, list) or len(row) != size:
                count = len(row) if isinstance(row, list) else None
                wrong("matrix_wrong", f"has not {size} numbers", f"{where}[{number}]", count, hint)
                continue
            for column, value in enumerate(row):
                if type(value) is not int or not 0 <= value <= MOST:
                    wrong("number_wrong", "is no whole number of 0 and more", f"{where}[{number}][{column}]", value, "")
                elif number == column and value:
                    wrong("diagonal", "a place is away from itself", f"{where}[{number}][{column}]", value, "0")
        if len(self._findings.errors) > before:
            return None
        matrix = np.array(rows, dtype=np.int32).reshape(size, size)
        matrix.flags.writeable = False
        return matrix


def _document(path: Path) -> dict[str, Any]:
    text = read_text(path, hint=LAYOUT)

    def no_number(word: str) -> NoReturn:
        refuse(path, "number_wrong", f"{word} is no number of JSON", value=word, hint="finite numbers")

    try:
        document = json.loads(text, parse_constant=no_number)
    except json.JSONDecodeError as error:
        refuse(path, "json_wrong", error.msg, where=f"line {error.lineno}, column {error.colno}", hint=LAYOUT)
    except RecursionError:
        refuse(path, "json_wrong", "is nested too deep", hint=LAYOUT)
    if not isinstance(document, dict):
        refuse(path, "object_expected", "is no object", hint=LAYOUT)
    if document.get("format") != FORMAT:
        refuse(path, "format_wrong", "is of another format", where="format", value=document.get("format"), hint=LAYOUT)
    return document


def _travel(travel: TravelTimes) -> dict[str, Any]:
    return {"label": travel.label, **{name: getattr(travel, name).tolist() for name in MATRICES}}


def _text(document: dict[str, Any]) -> str:
    parts = [f"{json.dumps(key)}: {_value(value)}" for key, value in document.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _value(value: Any) -> str:
    """Lists of objects and of rows one by line, anything else in one."""
    if isinstance(value, dict) and any(name in value for name in MATRICES):
        return "{" + ",\n".join(f"{json.dumps(key)}: {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list) and value and isinstance(value[0], list | dict):
        return "[\n" + ",\n".join(_value(one) if isinstance(one, dict) else _line(one) for one in value) + "\n]"
    return _line(value)


def _line(value: Any) -> str:
    separators = (",", ":") if isinstance(value, list) else (", ", ": ")
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=separators)
