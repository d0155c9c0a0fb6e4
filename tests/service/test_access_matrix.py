"""
Who gets in: every route and method of the description against every kind of wrong key.

Over real HTTP, on both databases, with jobs that exist; at the end, what was sent as a key is in no log and no answer.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from service import db
from service.access.caller import COMMAND_LINE, Caller
from service.access.scopes import Scope
from tests.service.backends import BACKENDS, new_database
from tests.service.cities import tiny_request
from tests.service.guarded import CITY, ENDPOINT, PLANS, RELOCATIONS, STREAMS, STUDIES, SUBMISSIONS, Guarded
from tests.service.running import RunningService, wait_for

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PUBLIC = {"/livez", "/readyz", "/metrics"}


@pytest.fixture(scope="module", params=BACKENDS)
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    url = new_database(request, request.param)
    folder = tmp_path_factory.mktemp("guarded")
    with RunningService(folder, db_url=url, max_tenant_streams=str(STREAMS), heartbeat_s="0.5") as running:
        database = db.open_engine(url or f"sqlite:///{folder / 'data' / 'evenfleet.sqlite'}")
        yield Guarded(running, database)
        database.dispose()


def body_of(method: str, path: str) -> dict[str, Any]:
    """What makes a request complete, so that a refusal is for the key alone."""
    if method != "POST":
        return {}
    if path in SUBMISSIONS:
        return {"json": SUBMISSIONS[path]}
    return {"json": {"name": "more", "scopes": ["plans:read"]}} if path == "/v1/api-keys" else {}


def essence(answer: httpx.Response) -> dict[str, Any]:
    """A problem without what is of this request alone."""
    return {name: value for name, value in answer.json().items() if name not in ("request_id", "instance")}


def test_every_route_below_v1_names_a_scope_that_exists_and_no_other_does(guarded: Guarded):
    seen = set()
    for _, path, _, needed in guarded.routes():
        assert (path in PUBLIC) == (not needed), path
        assert set(needed) <= set(Scope), path
        seen.add(path)
    assert len(seen) > 30
    assert guarded.description["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_without_a_key_no_method_of_any_path_is_answered(guarded: Guarded):
    paths = {path for _, described, path, _ in guarded.routes() if described not in PUBLIC}
    for path in (*paths, "/v1", "/v1/", "/v1/nothing", "/v1/rebalancing-plans/pln_x/nothing"):
        for method in METHODS:
            answer = guarded.ask(method, path, None)
            assert answer.status_code == 401, (method, path, answer.text)
            assert answer.headers["www-authenticate"] == 'Bearer realm="evenfleet"'
    for path in ("/livez", "/readyz", "/openapi.json", "/docs", "/", "/docs/assets/swagger-ui.css"):
        assert guarded.ask("GET", path, None).status_code == 200, path


def test_no_wrong_key_opens_any_route(guarded: Guarded):
    right = guarded.everything
    revoked, expired, other = (guarded.key("a", *Scope) for _ in range(3))
    ids = {text: text.replace("evf_", "key_")[:16] for text in (revoked, expired)}
    admin = Caller(tenant_id="a", actor=COMMAND_LINE, scopes=frozenset(Scope))
    guarded.keys.revoke(admin, ids[revoked])
    with db.writing(guarded.database) as connection:
        ended = sa.update(db.api_key).where(db.api_key.c.id == ids[expired])
        connection.execute(ended.values(expires_ms=db.now_ms() - 1))
    wrong = {
        "revoked": revoked,
        "expired": expired,
        "garbage": "garbage",
        "empty": "",
        "the secret of another key": f"{right[:17]}{other[17:]}",
        "one letter off": right[:-1] + ("0" if right[-1] != "0" else "1"),
        "no such key": "evf_" + "0" * 12 + "_" + "0" * 64,
        "in capitals": right.upper(),
        "cut short": right[:-1],
        "with more behind": f"{right}0",
    }
    guarded.sent.update(text for text in wrong.values() if len(text) > 20)
    for number, (method, described, path, needed) in enumerate(guarded.routes()):
        if not needed:
            continue
        # All of them on the first routes, then on each the kinds that differ in what the database is asked.
        names = wrong if number < 5 else ("revoked", "expired", "garbage", "the secret of another key")
        for name, key in ((name, wrong[name]) for name in names):
            answer = guarded.ask(method, path, key, **body_of(method, described))
            assert answer.status_code == 401, (method, path, name, answer.text)
            assert answer.json()["code"] == "unauthenticated"
            assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    for headers in ([("Authorization", f"Basic {right}")], [("Authorization", f"Bearer {right}")] * 2):
        assert guarded.running.http.get("/v1/version", headers=headers).status_code == 401
    for name in ("revoked", "expired"):
        assert name in guarded.ask("GET", "/v1/version", wrong[name]).json()["detail"]


def test_every_route_is_refused_to_all_scopes_but_its_own_and_says_which_it_needs(guarded: Guarded):
    keys: dict[tuple[Scope, ...], str] = {}
    for method, described, path, needed in guarded.routes():
        if not needed:
            continue
        others = tuple(scope for scope in Scope if scope not in (*needed, Scope.ADMIN))
        key = keys.setdefault(others, guarded.key("a", *others))
        answer = guarded.ask(method, path, key, **body_of(method, described))
        assert answer.status_code == 403, (method, path, answer.text)
        assert answer.json()["code"] == "missing_scope"
        assert " or ".join(needed) in answer.json()["detail"]
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_each_scope_that_a_route_names_is_enough(guarded: Guarded):
    """Else the refusals above would prove nothing."""
    keys = {scope: guarded.key("a", scope) for scope in Scope}
    for method, _, path, needed in guarded.routes():
        for scope in needed:
            if method == "GET":
                answer = guarded.ask(method, path, keys[Scope(scope)])
                has_result = not path.startswith((RELOCATIONS, STUDIES))
                assert answer.status_code in ((200,) if has_result else (200, 409)), (path, scope, answer.text)
    for path, body in SUBMISSIONS.items():
        key = keys[Scope.STUDIES_WRITE if path == STUDIES else Scope.PLANS_WRITE]
        made = guarded.ask("POST", path, key, json=body)
        assert made.status_code in (200, 202), made.text
        cancelled = guarded.ask("POST", f"{path}/{made.json()['id']}:cancel", key)
        assert cancelled.status_code in (200, 202), cancelled.text


def test_what_another_tenant_has_is_not_there(guarded: Guarded):
    tried = 0
    before = {
        path: guarded.ask("GET", f"{path}/{job}", guarded.everything).json() for path, job in guarded.jobs.items()
    }
    for method, described, path, _ in guarded.routes():
        of_a_job = any(described.startswith(f"{kind}/") for kind in SUBMISSIONS)
        # Each tenant may bring a city of whatever name.
        ours = ("{key_id}", "{endpoint_id}", "{delivery_id}", "{schedule_id}")
        names = (*ours, *(["{city_id}"] if method != "PUT" else []))
        if not of_a_job and not any(name in described for name in names):
            continue
        tried += 1
        mine = re.findall(rf"(?:pln|rlc|std|key|whe|msg|sch)_\w+|{CITY}", path)[0]
        absent = path.replace(mine, f"{mine[:4]}{'0' * (len(mine) - 4)}")
        accepts = [{}, {"Accept": "text/event-stream"}] if path.endswith("/events") else [{}]
        for headers in accepts:
            answer = guarded.ask(method, path, guarded.foreign, headers=headers)
            nobody = guarded.ask(method, absent, guarded.foreign, headers=headers)
            assert answer.status_code == 404, (method, path, answer.text)
            assert essence(answer) == essence(nobody)
    assert tried > 25
    for path in (*SUBMISSIONS, "/v1/api-keys", "/v1/audit-events", "/v1/webhook-endpoints", "/v1/webhook-deliveries"):
        seen = guarded.ask("GET", path, guarded.foreign, params={"limit": 100}).json()["items"]
        assert not {item["id"] for item in seen} & {*guarded.jobs.values(), ENDPOINT, guarded.delivery}, path
        assert not [item for item in seen if item.get("tenant", "b") != "b" or item.get("actor", "cli") != "cli"]
    # A cursor of one tenant shows the other nothing of it.
    page = guarded.ask("GET", "/v1/api-keys", guarded.everything, params={"limit": 1}).json()
    seen = guarded.ask("GET", "/v1/api-keys", guarded.foreign, params={"cursor": page["next_cursor"]}).json()
    assert {item["tenant"] for item in seen["items"]} <= {"b"}
    # Nothing that was tried has changed anything.
    for path, job_id in guarded.jobs.items():
        assert guarded.ask("GET", f"{path}/{job_id}", guarded.everything).json() == before[path]
    assert guarded.ask("GET", "/v1/version", guarded.everything).status_code == 200


def test_an_idempotency_key_of_one_tenant_is_nothing_to_another(guarded: Guarded):
    path, headers = PLANS, {"Idempotency-Key": "the same"}
    first, second = (
        guarded.ask("POST", path, key, json=tiny_request(seed=seed), headers=headers)
        for seed, key in ((1, guarded.everything), (2, guarded.foreign))
    )
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] != second.json()["id"]
    for job, key in ((first, guarded.everything), (second, guarded.foreign)):
        guarded.ask("POST", f"{job.headers['Location']}:cancel", key)


def test_a_key_in_an_address_is_refused_and_burnt(guarded: Guarded):
    key = guarded.key("a", *Scope)
    for path in (
        f"/v1/version?access_token={key}",
        f"/v1/version?Api_Key={key}",
        "/v1/version?token=anything",
        f"/v1/version?cursor={key}",
        f"/v1/api-keys/{key}",
        f"{PLANS}/{key.replace('_', '%5F')}",
    ):
        for sent in (None, key):
            answer = guarded.ask("GET", path, sent)
            assert (answer.status_code, answer.json()["code"]) == (401, "key_in_url"), path


def test_a_tenant_holds_so_many_streams_and_another_is_not_troubled(guarded: Guarded):
    path = guarded.submit(PLANS, tiny_request() | {"limits": {"seconds": 60}})
    path = f"{PLANS}/{path}/events"
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {guarded.everything}"}
    http = guarded.running.http
    streams = [http.send(http.build_request("GET", path, headers=headers), stream=True) for _ in range(STREAMS)]
    assert [stream.status_code for stream in streams] == [200] * STREAMS

    refused = guarded.ask("GET", path, guarded.everything, headers={"Accept": "text/event-stream"})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_streams")
    assert int(refused.headers["retry-after"]) > 0
    # Pages of events are no streams, and what another tenant holds is another count.
    assert guarded.ask("GET", path, guarded.everything).status_code == 200
    theirs = guarded.ask("POST", PLANS, guarded.foreign, json=tiny_request()).headers["Location"]
    guarded.ask("POST", f"{theirs}:cancel", guarded.foreign)
    told = guarded.ask("GET", f"{theirs}/events", guarded.foreign, headers={"Accept": "text/event-stream"})
    assert told.status_code == 200

    streams.pop().close()

    def opens() -> httpx.Response | None:
        again = http.send(http.build_request("GET", path, headers=headers), stream=True)
        return again if again.status_code == 200 else again.close()

    streams.append(wait_for(opens, within_s=10, what="a place for a stream"))
    for stream in streams:
        stream.close()
    guarded.ask("POST", f"{path.removesuffix('/events')}:cancel", guarded.everything)


def test_a_stream_ends_when_its_key_is_revoked(guarded: Guarded):
    job_id = guarded.submit(PLANS, tiny_request() | {"limits": {"seconds": 60}})
    key = guarded.key("a", Scope.PLANS_READ)
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {key}"}
    with guarded.running.http.stream("GET", f"{PLANS}/{job_id}/events", headers=headers) as stream:
        assert stream.status_code == 200
        revoked = guarded.ask("DELETE", f"/v1/api-keys/{key.replace('evf_', 'key_')[:16]}", guarded.everything)
        assert revoked.status_code == 200
        assert "event: end" not in stream.read().decode()
    guarded.ask("POST", f"{PLANS}/{job_id}:cancel", guarded.everything)


def test_what_a_caller_writes_cannot_forge_a_line_of_the_log(guarded: Guarded):
    forged = '\n{"event": "forged"}\r\x1b[2K\u2028'
    quoted = quote(forged)
    for path in (f"/v1/rebalancing-plans/{quoted}", f"/livez/{quoted}", f"/v1/version?cursor={quoted}"):
        guarded.ask("GET", path, guarded.everything)
    guarded.ask("GET", "/v1/version", None, headers={"X-Request-Id": '\x1b[2K"forged'})
    lines = guarded.running.log.read_text(encoding="utf-8").split("\n")
    ours = [json.loads(line) for line in lines if line.startswith("{")]
    assert [line["path"] for line in ours if "forged" in line.get("path", "")]
    assert "forged" not in {line["event"] for line in ours}
    assert not [line for line in lines if "\x1b" in line or "\r" in line or "\u2028" in line]


def test_keys_are_made_rotated_and_revoked_over_http_and_all_of_it_is_on_record(guarded: Guarded):
    admin = guarded.key("c", Scope.ADMIN)
    admin_id = admin.replace("evf_", "key_")[:16]
    made = guarded.ask(
        "POST",
        "/v1/api-keys",
        admin,
        json={
            "name": "app",
            "scopes": ["studies:*", "plans:read"],
            "expires_at": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
        },
    )
    assert made.status_code == 201, made.text
    assert made.headers["cache-control"] == "no-store"
    first = made.json()
    guarded.sent.add(first["key"])
    guarded.answers.pop()
    assert first["scopes"] == ["plans:read", "studies:read", "studies:write"]
    assert (first["tenant"], first["status"], first["created_by"]) == ("c", "active", admin_id)

    def status_with(key: str) -> int:
        return guarded.ask("GET", "/v1/siting-studies", key).status_code

    assert status_with(first["key"]) == 200
    rotated = guarded.ask("POST", f"/v1/api-keys/{first['id']}:rotate", admin, json={"grace_s": 1.5})
    assert rotated.status_code == 201, rotated.text
    second = rotated.json()
    guarded.sent.add(second["key"])
    guarded.answers.pop()
    assert (second["name"], second["scopes"]) == (first["name"], first["scopes"])
    for when, earlier in (("expires_at", second), ("expires_at", first)):
        lasts = datetime.fromisoformat(earlier[when]) - datetime.fromisoformat(earlier["created_at"])
        assert timedelta(days=1, hours=23) < lasts < timedelta(days=2, hours=1)
    assert (status_with(first["key"]), status_with(second["key"])) == (200, 200)
    time.sleep(1.6)
    assert (status_with(first["key"]), status_with(second["key"])) == (401, 200)
    again = guarded.ask("POST", f"/v1/api-keys/{first['id']}:rotate", admin)
    assert (again.status_code, again.json()["code"]) == (409, "key_ended")

    revoked = guarded.ask("DELETE", f"/v1/api-keys/{second['id']}", admin).json()
    assert revoked["status"] == "revoked"
    assert revoked["last_used_at"] is not None
    assert status_with(second["key"]) == 401
    assert guarded.ask("DELETE", f"/v1/api-keys/{second['id']}", admin).json() == revoked
    refused = guarded.ask("POST", "/v1/api-keys", guarded.key("c", Scope.PLANS_READ), json={})
    assert refused.status_code == 403

    listed = guarded.ask("GET", "/v1/api-keys", admin).json()["items"]
    assert [key["status"] for key in listed] == ["active", "revoked", "expired", "active"]
    assert not [key for key in listed if "key" in key]
    story: list[dict[str, Any]] = []
    path: str | None = "/v1/audit-events?limit=2"
    while path:
        page = guarded.ask("GET", path, admin)
        story += page.json()["items"]
        path = page.links.get("next", {}).get("url")
    assert [(event["actor"], event["action"], event["target"], event["outcome"]) for event in story[::-1]] == [
        ("cli", "key.create", admin_id, "done"),
        (admin_id, "key.create", first["id"], "done"),
        (admin_id, "key.rotate", first["id"], "done"),
        (admin_id, "key.revoke", second["id"], "done"),
        ("cli", "key.create", listed[0]["id"], "done"),
        (listed[0]["id"], "POST /v1/api-keys", "/v1/api-keys", "refused"),
    ]
    assert story[0]["request_id"] == refused.headers["x-request-id"]
    created = guarded.ask("GET", "/v1/audit-events", admin, params={"action": "key.create"}).json()["items"]
    assert {event["action"] for event in created} == {"key.create"}
    assert len(created) == 3


def test_submissions_and_cancellations_are_on_record_once_each(guarded: Guarded):
    key = guarded.key("d", *Scope)
    path, headers = PLANS, {"Idempotency-Key": "once"}
    made = [guarded.ask("POST", path, key, json=tiny_request(), headers=headers) for _ in range(2)]
    job_id = made[0].json()["id"]
    for _ in range(2):
        guarded.ask("POST", f"{path}/{job_id}:cancel", key)
    story = guarded.ask("GET", "/v1/audit-events", key, params={"target": job_id}).json()["items"]
    assert [(event["action"], event["outcome"]) for event in story] == [("job.cancel", "done"), ("job.submit", "done")]
    assert {event["actor"] for event in story} == {key.replace("evf_", "key_")[:16]}


def test_nothing_that_was_sent_as_a_key_is_in_a_log_or_an_answer(guarded: Guarded):
    """Runs last, over all that the tests above have sent."""
    key = guarded.key("a", *Scope)
    name = f"named after {key}"
    refused = guarded.ask("POST", "/v1/api-keys", key, json={"name": name * 9, "scopes": [key]})
    assert refused.status_code == 422
    guarded.ask("GET", PLANS, key, headers={"Idempotency-Key": key, "X-Request-Id": key})
    # A line of the log comes after its answer.
    wait_for(lambda: '"status": 422' in guarded.running.log.read_text(), within_s=30, what="the line of the refusal")
    logged = guarded.running.log.read_text()
    assert key in guarded.sent
    for text in guarded.sent:
        secret = text.rpartition("_")[2]
        assert secret.lower() not in logged.lower(), text[:17]
        assert not [answer for answer in guarded.answers if secret.lower() in answer.lower()], text[:17]
