"""What becomes of a plan after it was made: over real HTTP, with real plans, on both databases."""

from __future__ import annotations

from typing import Any

import httpx

from tests.service.cities import long_request, tiny_request
from tests.service.running import RunningService

PLANS = "/v1/rebalancing-plans"


def made(service: RunningService, city: str, *, seed: int = 1, day: int = 22) -> str:
    """Id of a plan for the night of 22 November 2026, or another."""
    request = tiny_request(seed=seed)
    request["city"]["id"] = city
    request["as_of"] = f"2026-11-{day}T21:00:00+01:00"
    plan_id: str = service.submit(request)["id"]
    service.wait_until(plan_id, "succeeded", within_s=120)
    return plan_id


def move(service: RunningService, plan_id: str, step: str, **headers: str) -> httpx.Response:
    return service.http.post(f"{PLANS}/{plan_id}:{step}", headers=headers)


def moved(service: RunningService, plan_id: str, step: str, **headers: str) -> dict[str, Any]:
    answer = move(service, plan_id, step, **headers)
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


def refused(service: RunningService, plan_id: str, step: str, *, says: str, **headers: str) -> str:
    answer = move(service, plan_id, step, **headers)
    assert answer.status_code in (409, 412), answer.text
    assert says in answer.json()["detail"]
    code: str = answer.json()["code"]
    return code


def at_stage(service: RunningService, stage: str) -> set[str]:
    page = service.http.get(PLANS, params={"stage": stage, "limit": 100}).json()
    return {plan["id"] for plan in page["items"]}


def actions(service: RunningService, plan_id: str) -> list[str]:
    events = service.http.get("/v1/audit-events", params={"target": plan_id}).json()["items"]
    return [event["action"] for event in reversed(events)]


def test_a_plan_goes_from_stage_to_stage_and_nowhere_else(service: RunningService):
    plan_id = made(service, "stagetown")
    shown = service.http.get(f"{PLANS}/{plan_id}")
    plan = shown.json()
    assert (plan["stage"], plan["stage_at"], plan["service_date"]) == ("draft", None, None)
    draft = shown.headers["ETag"]
    assert refused(service, plan_id, "start", says="possible: publish, archive") == "illegal_move"
    assert refused(service, plan_id, "finish", says="possible: publish, archive") == "illegal_move"

    published = moved(service, plan_id, "publish", **{"If-Match": draft})
    assert (published["stage"], published["city"], published["service_date"]) == (
        "published",
        "stagetown",
        "2026-11-22",
    )
    assert published["stage_at"] > plan["finished_at"]
    # Said again, nothing happens; said of what it was before, it is refused.
    assert moved(service, plan_id, "publish") == published
    assert refused(service, plan_id, "archive", says="is published", **{"If-Match": draft}) == "precondition_failed"
    assert refused(service, plan_id, "finish", says="possible: start, archive") == "illegal_move"
    assert plan_id in at_stage(service, "published")
    assert plan_id not in at_stage(service, "draft")

    assert moved(service, plan_id, "start")["stage"] == "in_progress"
    for step in ("publish", "archive"):
        assert refused(service, plan_id, step, says="possible: finish") == "illegal_move"
    assert moved(service, plan_id, "finish")["stage"] == "done"
    etag = service.http.get(f"{PLANS}/{plan_id}").headers["ETag"]
    assert etag != draft
    assert moved(service, plan_id, "archive", **{"If-Match": f'"other", {etag}'})["stage"] == "archived"
    for step in ("publish", "start", "finish"):
        assert refused(service, plan_id, step, says="nothing is possible any more") == "illegal_move"
    moves = ["plan.publish", "plan.start", "plan.finish", "plan.archive"]
    assert actions(service, plan_id) == ["job.submit", *moves]
    # How its making went is another story.
    assert service.plan(plan_id)["status"] == "succeeded"
    assert service.http.get(f"{PLANS}/{plan_id}/events").json()["items"][-1]["kind"] == "end"


def test_a_city_has_one_published_plan_for_a_night(service: RunningService):
    first, second, later = (made(service, "onetown", seed=seed, day=day) for seed, day in ((1, 22), (2, 22), (1, 23)))
    moved(service, first, "publish")
    assert moved(service, later, "publish")["service_date"] == "2026-11-23"
    assert moved(service, second, "publish")["stage"] == "published"
    before = service.plan(first)
    assert (before["stage"], before["superseded_by"]) == ("archived", second)
    assert actions(service, first)[-1] == "plan.archive"
    assert service.plan(later)["stage"] == "published"
    assert {first, second, later} & at_stage(service, "published") == {second, later}

    # Once somebody drives it, no other takes its place, not even when it is done.
    third = made(service, "onetown", seed=3)
    for step, says in (("start", f"plan {second} for onetown"), ("finish", "possible: archive of that plan")):
        moved(service, second, step)
        assert refused(service, third, "publish", says=says) == "illegal_move"
    moved(service, second, "archive")
    assert moved(service, third, "publish")["stage"] == "published"


def test_what_has_no_result_cannot_be_published(service: RunningService):
    running = service.submit(long_request())["id"]
    for step in ("publish", "archive"):
        assert refused(service, running, step, says=running) == "not_finished"
    assert "ETag" not in service.http.get(f"{PLANS}/{running}").headers
    waiting = service.submit(long_request())["id"]
    service.http.post(f"{PLANS}/{waiting}:cancel")
    assert refused(service, waiting, "publish", says="without a result") == "no_result"
    assert moved(service, waiting, "archive")["stage"] == "archived"
    service.http.post(f"{PLANS}/{running}:cancel")
    assert move(service, f"pln_{20 * '0'}", "publish").status_code == 404
