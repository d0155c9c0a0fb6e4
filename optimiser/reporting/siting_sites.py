"""What a study tells of each site: what comes when, whom it serves, what is lost without it, and why it is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from optimiser.network.geodesy import great_circle_m
from optimiser.reporting.siting_districts import TOLERANCE
from optimiser.reporting.siting_flows import Floats, Flows, sums
from optimiser.reporting.siting_limits import LIMITS, limits_at_candidates
from optimiser.reporting.siting_marginal import Lost, lost_without
from optimiser.reporting.siting_reach import pairs_standing, points_with
from optimiser.reporting.siting_shares import percent, told_apart
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_waits import Wait
from optimiser.reporting.words import number, sentences
from optimiser.siting.money import without_noise
from optimiser.siting.problem import Measure, Site

BINDING = 0.02
"""A floor speaks for a site where no more than so much above it is served of the district."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOutcome:
    """One site as it is in the end; people and kWh are as expected over scenarios."""

    site: Site
    state: str
    """`new`, `extended` (there before, with more plugs), `existing` or `candidate` (nothing is there)."""
    new_plugs_by_phase: Mapping[str, Mapping[str, int]]
    """What is built in each phase in which something is, by kind."""
    new_plugs: Mapping[str, int]
    plugs: Mapping[str, int]
    """Those that stood before included, by kind."""
    cost: float
    """Of opening it and of its new plugs; upgrades of its grid node are told with the node."""
    people: float
    """Served here in the last phase."""
    kwh_a_year: float
    value: float
    """Of the last phase, in the measure asked for."""
    sole_people: float
    """Within reach of this one and no other site that stands."""
    lost: Lost | None
    """Without what is built there, in the last phase; None where nothing was built, or it was not worked out."""
    nearest_existing_m: float | None
    """To the nearest other site where chargers stood before, in a straight line; None where there is none."""
    mean_access_s: float | None
    """Way of those it serves; None where it serves nobody."""
    waits: tuple[Wait, ...]
    why: str
    """Why it is built, in a sentence; for a candidate, what keeps it out."""

    @property
    def is_built(self) -> bool:
        """Whether the plan builds something here."""
        return self.state in {"new", "extended"}

    @property
    def marginal_value(self) -> float | None:
        """Value of the last phase that is lost without what is built there; None where that is not known."""
        return None if self.lost is None else self.lost.value

    @property
    def marginal_people(self) -> float | None:
        """People who are no longer served then."""
        return None if self.lost is None else self.lost.people

    @property
    def phase(self) -> str | None:
        """In which something is first built; None where nothing is."""
        return next(iter(self.new_plugs_by_phase), None)


def site_outcomes(
    study: Study, flows: Flows, waits: Mapping[tuple[str, str], Wait], least_shares: Mapping[str, float]
) -> tuple[SiteOutcome, ...]:
    """
    All sites in the problem's order; `flows` and `waits` are those of the last phase.

    `least_shares` is what is served of each district in its worst scenario.
    """
    problem, stand, plan = study.problem, study.stands[-1], study.result.plan
    people, kwh, value = (flows.by_site(amount) for amount in (flows.expected, flows.kwh, flows.value))
    travel = flows.by_site(flows.expected * flows.travel_s)
    sole, nearest = _sole_people(study, flows), _nearest_existing_m(study)
    built = sorted(stand.new_sites, key=lambda id_: (-value[problem.site_index[id_]], id_))
    lost = lost_without(problem, study.groups, stand, built)
    limits = limits_at_candidates(problem, plan)
    by_phase: dict[str, dict[str, dict[str, int]]] = {}
    order = {kind.id: row for row, kind in enumerate(problem.kinds)}
    for item in sorted(plan.installations, key=lambda its: (its.phase, its.site_id, order[its.kind_id])):
        plugs = by_phase.setdefault(item.site_id, {}).setdefault(problem.wishes.phases[item.phase].name, {})
        plugs[item.kind_id] = plugs.get(item.kind_id, 0) + item.plugs
    there: dict[str, dict[str, int]] = {}
    new: dict[str, dict[str, int]] = {}
    for counts, of_site in ((stand.plugs, there), (stand.new, new)):
        for (site_id, kind_id), count in sorted(counts.items(), key=lambda its: order[its[0][1]]):
            if count > 0:
                of_site.setdefault(site_id, {})[kind_id] = count
    outcomes = []
    for row, site in enumerate(problem.sites):
        added, distance = new.get(site.id, {}), nearest[row]
        plug_cost = sum(count * problem.kind_by_id[kind].plug_cost for kind, count in added.items())
        outcome = SiteOutcome(
            site=site,
            state=_state(site, bool(added)),
            new_plugs_by_phase=by_phase.get(site.id, {}),
            new_plugs=added,
            plugs=there.get(site.id, {}),
            cost=without_noise(site.open_cost + plug_cost) if added else 0.0,
            people=float(people[row]),
            kwh_a_year=float(kwh[row]),
            value=float(value[row]),
            sole_people=float(sole[row]),
            lost=lost.get(site.id),
            nearest_existing_m=float(distance) if np.isfinite(distance) else None,
            mean_access_s=float(travel[row] / people[row]) if people[row] > 0 else None,
            waits=tuple(waits[site.id, kind] for kind in there.get(site.id, {})),
            why=LIMITS[limits[site.id]] if site.id in limits else "",
        )
        outcomes.append(replace(outcome, why=_why(study, outcome, least_shares)) if added else outcome)
    return tuple(outcomes)


def _state(site: Site, is_built: bool) -> str:
    if site.is_required:
        return "extended" if is_built else "existing"
    return "new" if is_built else "candidate"


def _sole_people(study: Study, flows: Flows) -> Floats:
    """People for whom a site is the only one within reach, shape (sites,)."""
    problem = study.problem
    pairs = pairs_standing(problem, study.stands[-1])
    is_only = pairs & (points_with(problem, pairs)[problem.point] == 1)
    weights = flows.demand[problem.point[is_only]]
    return sums(problem.access.site[is_only], weights, len(problem.sites))


def _nearest_existing_m(study: Study) -> Floats:
    """From each site to the nearest other one that was there before; infinite where there is none."""
    sites = study.problem.sites
    lon, lat = np.array([site.lon for site in sites]), np.array([site.lat for site in sites])
    nearest = np.full(len(sites), np.inf)
    for row in np.flatnonzero([site.is_required for site in sites]).tolist():
        metres = great_circle_m(lon, lat, lon[row], lat[row])
        metres[row] = np.inf
        np.minimum(nearest, metres, out=nearest)
    return nearest


def _why(study: Study, outcome: SiteOutcome, least_shares: Mapping[str, float]) -> str:
    """What speaks for it, most telling first."""
    wishes = study.result.wishes
    parts = []
    if outcome.site.id in wishes.force:
        parts.append("it is asked for by name")
    if outcome.lost is not None and outcome.value > 0:
        parts.append(_lost_in_words(study, outcome, outcome.lost))
    if outcome.sole_people >= 0.5:
        parts.append(f"{number(outcome.sole_people)} people have no other charger within reach")
    if (district := outcome.site.district) is not None and (floor := study.problem.floor_of(district)) > 0:
        parts.extend(_floor_in_words(floor, least_shares[district]))
    if outcome.nearest_existing_m is not None and outcome.state == "new":
        parts.append(f"the nearest charger until now is {number(outcome.nearest_existing_m)} m away")
    told = f"Serves {number(outcome.people)} people" + (": " if parts else "") + "; ".join(parts) + "."
    why = outcome.site.why
    return f"{told} {sentences([why[0].upper() + why[1:]])}" if why else told


def _floor_in_words(floor: float, served: float) -> tuple[str, ...]:
    """What a floor asks of its district, and where that is missed what is served; nothing where it asks for less."""
    if served < floor - TOLERANCE:
        least, asked = told_apart(served, floor)
        return (f"of its district {asked} are asked for and {least} are served",)
    return (f"{percent(floor)} of its district are to be served",) if served <= floor + BINDING else ()


def _lost_in_words(study: Study, outcome: SiteOutcome, lost: Lost) -> str:
    """People, and value where that is another figure: it counts who goes far for less, or is energy."""
    it = "its new plugs" if outcome.state == "extended" else "it"
    fewer = "as many" if _tenths(lost.people) == _tenths(0.0) else f"{_tenths(lost.people)} fewer"
    told = f"without {it} {fewer} people would be served"
    is_energy = study.problem.wishes.measure is not Measure.PEOPLE
    if is_energy or _tenths(lost.value) != _tenths(lost.people):
        told += f" and value would be {_tenths(lost.value)}{' kWh a year' if is_energy else ''} lower"
    return f"{told}, all others used anew"


def _tenths(amount: float) -> str:
    """Tenths only where it is little."""
    return number(amount, 1 if amount < 20 else 0)


def unit_of(study: Study) -> str:
    """What value is counted in."""
    return "people" if study.problem.wishes.measure is Measure.PEOPLE else "kWh a year"
