"""Who needs no key, what a key is, and how quotas count: in this process, on both databases."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from service import db
from service.access.caller import COMMAND_LINE, Caller, local
from service.access.keys import hide_keys, id_of, is_key, make_key
from service.access.quotas import KEPT_BUCKETS, Buckets
from service.access.scopes import Scope, UnknownScope, read_scopes
from service.access.service import Keys
from service.app import create_app, prepare_storage
from service.errors import TooManyOpenJobs, TooManyRequests
from service.settings import Settings
from tests.service.cities import tiny_request
from tests.service.clients import local_client

PLANS = "/v1/rebalancing-plans"


@pytest.fixture
def settings(tmp_path: Path, db_url: str) -> Settings:
    made = Settings(data_dir=tmp_path, db_url=db_url)
    prepare_storage(made)
    return made


@pytest.fixture(scope="module")
def without_keys(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    made = Settings(data_dir=tmp_path_factory.mktemp("data"))
    prepare_storage(made)
    return create_app(made)


def a_key(client: TestClient, *scopes: Scope, tenant_id: str = "a") -> dict[str, str]:
    """Headers with a new key."""
    keys: Keys = client.app.state.keys  # type: ignore[attr-defined]
    caller = Caller(tenant_id=tenant_id, actor=COMMAND_LINE, scopes=frozenset(Scope))
    _, text = keys.create(caller, tenant_id=tenant_id, name="test", scopes=scopes, expires_at=None)
    return {"Authorization": f"Bearer {text}"}


@pytest.mark.parametrize(
    ("peer", "host", "headers", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8000", {}, 200),
        ("127.8.9.1", "localhost", {}, 200),
        ("::1", "[::1]:8000", {}, 200),
        ("::ffff:127.0.0.1", "LOCALHOST:1", {}, 200),
        ("127.0.0.1", "localhost", {"Origin": "http://localhost:5173"}, 200),
        # From elsewhere.
        ("10.0.0.5", "127.0.0.1:8000", {}, 401),
        ("::ffff:10.0.0.5", "localhost", {}, 401),
        ("testclient", "localhost", {}, 401),
        # By a foreign name that was pointed here.
        ("127.0.0.1", "evil.example", {}, 401),
        ("127.0.0.1", "localhost.evil.example:8000", {}, 401),
        ("127.0.0.1", "127.0.0.1.evil.example", {}, 401),
        ("127.0.0.1", "10.0.0.5:8000", {}, 401),
        ("127.0.0.1", "[::1", {}, 401),
        ("127.0.0.1", "", {}, 401),
        # By a page of another site.
        ("127.0.0.1", "localhost", {"Origin": "https://evil.example"}, 401),
        ("127.0.0.1", "localhost", {"Origin": "null"}, 401),
        # Through a proxy.
        ("127.0.0.1", "localhost", {"Forwarded": "for=10.0.0.5"}, 401),
        ("127.0.0.1", "localhost", {"X-Forwarded-For": "127.0.0.1"}, 401),
        ("127.0.0.1", "localhost", {"X-Forwarded-Proto": "https"}, 401),
        ("127.0.0.1", "localhost", {"X-Real-IP": "127.0.0.1"}, 401),
        ("127.0.0.1", "localhost", {"Via": "1.1 proxy"}, 401),
        # With a key, which there is none of.
        ("127.0.0.1", "localhost", {"Authorization": "Bearer evf_1"}, 401),
        ("127.0.0.1", "localhost", {"Authorization": ""}, 401),
    ],
)
def test_without_any_key_only_this_machine_is_answered_and_only_if_it_asks_itself(
    without_keys: FastAPI, peer: str, host: str, headers: dict[str, str], status: int
):
    client = TestClient(without_keys, base_url="http://localhost", client=(peer, 1))
    for method, path in (("GET", PLANS), ("POST", f"{PLANS}/pln_x:cancel"), ("POST", "/v1/api-keys")):
        answer = client.request(method, path, headers={**headers, "Host": host})
        assert (answer.status_code == 401) == (status == 401), answer.text
        if status == 401:
            assert "evenfleet key create" in answer.json()["detail"]
    assert client.get("/livez", headers={**headers, "Host": host}).status_code == 200


def test_the_first_key_closes_the_house_for_good(settings: Settings):
    with local_client(create_app(settings)) as client, local_client(create_app(settings)) as other_process:
        assert client.get(PLANS).status_code == other_process.get(PLANS).status_code == 200
        made = client.post("/v1/api-keys", json={"name": "first", "scopes": ["admin"]})
        assert made.status_code == 201, made.text
        assert (made.json()["created_by"], made.json()["tenant"]) == ("local", "default")
        assert client.get(PLANS).status_code == other_process.get(PLANS).status_code == 401
        key = {"Authorization": f"Bearer {made.json()['key']}"}
        assert client.delete(f"/v1/api-keys/{made.json()['id']}", headers=key).status_code == 200
        assert client.get(PLANS).status_code == 401
    with local_client(create_app(settings)) as restarted:
        assert restarted.get(PLANS).status_code == 401


def test_a_machine_that_others_log_in_to_can_ask_for_keys_from_the_start(settings: Settings):
    with local_client(create_app(settings.model_copy(update={"auth": "keys"}))) as client:
        assert client.get(PLANS).status_code == 401
        assert client.get(PLANS, headers=a_key(client, Scope.PLANS_READ)).status_code == 200


def test_of_a_key_only_its_hash_is_kept(settings: Settings):
    with local_client(create_app(settings)) as client:
        text = a_key(client, Scope.ADMIN)["Authorization"].removeprefix("Bearer ")
    engine = db.open_engine(settings.database_url)
    with db.reading(engine) as connection:
        rows = [
            str(row)
            for table in sa.inspect(connection).get_table_names()
            for row in connection.execute(sa.text(f'SELECT * FROM "{table}"'))
        ]
    engine.dispose()
    assert any(text[4:16] in row for row in rows)
    assert not [row for row in rows if text.rpartition("_")[2] in row]


def test_nothing_is_allowed_to_pages_of_other_sites_and_nothing_tells_what_runs(settings: Settings):
    with local_client(create_app(settings)) as client:
        key = a_key(client, *Scope)
        for method in ("GET", "OPTIONS"):
            asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", **key}
            answer = client.request(method, PLANS, headers=asks)
            assert not [name for name in answer.headers if name.startswith("access-control-")]
            assert "server" not in answer.headers
    assert Settings().host == "127.0.0.1"


def test_keys_are_unlike_and_told_apart():
    first, second = make_key(), make_key()
    assert re.fullmatch("evf_[0-9a-f]{12}_[0-9a-f]{64}", first.text)
    assert id_of(first.text) == first.id != second.id
    assert is_key(first.text, first.sha256)
    assert not is_key(first.text, second.sha256)
    assert not is_key(first.text, None)
    assert not is_key("", None)
    assert hide_keys(f"a {first.text} b") == f"a {first.text[:16]}_*** b"


@given(st.text())
def test_no_text_is_a_key_by_chance(text: str):
    assert id_of(text) is None
    assert not is_key(text, make_key().sha256)


def test_words_of_scopes():
    assert read_scopes(["studies:*", "admin", "studies:read"]) == (
        Scope.STUDIES_READ,
        Scope.STUDIES_WRITE,
        Scope.ADMIN,
    )
    assert read_scopes(["plans:*"]) == (Scope.PLANS_READ, Scope.PLANS_WRITE, Scope.PLANS_PUBLISH)
    for word in ("*", "plans", "Admin", ""):
        with pytest.raises(UnknownScope):
            read_scopes([word])


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
        assert answers[1].headers["ratelimit"] == '"requests";r=4;t=2000, "submissions";r=0;t=2000'
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


@pytest.fixture
def old_database(tmp_path: Path, db_url: str) -> Iterator[sa.Engine]:
    """With the tables of the first version, and a job in them."""
    from alembic import command
    from alembic.config import Config

    settings = Settings(data_dir=tmp_path, db_url=db_url)
    engine = db.open_engine(settings.database_url)
    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).with_name("migrations")))
    with db.writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            sa.text(
                "INSERT INTO job (id, kind, state, request_sha256, created_ms) "
                "VALUES ('pln_00000000000000000000', 'rebalancing', 'queued', '0', 1)"
            )
        )
    yield engine
    engine.dispose()


def test_what_was_made_before_there_were_keys_belongs_to_the_default_tenant(
    tmp_path: Path, db_url: str, old_database: sa.Engine
):
    settings = Settings(data_dir=tmp_path, db_url=db_url)
    prepare_storage(settings)
    with local_client(create_app(settings)) as client:
        default, other = (a_key(client, Scope.PLANS_READ, tenant_id=tenant_id) for tenant_id in ("default", "b"))
        path = f"{PLANS}/pln_00000000000000000000"
        assert client.get(path, headers=default).json()["status"] == "queued"
        assert client.get(path, headers=other).status_code == 404


def test_the_password_of_the_database_is_told_to_nobody_when_the_service_cannot_start(tmp_path: Path):
    environment = {
        "EVENFLEET_DATA_DIR": str(tmp_path),
        "EVENFLEET_DB_URL": "postgresql+psycopg://user:planted-secret@127.0.0.1:1/none?connect_timeout=1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-m", "service.api"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    assert "OperationalError" in done.stderr
    assert "planted-secret" not in done.stdout + done.stderr
