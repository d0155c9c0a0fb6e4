"""A front, a sensitivity and a comparison as plain values, for study.json and tables."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from optimiser.reporting.siting_front_figures import point_figures
from optimiser.reporting.siting_stability import stability_headline
from optimiser.reporting.siting_study import Study
from optimiser.siting.comparison import Comparison
from optimiser.siting.front import Front
from optimiser.siting.money import without_noise
from optimiser.siting.plugs import standing
from optimiser.siting.sensitivity import Sensitivity, Varied


def front_rows(study: Study, front: Front) -> list[dict[str, Any]]:
    """The plans on a front, by cost; of floors and the worst district nothing where there are no districts."""
    return [
        {
            "budget": without_noise(point.budget),
            "floor": point.floor,
            "highest_floor": point.highest_floor,
            "floors_kept": not point.missed if point.floors else None,
            "study_floors_kept": not point.own_missed if point.floors else None,
            "left_out": sorted(point.left_out),
            "cost": without_noise(point.cost),
            "value": point.value,
            "worst_share": point.worst_share,
            "upper_bound": finite(point.upper_bound),
            "gap": point.gap,
            "status": point.status.value,
            **asdict(point_figures(study, point)),
            "is_knee": row == front.knee,
        }
        for row, point in enumerate(front.points)
    ]


def front_document(study: Study, front: Front) -> dict[str, Any]:
    """Points with what each builds."""
    points = [
        {
            **row,
            "floors": dict(point.floors),
            "missed": list(point.missed),
            "study_missed": list(point.own_missed),
            "installations": [asdict(item) for item in point.plan.installations],
        }
        for row, point in zip(front_rows(study, front), front.points, strict=True)
    ]
    return {"points": points, "dominated": front.dominated, "knee": front.knee}


def run_rows(told: Sensitivity) -> list[dict[str, Any]]:
    """
    All runs in order; `is_base` where nothing clearly better than the study's own plan was found, or than what of it
    there is money for; `is_counted` unless what was found is, or may be, clearly worse than a plan could be.

    `given_up` is what gave way of the wishes: shares of districts and forced sites, added up; 0 where all are kept.
    """
    return [
        {
            "varied": run.varied.value,
            "factors": run.factors,
            "value": run.value,
            "upper_bound": finite(run.upper_bound),
            "gap": finite(run.gap),
            "sites": len(run.sites),
            "is_base": run.is_base,
            "is_counted": run.is_counted,
            "given_up": run.given_up,
        }
        for run in told.runs
    ]


def site_rows(study: Study, told: Sensitivity) -> list[dict[str, Any]]:
    """Every site that is chosen in some run that is counted, the most often chosen first; another seed apart."""
    names = {site.id: site.name for site in study.problem.sites}
    chosen = standing(study.problem, study.result.plan)[-1].new_sites
    total = told.times_chosen()
    counts = {varied: told.times_chosen(varied) for varied in Varied}
    return [
        {
            "site_id": id_,
            "name": names.get(id_, id_),
            "in_this_plan": "yes" if id_ in chosen else "no",
            "times_chosen": total[id_],
            "of_runs": told.times_asked(),
            **{f"{varied.value}_varied": counts[varied][id_] for varied in Varied},
            "of_search_varied": told.times_asked(Varied.SEARCH),
        }
        for id_ in sorted({*told.sites(), *chosen}, key=lambda id_: (-total[id_], id_))
    ]


def sensitivity_document(study: Study, told: Sensitivity) -> dict[str, Any]:
    """Runs, each with the wishes that gave way, and how often each site was chosen by what was varied."""
    return {
        "spread": told.spread,
        "text": stability_headline(study, told),
        "runs_counted": told.times_asked(),
        "runs": [
            {**row, "missed": dict(run.missed), "left_out": sorted(run.left_out)}
            for row, run in zip(run_rows(told), told.runs, strict=True)
        ],
        "runs_that_keep_all": told.times_kept(),
        "times_asked": {varied.value: told.times_asked(varied) for varied in Varied},
        "times_chosen": {
            id_: {varied.value: told.times_chosen(varied)[id_] for varied in Varied} for id_ in sorted(told.sites())
        },
    }


def comparison_document(told: Comparison) -> dict[str, Any]:
    """Sites and plugs that come and go; pairs are (earlier, this)."""
    return {
        "gained": list(told.gained),
        "lost": list(told.lost),
        "kept": list(told.kept),
        "plugs": [
            {"site_id": site, "kind_id": kind, "before": before, "after": after}
            for (site, kind), (before, after) in told.plugs.items()
        ],
        "value": list(told.value),
        "cost": [without_noise(amount) for amount in told.cost],
        "people_served": list(told.people),
        "districts": {id_: list(shares) for id_, shares in told.districts.items()},
    }


def finite(amount: float) -> float | None:
    """The number; None where it is infinite or none at all."""
    return amount if math.isfinite(amount) else None
