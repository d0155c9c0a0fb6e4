"""The tables of a study as headed rows of plain cells; CSV files, the workbook and map layers are made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optimiser.basics.cells import Cell
from optimiser.reporting.siting_document import figures, labels
from optimiser.reporting.siting_front_document import front_rows, run_rows, site_rows
from optimiser.reporting.siting_geojson import demand_rows
from optimiser.reporting.siting_outcome import Outcome
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_unserved import REASONS
from optimiser.reporting.siting_words import gave_way
from optimiser.siting.comparison import Comparison
from optimiser.siting.front import Front
from optimiser.siting.money import without_noise
from optimiser.siting.sensitivity import Sensitivity

STATES = {"new": 0, "extended": 1, "existing": 2, "candidate": 3}
"""Order in which sites are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A named table."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(name: str, rows: Sequence[Mapping[str, Cell]], columns: Sequence[str] = ()) -> Table:
    """Rows with the same keys each; `columns` where there may be no row."""
    head = tuple(rows[0]) if rows else tuple(columns)
    return Table(name=name, columns=head, rows=tuple(tuple(row[column] for column in head) for row in rows))


def sites_table(study: Study, told: Outcome) -> Table:
    """What is built first, by phase and size; then what stands, then what stays empty."""
    order = {phase.name: number for number, phase in enumerate(study.problem.wishes.phases)}
    listed = sorted(
        told.sites, key=lambda its: (STATES[its.state], order.get(its.phase or "", -1), -its.people, its.site.id)
    )
    rows: list[Mapping[str, Cell]] = []
    for its in listed:
        late = [wait.long_wait_share for wait in its.waits]
        minutes = [wait.mean_wait_minutes for wait in its.waits]
        rows.append(
            {
                "site_id": its.site.id,
                "name": its.site.name,
                "lon": its.site.lon,
                "lat": its.site.lat,
                "state": its.state,
                "phase": its.phase,
                "district": its.site.district,
                **{f"new_plugs_{kind.id}": its.new_plugs.get(kind.id, 0) for kind in study.problem.kinds},
                "new_plugs_by_phase": "; ".join(
                    f"{phase}: {', '.join(f'{count} {kind}' for kind, count in plugs.items())}"
                    for phase, plugs in its.new_plugs_by_phase.items()
                )
                or None,
                **{f"plugs_{kind.id}": its.plugs.get(kind.id, 0) for kind in study.problem.kinds},
                f"cost_{study.currency}": its.cost,
                "people_served": its.people,
                "kwh_a_year": its.kwh_a_year,
                "value": its.value,
                "marginal_value": its.marginal_value,
                "marginal_people": its.marginal_people,
                "people_with_no_other": its.sole_people,
                "mean_access_s": its.mean_access_s,
                "nearest_existing_m": its.nearest_existing_m,
                "waiting_probability": max((wait.waiting_probability for wait in its.waits), default=None),
                "long_wait_share": max(late, default=None),
                "mean_wait_minutes": max((wait for wait in minutes if wait is not None), default=None),
                "grid_node": its.site.grid_node,
                "source": its.site.source,
                "why": its.why,
            }
        )
    return table("Sites", rows)


def demand_table(study: Study, told: Outcome) -> Table:
    """One row for each demand point."""
    return table("Demand", demand_rows(study, told))


def districts_table(told: Outcome) -> Table:
    """One row for each district."""
    return table(
        "Districts",
        [
            {
                "district_id": its.id,
                "name": its.name,
                "people": its.people,
                "covered_share": its.covered_share,
                "served_before_share": its.served_before_share,
                "served_share": its.served_share,
                "least_served_share": its.least_served_share,
                "mean_access_s": its.mean_access_s,
                "long_wait_share": its.long_wait_share,
                "new_sites": its.new_sites,
                "extended_sites": its.extended_sites,
                "floor": its.floor,
                "floor_kept": its.floor_kept,
            }
            for its in told.districts
        ],
        ("district_id", "name"),
    )


def phases_table(study: Study, told: Outcome) -> Table:
    """One row for each phase."""
    currency = study.currency
    return table(
        "Phases",
        [
            {
                "phase": its.name,
                f"sites_{currency}": its.cost.sites,
                f"plugs_{currency}": its.cost.plugs,
                f"upgrades_{currency}": its.cost.upgrades,
                f"total_{currency}": its.total_cost,
                f"budget_{currency}": its.budget,
                f"left_{currency}": its.money_left,
                "new_sites": its.new_sites,
                "extended_sites": its.extended_sites,
                "new_plugs": sum(its.plugs.values()),
                "people": its.people,
                "people_served_before": its.served_before,
                "people_served": its.served,
                "covered_share": its.covered_share,
                "kwh_a_year_before": its.kwh_a_year_before,
                "kwh_a_year": its.kwh_a_year,
                "co2_avoided_t_a_year": its.co2_avoided_t,
            }
            for its in told.phases
        ],
    )


def grid_table(study: Study, told: Outcome) -> Table:
    """One row for each grid node."""
    return table(
        "Grid",
        [
            {
                "grid_node": its.id,
                "hosting_kw": its.hosting_kw,
                "upgrade_kw": its.upgrade_kw,
                f"upgrade_cost_{study.currency}": its.upgrade_cost,
                "is_upgraded": its.is_upgraded,
                "upgraded_in": its.upgraded_in,
                "held_before_kw": its.held_before_kw,
                "held_kw": its.held_kw,
                "free_kw": its.carried_kw - its.held_kw,
            }
            for its in told.grid
        ],
        ("grid_node", "hosting_kw"),
    )


def front_table(study: Study, front: Front) -> Table:
    """One row for each plan on the front."""
    answers = ("floors_kept", "study_floors_kept", "is_knee")
    rows = [
        {**row, **{name: _answer(row[name]) for name in answers}, "left_out": ", ".join(row["left_out"]) or None}
        for row in front_rows(study, front)
    ]
    return table("Front", rows, ("budget", "floor", "cost", "value"))


def _answer(is_so: bool | None) -> str | None:
    return None if is_so is None else "yes" if is_so else "no"


def runs_table(told: Sensitivity) -> Table:
    """One row for each run of a sensitivity."""
    answers = ("is_base", "is_counted")
    rows = [
        {
            **row,
            **{name: _answer(row[name]) for name in answers},
            "wishes_that_gave_way": gave_way(run.missed, run.left_out),
        }
        for row, run in zip(run_rows(told), told.runs, strict=True)
    ]
    return table("Sensitivity", rows, ("varied", "factors", "value"))


def stability_table(study: Study, told: Sensitivity) -> Table:
    """One row for each site that some run chooses."""
    return table("Stability", site_rows(study, told), ("site_id", "name", "times_chosen"))


def comparison_table(study: Study, told: Comparison) -> Table:
    """Figures of an earlier study beside this one, its districts, and new plugs by site and kind."""
    pairs: list[tuple[str, str, tuple[Cell, Cell]]] = [
        ("figure", "value", told.value),
        ("figure", "people served", told.people),
        ("figure", f"cost, {study.currency}", (without_noise(told.cost[0]), without_noise(told.cost[1]))),
        ("figure", "sites built", (len(told.kept) + len(told.lost), len(told.kept) + len(told.gained))),
        *(("served share of district", id_, shares) for id_, shares in told.districts.items()),
        *(("built at site", id_, ("yes", "yes")) for id_ in told.kept),
        *(("built at site", id_, ("no", "yes")) for id_ in told.gained),
        *(("built at site", id_, ("yes", "no")) for id_ in told.lost),
        *((f"new plugs of {kind}", site, counts) for (site, kind), counts in told.plugs.items()),
    ]
    rows = tuple((what, id_, before, after) for what, id_, (before, after) in pairs)
    return Table(name="Comparison", columns=("what", "of", "earlier", "this_study"), rows=rows)


def unserved_table(told: Outcome) -> Table:
    """One row for each reason."""
    rows: list[Mapping[str, Cell]] = [
        {
            "reason": REASONS[its.reason][0],
            "people": its.people,
            "demand_points": its.points,
            "what_would_help": REASONS[its.reason][1],
        }
        for its in told.unserved
    ]
    return table("Unserved", rows, ("reason", "people"))


def servings_table(study: Study) -> Table:
    """Who charges where, in each phase and scenario: with it a stranger can add up everything else."""
    return table("Servings", list(_servings(study)), ("phase", "scenario", "demand_id", "site_id", "kind", "share"))


def _servings(study: Study) -> Iterator[Mapping[str, Cell]]:
    problem, access = study.problem, study.problem.access
    for serving in study.result.plan.servings:
        phase, scenario = problem.wishes.phases[serving.phase], problem.wishes.scenarios[serving.scenario]
        weight = problem.weights(phase, scenario)
        parts = zip(serving.pair.tolist(), serving.kind.tolist(), serving.share.tolist(), strict=True)
        for pair, kind, share in parts:
            row = int(problem.point[pair])
            point = problem.demand[row]
            people = float(weight[row]) * share
            yield {
                "phase": phase.name,
                "scenario": scenario.name,
                "demand_id": point.id,
                "site_id": problem.sites[access.site[pair]].id,
                "kind": problem.kinds[kind].id,
                "share": share,
                "people": people,
                "sessions_per_hour": people * problem.segment_by_id[point.segment].sessions_per_hour,
                "travel_s": int(access.travel_s[pair]),
                "length_m": int(access.length_m[pair]),
            }


def summary_table(study: Study, told: Outcome) -> Table:
    """Key figures, quality, assumptions and labels as name and value."""
    result, factors = study.result, study.factors
    told_labels: dict[str, Any] = labels(study)
    pairs: list[tuple[str, Cell]] = [
        ("city", study.city),
        ("currency", study.currency),
        *figures(told).items(),
        ("measure", study.problem.wishes.measure.value),
        ("value", result.value),
        ("upper_bound", result.upper_bound),
        ("gap", result.gap),
        ("status", result.status.value),
        ("stop_reason", result.stop_reason.value),
        ("seed", result.seed),
        ("engine", result.engine),
        ("input_hash", result.input_hash),
        ("worst_district", told.equity.worst_district),
        ("worst_district_share", told.equity.worst_share),
        ("gini_before", told.equity.gini_before),
        ("gini", told.equity.gini),
        ("co2: kwh_per_km", factors.kwh_per_km),
        ("co2: combustion_g_per_km", factors.combustion_g_per_km),
        ("co2: grid_g_per_kwh", factors.grid_g_per_kwh),
        ("co2: replaced_share", factors.replaced_share),
        ("co2: ebike_kwh_per_km", factors.ebike_kwh_per_km),
        (
            "co2: ebike_replaced_share",
            "left out" if factors.ebike_replaced_share is None else factors.ebike_replaced_share,
        ),
        ("co2: source", factors.source),
        *(
            (f"wish that {'cannot be' if conflict.is_impossible else 'was not'} kept", conflict.text)
            for conflict in result.conflicts
        ),
        *(("warning", str(warning)) for warning in study.warnings),
        *(("synthetic", text) for text in told_labels["synthetic"]),
        *(("attribution", text) for text in told_labels["attribution"]),
        ("travel times", study.travel),
    ]
    return Table(name="Summary", columns=("figure", "value"), rows=tuple(pairs))
