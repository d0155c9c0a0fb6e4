"""Webhooks as an integrator meets them: over real HTTP, with a real receiver and real workers, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

import psutil
import pytest
from standardwebhooks import WebhookVerificationError

from tests.service.backends import BACKENDS, new_database
from tests.service.cities import tiny_request
from tests.service.receiver import Received, Receiver, receiver
from tests.service.running import WORKER, RunningService, wait_for

ENDPOINTS, DELIVERIES = "/v1/webhook-endpoints", "/v1/webhook-deliveries"


@pytest.fixture(scope="module", params=BACKENDS)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    url = new_database(request, request.param)
    settings = {"allow_hosts": "127.0.0.1", "webhook_timeout_s": "1", "webhook_retries_s": "[0, 0.3, 0.3, 0.3]"}
    with RunningService(tmp_path_factory.mktemp("hooks"), db_url=url, **settings) as running:
        yield running


@pytest.fixture
def hook(service: RunningService) -> Iterator[Receiver]:
    with receiver() as one:
        yield one
    for endpoint in service.http.get(ENDPOINTS, params={"limit": 100}).json()["items"]:
        assert service.http.delete(f"{ENDPOINTS}/{endpoint['id']}").status_code == 204


def ask(service: RunningService, method: str, path: str, expected: int, **options: Any) -> Any:
    answer = service.http.request(method, path, **options)
    assert answer.status_code == expected, answer.text
    return answer.json()


def listen(service: RunningService, url: str, **more: Any) -> dict[str, Any]:
    endpoint: dict[str, Any] = ask(service, "POST", ENDPOINTS, 201, json={"url": url, **more})
    return endpoint


def try_out(service: RunningService, endpoint: dict[str, Any]) -> str:
    delivery_id: str = ask(service, "POST", f"{ENDPOINTS}/{endpoint['id']}:test", 202)["id"]
    return delivery_id


def settled(service: RunningService, delivery_id: str, *, within_s: float = 30) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = ask(service, "GET", f"{DELIVERIES}/{delivery_id}", 200)
        return found if found["status"] != "pending" else None

    return wait_for(look, within_s=within_s, what=f"{delivery_id} to be settled")


def test_a_plan_that_ends_is_told_to_who_listens(service: RunningService, hook: Receiver):
    endpoint = listen(service, hook.url, name="app", types=["plan.succeeded"])
    listen(service, hook.url, name="planner", types=["study.succeeded"])
    assert endpoint["secret"].startswith("whsec_")
    plan_id = service.submit(tiny_request())["id"]
    [got] = hook.wait(1, within_s=60)
    event = got.verified(endpoint["secret"])
    assert event["type"] == "plan.succeeded"
    assert event["data"]["id"] == plan_id
    assert service.http.get(event["data"]["path"]).json()["status"] == "succeeded"
    delivery = settled(service, got.id)
    assert delivery["event"] == event
    assert (delivery["status"], delivery["attempt"], delivery["last_status"]) == ("delivered", 1, 200)
    assert len(hook.received) == 1
    shown = ask(service, "GET", f"{ENDPOINTS}/{endpoint['id']}", 200)
    assert shown == {name: value for name, value in endpoint.items() if name != "secret"}
    assert "whsec_" not in service.log.read_text() + service.http.get(ENDPOINTS).text


def test_a_plan_that_is_published_is_told_to_who_listens(service: RunningService, hook: Receiver):
    endpoint = listen(service, hook.url, types=["plan.published"])
    first, second = (service.submit(tiny_request(seed=seed))["id"] for seed in (1, 2))
    for plan_id in (first, second):
        service.wait_until(plan_id, "succeeded", within_s=120)
        for _ in range(2):
            assert service.http.post(f"/v1/rebalancing-plans/{plan_id}:publish").status_code == 200
    events = [got.verified(endpoint["secret"]) for got in hook.wait(2, within_s=60)]
    told = {event["data"]["id"]: event["data"] for event in events}
    assert {event["type"] for event in events} == {"plan.published"}
    assert (told[first]["city"], told[first]["service_date"]) == ("testtown", "2026-11-22")
    assert (told[first]["supersedes"], told[second]["supersedes"]) == (None, first)


def test_a_worker_that_is_killed_between_sending_and_recording_only_repeats(service: RunningService, hook: Receiver):
    endpoint = listen(service, hook.url)
    workers = [psutil.Process(process.pid) for process in service.processes(WORKER)]

    def kill_once() -> None:
        while workers:
            workers.pop().kill()

    hook.before = kill_once
    delivery_id = try_out(service, endpoint)
    first, second = hook.wait(2, within_s=60)
    assert (first.id, second.id) == (delivery_id, delivery_id)
    assert first.verified(endpoint["secret"]) == second.verified(endpoint["secret"])
    delivery = settled(service, delivery_id)
    assert (delivery["status"], delivery["attempt"]) == ("delivered", 2)


def test_what_waits_survives_the_end_of_everything(service: RunningService, hook: Receiver):
    endpoint = listen(service, hook.url)
    answered = Event()

    def kill_once_answered() -> None:
        # A worker may be there before the answer to who asked for it is read.
        answered.wait(20)
        service.kill_everything()

    hook.before = kill_once_answered
    delivery_id = try_out(service, endpoint)
    answered.set()
    hook.wait(1)
    wait_for(lambda: service.process.poll() is not None, within_s=20, what="the end of everything")
    hook.before = lambda: None
    service.start()
    assert settled(service, delivery_id)["status"] == "delivered"
    assert {got.id for got in hook.received} == {delivery_id}


def test_what_fails_is_tried_again_until_it_arrives_or_is_given_up(service: RunningService, hook: Receiver):
    endpoint = listen(service, hook.url)
    hook.statuses = [500, 429, 200]
    arrived = settled(service, try_out(service, endpoint))
    assert (arrived["status"], arrived["attempt"], arrived["last_status"]) == ("delivered", 3, 200)
    hook.statuses = [503]
    given_up = settled(service, try_out(service, endpoint))
    assert (given_up["status"], given_up["attempt"], given_up["last_status"]) == ("failed", 4, 503)
    moments_s = [got.at_s for got in hook.received[:3]]
    assert moments_s[1] - moments_s[0] >= 0.3


def test_a_delivery_is_sent_again_under_its_id(service: RunningService, hook: Receiver):
    endpoint = listen(service, hook.url)
    delivery_id = try_out(service, endpoint)
    settled(service, delivery_id)
    again = ask(service, "POST", f"{DELIVERIES}/{delivery_id}:redeliver", 202)
    assert (again["status"], again["id"]) == ("pending", delivery_id)
    first, second = hook.wait(2)
    assert (first.id, first.body) == (second.id, second.body)
    assert settled(service, delivery_id)["attempt"] == 2


def test_gone_ends_it_until_somebody_enables_it_again(service: RunningService, hook: Receiver):
    endpoint = listen(service, hook.url)
    hook.statuses = [410, 200]
    assert settled(service, try_out(service, endpoint))["status"] == "failed"
    place = f"{ENDPOINTS}/{endpoint['id']}"
    shown = ask(service, "GET", place, 200)
    assert (shown["is_enabled"], shown["disabled_reason"]) == (False, "gone")
    assert ask(service, "POST", f"{place}:test", 409)["code"] == "endpoint_disabled"
    assert ask(service, "POST", f"{DELIVERIES}/{hook.received[0].id}:redeliver", 409)["code"] == "endpoint_disabled"
    shown = ask(service, "PATCH", place, 200, json={"is_enabled": True, "name": "back"})
    assert (shown["is_enabled"], shown["name"], shown["url"]) == (True, "back", hook.url)
    assert settled(service, try_out(service, endpoint))["status"] == "delivered"
    shown = ask(service, "PATCH", place, 200, json={"is_enabled": False})
    assert (shown["is_enabled"], shown["disabled_reason"]) == (False, "by_user")


def test_a_secret_gives_way_to_another(service: RunningService, hook: Receiver):
    endpoint = listen(service, hook.url)
    place = f"{ENDPOINTS}/{endpoint['id']}:rotate-secret"

    def next_one() -> Received:
        settled(service, try_out(service, endpoint))
        return hook.received[-1]

    second = ask(service, "POST", place, 200)["secret"]
    during = next_one()
    assert during.verified(endpoint["secret"]) == during.verified(second)
    third = ask(service, "POST", place, 200, json={"overlap_s": 0})["secret"]
    after = next_one()
    assert after.verified(third)
    for old in (endpoint["secret"], second):
        with pytest.raises(WebhookVerificationError):
            after.verified(old)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://localhost:{port}/", "address_scheme"),
        ("https://localhost:{port}/", "address_inside"),
        ("https://2130706434/", "address_inside"),
        ("https://[::ffff:169.254.169.254]/latest/meta-data", "address_inside"),
        ("https://[fd00::1]/", "address_inside"),
        ("https://me:secret@127.0.0.1:{port}/", "address_userinfo"),
        ("file:///etc/passwd", "address_scheme"),
        ("https://nowhere.invalid/", "address_unknown"),
        ("hooks", "address_scheme"),
        ("https://[", "address_malformed"),
    ],
)
def test_an_address_that_nothing_may_be_sent_to_is_refused(
    service: RunningService, hook: Receiver, url: str, code: str
):
    endpoint = listen(service, hook.url)
    body = {"url": url.format(port=hook.server.server_port)}
    for method, path in (("POST", ENDPOINTS), ("PATCH", f"{ENDPOINTS}/{endpoint['id']}")):
        problem = ask(service, method, path, 422, json=body)
        assert [(error["code"], error["pointer"]) for error in problem["errors"]] == [(code, "/url")]
    assert hook.received == []


def test_everything_wrong_with_an_endpoint_is_told(service: RunningService, hook: Receiver):
    body = {"url": hook.url, "types": ["plan.done"], "name": "a\nb", "secret": "mine"}
    problem = ask(service, "POST", ENDPOINTS, 422, json=body)
    assert {error["pointer"] for error in problem["errors"]} == {"/types/0", "/name", "/secret"}
    # Nothing can be sent to such an address: told with what is wrong beside it, and once where it is no text at all.
    place = f"{ENDPOINTS}/{listen(service, hook.url)['id']}"
    for method, path in (("POST", ENDPOINTS), ("PATCH", place)):
        problem = ask(service, method, path, 422, json={"url": "http://localhost/", "types": ["plan.done"]})
        told = {error["pointer"]: error["code"] for error in problem["errors"]}
        assert told == {"/types/0": "enum", "/url": "address_scheme"}
    problem = ask(service, "POST", ENDPOINTS, 422, json={"url": 7, "types": ["plan.done"]})
    assert [error["pointer"] for error in problem["errors"]] == ["/url", "/types/0"]
    for number in range(15):
        listen(service, hook.url, name=str(number))
    problem = ask(service, "POST", ENDPOINTS, 422, json={"url": hook.url})
    assert [error["code"] for error in problem["errors"]] == ["limit_exceeded"]
    ask(service, "GET", f"{ENDPOINTS}/whe_{20 * '0'}", 404)
    ask(service, "GET", f"{DELIVERIES}/msg_%00", 404)


def test_the_log_is_paged_and_filtered(service: RunningService, hook: Receiver):
    loud, quiet = listen(service, hook.url), listen(service, hook.url)
    sent = [try_out(service, loud) for _ in range(5)]
    other = try_out(service, quiet)
    for delivery_id in (*sent, other):
        settled(service, delivery_id)
    seen: list[str] = []
    path = f"{DELIVERIES}?limit=2&endpoint_id={loud['id']}&status=delivered"
    while path:
        answer = service.http.get(path)
        seen += [item["id"] for item in answer.json()["items"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert sorted(seen) == sorted(sent)
    assert ask(service, "GET", f"{DELIVERIES}?endpoint_id={quiet['id']}&status=pending", 200)["items"] == []
    assert ask(service, "GET", f"{DELIVERIES}?cursor=x", 422)["errors"][0]["code"] == "cursor"
    deleted = service.http.delete(f"{ENDPOINTS}/{quiet['id']}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert ask(service, "GET", f"{DELIVERIES}/{other}", 200)["status"] == "delivered"
    assert ask(service, "POST", f"{DELIVERIES}/{other}:redeliver", 409)["code"] == "endpoint_disabled"
    ask(service, "GET", f"{ENDPOINTS}/{quiet['id']}", 404)
