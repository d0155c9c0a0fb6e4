"""What is refused, with every finding, before any work is done."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import structlog
from fastapi.testclient import TestClient

from service import db
from service.app import create_app, prepare_storage
from service.settings import Settings
from tests.service.backends import BACKENDS, new_database
from tests.service.cities import inline_city, tiny_request
from tests.service.clients import local_client

PLANS = "/v1/rebalancing-plans"


@pytest.fixture(scope="module", params=BACKENDS)
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        db_url=new_database(request, request.param),
        max_body_bytes=60_000,
        max_stations=50,
        max_vans=3,
        max_solve_s=100,
    )
    prepare_storage(made)
    return made


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    with local_client(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def problem(answer: httpx.Response, *, status: int, code: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["status"], document["code"]) == (status, status, code), answer.text
    assert document["type"] == f"urn:evenfleet:problem:{code}"
    assert document["request_id"] == answer.headers["x-request-id"]
    return document


def count_jobs(settings: Settings) -> int:
    engine = db.open_engine(settings.database_url)
    with db.reading(engine) as connection:
        count: int = connection.execute(sa.select(sa.func.count()).select_from(db.job)).scalar_one()
    engine.dispose()
    return count


def test_what_is_wrong_with_the_working_night_is_told_with_pointers_into_what_was_sent(client: TestClient):
    city = inline_city()
    city["vans"][0]["break"] = {"minutes": 30, "earliest": "12:00", "latest": "13:00"}
    city["vans"][0]["battries"] = 4
    city["depots"][0] |= {"stock": 9, "room": 8}
    city["station_rules"] = [{"stations": ["s0", "s9"], "open": ["22:00", "22:00"]}]
    city["zones"] = [{"id": "z", "stations": ["s1"], "floor": 5, "cap": 4}]
    city["musts"] = [{"station_id": "s2"}]

    found = problem(client.post(PLANS, json={"city": city}), status=422, code="invalid_request")["errors"]

    by_pointer = {finding["pointer"]: finding for finding in found}
    assert {pointer: finding["code"] for pointer, finding in by_pointer.items()} == {
        "/city/vans/0/break": "break_outside_shift",
        "/city/vans/0/battries": "extra_forbidden",
        "/city/depots/0/stock": "stock_above_room",
        "/city/station_rules/0/open": "hours_empty",
        "/city/station_rules/0/stations/1": "unknown_station",
        "/city/zones/0/floor": "zone_reversed",
        "/city/musts/0": "must_empty",
    }
    assert by_pointer["/city/vans/0/battries"]["hint"] == "did you mean batteries?"


@pytest.mark.parametrize("name", ["musts", "station_rules", "zones", "out_of_service"])
def test_what_is_said_of_stations_is_limited_as_stations_are(client: TestClient, name: str):
    city = inline_city() | {name: [{"station_id": "s2"}] * 51}
    (found,) = problem(client.post(PLANS, json={"city": city}), status=422, code="invalid_request")["errors"]
    assert (found["pointer"], found["code"], found["value"]) == (f"/city/{name}", "limit_exceeded", 51)


def test_everything_wrong_with_a_body_is_told_at_once_with_pointers_into_what_was_sent(
    client: TestClient, settings: Settings
):
    before = count_jobs(settings)
    city = inline_city()
    city["vans"][0]["slots"] = 0
    city["vans"][0]["start_depot"] = "depto"
    city["stations"][1]["lat"] = 91
    city["stations"][2]["capcity"] = 20
    city["snapshot"]["stations"][0]["station_id"] = "s9"
    city["time_zone"] = "Europe/Stokholm"
    request = {"city": city, "limits": {"seconds": -1, "gap": 2}, "nmae": "x"}

    found = problem(client.post(PLANS, json=request), status=422, code="invalid_request")["errors"]

    by_pointer = {finding["pointer"]: finding for finding in found}
    expected = {
        "/city/vans/0/slots",
        "/city/vans/0/start_depot",
        "/city/stations/1/lat",
        "/city/stations/2/capcity",
        "/city/snapshot/stations/0/station_id",
        "/city/time_zone",
        "/limits/seconds",
        "/limits/gap",
        "/nmae",
    }
    assert expected <= set(by_pointer), set(by_pointer)
    assert by_pointer["/city/vans/0/slots"]["value"] == 0
    assert "depot" in by_pointer["/city/vans/0/start_depot"]["hint"]
    assert "Europe/Stockholm" in by_pointer["/city/time_zone"]["hint"]
    assert "capacity" in by_pointer["/city/stations/2/capcity"]["hint"]
    assert all(finding["source"] == "request" and finding["detail"] for finding in found)
    assert count_jobs(settings) == before


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"city": NaN}', b'{"city": Infinity}', b"\xff\xfe", b"[" * 50_000, b'{"limits": {"seconds": 1e999}}'],
)
def test_what_is_not_json_is_refused_as_such(client: TestClient, body: bytes):
    answer = client.post(PLANS, content=body, headers={"content-type": "application/json"})
    if body.endswith(b"1e999}}"):
        # Valid JSON, but no number we could use.
        document = problem(answer, status=422, code="invalid_request")
        assert "Infinity" not in json.dumps(document)
    else:
        problem(answer, status=400, code="malformed_body")


@pytest.mark.parametrize("body", [b"null", b"[]", b"3", b'"goteborg"', b'{"city": null}', b'{"city": 3}', b"{}"])
def test_json_of_the_wrong_shape_is_invalid(client: TestClient, body: bytes):
    answer = client.post(PLANS, content=body, headers={"content-type": "application/json"})
    assert problem(answer, status=422, code="invalid_request")["errors"]


def test_another_content_type_is_refused(client: TestClient):
    answer = client.post(PLANS, content=b"<city/>", headers={"content-type": "text/xml"})
    problem(answer, status=415, code="unsupported_media_type")


def test_a_folder_of_the_server_cannot_be_named(client: TestClient):
    for city in ("/tmp", "../goteborg", "scenarios/goteborg", "/etc"):
        found = problem(client.post(PLANS, json={"city": city}), status=422, code="invalid_request")["errors"]
        assert [(finding["code"], finding["pointer"]) for finding in found] == [("unknown_city", "/city")]


def test_a_misspelled_city_is_told_which_was_meant(client: TestClient):
    found = problem(client.post(PLANS, json={"city": "gotebrog"}), status=422, code="invalid_request")["errors"]
    assert "goteborg" in found[0]["hint"]


def test_an_unknown_city_is_told_beside_everything_else(client: TestClient):
    request = {"city": "goteburg", "limits": {"seconds": 101, "gap": 2}}
    found = problem(client.post(PLANS, json=request), status=422, code="invalid_request")["errors"]
    assert {finding["pointer"] for finding in found} == {"/city", "/limits/seconds", "/limits/gap"}


def test_unknown_streets_are_told(client: TestClient):
    request = {"city": {**inline_city(), "streets": "nowhere"}}
    found = problem(client.post(PLANS, json=request), status=422, code="invalid_request")["errors"]
    assert [(finding["code"], finding["pointer"]) for finding in found] == [("unknown_streets", "/city/streets")]


def test_a_search_that_would_never_end_is_refused(client: TestClient):
    request = {**tiny_request(), "limits": {"seconds": None}}
    found = problem(client.post(PLANS, json=request), status=422, code="invalid_request")["errors"]
    assert [finding["pointer"] for finding in found] == ["/limits"]


def test_what_is_odd_but_possible_is_a_warning_with_the_accepted_plan(client: TestClient):
    city = inline_city()
    city["stations"][0] |= {"lon": 57.7, "lat": 11.97}
    answer = client.post(PLANS, json={"city": city})
    assert answer.status_code == 202
    warnings = answer.json()["warnings"]
    assert [(warning["code"], warning["pointer"]) for warning in warnings] == [
        ("coordinates_swapped", "/city/stations/0")
    ]


def test_every_stated_limit_is_enforced_and_named(client: TestClient):
    limits = client.get("/v1/limits").json()
    assert (limits["max_stations"], limits["max_vans"], limits["max_solve_s"]) == (50, 3, 100)
    request = {"city": inline_city(stations=51, vans=4), "limits": {"seconds": 101}}
    found = problem(client.post(PLANS, json=request), status=422, code="invalid_request")["errors"]
    assert {(finding["pointer"], finding["value"]) for finding in found} == {
        ("/city/stations", 51),
        ("/city/snapshot/stations", 51),
        ("/city/targets", 51),
        ("/city/vans", 4),
        ("/limits/seconds", 101),
    }
    assert {finding["code"] for finding in found} == {"limit_exceeded"}
    assert "max_vans" in json.dumps(found)
    just_allowed = {"city": inline_city(stations=50, vans=3), "limits": {"seconds": 100}}
    assert client.post(PLANS, json=just_allowed).status_code == 202


def test_a_body_over_the_limit_is_refused_while_it_comes_in(client: TestClient):
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100 * 60_000:
            sent += 10_000
            yield b" " * 10_000

    answer = client.post(PLANS, content=endless(), headers={"content-type": "application/json"})
    assert "max_body_bytes" in problem(answer, status=413, code="body_too_large")["detail"]


def test_wrong_parameters_are_findings_too(client: TestClient):
    answer = client.get(PLANS, params={"limit": 0, "status": "lost"})
    found = problem(answer, status=422, code="invalid_request")["errors"]
    assert {(finding["source"], finding["pointer"]) for finding in found} == {("query", "limit"), ("query", "status")}
    strange = json.dumps([-(10**40), "\0"]).encode()
    for cursor in ("x", "WzFd", "bnVsbA", base64.urlsafe_b64encode(strange).decode()):
        found = problem(client.get(PLANS, params={"cursor": cursor}), status=422, code="invalid_request")["errors"]
        assert [finding["pointer"] for finding in found] == ["cursor"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"{PLANS}/pln_unknown", 404, "not_found"),
        ("GET", f"{PLANS}/pln_unknown/events", 404, "not_found"),
        ("GET", f"{PLANS}/pln_unknown/kpis", 404, "not_found"),
        ("GET", f"{PLANS}/pln_unknown/export.csv", 404, "not_found"),
        ("POST", f"{PLANS}/pln_unknown:cancel", 404, "not_found"),
        ("GET", "/v1/demo-data/unknown", 404, "not_found"),
        ("GET", "/v2", 404, "not_found"),
        ("DELETE", PLANS, 405, "method_not_allowed"),
    ],
)
def test_what_is_not_there_is_a_problem_document(client: TestClient, method: str, path: str, status: int, code: str):
    problem(client.request(method, path), status=status, code=code)


@pytest.mark.parametrize("plan_id", ["%00", "x" * 3000, "pln_%F0%9F%9A%B2", "..%2F..", "%FF", "' OR 1=1 --"])
def test_an_id_that_no_plan_can_have_is_simply_not_there(client: TestClient, plan_id: str):
    problem(client.get(f"{PLANS}/{plan_id}"), status=404, code="not_found")


@pytest.mark.parametrize(
    "name",
    [
        '"\\u0000"',
        '"\\ud800"',
        '"\\n"',
        '"' + "x" * 201 + '"',
        "1" * 5000,
        "{" * 900 + "}" * 900,
        "[" * 900 + "]" * 900,
    ],
)
def test_a_name_that_cannot_be_kept_is_refused(client: TestClient, name: str):
    body = b'{"city": "goteborg", "name": ' + name.encode() + b"}"
    answer = client.post(PLANS, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_a_worker_the_service_is_alive_but_not_ready(client: TestClient):
    assert client.get("/livez").status_code == 200
    found = problem(client.get("/readyz"), status=503, code="unavailable")["errors"]
    assert [finding["code"] for finding in found] == ["no_worker"]


def test_a_database_that_is_away_is_a_503_that_says_when_to_try_again(tmp_path: Path):
    away = Settings(data_dir=tmp_path, db_url="postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    with local_client(create_app(away), raise_server_exceptions=False) as client:
        answer = client.get(PLANS)
        problem(answer, status=503, code="unavailable")
        assert int(answer.headers["retry-after"]) > 0
        found = problem(client.get("/readyz"), status=503, code="unavailable")["errors"]
        assert [finding["code"] for finding in found] == ["database_away"]


def test_a_bug_is_a_problem_document_without_its_insides(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret insides")

    monkeypatch.setattr("service.jobs.desk.store.page", fail)
    with structlog.testing.capture_logs() as logs:
        answer = client.get(PLANS)
    problem(answer, status=500, code="internal_error")
    assert "secret" not in answer.text
    assert [entry["event"] for entry in logs] == ["internal_error", "request"]
    assert logs[0]["exc_info"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00"])
def test_a_moment_that_no_calendar_has_is_refused(client: TestClient, moment: str):
    (found,) = problem(
        client.post(PLANS, json={"city": "goteborg", "as_of": moment}), status=422, code="invalid_request"
    )["errors"]
    assert found["pointer"] == "/as_of"
