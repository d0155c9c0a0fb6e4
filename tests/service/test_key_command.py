"""`evenfleet key`, as an operator runs it beside a running service."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from service.app import create_app
from service.cli import app
from service.settings import Settings
from tests.service.clients import local_client

PLANS = "/v1/rebalancing-plans"


@pytest.fixture
def settings(tmp_path: Path, db_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("EVENFLEET_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("EVENFLEET_DB_URL", db_url)
    monkeypatch.setenv("COLUMNS", "200")
    return Settings()


def key(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["key", *arguments])


def test_a_key_is_made_used_rotated_and_revoked_while_the_service_runs(settings: Settings):
    made = key("create", "--tenant", "acme", "--name", "app", "--scope", "plans:*", "--expires", "90d")
    assert made.exit_code == 0, made.output
    assert re.fullmatch(r"evf_[0-9a-f]{12}_[0-9a-f]{64}\n", made.stdout)
    assert "is not shown again" in made.stderr
    text = made.stdout.strip()
    key_id = f"key_{text[4:16]}"

    with local_client(create_app(settings)) as client:

        def ask(text: str) -> httpx.Response:
            return client.get(PLANS, headers={"Authorization": f"Bearer {text}"})

        assert ask(text).status_code == 200
        (shown,) = json.loads(key("list", "--json").stdout)
        assert (shown["id"], shown["tenant"], shown["name"], shown["status"]) == (key_id, "acme", "app", "active")
        assert shown["scopes"] == ["plans:read", "plans:write", "plans:publish"]
        lasts = datetime.fromisoformat(shown["expires_at"]) - datetime.now(UTC)
        assert timedelta(days=89) < lasts <= timedelta(days=90)

        rotated = key("rotate", key_id, "--grace", "0s", "--json")
        assert rotated.exit_code == 0, rotated.output
        new = json.loads(rotated.stdout)
        assert (ask(text).status_code, ask(new["key"]).status_code) == (401, 200)
        again = key("rotate", key_id)
        assert again.exit_code == 1
        assert new["id"] in again.stderr

        assert key("revoke", new["id"]).exit_code == 0
        assert ask(new["key"]).status_code == 401
    listed = key("list", "--tenant", "acme").stdout
    assert listed.count("acme") == 2
    assert new["id"] in listed
    assert "acme" not in key("list", "--tenant", "default").stdout


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (["create", "--name", "x"], 2, "--scope"),
        (["create", "--scope", "admin"], 2, "--name"),
        (["create", "--name", "x", "--scope", "plans"], 1, "plans:read"),
        (["create", "--name", "", "--scope", "admin"], 2, "name"),
        (["create", "--name", "a\nb", "--scope", "admin"], 2, "name"),
        (["create", "--name", "x", "--scope", "admin", "--tenant", "A B"], 2, "--tenant"),
        (["create", "--name", "x", "--scope", "admin", "--expires", "soon"], 2, "--expires"),
        (["create", "--name", "x", "--scope", "admin", "--expires", "2020-01-01"], 1, "expired"),
        (["rotate", "key_000000000000"], 1, "no key"),
        (["rotate", "key_000000000000", "--grace", "1 day"], 2, "--grace"),
        (["revoke", "nonsense"], 1, "no key"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], exit_code: int, told: str
):
    monkeypatch.setenv("EVENFLEET_DATA_DIR", str(tmp_path))
    refused = key(*arguments)
    assert refused.exit_code == exit_code, refused.output
    assert told in refused.stderr
    assert "Traceback" not in refused.output
    assert json.loads(key("list", "--json").stdout) == []


def test_a_day_means_its_end_and_a_moment_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EVENFLEET_DATA_DIR", str(tmp_path))
    for said, meant in (
        ("2999-01-31", "2999-02-01T00:00:00Z"),
        ("2999-01-31T12:00", "2999-01-31T12:00:00Z"),
        ("2999-01-31T12:00+02:00", "2999-01-31T10:00:00Z"),
    ):
        made = key("create", "--name", "x", "--scope", "admin", "--expires", said, "--json")
        assert json.loads(made.stdout)["expires_at"] == meant
