"""Wishes of a valid fleet that cannot be fulfilled tonight, whatever is planned: told, not refused."""

from __future__ import annotations

from collections.abc import Iterator

from optimiser.basics.findings import Findings
from scenarios.relocation.schema import CarFleetModel
from scenarios.schema_errors import nearest


def odd_wishes(model: CarFleetModel, findings: Findings, *, source: str) -> None:
    """Warn of skills that no driver has, zones without a price, and cars that are booked before they are there."""
    if model.drivers:
        _tell_skills(model, findings, source)
    if model.zones and not model.prices.zone_car:
        findings.warning(
            "zone_unpriced",
            f"{len(model.zones)} zones have a floor or a cap, and missing it costs nothing",
            source=source,
            where="/zones",
            value=len(model.zones),
            hint="prices.zone_car above 0",
        )
    _tell_bookings(model, findings, source)


def _tell_bookings(model: CarFleetModel, findings: Findings, source: str) -> None:
    """Cars that are booked before they are there."""
    for index, car in enumerate(model.cars):
        brought, booked = car.available_from, car.booked_from
        if brought is not None and booked is not None and booked < brought:
            findings.warning(
                "booked_before_brought",
                f"car {car.id} is booked before it is brought: it counts as booked from then on",
                source=source,
                where=f"/cars/{index}/booked_from",
                value=booked.isoformat(),
                hint=f"{brought.isoformat()} or later",
            )


def _tell_skills(model: CarFleetModel, findings: Findings, source: str) -> None:
    """Each skill that nobody has once, where it is first asked for."""
    had = {skill for driver in model.drivers for skill in driver.skills}
    told: set[str] = set()
    for skill, what, where in _needs(model):
        if skill in had or skill in told:
            continue
        told.add(skill)
        guess = nearest(skill, had)
        findings.warning(
            "skill_unknown",
            f"no driver has {skill}, which {what} needs",
            source=source,
            where=where,
            value=skill,
            hint=f"did you mean {guess}?" if guess else f"skills of drivers: {', '.join(sorted(had)) or 'none'}",
        )


def _needs(model: CarFleetModel) -> Iterator[tuple[str, str, str]]:
    """Skill, who asks for it, and where that stands."""
    for part, what in (("types", "type"), ("cars", "car"), ("tasks", "task")):
        for index, row in enumerate(getattr(model, part)):
            for number, skill in enumerate(row.needs):
                yield skill, f"{what} {row.id}", f"/{part}/{index}/needs/{number}"
