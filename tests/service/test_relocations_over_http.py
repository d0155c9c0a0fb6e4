"""Nights of e-cars through real HTTP, both databases and the real solver: submit, follow, fetch, cancel, refuse."""

from __future__ import annotations

import json
from typing import Any

from optimiser.basics.findings import Findings
from scenarios.relocation.folder import read_fleet_folder
from tests.car_folders import write_folder
from tests.service.running import FINAL, RunningService, wait_for

PLANS = "/v1/relocation-plans"


def request(**more: Any) -> dict[str, Any]:
    return {"city": "goteborg", "limits": {"seconds": 2}, **more}


def town(tmp_path: Any, **changes: Any) -> dict[str, Any]:
    """The fleet of the folder tests as one document, along a straight line."""
    write_folder(tmp_path / "town")
    model = read_fleet_folder(tmp_path / "town", Findings())
    assert model is not None
    document = model.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    return {**document, "streets": {"circuity": 1.2, "speed_kmh": 30}, **changes}


def ended(service: RunningService, path: str) -> dict[str, Any]:
    def final() -> dict[str, Any] | None:
        plan: dict[str, Any] = service.http.get(path).raise_for_status().json()
        return plan if plan["status"] in FINAL else None

    return wait_for(final, within_s=120, what=path)


def submit(service: RunningService, body: dict[str, Any], **headers: str) -> str:
    answer = service.http.post(PLANS, json=body, headers=headers)
    assert answer.status_code in (200, 202), answer.text
    return str(answer.headers["Location"])


def test_a_night_is_accepted_planned_and_can_be_fetched_in_every_form(service: RunningService):
    # Rounds, not seconds: what is found does not depend on whether code is compiled already.
    answer = service.http.post(PLANS, json=request(name="tonight", limits={"seconds": None, "rounds": 20}))
    assert answer.status_code == 202
    path = answer.headers["Location"]
    assert path == f"{PLANS}/{answer.json()['id']}" == answer.json()["links"]["self"]

    plan = ended(service, path)

    assert (plan["status"], plan["name"], plan["error"]) == ("succeeded", "tonight", None)
    document = plan["plan"]
    assert document["objective"] >= document["best_bound"] > 0
    assert document["kpis"]["after"]["lost_trips"] < document["kpis"]["before"]["lost_trips"]
    for part in ("kpis", "routes", "cars", "charges", "unserved"):
        assert service.http.get(f"{path}/{part}").json() == document[part]
    assert service.http.get(f"{path}/nothing").status_code == 404
    assert service.http.get(f"{path}/export.exe").status_code == 422
    kinds = {"geojson": "application/geo+json", "csv": "text/csv", "html": "text/html"}
    for link in plan["links"]["export"]:
        export = service.http.get(link)
        assert export.status_code == 200
        assert export.headers["content-type"].startswith(kinds[link.rsplit(".", 1)[1]])
        assert len(export.content) > 0
    assert service.http.get(f"{path}/export.geojson").json()["type"] == "FeatureCollection"
    assert service.http.get(f"{path}/export.csv").text.startswith("driver,step,")
    assert path in [item["links"]["self"] for item in service.http.get(PLANS).json()["items"]]
    # A plan of cars is none of bikes.
    assert service.http.get(path.replace("relocation", "rebalancing")).status_code == 404


def test_a_fleet_given_in_full_is_planned(service: RunningService, tmp_path):
    path = submit(service, {"city": town(tmp_path), "limits": {"seconds": None, "rounds": 3}})
    plan = ended(service, path)
    assert (plan["status"], plan["name"]) == ("succeeded", "town"), plan["error"]
    assert plan["plan"]["kpis"]["before"]["lost_trips"] == 2
    assert plan["plan"]["kpis"]["after"]["lost_trips"] == 0


def test_everything_that_is_wrong_is_told_at_once(service: RunningService, tmp_path):
    answer = service.http.post(PLANS, json={"city": "gotebor", "limits": {"seconds": -1}, "nmae": 1})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {finding["pointer"]: finding["code"] for finding in answer.json()["errors"]} == {
        "/city": "unknown_city",
        "/limits/seconds": "greater_than",
        "/nmae": "extra_forbidden",
    }
    # London's docks are bundled and have no cars.
    answer = service.http.post(PLANS, json=request(city="london-docks"))
    assert [finding["code"] for finding in answer.json()["errors"]] == ["unknown_city"]

    city = town(tmp_path)
    city["cars"][0]["state_of_charge"] = 1.3
    city["cars"][1]["station_id"] = "nowhere"
    city["drivers"][0]["mode"] = "teleport"
    answer = service.http.post(PLANS, json={"city": city, "limits": {"seconds": 1}})
    assert answer.status_code == 422
    pointers = {finding["pointer"] for finding in answer.json()["errors"]}
    assert {"/city/cars/0/state_of_charge", "/city/cars/1/station_id", "/city/drivers/0/mode"} <= pointers

    answer = service.http.post(PLANS, json={"city": town(tmp_path, streets="nowhere")})
    assert [finding["pointer"] for finding in answer.json()["errors"]] == ["/city/streets"]
    assert service.http.post(PLANS, content=b"{").json()["code"] == "malformed_body"


def test_what_is_over_the_limits_is_refused_by_counting(service: RunningService, tmp_path):
    limits = service.http.get("/v1/limits").json()
    assert limits["max_cars"] == 2000
    city = town(tmp_path)
    city["drivers"] = city["drivers"] * 201
    answer = service.http.post(PLANS, json={"city": city, "limits": {"seconds": 1e6}})
    assert {finding["pointer"]: finding["code"] for finding in answer.json()["errors"]} == {
        "/limits/seconds": "limit_exceeded",
        "/city/drivers": "limit_exceeded",
    }


def test_a_running_plan_is_cancelled_and_keeps_its_best(service: RunningService):
    path = submit(service, request(limits={"seconds": 120}))

    def is_solving() -> bool:
        return bool(service.http.get(path).json()["progress"])

    wait_for(is_solving, within_s=120, what="progress")
    assert service.http.post(f"{path}:cancel").status_code in (200, 202)
    plan = ended(service, path)
    assert plan["status"] == "cancelled"
    assert plan["plan"]["stop_reason"] == "cancelled"
    assert service.http.post(f"{path}:cancel").status_code == 200


def test_waiting_answers_in_the_same_call_and_a_queued_plan_ends_at_once(service: RunningService, tmp_path):
    running = submit(service, request(limits={"seconds": 8}, name="first"))
    waiting = submit(service, request(name="second"))
    cancelled = service.http.post(f"{waiting}:cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert service.http.get(f"{waiting}/kpis").json()["code"] == "no_result"
    assert service.http.get(f"{waiting}/export.csv").json()["code"] == "no_result"
    ended(service, running)
    body = {"city": town(tmp_path), "limits": {"seconds": None, "rounds": 3}}
    answer = service.http.post(PLANS, json=body, headers={"Prefer": "wait=30"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert answer.json()["plan"]["kpis"]["after"]["lost_trips"] == 0


def test_events_tell_the_whole_story(service: RunningService, tmp_path):
    path = submit(service, {"city": town(tmp_path), "limits": {"seconds": None, "rounds": 3}})
    ended(service, path)
    page = service.http.get(f"{path}/events", params={"after": 0}).json()
    kinds = [item["kind"] for item in page["items"]]
    assert [item["seq"] for item in page["items"]] == list(range(1, len(kinds) + 1))
    assert (kinds[0], kinds[-1], page["is_final"]) == ("status", "end", True)
    assert "progress" in kinds
    with service.http.stream("GET", f"{path}/events", headers={"Accept": "text/event-stream"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "event: end" in "".join(answer.iter_text())


def test_demo_bodies_can_be_sent_as_they_are(service: RunningService):
    items = service.http.get("/v1/demo-data").json()["items"]
    (item,) = [item for item in items if item["id"] == "paris-8e-cars"]
    assert item["submit_to"] == PLANS
    body = service.http.get(item["href"]).json()
    answer = service.http.post(PLANS, json={**body, "limits": {"seconds": 1}}, headers={"Idempotency-Key": "demo"})
    again = service.http.post(PLANS, json={**body, "limits": {"seconds": 1}}, headers={"Idempotency-Key": "demo"})
    assert answer.json()["id"] == again.json()["id"]
    other = service.http.post(PLANS, json={**body, "limits": {"seconds": 2}}, headers={"Idempotency-Key": "demo"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert json.dumps(ended(service, answer.headers["Location"])["plan"])
