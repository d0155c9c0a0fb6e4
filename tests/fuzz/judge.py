"""The rule that every parser is held to; independent of how any of them reads."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from optimiser.basics.errors import EvenfleetError, InvalidInput
from optimiser.basics.finding import Finding
from tests.fuzz.targets import Answer

MOST_REPORT = 3_000_000
"""Characters of a report on a file of kilobytes."""
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
BELOW_ZERO = re.compile(r"^(lon|lat|.*_?c|demand|at|x|y)$")
"""Names of numbers that may be below zero."""
IDS = {"station_information": "station_id", "station_status": "station_id", "stations": "station_id"}
IDS |= {"cars": "car_id", "vehicle_status": "vehicle_id", "demand": "id", "candidates": "id", "grid": "id"}
IDS |= {"districts": "id"}


def faults_of_error(error: BaseException) -> Iterator[str]:
    """What is wrong with an exception that came out of a parser; none where it is a located refusal."""
    if not isinstance(error, EvenfleetError):
        yield f"raised {type(error).__name__}: {str(error)[:200]}"
    elif not isinstance(error, InvalidInput) or not error.findings:
        yield f"refused without a finding: {type(error).__name__}: {str(error)[:200]}"
    else:
        yield from faults_of_findings(error.findings)


def faults(answer: Answer, name: str, content: bytes) -> Iterator[str]:
    """What is wrong with an answer, where `content` is what the file `name` was broken into."""
    yield from faults_of_findings(answer.findings)
    if answer.taken is not None:
        yield from _wrong_values(answer.taken, "taken")
        yield from _lost(answer, name, content)


def faults_of_findings(findings: tuple[Finding, ...]) -> Iterator[str]:
    """Findings say where, in words that can be sent and shown."""
    size = 0
    for finding in findings:
        text = str(finding)
        size += len(text)
        if not finding.source or not finding.message or not finding.code:
            yield f"a finding without source, code or message: {text[:200]!r}"
        if UNPRINTABLE.search(text):
            yield f"a finding that cannot be shown: {text[:200]!r}"
        try:
            json.dumps(dataclasses.asdict(finding), default=str, ensure_ascii=False).encode()
        except (ValueError, TypeError, RecursionError) as error:
            yield f"a finding that cannot be sent, {type(error).__name__}: {text[:200]!r}"
    if size > MOST_REPORT:
        yield f"a report of {size} characters"


def _wrong_values(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, bool) or value is None or isinstance(value, Enum):
        return
    if isinstance(value, (int, float)):
        name = at.rpartition(".")[2].partition("[")[0]
        if not math.isfinite(value) or (value < 0 and not BELOW_ZERO.match(name)):
            yield f"took {value} at {at}"
    elif isinstance(value, str):
        if re.search("[\ud800-\udfff]", value):
            yield f"took half a character at {at}"
    elif dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            yield from _wrong_values(getattr(value, part.name), f"{at}.{part.name}")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _wrong_values(inner, f"{at}.{key}")
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from _wrong_values(inner, f"{at}[]")


def _lost(answer: Answer, name: str, content: bytes) -> Iterator[str]:
    """Ids of the broken file that were neither taken nor told."""
    taken = answer.ids.get(name)
    if taken is None or any(finding.code == "name_twice" for finding in answer.findings):
        return
    told = "\n".join(map(str, answer.findings))
    for id_ in ids_in(name, content):
        is_told = id_ in told or repr(id_)[1:-1] in told  # As it is, or what cannot be shown of it escaped.
        if id_ and id_ not in taken and not is_told and f"{len(taken)} " not in told:
            yield f"{id_!r} of the file was neither taken nor told"


def ids_in(name: str, content: bytes) -> set[str]:
    """Ids that a file tells, as plain programs read it; none where it cannot be read so."""
    key = IDS[name.rpartition("/")[2].partition(".")[0]]
    try:
        text = content.decode("utf-8-sig")
        if name.endswith(".geojson"):
            return _of_features(json.loads(text))
        return _of_table(text, key) if name.endswith(".csv") else _of_document(text, key)
    except (ValueError, RecursionError, csv.Error):
        return set()


def _of_table(text: str, key: str) -> set[str]:
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    head = [cell.strip().casefold() for cell in rows[0]] if rows else []
    at = head.index(key) if head.count(key) == 1 else len(text)
    return {row[at].strip() for row in rows[1:] if len(row) > at}


def _of_features(document: Any) -> set[str]:
    """Ids as GeoJSON has them: among the properties, where nothing else in the document means anything."""
    features = document.get("features") if isinstance(document, dict) else None
    inner = [item.get("properties") for item in features or () if isinstance(item, dict)]
    ids = [properties.get("id") for properties in inner if isinstance(properties, dict)]
    return {str(id_).strip() for id_ in ids if isinstance(id_, (str, int))}


def _of_document(text: str, key: str) -> set[str]:
    """Ids of all objects, also of lists that an object says and then says again."""
    found: list[Any] = []

    def gather(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found.extend(value for name, value in pairs if name == key)
        return dict(pairs)

    json.loads(text, object_pairs_hook=gather)
    return {str(value).strip() for value in found if isinstance(value, (str, int))}
