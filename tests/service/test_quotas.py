"""How much one tenant may ask for, and that another does not notice: on both databases."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.access.caller import local
from service.access.quotas import KEPT_BUCKETS, Buckets
from service.access.scopes import Scope
from service.app import create_app, prepare_storage
from service.errors import TooManyOpenJobs, TooManyRequests
from service.settings import Settings
from tests.service.cities import tiny_request
from tests.service.clients import a_key, local_client

PLANS = "/v1/rebalancing-plans"


@pytest.fixture
def settings(tmp_path: Path, db_url: str) -> Settings:
    made = Settings(data_dir=tmp_path, db_url=db_url)
    prepare_storage(made)
    return made


def test_a_bucket_fills_steadily_up_to_its_brim():
    now_s = 0.0
    bucket = Buckets("submissions", rate=0.5, burst=3, clock=lambda: now_s)
    # 3 at once, all there again after 3 / 0.5 = 6 s
    assert [(level.left, level.full_in_s) for level in (bucket.take("a") for _ in range(3))] == [(2, 2), (1, 4), (0, 6)]
    with pytest.raises(TooManyRequests) as refused:
        bucket.take("a")
    assert refused.value.headers == {
        "Retry-After": "2",
        "RateLimit-Policy": '"submissions";q=3;w=6',
        "RateLimit": '"submissions";r=0;t=6',
    }
    assert bucket.take("b").left == 2
    now_s = 1.9  # 0.95 of a token
    with pytest.raises(TooManyRequests):
        bucket.take("a")
    now_s = 2.0
    assert bucket.take("a").left == 0
    now_s = 1_000.0
    assert bucket.take("a").left == 2


def test_buckets_of_tenants_that_are_gone_take_no_room():
    now_s = 0.0
    bucket = Buckets("requests", rate=1, burst=10, clock=lambda: now_s)
    for number in range(KEPT_BUCKETS):
        bucket.take(str(number))
    now_s = 1.5
    bucket.take("one more")
    assert len(bucket._filled) == 1


def test_a_tenant_that_is_too_fast_is_refused_and_another_is_not(settings: Settings):
    slow = settings.model_copy(
        update={"rate_requests": 0.001, "burst_requests": 6, "rate_submissions": 0.001, "burst_submissions": 2}
    )
    with local_client(create_app(slow)) as client:
        one, two = (a_key(client, *Scope, tenant_id=tenant_id) for tenant_id in "ab")
        answers = [client.post(PLANS, json=tiny_request(), headers=one) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        # Less the seconds that the two took.
        level = re.fullmatch(r'"requests";r=4;t=(\d+), "submissions";r=0;t=(\d+)', answers[1].headers["ratelimit"])
        assert level
        assert all(1900 < int(full_in_s) <= 2000 for full_in_s in level.groups())
        assert answers[1].headers["ratelimit-policy"] == '"requests";q=6;w=6000, "submissions";q=2;w=2000'
        refused = answers[2]
        assert refused.json()["code"] == "too_many_requests"
        assert 900 < int(refused.headers["retry-after"]) <= 1000
        assert refused.headers["ratelimit"].startswith('"submissions";r=0;')
        statuses = [client.get(PLANS, headers=one).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        assert client.post(PLANS, json=tiny_request(), headers=two).status_code == 202
        # Who is not let in draws on nobody's quota.
        assert client.get(PLANS).status_code == 401


def test_so_many_jobs_of_a_tenant_may_be_open_and_what_was_accepted_is_answered(settings: Settings):
    few = settings.model_copy(update={"max_open_jobs": 2})

    def submit(headers: dict[str, str], **more: str) -> httpx.Response:
        return client.post(PLANS, json=tiny_request(), headers={**headers, **more})

    with local_client(create_app(few)) as client:
        one, two = (a_key(client, *Scope, tenant_id=tenant_id) for tenant_id in "ab")
        first, second = submit(one, **{"Idempotency-Key": "1"}), submit(one)
        documents = sorted(few.documents_dir.rglob("*"))
        refused = client.post("/v1/siting-studies", json={"not even": "read"}, headers=one)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_open_jobs")
        assert int(refused.headers["retry-after"]) > 0
        assert sorted(few.documents_dir.rglob("*")) == documents
        assert submit(one, **{"Idempotency-Key": "1"}).json()["id"] == first.json()["id"]
        assert submit(one, **{"Idempotency-Key": "2"}).status_code == 429
        assert submit(two).status_code == 202
        client.post(f"{second.headers['Location']}:cancel", headers=one)
        assert submit(one).status_code == 202
        assert client.get("/v1/limits", headers=one).json()["max_open_jobs"] == 2


def test_open_jobs_are_counted_exactly_when_many_are_submitted_at_once(settings: Settings):
    desk: Any = create_app(settings.model_copy(update={"max_open_jobs": 5})).state.desks["rebalancing"](caller=local())

    def submit(number: int) -> bool:
        try:
            desk.accept(b"%d" % number, name="", idempotency_key=None)
        except TooManyOpenJobs:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(submit, range(24))) == 5
