"""What reading a submission has in common for all kinds of jobs; each error points into the document as it was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from scenarios.origins import POINTER_IN_A_SENTENCE
from scenarios.schema_errors import TOO_MANY, findings_of, nearest, pointer
from service.errors import InvalidRequest, NotFound
from service.jobs.bodies import excess, part
from service.problems import MAX_FINDINGS
from service.settings import Settings


class _Limits(Protocol):
    def to_limits(self) -> SolveLimits: ...


class _Request(Protocol):
    @property
    def limits(self) -> _Limits: ...


MANY = 5_000
"""Errors of one request that are made into findings one by one."""

Model = TypeVar("Model", bound=BaseModel)


def _no_result(_job_id: str) -> Any:
    raise NotFound("no earlier job can be named here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What of the user's own a request may name, beside what everybody may."""

    cities: Collection[str] = ()
    """Names of cities that may be asked for in a request of this kind."""
    result: Callable[[str], Any] = _no_result
    """The main document of an earlier job of this kind, by its id; raises NotFound, NotFinished or NoResult."""


EVERYBODYS = Known()
"""Nothing of the user's own."""


def check_seconds(document: Any, settings: Settings, findings: Findings) -> None:
    """Note a search that is longer than allowed."""
    seconds = part(part(document, "limits"), "seconds")
    if isinstance(seconds, (int, float)) and seconds > settings.max_solve_s:
        excess(findings, "max_solve_s", "/limits/seconds", seconds, settings.max_solve_s)


def read_model(kind: type[Model], document: Any, findings: Findings) -> Model | None:
    """
    The request, or None where it is wrong; everything that is wrong with its form and its limits is noted.

    Raises
    ------
    InvalidRequest
        There is so much wrong with it that no more than some of it is told.
    """
    try:
        request = kind.model_validate(document)
        _limits_of(request).to_limits()
    except ValidationError as error:
        if _is_too_much(error):
            raise _overwhelmed(error, document, kind) from None
        findings.extend(_located(error, kind))
    except InvalidInput as error:
        hint = "give seconds, or rounds, or both"
        findings.error("limits", error.what, source="request", where="/limits", hint=hint)
    else:
        return request
    return None


def check_name(city: str, known: Sequence[str], findings: Findings) -> None:
    """Only bundled names and the user's own: over HTTP nobody may name a folder of the server."""
    if city not in known:
        city = city[:64]
        guess = nearest(city, known)
        findings.error(
            "unknown_city",
            f"there is no city {city}",
            source="request",
            where="/city",
            value=city,
            hint=f"did you mean {guess}?" if guess else f"one of {', '.join(known)}, or an inline city",
        )


def _limits_of(request: Any) -> _Limits:
    asked: _Request = request
    return asked.limits


def _located(error: ValidationError, kind: type[BaseModel]) -> list[Finding]:
    """Findings whose pointers lead into the document as it was sent, where the form of the city has no name."""
    findings = findings_of(error, model=kind, source="request", most=MAX_FINDINGS + 1)
    return _led_back(findings)


def _led_back(findings: Sequence[Finding]) -> list[Finding]:
    return [_led(finding) for finding in findings]


def _led(finding: Finding) -> Finding:
    where, forms = re.subn("^/city/(name|inline)(?=/|$)", "/city", finding.where)
    # What a city says of another place in it is said of the city alone.
    hint = POINTER_IN_A_SENTENCE.sub(r"/city\g<0>", finding.hint) if forms else finding.hint
    if forms and where == "/city" and finding.code == "string_type":
        text = f"city is {json.dumps(finding.value)}, neither a name nor a city in full"
        hint = "the name of a bundled city or of one of your own, or a city in full, an object"
        return replace(finding, where=where, message=text, hint=hint)
    return replace(finding, where=where, hint=hint)


def _is_too_much(error: ValidationError) -> bool:
    return error.error_count() > MANY or any(each["type"] == TOO_MANY for each in error.errors(include_url=False))


def _overwhelmed(error: ValidationError, document: Any, kind: type[BaseModel]) -> InvalidRequest:
    """So many errors that to list them would take the memory of everybody: some are told, from the heads of lists."""
    what = "the request has thousands of errors, of which some are told"
    for most in (100, 10):
        try:
            kind.model_validate(_heads(document, most))
        except ValidationError as fewer:
            if not _is_too_much(fewer):
                # What contradicts the parts that were cut off is no finding: these come with a hint of their own.
                own = {
                    pointer(each["loc"]) for each in fewer.errors(include_url=False) if "hint" in each.get("ctx", {})
                }
                found = [
                    finding for finding in findings_of(fewer, model=kind, source="request") if finding.where not in own
                ]
                if found:
                    return InvalidRequest(what, findings=_led_back(found)[: MAX_FINDINGS + 1])
    findings = Findings()
    findings.error("too_many_errors", what, source="request", hint="send a small part of it first")
    return InvalidRequest(what, findings=findings.errors)


def _heads(document: Any, most: int) -> Any:
    if isinstance(document, list):
        return [_heads(item, most) for item in document[:most]]
    if isinstance(document, dict):
        return {key: _heads(value, most) for key, value in islice(document.items(), most)}
    return document
