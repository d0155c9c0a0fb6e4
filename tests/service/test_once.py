"""`Idempotency-Key` on everything that makes something: one thing however often it is sent, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from service import db, once
from service.access.scopes import Scope
from service.app import create_app, prepare_storage
from service.errors import KeyInUse, KeyReused
from service.once import MadeBefore, Once
from service.outward.connector import Connector
from service.settings import Settings
from tests.service.cities import packed
from tests.service.clients import a_key, local_client
from tests.service.town import write_town

KEYS, ENDPOINTS, SCHEDULES = "/v1/api-keys", "/v1/webhook-endpoints", "/v1/schedules"
BODIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    KEYS: ({"name": "app", "scopes": ["plans:read"]}, {"name": "other", "scopes": ["plans:read"]}),
    ENDPOINTS: ({"url": "https://127.0.0.1/a"}, {"url": "https://127.0.0.1/b"}),
    SCHEDULES: (
        {"city": "paris-8e", "local_time": "21:30", "is_paused": True},
        {"city": "paris-8e", "local_time": "22:30", "is_paused": True},
    ),
}


@pytest.fixture
def settings(tmp_path: Path, db_url: str) -> Settings:
    made = Settings(data_dir=tmp_path / "data", db_url=db_url, allow_hosts="127.0.0.1")
    prepare_storage(made)
    return made


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with local_client(create_app(settings)) as one:
        yield one


@pytest.fixture
def database(settings: Settings) -> Iterator[sa.Engine]:
    engine = db.open_engine(settings.database_url)
    yield engine
    engine.dispose()


def send(client: TestClient, path: str, body: Any, key: str, caller: dict[str, str]) -> httpx.Response:
    return client.post(path, json=body, headers={**caller, "Idempotency-Key": key})


def items(client: TestClient, path: str, caller: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(path, headers=caller).json()["items"]
    return found


def test_the_same_key_makes_one_thing_and_another_body_is_refused(client: TestClient):
    admin, foreign = a_key(client, Scope.ADMIN), a_key(client, Scope.ADMIN, tenant_id="b")
    for path, (body, other) in BODIES.items():
        before = len(items(client, path, admin))
        # What is wrong is not kept: the same key may come again with what is right.
        assert send(client, path, {**body, "name": "\x00"}, "k", admin).status_code == 422
        first, second = (send(client, path, body, "k", admin) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 201), second.text
        assert first.headers["location"] == second.headers["location"]
        assert "idempotency-replayed" not in first.headers
        assert second.headers["idempotency-replayed"] == "true"
        # The secret is told once and not kept; the rest is the same.
        told = {name for name, value in first.json().items() if second.json()[name] != value}
        assert told == {KEYS: {"key"}, ENDPOINTS: {"secret"}, SCHEDULES: set()}[path]
        assert [second.json()[name] for name in told] == [None] * len(told)

        reused = send(client, path, other, "k", admin)
        assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
        assert len(items(client, path, admin)) == before + 1
        assert send(client, path, other, "another", admin).status_code == 201
        assert client.post(path, json=body, headers=admin).status_code == 201
        assert len(items(client, path, admin)) == before + 3
        assert send(client, path, body, "k", foreign).json()["id"] != first.json()["id"]


@pytest.mark.parametrize("name", ["a\x00b", "a\x7fb", "a\x9bb", "a\u202eb", "a\u2066b", "a\nb"])
def test_a_name_that_could_pose_as_another_is_refused(tmp_path: Path, name: str):
    settings = Settings(data_dir=tmp_path / "data", allow_hosts="127.0.0.1")
    prepare_storage(settings)
    with local_client(create_app(settings)) as one:
        for path, (body, _) in BODIES.items():
            refused = one.post(path, json={**body, "name": name})
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/name"), path


def test_a_rotation_that_is_repeated_rotates_once(client: TestClient):
    admin = a_key(client, Scope.ADMIN)
    old = send(client, KEYS, BODIES[KEYS][0], "a", admin).json()
    first, second = (send(client, f"{KEYS}/{old['id']}:rotate", {}, "r", admin) for _ in range(2))
    assert (first.json()["id"], second.json()["key"]) == (second.json()["id"], None)
    assert send(client, f"{KEYS}/{old['id']}:rotate", {}, "s", admin).json()["code"] == "key_ended"

    endpoint = send(client, ENDPOINTS, BODIES[ENDPOINTS][0], "a", admin).json()
    first, second = (send(client, f"{ENDPOINTS}/{endpoint['id']}:rotate-secret", {}, "r", admin) for _ in range(2))
    assert first.json()["secret"].startswith("whsec_")
    assert second.json() == {**first.json(), "secret": None}
    first, second = (send(client, f"{ENDPOINTS}/{endpoint['id']}:test", None, "t", admin) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert len(items(client, "/v1/webhook-deliveries", admin)) == 1


def test_what_was_made_and_is_gone_is_not_made_again(client: TestClient):
    admin = a_key(client, Scope.ADMIN)
    made = send(client, SCHEDULES, BODIES[SCHEDULES][0], "k", admin).json()
    assert client.delete(f"{SCHEDULES}/{made['id']}", headers=admin).status_code == 204
    assert send(client, SCHEDULES, BODIES[SCHEDULES][0], "k", admin).status_code == 404
    assert items(client, SCHEDULES, admin) == []


def test_a_repeated_request_asks_nobody_outside_and_does_not_look_at_a_city_again(settings: Settings, tmp_path: Path):
    asked: list[str] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return ["192.0.2.1"] if len(asked) > 1 else ["93.184.215.14"]  # the second would be refused

    app = create_app(settings)
    app.state.webhooks = replace(app.state.webhooks, connector=Connector(resolve=resolve))
    with local_client(app) as client:
        admin = a_key(client, Scope.ADMIN, Scope.CITIES_WRITE)
        hook = {"url": "https://hooks.example/a"}
        first, second = (send(client, ENDPOINTS, hook, "k", admin) for _ in range(2))
        assert (first.status_code, second.status_code, asked) == (201, 201, ["hooks.example"]), second.text
        assert first.json()["id"] == second.json()["id"]
        reused = send(client, ENDPOINTS, {"url": "https://other.example/"}, "k", admin)
        assert (reused.json()["code"], len(asked)) == ("idempotency_key_reused", 1)

        zipped = {**admin, "Content-Type": "application/zip"}
        town = packed(write_town(tmp_path / "town", history=None))
        assert client.put("/v1/cities/town", content=town, headers=zipped).status_code == 201
        night = {"city": "town", "local_time": "21:30", "is_paused": True}
        made = send(client, SCHEDULES, night, "k", admin)
        assert client.delete("/v1/cities/town", headers=admin).status_code == 204
        again = send(client, SCHEDULES, night, "k", admin)
        assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])


def test_ten_at_once_make_one(client: TestClient):
    admin = a_key(client, Scope.ADMIN)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: send(client, KEYS, BODIES[KEYS][0], "k", admin), range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len([answer for answer in answers if answer.json()["key"]]) == 1


def a_request(body: str = "a") -> Once:
    return Once(tenant_id="default", operation="POST /v1/x", key="k", request_sha256=body)


def test_what_takes_long_keeps_others_away_until_it_has_failed_or_its_time_is_over(database: sa.Engine):
    def begin(request: Once) -> None:
        with db.writing(database) as connection:
            request.begin(connection)

    def break_off() -> None:
        with a_request().claimed(database, for_s=60):
            with pytest.raises(KeyInUse):
                begin(a_request())
            with pytest.raises(KeyReused):
                begin(a_request("b"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    # It has failed, and so nothing was made. A process that died in the middle holds the key until its time is over.
    begin(a_request("b"))
    with a_request().claimed(database, for_s=-1):
        begin(a_request("b"))
    with a_request().claimed(database, for_s=60), db.writing(database) as connection:
        a_request().keep(connection, "thing")
    with pytest.raises(MadeBefore) as made:
        begin(a_request())
    assert made.value.target == "thing"


def test_a_key_is_free_again_after_a_day(database: sa.Engine):
    with db.writing(database) as connection:
        a_request().keep(connection, "thing")
        lasts = sa.select(once.once.c.until_ms - db.now_ms())
        assert abs(connection.execute(lasts).scalar_one() - 86_400_000) < 10_000
        assert once.forget(connection) == 0
        connection.execute(sa.update(once.once).values(until_ms=db.now_ms() - 1))
        a_request("b").begin(connection)
        a_request("b").keep(connection, "other")
        connection.execute(sa.update(once.once).values(until_ms=db.now_ms() - 1))
        assert once.forget(connection) == 1
