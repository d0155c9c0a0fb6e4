"""From the bytes of a submission to a night that can be planned; says everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.relocation.loader import list_fleets, load_inline_fleet
from scenarios.relocation.schema import CarFleetModel
from service.errors import InvalidRequest
from service.jobs.bodies import excess, part, read_json
from service.jobs.requests import EVERYBODYS, Known, check_name, check_seconds, read_model
from service.relocator import RelocationRequest
from service.settings import Settings

HOURS = 24
"""Rows of demand that one station may have."""


def read_request(
    body: bytes, settings: Settings, known: Known = EVERYBODYS
) -> tuple[RelocationRequest, tuple[Finding, ...]]:
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
    check_seconds(document, settings, findings)
    counted = Findings()
    _count(part(document, "city"), settings, counted)
    findings.extend(counted.items)
    if counted.errors:
        # Refused by counting: nothing is built from a document of any size.
        raise InvalidRequest("the plan request is over the stated limits", findings=findings.errors)
    request = read_model(RelocationRequest, document, findings)
    city = part(document, "city")
    if isinstance(city, str):
        check_name(city, (*list_fleets(), *known.cities), findings)
    elif isinstance(city, Mapping) and not any(finding.where.startswith("/city") for finding in findings.errors):
        _check_inline(city, findings)
    if findings.errors or request is None:
        raise InvalidRequest(f"the plan request has {len(findings.errors)} errors", findings=findings.items)
    return request, findings.warnings


def _count(city: Any, settings: Settings, findings: Findings) -> None:
    """Note everything that is over a stated limit."""
    stations, cars = settings.max_stations, settings.max_cars
    for name, limit_name, limit in (
        ("stations", "max_stations", stations),
        ("plugs", "max_stations", 4 * stations),
        ("demand", "max_stations", HOURS * stations),
        ("bases", "max_stations", stations),
        ("zones", "max_stations", stations),
        ("cars", "max_cars", cars),
        ("tasks", "max_cars", cars),
        ("musts", "max_cars", cars),
        ("types", "max_cars", cars),
        ("drivers", "max_drivers", settings.max_drivers),
        ("modes", "max_drivers", settings.max_drivers),
        ("pairs", "max_pairs", settings.max_pairs),
        ("grid_series", "max_grid_steps", settings.max_grid_steps),
    ):
        found = part(city, name)
        if isinstance(found, Sequence) and len(found) > limit:
            excess(findings, limit_name, f"/city/{name}", len(found), limit)


def _check_inline(city: Mapping[str, Any], findings: Findings) -> None:
    """Whether a fleet of the right form can be planned: its streets are known, its plugs fit."""
    try:
        found = load_inline_fleet(CarFleetModel.model_validate(city)).warnings
    except InvalidInput as error:
        found = (*error.findings, *error.warnings)
    except ValidationError:
        return  # Told with the whole request.
    findings.extend(replace(finding, where=f"/city{finding.where}") for finding in found)
