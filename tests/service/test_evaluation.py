"""`:evaluate`: routes of one's own, priced and checked over real HTTP against real plans, on both databases."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from optimiser.basics.finding import Severity
from service.errors import InvalidRequest
from service.jobs import documents
from service.jobs.bodies import written
from service.jobs.kinds import REBALANCING
from service.planner import PlanRequest
from service.plans.evaluation import EvaluationRequest, Stock, evaluate
from service.settings import Settings
from tests.city_documents import write_city_folder
from tests.feed_folders import write_gbfs_2
from tests.service.cities import long_request, packed, tiny_request
from tests.service.running import RunningService

PLANS = "/v1/rebalancing-plans"


@pytest.fixture
def plan(service: RunningService) -> dict[str, Any]:
    """A plan whose only van makes some stops."""
    request = tiny_request()
    request["limits"] = {"seconds": None, "rounds": 50}
    made = service.submit(request, **{"Idempotency-Key": "to be evaluated"})
    return service.wait_until(made["id"], "succeeded", within_s=120)


def evaluated(service: RunningService, plan_id: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = service.http.post(f"{PLANS}/{plan_id}:evaluate", json=body or {}, timeout=90)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_plan_as_it_is_costs_what_it_said_and_one_without_stops_what_doing_nothing_costs(
    service: RunningService, plan: dict[str, Any]
):
    document = plan["plan"]
    stops = sum(len(route["stops"]) for route in document["routes"])
    assert stops > 1
    same = evaluated(service, plan["id"])
    assert same == evaluated(service, plan["id"], {"routes": document["routes"]})
    assert (same["is_valid"], same["is_same_input"], same["unpriced"]) == (True, True, [])
    assert same["cost"]["total"] == pytest.approx(document["objective"])
    assert (same["difference"]["kept"], same["difference"]["churn"]) == (stops, 0)
    assert [stop["load_after"] for stop in same["routes"][0]["stops"]] == [
        stop["load_after"] for stop in document["routes"][0]["stops"]
    ]

    nothing = evaluated(service, plan["id"], {"routes": []})
    assert nothing["is_valid"]
    assert nothing["cost"]["total"] == pytest.approx(document["cost"]["before"]["total"])
    assert (nothing["difference"]["kept"], nothing["difference"]["churn"]) == (0, stops)
    saved = document["cost"]["before"]["total"] - document["objective"]
    assert nothing["difference"]["cost"]["total"] == pytest.approx(saved)


def test_wrong_routes_are_judged_and_not_refused(service: RunningService, plan: dict[str, Any]):
    routes = copy.deepcopy(plan["plan"]["routes"])
    routes[0]["stops"][0]["pickup"] += 500
    routes[0]["stops"].append({"station_id": "nowhere", "dropoff": 1})
    routes.append({"van_id": "no such van", "stops": [{"station_id": "s0", "pickup": 1}]})
    told = evaluated(service, plan["id"], {"routes": routes})
    assert not told["is_valid"]
    broken = {rule["rule"] for rule in told["violations"]}
    assert "van_capacity" in broken
    named = {id_ for rule in told["violations"] for id_ in rule["ids"]}
    assert {"nowhere", "no such van"} <= named
    assert told["unpriced"]
    # The plan itself is as it was.
    assert service.plan(plan["id"]) == plan


def test_with_other_stock_the_plan_may_no_longer_hold(service: RunningService, plan: dict[str, Any]):
    first = plan["plan"]["routes"][0]["stops"][0]
    assert first["pickup"] > 0
    told = evaluated(service, plan["id"], {"stock": [{"station_id": first["station_id"], "bikes": 0}]})
    assert (told["is_same_input"], told["is_valid"]) == (False, False)
    assert any(first["station_id"] in rule["ids"] for rule in told["violations"])
    answer = service.http.post(
        f"{PLANS}/{plan['id']}:evaluate", json={"stock": [{"station_id": "nowhere", "bikes": 1}]}, timeout=90
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/stock/0/station_id")
    malformed = {"routes": [{"stops": [{"pickup": 1.5}]}], "stock": [{"station_id": "s0", "bikes": -1}]}
    answer = service.http.post(f"{PLANS}/{plan['id']}:evaluate", json=malformed)
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/routes/0/van_id",
        "/routes/0/stops/0/station_id",
        "/routes/0/stops/0/pickup",
        "/stock/0/bikes",
    }


def test_what_is_odd_is_told_beside_what_is_wrong(tmp_path: Path):
    settings = Settings(data_dir=tmp_path)
    later = PlanRequest.model_validate({**tiny_request(), "as_of": "2026-11-22T21:30:00+01:00"})
    sha256 = documents.keep(settings.documents_dir, written(later))
    (tmp_path / "plan.json").write_text(json.dumps({"input_hash": "", "routes": []}))
    # The plan itself is not looked at before the stock is found wrong.
    desk: Any = SimpleNamespace(
        kind=REBALANCING,
        settings=settings,
        document=lambda *_: tmp_path / "plan.json",
        find=lambda _: SimpleNamespace(city_version=None, request_sha256=sha256, revises=None),
    )
    with pytest.raises(InvalidRequest) as raised:
        evaluate(desk, "pln_1", EvaluationRequest(stock=[Stock(station_id="nowhere", bikes=1)]))
    assert raised.value.detail == "the evaluation has 1 errors"
    assert [(item.code, item.severity) for item in raised.value.findings] == [
        ("unknown_station", Severity.ERROR),
        ("snapshot_moved", Severity.WARNING),
    ]


def test_what_is_no_plan_yet_or_any_more_is_not_evaluated(service: RunningService, tmp_path: Path):
    waiting = service.submit(long_request())["id"]
    answer = service.http.post(f"{PLANS}/{waiting}:evaluate", json={"routes": []})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_finished")
    service.http.post(f"{PLANS}/{waiting}:cancel")

    city = packed(write_gbfs_2(write_city_folder(tmp_path / "edited")))
    answer = service.http.put("/v1/cities/edited", content=city, headers={"content-type": "application/zip"})
    assert answer.status_code == 201, answer.text
    made = service.submit({"city": "edited", "limits": {"seconds": None, "rounds": 20}})
    service.wait_until(made["id"], "succeeded", within_s=120)
    assert evaluated(service, made["id"])["is_same_input"]
    version = answer.json()["version"]
    (service.folder / "data" / "cities" / version).rename(tmp_path / "gone")
    gone = service.http.post(f"{PLANS}/{made['id']}:evaluate", json={})
    assert (gone.status_code, gone.json()["code"]) == (409, "city_gone")
