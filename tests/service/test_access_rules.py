"""Who needs no key, what a key is, and how quotas count: in this process, on both databases."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from service import db
from service.access.keys import hide_keys, id_of, is_key, make_key
from service.access.scopes import Scope, UnknownScope, read_scopes
from service.app import create_app, prepare_storage
from service.settings import Settings
from tests.service.clients import a_key, local_client

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


STRANGE = st.text(max_size=60) | st.sampled_from(
    [
        "' OR 1=1 --",
        "1; DROP TABLE job",
        "\0",
        "%00",
        "\ud7ff",
        "key_000000000000' --",
        "-1",
        "1e9",
        "9" * 40,
        "WzEsICJrZXlfIl0",
    ]
)


def test_whatever_is_asked_of_lists_and_ids_is_answered_or_refused_but_never_breaks(settings: Settings):
    with local_client(create_app(settings), raise_server_exceptions=False) as client:
        key = a_key(client, *Scope)

        @given(
            st.dictionaries(st.sampled_from(["limit", "cursor", "action", "actor", "target", "status"]), STRANGE),
            STRANGE,
        )
        @hypothesis_settings(max_examples=40, deadline=None, database=None, derandomize=True)
        def ask(parameters: dict[str, str], strange_id: str) -> None:
            for path in ("/v1/api-keys", "/v1/audit-events", PLANS):
                answer = client.get(path, params=parameters, headers=key)
                assert answer.status_code in (200, 422), answer.text
            quoted = quote(strange_id, safe="")
            for method, path in (("GET", ""), ("DELETE", ""), ("POST", ":rotate")):
                answer = client.request(method, f"/v1/api-keys/{quoted}{path}", headers=key)
                assert answer.status_code in (200, 307, 404, 405), answer.text

        ask()
        # All of it is still there.
        assert len(client.get("/v1/api-keys", headers=key).json()["items"]) == 1


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
