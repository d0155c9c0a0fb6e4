"""Turns whatever went wrong into one RFC 9457 document that lists every finding."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding, Severity
from service.access.keys import hide_keys
from service.errors import (
    NO_ROOM,
    Forbidden,
    InvalidRequest,
    MalformedBody,
    ServiceError,
    StorageFull,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from service.lingering import LingeringResponse

MEDIA_TYPE = "application/problem+json"
WHILE_TALKING = (413, 415)
"""Refusals of a body that still comes in."""
MAX_FINDINGS = 100
MAX_VALUE_CHARACTERS = 200
MAX_SENTENCE_CHARACTERS = 1_000
RETRY_AFTER_S = "5"
TRY_AGAIN = (429, 503, 507)
"""Refusals that pass."""
RETRY_AFTER = {"Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "integer"}}}
FULL_DATABASE = ("database or disk is full", "readonly database", "No space left on device")

DATABASE_AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""What is raised while the database does not answer."""

log = structlog.get_logger()


class FindingModel(BaseModel):
    """One thing that is wrong or odd, where, and what would be right."""

    code: str
    source: str = Field(description="`request` for the body; `query`, `path`, `header`; or a file of the city.")
    pointer: str = Field("", description="JSON Pointer into the body, name of a parameter, or row and field of a file.")
    detail: str
    value: Any = None
    hint: str = ""


class Problem(BaseModel):
    """What went wrong (RFC 9457); `errors` holds every finding, not only the first."""

    type: str = Field(description="urn:evenfleet:problem: and the code.")
    title: str
    status: int
    code: str
    detail: str
    instance: str
    request_id: str | None = None
    errors: list[FindingModel] = []
    warnings: list[FindingModel] = []
    truncated: bool = Field(False, description=f"Whether there were more than {MAX_FINDINGS} findings.")


def responses(*errors: type[ServiceError], is_public: bool = False) -> dict[int | str, dict[str, Any]]:
    """The errors an endpoint may give, for its declaration; those of the database and, before /v1, the gate's too."""
    described: dict[int | str, dict[str, Any]] = {}
    gate = () if is_public else (Unauthenticated, Forbidden, TooManyRequests)
    declared: list[type[ServiceError]] = [*gate, *errors, Unavailable, StorageFull]
    for error in declared:
        answer = described.setdefault(
            error.status,
            {
                "description": "",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        earlier = answer["description"]
        answer["description"] = f"{earlier}; or: {error.title}" if earlier else error.title
        answer["content"][MEDIA_TYPE]["examples"][error.code] = {"$ref": f"#/components/examples/{error.code}"}
        if error.status in TRY_AGAIN:
            answer["headers"] = RETRY_AFTER
    return described


def example(error: type[ServiceError]) -> dict[str, Any]:
    """A problem document of this kind."""
    finding = FindingModel(
        code="greater_than",
        source="request",
        pointer="/limits/seconds",
        detail="seconds is -3, should be greater than 0",
        value=-3,
        hint="more than 0.0",
    )
    return Problem(
        type=f"urn:evenfleet:problem:{error.code}",
        title=error.title,
        status=error.status,
        code=error.code,
        detail="the request has 1 error" if error is InvalidRequest else error.title,
        instance="/v1/rebalancing-plans",
        request_id="f3b1c0de5a6e4a0f9a0d9f4e7c2b8a11",
        errors=[finding] if error is InvalidRequest else [],
    ).model_dump()


def install(app: FastAPI) -> None:
    """Let `app` answer every error with a problem document."""

    @app.exception_handler(ServiceError)
    def _service_error(request: Request, error: ServiceError) -> Response:
        return answer(request, error)

    @app.exception_handler(InvalidInput)
    def _invalid_input(request: Request, error: InvalidInput) -> Response:
        return answer(request, InvalidRequest(error.what, findings=(*error.findings, *error.warnings)))

    @app.exception_handler(RequestValidationError)
    def _parameters(request: Request, error: RequestValidationError) -> Response:
        findings = [_parameter_finding(details) for details in error.errors()]
        return answer(request, InvalidRequest("parameters of the request are wrong", findings=findings))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        return _render(
            request,
            status=error.status_code,
            code=code,
            title=str(error.detail),
            detail=str(error.detail),
            headers=error.headers,
        )

    for away in DATABASE_AWAY:
        app.add_exception_handler(away, answer_away)

    @app.exception_handler(OSError)
    def _system(request: Request, error: OSError) -> Response:
        if error.errno not in NO_ROOM:
            raise error
        return _full(request, error)


def answer_away(request: Request, error: Exception) -> Response:
    """The answer while the database does not, or is full."""
    if any(words in str(error) for words in FULL_DATABASE):
        return _full(request, error)
    log.error("database_away", error=type(error).__name__)
    return answer(request, Unavailable("the database does not answer", headers={"Retry-After": RETRY_AFTER_S}))


def bug(request: Request) -> Response:
    """The answer to a request that ran into an error of ours; the log has the rest."""
    title = "Something went wrong inside"
    return _render(request, status=500, code="internal_error", title=title, detail="this is our error, not yours")


def finding_model(finding: Finding) -> FindingModel:
    """A finding as the API shows it."""
    return FindingModel(
        code=finding.code,
        source=finding.source,
        pointer=finding.where,
        detail=_cut(finding.message),
        value=presentable(finding.value),
        hint=_cut(finding.hint),
    )


def presentable(value: Any) -> Any:
    """The value as JSON can carry it, cut short where it is long."""
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, str):
        return value if len(value) <= MAX_VALUE_CHARACTERS else value[:MAX_VALUE_CHARACTERS] + "…"
    if isinstance(value, (Mapping, list, tuple)):
        text = str(value)
        if len(text) > MAX_VALUE_CHARACTERS:
            return f"{type(value).__name__} of {len(value)}"
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        shown = {str(key): presentable(item) for key, item in items}
        return shown if isinstance(value, Mapping) else list(shown.values())
    return None if value is None else str(value)[:MAX_VALUE_CHARACTERS]


def _number(value: float) -> float | str:
    if isinstance(value, int):
        return value if abs(value) < 2**63 else f"a whole number of {value.bit_length()} bits"
    return value if math.isfinite(value) else str(value)


def answer(request: Request, error: ServiceError) -> Response:
    """The problem document of an error."""
    return _render(
        request,
        status=error.status,
        code=error.code,
        title=error.title,
        detail=error.detail,
        findings=error.findings,
        headers=error.headers,
    )


def _full(request: Request, error: Exception) -> Response:
    log.error("storage_full", error=type(error).__name__)
    headers = {"Retry-After": RETRY_AFTER_S}
    return answer(request, StorageFull("the disk or the database takes nothing more", headers=headers))


def _cut(sentence: str) -> str:
    return sentence if len(sentence) <= MAX_SENTENCE_CHARACTERS else sentence[:MAX_SENTENCE_CHARACTERS] + "…"


def _render(
    request: Request,
    *,
    status: int,
    code: str,
    title: str,
    detail: str,
    findings: Sequence[Finding] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    warnings = [finding for finding in findings if finding.severity is Severity.WARNING]
    problem = Problem(
        type=f"urn:evenfleet:problem:{code}",
        title=title,
        status=status,
        code=code,
        detail=_cut(detail),
        instance=request.url.path,
        request_id=getattr(request.state, "request_id", None),
        errors=[finding_model(finding) for finding in errors[:MAX_FINDINGS]],
        warnings=[finding_model(finding) for finding in warnings[:MAX_FINDINGS]],
        truncated=max(len(errors), len(warnings)) > MAX_FINDINGS,
    )
    # In ASCII, because a value that is refused for not being Unicode is shown as well.
    # And never with a key, wherever in the request it was put by mistake.
    content = hide_keys(json.dumps(problem.model_dump(), allow_nan=False))
    kind = LingeringResponse if status in WHILE_TALKING else Response
    return kind(content, status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def _parameter_finding(details: Mapping[str, Any]) -> Finding:
    place, *path = details["loc"]
    return Finding(
        code=str(details["type"]),
        severity=Severity.ERROR,
        source=str(place),
        where="/".join(map(str, path)),
        value=details.get("input"),
        message=str(details["msg"]),
    )


def malformed(reason: str, *, findings: Sequence[Finding] = ()) -> MalformedBody:
    """The body is not JSON that can be understood in one way, and why."""
    return MalformedBody(f"the body cannot be read as JSON: {reason}", findings=findings)
