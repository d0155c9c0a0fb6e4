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
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimiser.basics.errors import InvalidInput
from service.planner import PlanRequest, load_asked, state_city
from service.processes import die_with_parent, limit_process

if TYPE_CHECKING:
    from optimiser.rebalancing.evaluate import Evaluation
    from optimiser.rebalancing.plan import Plan


def main(folder: Path) -> int:
    """Do it; the exit code is 0 when there is an answer, however wrong the routes are."""
    task = json.loads((folder / "task.json").read_text())
    die_with_parent(task["parent_pid"])
    limit_process(task)
    request = PlanRequest.model_validate_json((folder / "request.json").read_bytes())
    if task["city"]:
        request = request.model_copy(update={"city": task["city"]})
    plan = json.loads((folder / "plan.json").read_bytes())
    asked = json.loads((folder / "asked.json").read_bytes())
    told: dict[str, Any]
    try:
        told = {"evaluation": _evaluation(request, plan, asked, cache_dir=Path(task["cache_dir"])), "findings": []}
    except InvalidInput as error:
        told = {"evaluation": None, "findings": [asdict(finding) for finding in error.findings]}
    (folder / "told.json").write_text(json.dumps(told, default=str))
    return 0


def _evaluation(
    request: PlanRequest, plan: Mapping[str, Any], asked: Mapping[str, Any], *, cache_dir: Path
) -> dict[str, Any]:
    from optimiser.rebalancing.evaluate import evaluate

    stock = {row["station_id"]: row["bikes"] for row in asked["stock"]}
    problem = state_city(load_asked(request), cache_dir=cache_dir, as_of=request.as_of, stock=stock)
    known = plan_of(plan["routes"])
    edited = known if asked["routes"] is None else plan_of(asked["routes"])
    found = evaluate(problem, edited, against=known)
    return {
        "input_hash": problem.input_hash,
        "is_same_input": problem.input_hash == plan["input_hash"],
        **_told(found),
    }


def plan_of(routes: Sequence[Mapping[str, Any]]) -> Plan:
    """The decisions in routes as `plan.json` has them; whatever else they hold is not read."""
    from optimiser.rebalancing.plan import Plan, Route, Stop

    return Plan(
        routes=tuple(
            Route(
                van_id=route["van_id"],
                start_load=route.get("start_load"),
                break_before=(route.get("break") or {}).get("before_stop"),
                stops=tuple(
                    Stop(
                        station_id=stop["station_id"],
                        pickup=stop.get("pickup", 0),
                        dropoff=stop.get("dropoff", 0),
                        swaps=stop.get("swaps", 0),
                        low_pickup=stop.get("low_charge_pickup", 0),
                        broken_pickup=stop.get("broken_pickup", 0),
                    )
                    for stop in route["stops"]
                ),
            )
            for route in routes
        )
    )


def _told(found: Evaluation) -> dict[str, Any]:
    difference = found.difference
    assert difference is not None, "it is told against the plan itself"
    stops = difference.stops
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
            "kept": stops.kept,
            "churn": stops.churn,
            "details": stops.details,
            "routes": [asdict(route) for route in stops.routes if not route.is_same],
        },
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
