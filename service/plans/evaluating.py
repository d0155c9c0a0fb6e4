"""
Says what routes of one's own would cost and which rules they break, in a process with limits that dies with its parent.

    python -m service.plans.evaluating FOLDER

`FOLDER` holds `task.json`, `request.json` (of the plan), `plan.json` (its result) and `asked.json`. What is found is
left as `told.json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimiser.basics.errors import InvalidInput
from service.planner import PlanRequest, load_asked, state_city
from service.plans.shapes import EditedRoute
from service.processes import die_with_parent, limit_process
from service.revisor import RevisionTask, in_city, plan_of, state_rest

if TYPE_CHECKING:
    from optimiser.rebalancing.evaluate import Evaluation
    from optimiser.rebalancing.problem import Problem


def main(folder: Path) -> int:
    """Do it; the exit code is 0 when there is an answer, however wrong the routes are."""
    task = json.loads((folder / "task.json").read_text())
    die_with_parent(task["parent_pid"])
    limit_process(task)
    plan = json.loads((folder / "plan.json").read_bytes())
    asked = json.loads((folder / "asked.json").read_bytes())
    told: dict[str, Any]
    try:
        told = {"evaluation": _evaluation(folder, task, plan, asked), "findings": []}
    except InvalidInput as error:
        told = {"evaluation": None, "findings": [*map(asdict, (*error.findings, *error.warnings))]}
    (folder / "told.json").write_text(json.dumps(told, default=str))
    return 0


def _evaluation(
    folder: Path, task: Mapping[str, Any], plan: Mapping[str, Any], asked: Mapping[str, Any]
) -> dict[str, Any]:
    from optimiser.rebalancing.cost import Cost
    from optimiser.rebalancing.evaluate import evaluate
    from optimiser.rebalancing.revise import sum_of

    stock = {row["station_id"]: row["bikes"] for row in asked["stock"]}
    problem, planned_hash = _stated(folder, task, plan, stock)
    known = plan_of(_routes(plan["routes"]))
    edited = known if asked["routes"] is None else plan_of(_routes(asked["routes"]))
    found = evaluate(problem, edited, against=known)
    if task["is_revision"]:
        # The cost is that of the whole night, as the plan tells it.
        spent = {name: value for name, value in plan["revision"]["cost"]["spent"].items() if name != "total"}
        found = replace(found, cost=sum_of(found.cost, Cost(**spent)))
    return {
        "input_hash": problem.input_hash,
        "is_same_input": problem.input_hash == planned_hash,
        **_told(found),
    }


def _stated(
    folder: Path, task: Mapping[str, Any], plan: Mapping[str, Any], stock: Mapping[str, int]
) -> tuple[Problem, str]:
    """The problem that the plan has solved, with this stock, and the fingerprint of the one without."""
    cache_dir = Path(task["cache_dir"])
    content = (folder / "request.json").read_bytes()
    if task["is_revision"]:
        revision = in_city(RevisionTask.model_validate_json(content), task["city"])
        return state_rest(revision, cache_dir=cache_dir, stock=stock), plan["revision"]["problem_hash"]
    request = PlanRequest.model_validate_json(content)
    if task["city"]:
        request = request.model_copy(update={"city": task["city"]})
    problem = state_city(load_asked(request), cache_dir=cache_dir, as_of=request.as_of, stock=stock)
    return problem, plan["input_hash"]


def _routes(told: Sequence[Mapping[str, Any]]) -> list[EditedRoute]:
    return [EditedRoute.model_validate(route) for route in told]


def _told(found: Evaluation) -> dict[str, Any]:
    from optimiser.reporting.decisions import changes_words

    difference = found.difference
    assert difference is not None, "it is told against the plan itself"
    return {
        "is_valid": found.is_valid,
        "cost": {**asdict(found.cost), "total": found.cost.total},
        "violations": [asdict(violation) for violation in found.violations],
        "routes": [
            {
                "van_id": route.timed.van_id,
                "start_s": route.timed.start_s,
                "end_s": route.timed.end_s,
                "distance_m": route.timed.distance_m,
                "time_left_s": route.time_left_s,
                "range_left_m": route.range_left_m,
                "stops": [
                    {
                        "position": position,
                        "station_id": stop.stop.station_id,
                        "arrival_s": stop.arrival_s,
                        "departure_s": stop.departure_s,
                        "load_after": stop.load_after,
                        "inventory_after": stop.inventory_after,
                    }
                    for position, stop in zip(route.positions, route.timed.stops, strict=True)
                ],
            }
            for route in found.routes
        ],
        "must_do_left": [asdict(must) for must in found.unserved_musts],
        "zones_missed": [asdict(zone) for zone in found.missed_zones],
        "unpriced": [asdict(item) for item in found.unpriced],
        "difference": {
            "cost": {**asdict(difference.cost), "total": difference.cost.total},
            **changes_words(difference.stops),
        },
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
