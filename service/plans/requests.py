"""From the bytes of a submission to a request that can be planned; says everything that is wrong with it at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.cross_checks import odd_coordinates
from scenarios.loader import list_cities, load_inline
from scenarios.schema import CityModel
from scenarios.schema_errors import findings_of, nearest
from service.errors import InvalidRequest
from service.jobs.bodies import excess, part, read_json
from service.planner import PlanRequest
from service.settings import Settings


def read_request(body: bytes, settings: Settings) -> tuple[PlanRequest, tuple[Finding, ...]]:
    """
    The request in `body` and what is odd but possible about it.

    Raises
    ------
    MalformedBody
        The body is not JSON.
    InvalidRequest
        It asks for more than the stated limits, or is wrong; with every finding.
    """
    document = read_json(body)
    findings = Findings()
    _count(document, settings, findings)
    if any(finding.where.startswith("/city") for finding in findings.errors):
        # Refused by counting: nothing is built from a document of any size.
        raise InvalidRequest("the plan request is over the stated limits", findings=findings.errors)
    request: PlanRequest | None = None
    try:
        request = PlanRequest.model_validate(document)
        request.limits.to_limits()
    except ValidationError as error:
        findings.extend(_located(error))
    except InvalidInput as error:
        hint = "give seconds, or rounds, or both"
        findings.error("limits", error.what, source="request", where="/limits", hint=hint)
    if not any(finding.where.startswith("/city") for finding in findings.errors):
        _check_city(part(document, "city"), request.city if request else None, findings)
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
    seconds = part(part(document, "limits"), "seconds")
    if isinstance(seconds, (int, float)) and seconds > settings.max_solve_s:
        excess(findings, "max_solve_s", "/limits/seconds", seconds, settings.max_solve_s)


def _check_city(city: Any, model: str | CityModel | None, findings: Findings) -> None:
    """Whether a city of the right form can be planned: it is known, or its streets are."""
    if isinstance(city, str) and city not in list_cities():
        # Only bundled names: over HTTP nobody may name a folder of the server.
        guess = nearest(city, list_cities())
        findings.error(
            "unknown_city",
            f"there is no bundled city {city}",
            source="request",
            where="/city",
            value=city,
            hint=f"did you mean {guess}?" if guess else f"one of {', '.join(list_cities())}, or an inline city",
        )
    elif isinstance(city, Mapping):
        found = Findings()
        odd_coordinates(city, found, source="request")
        try:
            found.extend(
                load_inline(model if isinstance(model, CityModel) else CityModel.model_validate(city)).warnings
            )
        except InvalidInput as error:
            found.extend(error.findings)
        findings.extend(replace(finding, where=f"/city{finding.where}") for finding in found.items)


def _located(error: ValidationError) -> list[Finding]:
    """Findings whose pointers lead into the document as it was sent, where the form of the city has no name."""
    findings = findings_of(error, model=PlanRequest, source="request")
    return [
        replace(finding, where=re.sub("^/city/(name|inline)(?=/|$)", "/city", finding.where)) for finding in findings
    ]
