"""Looks into the body of a submission before anything is built from it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from optimiser.basics.finding import Finding, Severity, shown
from optimiser.basics.findings import Findings
from scenarios.json_text import measure
from scenarios.schema_errors import Location, findings_of, pointer
from service.errors import InvalidRequest
from service.problems import MAX_FINDINGS, malformed

Model = TypeVar("Model", bound=BaseModel)

HALF = re.compile("[\ud800-\udfff]")
LONG = 1e15
MAX_DEPTH = 32
"""Of lists and objects inside each other."""


def read_json(body: bytes, *, max_values: int) -> Any:
    """
    What the body says.

    Raises
    ------
    MalformedBody
        It is not JSON, is nested too deeply, or an object says one thing twice.
    InvalidRequest
        It holds more than `max_values` values. Both are counted before anything is built.
    """
    _count(body, max_values)

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not a JSON number")

    ambiguous: dict[int, tuple[Any, list[str]]] = {}

    def read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            # Kept, so that no other object gets its id.
            ambiguous[id(made)] = made, [name for name, count in counts.items() if count > 1]
        return made

    try:
        document = json.loads(body, parse_constant=refuse, object_pairs_hook=read_object)
    except RecursionError:
        raise malformed("it is nested too deeply") from None
    except ValueError as error:
        raise malformed(str(error)) from None
    if ambiguous:
        findings = list(islice(_said_twice(document, ambiguous), MAX_FINDINGS + 1))
        raise malformed("an object says one thing more than once", findings=findings)
    return document


def read_shape(
    kind: type[Model], body: bytes, *, max_values: int, look: Callable[[Any], Iterable[Finding]] | None = None
) -> Model:
    """
    The body as one of the small shapes; raises as `read_json`.

    Where it is of another shape, `look` finds what else is wrong with the document, so that all is told at once.
    """
    document = read_json(body, max_values=max_values)
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        findings = list(findings_of(error, model=kind, source="request"))
        places = {finding.where for finding in findings}
        findings += [finding for finding in (look(document) if look else ()) if finding.where not in places]
        raise InvalidRequest(f"the request has {len(findings)} errors", findings=findings) from None


def written(request: BaseModel) -> bytes:
    """
    A checked request in JSON, as it is kept.

    Raises
    ------
    InvalidRequest
        A part that is passed on as it came holds halves of characters, which no text can be written with.
    """
    try:
        return request.model_dump_json().encode()
    except PydanticSerializationError:
        findings = list(islice(_broken_texts(request.model_dump()), MAX_FINDINGS + 1))
        if not findings:
            raise
        raise InvalidRequest("the request holds text that is not Unicode", findings=findings) from None


def excess(findings: Findings, name: str, where: str, value: float, limit: float) -> None:
    """Note that something is over a stated limit."""
    findings.error(
        "limit_exceeded",
        f"{figure(value)} is over the limit {name} of {figure(limit)}",
        source="request",
        where=where,
        value=value,
        hint=f"at most {figure(limit)}; all limits are at /v1/limits",
    )


def figure(value: float) -> str:
    """A number for people: a whole one with separators, unless it is very long."""
    return f"{value:,.0f}" if abs(value) < LONG and value == round(value) else f"{value:g}"


def part(document: Any, key: str) -> Any:
    """A part of the document; None where it is not there, or the document is no object."""
    return document.get(key) if isinstance(document, Mapping) else None


def _count(body: bytes, max_values: int) -> None:
    depth, values = measure(body)
    if depth > MAX_DEPTH:
        raise malformed(f"it is nested {depth} deep, which is over {MAX_DEPTH}")
    if values > max_values:
        findings = Findings()
        excess(findings, "max_body_values", "", values, max_values)
        raise InvalidRequest("the request is over the stated limits", findings=findings.errors)


def _said_twice(
    document: Any, ambiguous: Mapping[int, tuple[Any, Sequence[str]]], at: Location = ()
) -> Iterator[Finding]:
    """Findings for the objects whose id() is in `ambiguous`; those that were themselves said first are not there."""
    for name in ambiguous.get(id(document), (None, ()))[1]:
        yield Finding(
            code="name_twice",
            severity=Severity.ERROR,
            source="request",
            where=pointer((*at, name[:200])),
            value=None,
            message=f"{name[:200]} is said more than once in one object",
            hint="keep one of them",
        )
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in inner:
        if isinstance(value, (dict, list)):
            yield from _said_twice(value, ambiguous, (*at, key))


def _broken_texts(document: Any, at: Location = ()) -> Iterator[Finding]:
    """A finding for each text and each name that holds half a character."""
    if isinstance(document, str) and HALF.search(document):
        yield Finding(
            code="not_unicode",
            severity=Severity.ERROR,
            source="request",
            where=pointer(at),
            value=shown(document[:200]),
            message="holds half a character",
            hint="surrogates come in pairs",
        )
    elif isinstance(document, Mapping):
        for key, value in document.items():
            yield from _broken_texts(key, (*at, shown(str(key)[:200])))
            yield from _broken_texts(value, (*at, shown(str(key)[:200])))
    elif isinstance(document, (list, tuple)):
        for index, value in enumerate(document):
            yield from _broken_texts(value, (*at, index))
