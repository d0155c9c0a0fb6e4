"""study.json: what is built, what it brings and how good that is, for programs that share no code with us."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from optimiser.basics.finding import Finding
from optimiser.reporting.siting_car_night import car_night_document
from optimiser.reporting.siting_front_document import (
    comparison_document,
    finite,
    front_document,
    sensitivity_document,
)
from optimiser.reporting.siting_nights import bike_nights_document
from optimiser.reporting.siting_outcome import Outcome, mean_way_s
from optimiser.reporting.siting_phases import NodeOutcome, PhaseOutcome
from optimiser.reporting.siting_sites import SiteOutcome
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_unserved import REASONS
from optimiser.siting.money import without_noise
from optimiser.siting.problem import Wishes
from optimiser.siting.result import Conflict

FORMAT = "evenfleet-siting-study/1"
"""Additions keep the number; anything that could break a reader raises it."""


def study_document(study: Study, told: Outcome) -> dict[str, Any]:
    """
    The study as plain values: dicts, lists, strings, finite numbers, None.

    Money is in the city's currency, distances in metres, durations as their names tell, shares within 0..1.
    """
    problem, result = study.problem, study.result
    return {
        "format": FORMAT,
        "city": {
            "id": study.city_id,
            "name": study.city,
            "time_zone": study.time_zone,
            "currency": study.currency,
        },
        "labels": labels(study),
        "synthetic": list(study.unmeasured),
        "measure": problem.wishes.measure.value,
        "value": result.value,
        "upper_bound": finite(result.upper_bound),
        "gap": finite(result.gap),
        "status": result.status.value,
        "stop_reason": result.stop_reason.value,
        "seed": result.seed,
        "engine": result.engine,
        "input_hash": result.input_hash,
        "elapsed_s": result.elapsed_s,
        "total_cost": told.total_cost,
        "figures": figures(told),
        "wishes": {"asked": _wishes(problem.wishes), "kept": _wishes(result.wishes)},
        "conflicts": [
            {
                "rule": item.rule,
                "ids": item.ids,
                **_amounts(item),
                "is_proven": item.is_proven,
                "is_impossible": item.is_impossible,
                "text": item.text,
                "instead": asdict(item.instead),
            }
            for item in result.conflicts
        ],
        "phases": [_phase(phase) for phase in told.phases],
        "sites": [site_document(site) for site in told.sites],
        "districts": [asdict(district) for district in told.districts],
        "equity": asdict(told.equity),
        "grid": [node_document(node) for node in told.grid],
        "unserved": [
            {**asdict(item), "text": REASONS[item.reason][0], "help": REASONS[item.reason][1]} for item in told.unserved
        ],
        "kinds": [asdict(kind) for kind in problem.kinds],
        "segments": [{**asdict(item), "kinds": sorted(item.kinds)} for item in problem.segments],
        "scenarios": [asdict(item) for item in problem.wishes.scenarios],
        "co2_factors": asdict(study.factors),
        "front": None if study.front is None else front_document(study, study.front),
        "sensitivity": None if study.sensitivity is None else sensitivity_document(study, study.sensitivity),
        "comparison": None if study.comparison is None else comparison_document(study.comparison),
        "bike_nights": None if study.bike_nights is None else bike_nights_document(study.bike_nights, study.currency),
        "car_night": None if study.car_night is None else car_night_document(study.car_night, study.currency),
        "warnings": [_warning(item) for item in study.warnings],
    }


def labels(study: Study) -> dict[str, Any]:
    """What is made up, whom to name and how travel times were made; part of everything that leaves the house."""
    return {"synthetic": list(study.unmeasured), "attribution": list(study.attribution), "travel": study.travel}


def figures(told: Outcome) -> dict[str, Any]:
    """The study in a few numbers, in the last phase."""
    end = told.end
    return {
        "people": end.people,
        "people_served": end.served,
        "people_served_before": end.served_before,
        "served_share": end.served / end.people if end.people > 0 else None,
        "covered_share_before": told.covered_before,
        "covered_share": end.covered_share,
        "mean_access_s": mean_way_s(told.flows),
        "new_sites": sum(site.state == "new" for site in told.sites),
        "extended_sites": sum(site.state == "extended" for site in told.sites),
        "existing_sites": sum(site.site.is_required for site in told.sites),
        "candidate_sites": sum(not site.site.is_required for site in told.sites),
        "new_plugs": sum(sum(site.new_plugs.values()) for site in told.sites),
        "kwh_a_year": end.kwh_a_year,
        "kwh_a_year_before": end.kwh_a_year_before,
        "co2_avoided_t_a_year": end.co2_avoided_t,
        "total_cost": told.total_cost,
        "money_left": end.money_left,
    }


def site_document(outcome: SiteOutcome) -> dict[str, Any]:
    """One site with all its attributes."""
    site = outcome.site
    return {
        "site_id": site.id,
        "name": site.name,
        "lon": site.lon,
        "lat": site.lat,
        "state": outcome.state,
        "is_built": outcome.is_built,
        "phase": outcome.phase,
        "plugs_before": {kind: count for kind, count in sorted(site.plugs.items()) if count},
        "new_plugs": dict(outcome.new_plugs),
        "new_plugs_by_phase": {phase: dict(plugs) for phase, plugs in outcome.new_plugs_by_phase.items()},
        "plugs": dict(outcome.plugs),
        "cost": outcome.cost,
        "people_served": outcome.people,
        "kwh_a_year": outcome.kwh_a_year,
        "value": outcome.value,
        "marginal_value": outcome.marginal_value,
        "marginal_people": outcome.marginal_people,
        "people_with_no_other": outcome.sole_people,
        "mean_access_s": outcome.mean_access_s,
        "nearest_existing_m": outcome.nearest_existing_m,
        "waiting": [asdict(wait) for wait in outcome.waits],
        "why": outcome.why,
        "district": site.district,
        "grid_node": site.grid_node,
        "source": site.source,
        "allowed_kinds": sorted(site.kinds),
        "open_cost": site.open_cost,
        "max_plugs": site.max_plugs,
        "max_kw": site.max_kw,
    }


def node_document(node: NodeOutcome) -> dict[str, Any]:
    """One grid node with all its attributes."""
    return {**asdict(node), "is_upgraded": node.is_upgraded, "carried_kw": node.carried_kw}


def _phase(phase: PhaseOutcome) -> dict[str, Any]:
    return {**asdict(phase), "cost": {**asdict(phase.cost), "total": phase.total_cost}}


def _wishes(wishes: Wishes) -> dict[str, Any]:
    return {
        "phases": [
            {**asdict(phase), "budget": None if phase.budget is None else without_noise(phase.budget)}
            for phase in wishes.phases
        ],
        "measure": wishes.measure.value,
        "max_new_sites": wishes.max_new_sites,
        "spacing_m": wishes.spacing_m,
        "floor": wishes.floor,
        "floors": dict(sorted(wishes.floors.items())),
        "force": sorted(wishes.force),
        "ban": sorted(wishes.ban),
    }


def _amounts(item: Conflict) -> dict[str, float | None]:
    """What was asked and what is possible, in the unit of the rule."""
    amounts = {"asked": item.asked, "possible": item.possible}
    return {
        name: finite(without_noise(amount) if item.rule == "budget" else amount) for name, amount in amounts.items()
    }


def _warning(warning: Finding) -> dict[str, Any]:
    return {
        "code": warning.code,
        "source": warning.source,
        "where": warning.where,
        "message": warning.message,
        "hint": warning.hint,
    }
