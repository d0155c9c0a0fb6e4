"""Revisions: the rest of a running night planned anew over real HTTP, as plans of their own, on both databases."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.revise import VanLost, revise
from scenarios.loader import load_inline
from scenarios.schema import CityModel
from service.client import Client
from service.planner import state_city
from service.plans.shapes import EditedRoute
from service.revisor import plan_of
from tests.service.cities import inline_city, long_request
from tests.service.running import RunningService

PLANS = "/v1/rebalancing-plans"
ON_ONE = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
"""For what asks the database for nothing that other tests do not ask both for."""
ROUNDS = {"seconds": None, "rounds": 60}
CITY = inline_city(stations=12, vans=2, seed=5)
CITY["prices"] |= {"van_use": 1.0, "van_hour": 10.0}
for _van in CITY["vans"]:
    # So little room and time that both have to drive.
    _van |= {"slots": 10, "shift": ["22:00", "23:15"]}


@pytest.fixture
def plan(service: RunningService) -> dict[str, Any]:
    """A plan in which both vans drive."""
    made = service.submit({"city": CITY, "limits": ROUNDS}, **{"Idempotency-Key": "to be revised"})
    done = service.wait_until(made["id"], "succeeded", within_s=300)
    assert [len(route["stops"]) > 1 for route in done["plan"]["routes"]] == [True, True]
    return done


def ask(service: RunningService, plan_id: str, body: dict[str, Any], **headers: str) -> Any:
    return service.http.post(f"{PLANS}/{plan_id}/revisions", json=body, headers=headers)


def revised(service: RunningService, plan_id: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = ask(service, plan_id, {"limits": ROUNDS, **body}, **headers)
    assert answer.status_code in (200, 202), answer.text
    assert answer.headers["Location"] == f"{PLANS}/{answer.json()['id']}"
    return service.wait_until(answer.json()["id"], "succeeded", within_s=300)


def later(moment: str, seconds: int) -> str:
    return (datetime.fromisoformat(moment) + timedelta(seconds=seconds)).isoformat()


def in_mid_shift(plan: dict[str, Any]) -> str:
    """A second after the first van has left its first stop."""
    return later(plan["plan"]["routes"][0]["stops"][0]["departure"], 1)


@ON_ONE
def test_a_lost_van_gives_a_plan_of_the_rest_as_the_optimiser_makes_it(service: RunningService, plan: dict[str, Any]):
    whole = plan["plan"]
    lost, other = (route["van_id"] for route in whole["routes"])
    at = in_mid_shift(plan)
    body = {"at": at, "events": [{"type": "van_lost", "van_id": lost}], "limits": ROUNDS}
    found = revised(service, plan["id"], body)
    assert (found["revises"], plan["revises"]) == (plan["id"], None)
    rest = found["plan"]

    # The same by hand, of the night as it was stated.
    night = state_city(load_inline(CityModel.model_validate(CITY)), cache_dir=None)
    known = plan_of([EditedRoute.model_validate(route) for route in whole["routes"]])
    at_s = int((datetime.fromisoformat(at) - datetime.fromisoformat(whole["night_start"])).total_seconds())
    expected = revise(
        night, known, at_s=at_s, events=[VanLost(van_id=lost)], limits=SolveLimits(seconds=None, rounds=60)
    )
    assert rest["objective"] == pytest.approx(expected.objective)
    assert rest["best_bound"] == pytest.approx(expected.best_bound)
    assert rest["input_hash"] == expected.input_hash
    drives_on = plan_of([EditedRoute.model_validate(route) for route in rest["routes"]])
    stops = [(route.van_id, route.stops) for route in expected.rest.routes if route.stops]
    assert [(route.van_id, route.stops) for route in drives_on.routes] == stops
    assert () == check(expected.problem, drives_on)
    spent = rest["revision"]["cost"]["spent"]["total"]
    assert cost(expected.problem, drives_on).total + spent == pytest.approx(rest["objective"])
    assert rest["objective"] <= rest["revision"]["cost"]["going_on"]["total"] + 1e-9

    # What it tells of the vans: the lost one made one stop, the other drives on from where it is.
    vans = {van["van_id"]: van for van in rest["revision"]["vans"]}
    assert (vans[lost]["state"], len(vans[lost]["done"]), vans[lost]["so_far"]) == ("lost", 1, None)
    first = whole["routes"][0]["stops"][0]
    assert vans[lost]["done"][0].items() <= first.items()
    assert {route["van_id"] for route in rest["routes"]} <= {other}
    assert rest["revision"]["at"] == at
    made_up = {van["so_far"] for van in vans.values()} - {None}
    assert not made_up & {station["station_id"] for station in rest["stations"]}
    assert len(rest["stations"]) == len(whole["stations"])
    assert not made_up & {entry["station_id"] for entry in rest["must_do"]}
    assert rest["kpis"]["after"]["must_do_left"] == 0

    # Asked again it is the same plan, and it answers like any.
    again = revised(service, plan["id"], body)
    assert again["id"] != found["id"]
    without_times = [{**one["plan"], "elapsed_s": 0, "progress": [], "unserved": []} for one in (found, again)]
    assert without_times[0] == without_times[1]
    same = service.http.post(f"{PLANS}/{found['id']}:evaluate", json={}, timeout=90).json()
    assert (same["is_valid"], same["is_same_input"], same["unpriced"]) == (True, True, [])
    assert same["cost"]["total"] == pytest.approx(rest["objective"])
    for name in ("routes", "kpis", "unserved"):
        assert service.http.get(found["links"][name]).status_code == 200
    exports = {link.rpartition(".")[2]: service.http.get(link) for link in found["links"]["export"]}
    assert {answer.status_code for answer in exports.values()} == {200}
    assert "revised at" in exports["html"].text
    ids = [feature["id"] for feature in exports["geojson"].json()["features"]]
    assert not {f"station/{id_}" for id_ in made_up} & set(ids)
    rows = list(csv.DictReader(io.StringIO(exports["csv"].text)))
    assert {row["van"] for row in rows} == {route["van_id"] for route in rest["routes"]}


def test_a_revision_is_revised_and_all_are_listed(service: RunningService, plan: dict[str, Any]):
    van = plan["plan"]["routes"][0]["van_id"]
    at = in_mid_shift(plan)
    first = revised(service, plan["id"], {"at": at, "events": [{"type": "van_late", "van_id": van, "late_s": 600}]})
    so_far = {one["van_id"]: one["so_far"] for one in first["plan"]["revision"]["vans"]}
    assert first["plan"]["routes"][0]["stops"][0]["station_id"] == so_far[van]

    too_early = ask(service, first["id"], {"at": later(at, -60)})
    assert [(error["code"], error["pointer"]) for error in too_early.json()["errors"]] == [("before_the_night", "/at")]

    # A station that has been emptied meanwhile; nothing else is new, so what is done is the same and more.
    seen = {"type": "station_seen", "station_id": "s0", "bikes": 0}
    second = revised(service, first["id"], {"at": later(at, 900), "events": [seen]})
    assert second["revises"] == first["id"]
    before = {one["van_id"]: one["done"] for one in first["plan"]["revision"]["vans"]}
    after = {one["van_id"]: one["done"] for one in second["plan"]["revision"]["vans"]}
    assert before.keys() == after.keys()
    assert all(after[id_][: len(done)] == done for id_, done in before.items())
    assert {"s0": 0} == {
        one["station_id"]: one["bikes_before"] for one in second["plan"]["stations"] if one["station_id"] == "s0"
    }
    same = service.http.post(f"{PLANS}/{second['id']}:evaluate", json={}, timeout=90).json()
    assert (same["is_valid"], same["is_same_input"]) == (True, True)
    assert same["cost"]["total"] == pytest.approx(second["plan"]["objective"])
    other = service.http.post(
        f"{PLANS}/{second['id']}:evaluate", json={"stock": [{"station_id": "s1", "bikes": 3}]}, timeout=90
    ).json()
    assert not other["is_same_input"]
    unknown = service.http.post(
        f"{PLANS}/{second['id']}:evaluate", json={"stock": [{"station_id": so_far[van], "bikes": 3}]}, timeout=90
    )
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/stock/0/station_id")

    # Pages of one name every revision of the plan itself once, newest first.
    third = revised(service, plan["id"], {"at": at})
    listed, link = [], f"{PLANS}/{plan['id']}/revisions?limit=1"
    while link:
        page = service.http.get(link)
        listed += [item["id"] for item in page.json()["items"]]
        link = page.links.get("next", {}).get("url")
    assert listed[:2] == [third["id"], first["id"]]
    assert len(set(listed)) == len(listed)
    assert second["id"] not in listed
    assert service.http.get(f"{PLANS}/{second['id']}/revisions").json()["items"] == []


@ON_ONE
def test_everything_wrong_with_what_is_told_is_told_at_once(service: RunningService, plan: dict[str, Any]):
    route = plan["plan"]["routes"][0]
    van, count = route["van_id"], len(route["stops"])
    at = in_mid_shift(plan)
    answer = ask(
        service,
        plan["id"],
        {
            "at": later(plan["plan"]["night_start"], -1),
            "reports": [
                {"van_id": van, "done": 1, "skipped": [1], "outcomes": [{"stop": count}]},
                {"van_id": "van-9", "position": {"place_id": "s0", "load": 1}},
                {"van_id": van, "position": {"place_id": "nowhere", "load": 19, "broken_load": 2, "batteries": 1}},
            ],
            "freeze": {"stops": [{"van_id": van, "stop": count}]},
            "events": [
                {"type": "van_lost", "van_id": "vann-0"},
                {"type": "station_seen", "station_id": "s99"},
                {"type": "task_added", "station_id": "s0", "low": 5, "high": 4},
            ],
        },
    )
    assert answer.status_code == 422
    assert {(error["code"], error["pointer"]) for error in answer.json()["errors"]} == {
        ("before_the_night", "/at"),
        ("told_twice", "/reports"),
        ("not_done", "/reports/0/skipped/0"),
        ("unknown_stop", "/reports/0/outcomes/0/stop"),
        ("unknown_van", "/reports/1/van_id"),
        ("unknown_place", "/reports/2/position/place_id"),
        ("van_capacity", "/reports/2/position/load"),
        ("batteries", "/reports/2/position/batteries"),
        ("unknown_stop", "/freeze/stops/0/stop"),
        ("unknown_van", "/events/0/van_id"),
        ("unknown_station", "/events/1/station_id"),
        ("interval", "/events/2/low"),
    }
    malformed = ask(
        service,
        plan["id"],
        {
            "at": "23:00",
            "evnts": [],
            "reports": [
                {"van_id": "a\x00b", "behind_s": -1},
                {"van_id": "van-9", "behind_s": -1},
                {"van_id": van, "done": -1, "skipped": [0, count], "positon": {}},
                7,
            ],
            "freeze": {"stops": [{"van_id": van}, {"van_id": van, "stop": count}]},
            "events": [
                {"type": "van_gone", "van_id": van},
                {"type": "van_late", "van_id": van, "late": 60},
                {"type": "station_seen", "station_id": "s99", "bikes": -1},
            ],
            "stability": {"per_stop": -1},
            "limits": {"seconds": 1e9},
        },
    )
    assert malformed.status_code == 422
    assert {"/at", "/evnts", "/reports/0/van_id", "/reports/0/behind_s", "/events/0", "/stability/per_stop"} <= {
        error["pointer"] for error in malformed.json()["errors"]
    }
    # Told with them is what does not fit the plan, of all that can be read; and nothing of what cannot.
    fit = {"unknown_van", "unknown_stop", "unknown_station", "told_twice", "not_done", "before_the_night"}
    assert [(error["code"], error["pointer"]) for error in malformed.json()["errors"] if error["code"] in fit] == [
        ("unknown_van", "/reports/1/van_id"),
        ("unknown_stop", "/reports/2/skipped/1"),
        ("unknown_stop", "/freeze/stops/1/stop"),
        ("unknown_station", "/events/2/station_id"),
    ]
    # Pointers lead into the document as it was sent, and hints speak of the form that was meant.
    found = {error["pointer"]: error for error in malformed.json()["errors"]}
    assert found["/events/1/late_s"]["code"] == "missing"
    assert found["/events/1/late"]["hint"] == "did you mean late_s?"
    for body in ("", "[", '{"at": NaN}', '{"at": "2026-11-23T00:00:00Z", "at": 1}'):
        answer = service.http.post(
            f"{PLANS}/{plan['id']}/revisions", content=body, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body"), body
    assert ask(service, plan["id"], {"at": later(at, 9 * 86_400)}).json()["errors"][0]["code"] == "after_the_night"


@ON_ONE
def test_what_nobody_drives_or_has_is_not_revised(service: RunningService, plan: dict[str, Any]):
    at = in_mid_shift(plan)
    unknown = ask(service, f"pln_{'0' * 20}", {"at": at})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert service.http.get(f"{PLANS}/pln_{'0' * 20}/revisions").status_code == 404
    waiting = service.submit(long_request())["id"]
    early = ask(service, waiting, {"at": at})
    assert (early.status_code, early.json()["code"]) == (409, "not_finished")
    service.http.post(f"{PLANS}/{waiting}:cancel")
    unplaced = inline_city()
    unplaced["depots"][0]["lat"] = 10.0
    failed = service.submit({"city": {**unplaced, "streets": "paris-8e"}, "limits": {"seconds": 1}})
    service.wait_until(failed["id"], "invalid", "failed", within_s=300)
    answer = ask(service, failed["id"], {"at": at})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_result")

    # Archived: revisions accepted before are still answered under their key, new ones are not made.
    laid_aside = service.submit({"city": {**CITY, "id": "asidetown"}, "limits": ROUNDS})["id"]
    service.wait_until(laid_aside, "succeeded", within_s=300)
    accepted = revised(service, laid_aside, {"at": at}, **{"Idempotency-Key": f"r of {laid_aside}"})
    assert service.http.post(f"{PLANS}/{laid_aside}:archive").status_code == 200
    answer = ask(service, laid_aside, {"at": at, "limits": ROUNDS})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    key = {"Idempotency-Key": f"r of {laid_aside}"}
    again = ask(service, laid_aside, {"at": at, "limits": ROUNDS}, **key)
    assert (again.status_code, again.json()["id"]) == (200, accepted["id"])
    reused = ask(service, laid_aside, {"at": later(at, 1), "limits": ROUNDS}, **key)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")


def test_a_revision_takes_the_place_of_the_plan_that_is_driven(service: RunningService):
    made = service.submit({"city": {**CITY, "id": "driventown"}, "limits": ROUNDS})
    plan = service.wait_until(made["id"], "succeeded", within_s=300)
    for step in ("publish", "start"):
        assert service.http.post(f"{PLANS}/{plan['id']}:{step}").status_code == 200
    at = in_mid_shift(plan)
    # One of a revision that was itself never published does as well.
    first = revised(service, plan["id"], {"at": at})
    second = revised(service, first["id"], {"at": later(at, 60)})
    published = service.http.post(f"{PLANS}/{second['id']}:publish")
    assert (published.status_code, published.json()["stage"]) == (200, "published"), published.text
    before = service.plan(plan["id"])
    assert (before["stage"], before["superseded_by"]) == ("archived", second["id"])
    assert service.http.post(f"{PLANS}/{second['id']}:start").json()["stage"] == "in_progress"
    # Revisions of what was driven before are no way around the one that is driven now.
    assert service.http.post(f"{PLANS}/{first['id']}:publish").status_code == 409


@ON_ONE
def test_the_thin_client_submits_a_revision_and_waits_for_it(service: RunningService, plan: dict[str, Any]):
    with Client(str(service.http.base_url)) as client:
        whole = client.submit("rebalancing-plans", {"city": CITY, "limits": ROUNDS}, idempotency_key="to be revised")
        assert whole.id == plan["id"]
        body = {"at": in_mid_shift(plan), "limits": ROUNDS}
        rest = client.wait(client.submit_revision(whole, body, idempotency_key=f"client of {plan['id']}"))
        assert rest.document["revises"] == plan["id"]
        again = client.submit_revision(whole, body, idempotency_key=f"client of {plan['id']}")
        assert again.id == rest.id
        assert json.dumps(rest.result["revision"])
