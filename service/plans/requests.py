"""From the bytes of a submission to a request that can be planned; says everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.cross_checks import odd_coordinates
from scenarios.loader import list_cities, load_inline
from scenarios.schema import CityModel
from service.errors import InvalidRequest
from service.jobs.bodies import excess, part, read_json
from service.jobs.requests import EVERYBODYS, Known, check_name, check_seconds, read_model
from service.planner import PlanRequest
from service.settings import Settings


def read_request(body: bytes, settings: Settings, known: Known = EVERYBODYS) -> tuple[PlanRequest, tuple[Finding, ...]]:
    """
    The request in `body` and what is odd but possible about it; `known` is what of the user's own it may name.

    Raises
    ------
    MalformedBody
        The body is not JSON.
    InvalidRequest
        It asks for more than the stated limits, or is wrong; with every finding.
    """
    document = read_json(body, max_values=settings.max_body_values)
    findings = Findings()
    _count(document, settings, findings)
    if any(finding.where.startswith("/city") for finding in findings.errors):
        # Refused by counting: nothing is built from a document of any size.
        raise InvalidRequest("the plan request is over the stated limits", findings=findings.errors)
    request = read_model(PlanRequest, document, findings)
    if not any(finding.where.startswith("/city") for finding in findings.errors):
        _check_city(part(document, "city"), request.city if request else None, known, findings)
    if findings.errors or request is None:
        raise InvalidRequest(f"the plan request has {len(findings.errors)} errors", findings=findings.items)
    return request, findings.warnings


def _count(document: Any, settings: Settings, findings: Findings) -> None:
    """Note everything that is over a stated limit."""
    city = part(document, "city")
    for name, path, limit in (
        ("max_stations", ("stations",), settings.max_stations),
        ("max_stations", ("snapshot", "stations"), settings.max_stations),
        *(
            ("max_stations", (name,), settings.max_stations)
            for name in ("targets", "musts", "station_rules", "zones", "out_of_service")
        ),
        ("max_vans", ("vans",), settings.max_vans),
    ):
        found: Any = city
        for key in path:
            found = part(found, key)
        if isinstance(found, Sequence) and len(found) > limit:
            excess(findings, name, "/city/" + "/".join(path), len(found), limit)
    check_seconds(document, settings, findings)


def _check_city(city: Any, model: str | CityModel | None, known: Known, findings: Findings) -> None:
    """Whether a city of the right form can be planned: it is known, or its streets are."""
    if isinstance(city, str):
        check_name(city, (*list_cities(), *known.cities), findings)
    elif isinstance(city, Mapping):
        found = Findings()
        odd_coordinates(city, found, source="request")
        try:
            found.extend(
                load_inline(model if isinstance(model, CityModel) else CityModel.model_validate(city)).warnings
            )
        except InvalidInput as error:
            found.extend((*error.findings, *error.warnings))
        findings.extend(replace(finding, where=f"/city{finding.where}") for finding in found.items)
