"""Submit, follow, fetch, cancel: through real HTTP, on both databases, with the real solver."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.service.cities import long_request, tiny_request
from tests.service.running import RunningService, wait_for
from tests.unit.reporting.replayer import replay_plan


def read_stream(service: RunningService, plan_id: str, *, seen: int = 0) -> list[dict[str, Any]]:
    """Events of a stream that is read to its end."""
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": str(seen)} if seen else {})}
    found: list[dict[str, Any]] = []
    with service.http.stream("GET", f"/v1/rebalancing-plans/{plan_id}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                fields[name] = value
            elif "data" in fields:
                found.append({"id": int(fields["id"]), "event": fields["event"], **json.loads(fields["data"])})
                fields = {}
    return found


def test_a_plan_is_accepted_planned_and_can_be_fetched_in_every_form(service: RunningService):
    answer = service.http.post("/v1/rebalancing-plans", json=tiny_request())
    assert answer.status_code == 202
    path = answer.headers["Location"]
    assert path == f"/v1/rebalancing-plans/{answer.json()['id']}"
    assert int(answer.headers["Retry-After"]) > 0

    plan = service.wait_until(answer.json()["id"], "succeeded")

    assert plan["plan"]["stop_reason"] == plan["stop_reason"]
    assert plan["plan"]["best_bound"] <= plan["plan"]["objective"]
    assert plan["attempt"] == 1
    assert plan["created_at"] <= plan["started_at"] <= plan["finished_at"]
    assert service.http.get(f"{path}/kpis").json() == plan["plan"]["kpis"]
    assert service.http.get(f"{path}/routes").json() == plan["plan"]["routes"]
    assert service.http.get(f"{path}/unserved").status_code == 200
    geojson = service.http.get(f"{path}/export.geojson")
    assert geojson.json()["type"] == "FeatureCollection"
    assert geojson.headers["content-type"] == "application/geo+json"
    assert service.http.get(f"{path}/export.csv").text.count("\n") > 1
    assert "<html" in service.http.get(f"{path}/export.html").text
    assert service.http.get(f"{path}/export.exe").status_code == 422


def test_a_city_with_everything_in_it_goes_in_as_a_request_and_comes_out_as_a_plan(service: RunningService):
    request = tiny_request()
    city = request["city"]
    rest = {"minutes": 30, "earliest": "00:30", "latest": "02:30"}
    city["vans"][0] |= {"batteries": 4, "range_km": 80, "skills": ["key"], "break": rest}
    city["depots"][0] |= {"stock": 4, "room": 40}
    city["handling"] |= {"swap_s": 70, "depot_s": 200}
    city["prices"] |= {"swap": 1, "broken_left": 5, "must": 200, "zone_bike": 2, "fairness": 1}
    city["station_rules"] = [{"stations": ["s0", "s1"], "needs": ["key"], "open": ["06:00", "03:00"]}]
    city["station_rules"].append({"stations": ["s1"], "forbidden": True})
    city["zones"] = [{"id": "all", "stations": ["s0", "s1", "s2", "s3"], "floor": 4}]
    city["musts"] = [{"station_id": "s1", "visit": True}, {"station_id": "gone", "swaps": 1}]
    city["out_of_service"] = ["gone"]
    city["snapshot"]["stations"][0] |= {"bikes": 17, "low_charge": 2, "disabled": 1}

    submitted = service.http.post("/v1/rebalancing-plans", json=request)
    assert submitted.status_code == 202, submitted.text
    assert [warning["code"] for warning in submitted.json()["warnings"]] == ["must_impossible"]
    plan = service.wait_until(submitted.json()["id"], "succeeded")["plan"]

    replay_plan(json.dumps(plan))
    van = plan["vans"][0]
    assert (van["batteries"], van["range_m"], van["skills"], van["break"]["duration_s"]) == (4, 80_000, ["key"], 1800)
    assert (plan["stations"][0]["low_charge_before"], plan["stations"][0]["broken_before"]) == (2, 1)
    assert plan["prices"]["broken_left"] == 5
    assert [(entry["station_id"], entry["missing"]) for entry in plan["must_do"]] == [("s1", 1), ("gone", None)]
    assert plan["kpis"]["after"]["must_do_left"] == 2
    assert [zone["zone_id"] for zone in plan["zones"]] == ["all"]


def test_events_are_asked_for_up_to_the_highest_number_that_a_database_counts_to(service: RunningService):
    path = f"/v1/rebalancing-plans/{service.submit(tiny_request())['id']}/events"
    for number, status in ((2**31 - 1, 200), (2**31, 422), (-1, 422)):
        assert service.http.get(path, params={"after": number}).status_code == status
        assert service.http.get(path, headers={"Last-Event-ID": str(number)}).status_code == status


def test_events_tell_the_whole_story_and_resume_where_a_client_was_cut_off(service: RunningService):
    plan_id = service.submit(tiny_request())["id"]
    story = read_stream(service, plan_id)

    assert [event["id"] for event in story] == list(range(1, len(story) + 1))
    assert [event["data"]["status"] for event in story if event["event"] == "status"] == [
        "queued",
        "preparing",
        "solving",
    ]
    assert [event["event"] for event in story].count("end") == 1
    assert story[-1]["event"] == "end"
    assert story[-1]["data"]["status"] == "succeeded"
    objectives = [event["data"]["objective"] for event in story if event["event"] == "progress"]
    assert objectives == sorted(objectives, reverse=True)

    assert read_stream(service, plan_id, seen=2) == story[2:]
    page = service.http.get(f"/v1/rebalancing-plans/{plan_id}/events", params={"after": 2}).json()
    assert [item["seq"] for item in page["items"]] == [event["id"] for event in story[2:]]
    assert page["is_final"]
    read_before = {"Accept": "text/event-stream", "Last-Event-ID": str(len(story))}
    answer = service.http.get(f"/v1/rebalancing-plans/{plan_id}/events", headers=read_before)
    assert answer.status_code == 204


def test_cancelling_a_search_keeps_its_best_plan(service: RunningService):
    plan_id = service.submit(long_request())["id"]
    service.wait_until(plan_id, "solving")
    wait_for(lambda: service.plan(plan_id)["progress"], within_s=30, what="progress")

    assert service.http.post(f"/v1/rebalancing-plans/{plan_id}:cancel").status_code == 202
    plan = service.wait_until(plan_id, "cancelled", within_s=10)

    assert plan["stop_reason"] == "cancelled"
    assert plan["cancel_requested_at"] is not None
    assert plan["plan"]["stop_reason"] == "cancelled"
    assert plan["plan"]["routes"]
    assert service.http.get(f"/v1/rebalancing-plans/{plan_id}/export.csv").status_code == 200
    again = service.http.post(f"/v1/rebalancing-plans/{plan_id}:cancel")
    assert again.status_code == 200
    assert again.json()["status"] == "cancelled"


def test_cancelling_a_queued_plan_ends_it_without_a_result(service: RunningService):
    busy = service.submit(long_request())["id"]
    service.wait_until(busy, "preparing", "solving")
    waiting = service.submit(tiny_request())
    assert waiting["status"] == "queued"

    answer = service.http.post(f"/v1/rebalancing-plans/{waiting['id']}:cancel")

    assert answer.status_code == 200
    assert answer.json()["status"] == "cancelled"
    assert service.plan(waiting["id"])["plan"] is None
    no_result = service.http.get(f"/v1/rebalancing-plans/{waiting['id']}/kpis")
    assert (no_result.status_code, no_result.json()["code"]) == (409, "no_result")
    unfinished = service.http.get(f"/v1/rebalancing-plans/{busy}/kpis")
    assert (unfinished.status_code, unfinished.json()["code"]) == (409, "not_finished")
    service.http.post(f"/v1/rebalancing-plans/{busy}:cancel")
    service.wait_until(busy, "cancelled")


def test_waiting_gets_a_small_plan_in_the_same_call(service: RunningService):
    answer = service.http.post("/v1/rebalancing-plans", json=tiny_request(), headers={"Prefer": "wait=30"})
    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert answer.json()["plan"]["objective"] >= 0


def test_a_wait_that_is_too_short_is_answered_as_accepted(service: RunningService):
    plan = service.http.post("/v1/rebalancing-plans", json=long_request(), headers={"Prefer": "wait=1"})
    assert plan.status_code == 202
    assert "Preference-Applied" not in plan.headers
    service.http.post(f"/v1/rebalancing-plans/{plan.json()['id']}:cancel")
    service.wait_until(plan.json()["id"], "cancelled")


def test_the_same_idempotency_key_never_makes_a_second_plan(service: RunningService):
    def submit(_: int) -> str:
        plan_id: str = service.submit(tiny_request(), **{"Idempotency-Key": "night-1"})["id"]
        return plan_id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(submit, range(8)))) == 1

    other = service.http.post(
        "/v1/rebalancing-plans", json=tiny_request(seed=2), headers={"Idempotency-Key": "night-1"}
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    service.wait_until(submit(0), "succeeded")


def test_the_list_is_paged_newest_first_and_nothing_is_seen_twice(service: RunningService):
    made = [service.submit(tiny_request())["id"] for _ in range(3)]
    for plan_id in made:
        service.http.post(f"/v1/rebalancing-plans/{plan_id}:cancel")
    seen: list[str] = []
    path: str | None = "/v1/rebalancing-plans?limit=2"
    while path:
        answer = service.http.get(path).raise_for_status()
        seen += [item["id"] for item in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url")
        assert (path is None) == (answer.json()["next_cursor"] is None)
    assert len(seen) == len(set(seen))
    assert [plan_id for plan_id in seen if plan_id in made] == made[::-1]
    for plan_id in made:
        service.wait_until(plan_id, "cancelled", "succeeded")
    cancelled = service.http.get("/v1/rebalancing-plans", params={"status": "cancelled", "limit": 100}).json()
    assert {item["status"] for item in cancelled["items"]} <= {"cancelled"}


def test_every_demo_body_is_accepted(service: RunningService):
    demos = service.http.get("/v1/demo-data").json()["items"]
    assert len(demos) >= 2
    for demo in demos:
        body = service.http.get(demo["href"]).raise_for_status().json()
        submitted = service.http.post(demo["submit_to"], json=body)
        assert submitted.status_code in (200, 202), submitted.text
        path = submitted.headers["Location"]
        service.http.post(f"{path}:cancel")
        wait_for(lambda at=path: service.http.get(at).json()["finished_at"], within_s=60, what=path)


def test_a_city_with_a_history_is_planned_from_demand_and_the_plan_says_so(service: RunningService):
    plan_id = service.submit({"city": "paris-8e", "limits": {"seconds": 60, "rounds": 30}})["id"]
    plan = service.wait_until(plan_id, "succeeded")["plan"]
    assert plan["targets"]["stations"] == {"demand": 28, "operator": 0, "default": 0}
    assert plan["targets"]["demand"]["days"] == 43
    assert "rentals and" in plan["stations"][0]["target_reason"]


def test_an_inline_city_has_no_history_and_says_where_its_targets_come_from(service: RunningService):
    plan = service.wait_until(service.submit(tiny_request())["id"], "succeeded")["plan"]
    assert plan["targets"] == {"stations": {"demand": 0, "operator": 4, "default": 0}, "demand": None}
