"""What reading a submission has in common for all kinds of jobs; each error points into the document as it was sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from scenarios.schema_errors import findings_of, nearest
from service.jobs.bodies import excess, part
from service.settings import Settings


class _Limits(Protocol):
    def to_limits(self) -> SolveLimits: ...


class _Request(Protocol):
    @property
    def limits(self) -> _Limits: ...


Model = TypeVar("Model", bound=BaseModel)


def check_seconds(document: Any, settings: Settings, findings: Findings) -> None:
    """Note a search that is longer than allowed."""
    seconds = part(part(document, "limits"), "seconds")
    if isinstance(seconds, (int, float)) and seconds > settings.max_solve_s:
        excess(findings, "max_solve_s", "/limits/seconds", seconds, settings.max_solve_s)


def read_model(kind: type[Model], document: Any, findings: Findings) -> Model | None:
    """The request, or None where it is wrong; everything that is wrong with its form and its limits is noted."""
    try:
        request = kind.model_validate(document)
        _limits_of(request).to_limits()
    except ValidationError as error:
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
    findings = findings_of(error, model=kind, source="request")
    return [
        replace(finding, where=re.sub("^/city/(name|inline)(?=/|$)", "/city", finding.where)) for finding in findings
    ]
