"""From the bytes of a submission to a study that can be made; says everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.loader import list_cities
from scenarios.siting.changes import ChangesModel
from scenarios.siting.earlier import STUDY_FILE, EarlierStudy, earlier_of
from scenarios.siting.inline import InlineStudyModel
from service.errors import InvalidRequest, NoResult, NotFinished, NotFound
from service.jobs.bodies import part, read_json
from service.jobs.kinds import SITING
from service.jobs.requests import EVERYBODYS, Known, check_name, check_seconds, read_model
from service.settings import Settings
from service.siter import StudyRequest, StudyTask
from service.studies.counting import count_study

Model = TypeVar("Model", bound=BaseModel)


def read_request(body: bytes, settings: Settings, known: Known = EVERYBODYS) -> tuple[StudyTask, tuple[Finding, ...]]:
    """
    The request in `body` and what is odd but possible about it; `known` is what of the user's own it may name.

    An earlier study that it names comes with it.

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
        check_name(city, (*list_cities(), *known.cities), findings)
    elif isinstance(city, Mapping):
        _check_inline(city, part(document, "wishes"), findings)
    earlier = _earlier(part(document, "compare_with"), known, findings)
    if findings.errors or request is None:
        raise InvalidRequest(f"the study request has {len(findings.errors)} errors", findings=findings.items)
    return StudyTask(**dict(request), earlier=earlier), findings.warnings


def _earlier(study_id: Any, known: Known, findings: Findings) -> EarlierStudy | None:
    """What the study that is to be compared with builds; None where none is named, or none that can be."""
    if not isinstance(study_id, str):
        return None
    at = {"source": "request", "where": "/compare_with"}
    found = Findings()
    try:
        earlier = earlier_of(known.result(study_id), found, source=STUDY_FILE)
    except NotFound as error:
        hint = f"the id of a study of yours; GET {SITING.path} lists them"
        findings.error("unknown_study", error.detail, **at, value=study_id, hint=hint)
    except NotFinished as error:
        hint = "wait until it has succeeded, or leave compare_with out"
        findings.error("study_not_finished", error.detail, **at, value=study_id, hint=hint)
    except NoResult as error:
        hint = "the id of a study that has succeeded"
        findings.error("study_without_result", error.detail, **at, value=study_id, hint=hint)
    else:
        if earlier is None:
            text = f"study {study_id} was made by another version and cannot be compared: {found.errors[0].message}"
            hint = "make it anew, and compare with that"
            findings.error("study_of_another_form", text, **at, value=study_id, hint=hint)
        return earlier
    return None


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
