"""Wishes that a valid city cannot fulfil tonight, whatever is planned: told, not refused."""

from __future__ import annotations

from collections.abc import Iterator

from optimiser.basics.findings import Findings
from scenarios.feed import named
from scenarios.schema import CityModel, StatusModel
from scenarios.schema_errors import nearest
from scenarios.schema_work import MustModel


def odd_wishes(model: CityModel, findings: Findings, *, source: str) -> None:
    """Warn of skills that no van has, zones without a price, and must-do work that cannot be done."""
    _skills(model, findings, source)
    _batteries(model, findings, source)
    if model.zones and not model.prices.zone_bike:
        findings.warning(
            "zone_unpriced",
            f"{len(model.zones)} zones have a floor or a cap, and missing it costs nothing",
            source=source,
            where="/zones",
            value=len(model.zones),
            hint="prices.zone_bike above 0",
        )
    forbidden = {id_ for rules in model.station_rules if rules.forbidden for id_ in rules.stations}
    status_of = {status.station_id: status for status in model.snapshot.stations}
    has_batteries = any(van.batteries for van in model.vans)
    for index, must in enumerate(model.musts):
        status = status_of.get(must.station_id)
        for field, reason in _impossible(must, status, forbidden=forbidden, has_batteries=has_batteries):
            findings.warning(
                "must_impossible",
                f"must-do work at station {must.station_id} cannot be done: {reason}",
                source=source,
                where=f"/musts/{index}/{field}",
                value=getattr(must, field),
            )


def _batteries(model: CityModel, findings: Findings, source: str) -> None:
    """Cabinets for packs that nobody brings, and packs that are brought where nothing charges them."""
    if model.batteries is None:
        return
    ends = {van.end_depot for van in model.vans if van.batteries}
    waiting = any(cabinet.waiting for cabinet in model.batteries.cabinets)
    if not ends and not waiting:
        findings.warning(
            "batteries_unused",
            "no van carries batteries, so none are swapped and none are charged",
            source=source,
            where="/batteries",
            hint="batteries of [[vans]], or waiting of a cabinet",
        )
    if without := sorted(ends - {cabinet.depot for cabinet in model.batteries.cabinets}):
        findings.warning(
            "cabinet_missing",
            f"vans bring empty packs to {named(without)}, where nothing charges them",
            source=source,
            where="/batteries/cabinets",
            value=without[0],
            hint="[[batteries.cabinets]] for each depot where a van with batteries ends its shift",
        )


def _skills(model: CityModel, findings: Findings, source: str) -> None:
    had = {skill for van in model.vans for skill in van.skills}
    for index, rules in enumerate(model.station_rules):
        for number, skill in enumerate(rules.needs):
            if skill not in had:
                guess = nearest(skill, had)
                findings.warning(
                    "skill_unknown",
                    f"no van has {skill}, so none may stop at {named(rules.stations)}",
                    source=source,
                    where=f"/station_rules/{index}/needs/{number}",
                    value=skill,
                    hint=f"did you mean {guess}?" if guess else f"skills of vans: {', '.join(sorted(had)) or 'none'}",
                )


def _impossible(
    must: MustModel, status: StatusModel | None, *, forbidden: set[str], has_batteries: bool
) -> Iterator[tuple[str, str]]:
    """Field and reason of each wish that no plan can fulfil; a station without a status takes no part."""
    if must.station_id in forbidden:
        yield "station_id", "no van may stop there"
    if status is None:
        return
    if must.swaps > status.low_charge:
        yield "swaps", f"{must.swaps} swaps are asked for, {status.low_charge} bikes are low on charge"
    elif must.swaps and not has_batteries:
        yield "swaps", "no van carries batteries"
    if must.broken > status.disabled:
        yield "broken", f"{must.broken} broken bikes are asked for, {status.disabled} stand there"
