"""What the page of a siting study shows, as plain rows and marks; the template only lays them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optimiser.reporting.map import SIDE, Frame, line_path
from optimiser.reporting.siting_districts import DistrictOutcome
from optimiser.reporting.siting_flows import sums
from optimiser.reporting.siting_outcome import Outcome, mean_way_s
from optimiser.reporting.siting_shares import percent, told_apart
from optimiser.reporting.siting_sites import SiteOutcome
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_words import STATES
from optimiser.reporting.words import counted, number

SHAPES = 6
"""Shapes and colours of marks that the page knows; more kinds of chargers start again."""
_CELL = SIDE // 130
"""Demand is added up in squares of so many drawing units, some seven pixels."""
_STEPS = (0.005, 0.25, 0.5, 0.75, 0.995)
STEP_WORDS = ("nobody served", "less than a quarter", "up to half", "up to three quarters", "most", "everybody served")


def site_marks(study: Study, told: Outcome, frame: Frame) -> list[dict[str, Any]]:
    """Sites at which anything stands: those that are built in order of phase and size, then those there before."""
    order = {phase.name: number for number, phase in enumerate(study.problem.wishes.phases)}
    standing = [site for site in told.sites if site.plugs]
    standing.sort(key=lambda site: (not site.is_built, order.get(site.phase or "", -1), -site.people, site.site.id))
    return [{"row": row, **_mark(study, site, frame, order)} for row, site in enumerate(standing)]


def _mark(study: Study, outcome: SiteOutcome, frame: Frame, order: dict[str, int]) -> dict[str, Any]:
    x, y = frame.xy(outcome.site.lon, outcome.site.lat)
    phase = None if outcome.phase is None else order[outcome.phase] + 1
    return {
        "id": outcome.site.id,
        "name": outcome.site.name,
        "x": x,
        "y": y,
        "phase": phase,
        "is_built": outcome.is_built,
        "shape": _shape(study, outcome),
        "state": STATES[outcome.state] + (f", {outcome.phase}" if outcome.phase is not None else ""),
        "plugs": plugs_in_words(study, outcome),
        "lines": _lines(study, outcome),
        "why": outcome.why,
        "outcome": outcome,
    }


def _shape(study: Study, outcome: SiteOutcome) -> int:
    """Of the kind with most power, as that is what drivers look for."""
    counts = outcome.new_plugs or outcome.plugs
    kinds = [number for number, kind in enumerate(study.problem.kinds) if counts.get(kind.id)]
    return max(kinds, key=lambda number: study.problem.kinds[number].power_kw) % SHAPES


def plugs_in_words(study: Study, outcome: SiteOutcome) -> str:
    """`2 × Slow (1 before)`."""
    parts = []
    for kind in study.problem.kinds:
        if count := outcome.plugs.get(kind.id, 0):
            before = outcome.site.plugs.get(kind.id, 0)
            note = f" ({before} before)" if before and before != count else ""
            parts.append(f"{count} × {kind.name}{note}")
    return ", ".join(parts)


def _lines(study: Study, outcome: SiteOutcome) -> list[str]:
    """What the card tells beside the reason."""
    lines = [f"{number(outcome.people)} people served, {number(outcome.kwh_a_year / 1000)} MWh a year"]
    if outcome.is_built:
        lines.append(f"{number(outcome.cost)} {study.currency}")
    if len(outcome.new_plugs_by_phase) > 1:
        lines += [
            f"{phase}: "
            + ", ".join(f"{count} × {study.problem.kind_by_id[kind].name}" for kind, count in plugs.items())
            for phase, plugs in outcome.new_plugs_by_phase.items()
        ]
    for wait in outcome.waits:
        if wait.sessions_per_hour > 0:
            kind = study.problem.kind_by_id[wait.kind_id]
            lines.append(
                f"{kind.name}, busiest hour: {percent(wait.waiting_probability)} wait, "
                f"{number(wait.mean_wait_minutes, 1)} min on average"
            )
    return lines


def wait_limits(study: Study, told: Outcome) -> list[str]:
    """What is asked of queues, of each kind of charger at which anybody queues where something is built."""
    used = {wait.kind_id for site in told.built for wait in site.waits if wait.sessions_per_hour > 0}
    return [
        f"of the drivers who come to {kind.name}, {percent(kind.wait_share)} at most wait longer than "
        f"{number(kind.max_wait_minutes)} min"
        for kind in study.problem.kinds
        if kind.id in used
    ]


def candidates_path(told: Outcome, frame: Frame) -> tuple[str, int]:
    """All sites at which nothing stands, as one path of dots, and how many they are."""
    places = [frame.xy(site.site.lon, site.site.lat) for site in told.sites if not site.plugs]
    return "".join(f"M{x} {y}h0" for x, y in dict.fromkeys(places)), len(places)


def demand_marks(study: Study, told: Outcome, frame: Frame) -> list[dict[str, Any]]:
    """Discs of demand added up in squares: area by people, step by the share of them that is served."""
    flows, demand = told.flows, study.problem.demand
    if not len(demand):
        return []
    places = np.array([frame.xy(point.lon, point.lat) for point in demand], dtype=np.int64)
    _, cell = np.unique(places // _CELL, axis=0, return_inverse=True)
    cell = cell.ravel()
    count = int(cell.max()) + 1
    people, served = sums(cell, flows.demand, count), sums(cell, flows.served, count)
    x, y = (sums(cell, flows.demand * places[:, axis], count) for axis in (0, 1))
    # A few crowded squares would make all others vanish, so only these stop to grow.
    usual = float(np.quantile(people[people > 0], 0.95)) if (people > 0).any() else 1.0
    return [
        {
            "x": round(x[row] / people[row]),
            "y": round(y[row] / people[row]),
            "r": round(_CELL * min(0.95, max(0.22, 0.8 * float(people[row] / usual) ** 0.5))),
            "step": int(np.searchsorted(_STEPS, served[row] / people[row], side="right")),
        }
        for row in range(count)
        if people[row] > 0
    ]


def areas(study: Study, marks: Sequence[dict[str, Any]], frame: Frame) -> list[tuple[int, str]]:
    """Isochrones of sites that are built as paths, each with the row of its site."""
    return [
        (mark["row"], "".join(f"{line_path(frame, ring, tolerance=8)}Z" for polygon in area for ring in polygon))
        for mark in marks
        if mark["is_built"] and (area := study.isochrones.get(mark["id"]))
    ]


def framed(study: Study, told: Outcome) -> Sequence[tuple[float, float]]:
    """What the map must show: demand, and all sites that stand within reach of it; registers know whole countries."""
    reached = {study.problem.sites[row].id for row in np.unique(study.problem.access.site).tolist()}
    points = [(point.lon, point.lat) for point in study.problem.demand]
    points += [(site.site.lon, site.site.lat) for site in told.sites if site.plugs and site.site.id in reached]
    return points or [(site.lon, site.lat) for site in study.problem.sites] or [(0.0, 0.0)]


def figure_rows(study: Study, told: Outcome) -> list[tuple[str, str, str]]:
    """Label, before and after."""
    end, fair = told.end, told.equity
    shares = [percent(_of(part, end.people), 1) for part in (end.served_before, end.served)]
    there = sum(site.site.is_required for site in told.sites)
    plugs_before = sum(sum(site.site.plugs.values()) for site in told.sites)
    built = told.built
    return [
        ("Sites with chargers", number(there), number(there + sum(site.state == "new" for site in built))),
        ("Plugs", number(plugs_before), number(plugs_before + sum(sum(site.new_plugs.values()) for site in built))),
        ("People served", number(end.served_before), number(end.served)),
        ("Share of people served", shares[0], shares[1]),
        ("Have a charger within reach", percent(told.covered_before, 1), percent(end.covered_share, 1)),
        ("Mean way of who is served", _minutes(mean_way_s(told.before)), _minutes(mean_way_s(told.flows))),
        ("Charged, MWh a year", number(end.kwh_a_year_before / 1000), number(end.kwh_a_year / 1000)),
        ("CO₂ avoided, t a year", "–", number(end.co2_avoided_t)),
        ("Gini coefficient of service", number(fair.gini_before, 2), number(fair.gini, 2)),
    ]


def _minutes(seconds: float | None) -> str:
    return "–" if seconds is None else f"{number(seconds / 60, 1)} min"


def _of(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def district_rows(study: Study, told: Outcome) -> list[dict[str, Any]]:
    """Districts, least served first, those in which nobody lives last, with a bar of 100 units."""
    lowest = sorted(told.districts, key=lambda its: (its.people == 0, its.least_served_share or 0.0, its.id))
    return [
        {
            "name": its.name,
            "id": its.id,
            "people": number(its.people),
            **_shares_of(study, its),
            "covered": percent(its.covered_share),
            "before": percent(its.served_before_share),
            "bar": round(100 * (its.served_share or 0.0), 1),
            "bar_before": round(100 * (its.served_before_share or 0.0), 1),
            "way": _minutes(its.mean_access_s),
            "late": percent(its.long_wait_share, 1),
            "sites": f"{its.new_sites} + {its.extended_sites}" if its.extended_sites else str(its.new_sites),
            "is_asked": its.floor > 0,
            "is_kept": its.floor_kept,
        }
        for its in lowest
    ]


def _shares_of(study: Study, its: DistrictOutcome) -> dict[str, str | None]:
    """What is served of a district, also in its worst scenario, and its floor; told apart where that is missed."""
    least, floor, served = (
        (percent(its.least_served_share), percent(its.floor), percent(its.served_share))
        if its.floor_kept or its.least_served_share is None
        else told_apart(its.least_served_share, its.floor, its.served_share)
    )
    is_one = len(study.problem.wishes.scenarios) == 1
    return {"served": served, "least": None if is_one else least, "floor": floor if its.floor > 0 else "–"}


def worst_share(told: Outcome) -> str:
    """Of the district that is served least, in its worst scenario."""
    worst = next((its for its in told.districts if its.id == told.equity.worst_district), None)
    if worst is None or worst.floor_kept or worst.least_served_share is None:
        return percent(told.equity.worst_share)
    return told_apart(worst.least_served_share, worst.floor)[0]


def phase_parts(study: Study, told: Outcome) -> list[dict[str, Any]]:
    """Phases with plugs in words."""
    names = {kind.id: kind.name for kind in study.problem.kinds}
    return [
        {
            "phase": its,
            "plugs": ", ".join(f"{count} × {names[kind]}" for kind, count in its.plugs.items()),
            "sites": counted(its.new_sites, "new site")
            + (f", {counted(its.extended_sites, 'extended', 'extended')}" if its.extended_sites else ""),
        }
        for its in told.phases
    ]
