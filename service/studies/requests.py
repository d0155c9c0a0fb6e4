"""From the bytes of a submission to a study that can be made; says everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.loader import list_cities
from scenarios.siting.changes import ChangesModel
from scenarios.siting.inline import InlineStudyModel
from service.errors import InvalidRequest
from service.jobs.bodies import part, read_json
from service.jobs.requests import check_name, check_seconds, read_model
from service.settings import Settings
from service.siter import StudyRequest
from service.studies.counting import count_study

Model = TypeVar("Model", bound=BaseModel)


def read_request(
    body: bytes, settings: Settings, own: Collection[str] = ()
) -> tuple[StudyRequest, tuple[Finding, ...]]:
    """
    The request in `body` and what is odd but possible about it; `own` are the names of the user's own cities.

    Raises
    ------
    MalformedBody
        The body is not JSON.
    InvalidRequest
        It asks for more than the stated limits, or is wrong; with every finding.
    """
    document = read_json(body, max_values=settings.max_body_values)
    findings = Findings()
    check_seconds(document, settings, findings)
    counted = Findings()
    count_study(document, settings, counted)
    findings.extend(counted.items)
    if counted.errors:
        # Refused by counting: nothing is built from a document of any size.
        raise InvalidRequest("the study request is over the stated limits", findings=findings.errors)
    request = read_model(StudyRequest, document, findings)
    if isinstance(city := part(document, "city"), str):
        check_name(city, (*list_cities(), *own), findings)
    elif isinstance(city, Mapping):
        _check_inline(city, part(document, "wishes"), findings)
    if findings.errors or request is None:
        raise InvalidRequest(f"the study request has {len(findings.errors)} errors", findings=findings.items)
    return request, findings.warnings


def _check_inline(city: Mapping[str, Any], wishes: Any, findings: Findings) -> None:
    """Whether a city given in full can be studied, however wrong the rest of the request is."""
    # Reads places, which takes what few requests need.
    from scenarios.siting.inline_loader import check_inline_study

    with TemporaryDirectory() as folder:
        model, changes = _model(InlineStudyModel, city), _model(ChangesModel, {} if wishes is None else wishes)
        check_inline_study(city, model, changes, Path(folder), findings)


def _model(kind: type[Model], document: Any) -> Model | None:
    try:
        return kind.model_validate(document)
    except ValidationError:
        return None  # Told with the whole request.
