"""Clients of an app in this process."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.access.caller import COMMAND_LINE, Caller
from service.access.scopes import Scope
from service.access.service import Keys


def local_client(app: FastAPI, **options: Any) -> TestClient:
    """As from this machine, which needs no key while there is none."""
    return TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50_000), **options)


def a_key(client: TestClient, *scopes: Scope, tenant_id: str = "a") -> dict[str, str]:
    """Headers with a new key."""
    keys: Keys = client.app.state.keys  # type: ignore[attr-defined]
    caller = Caller(tenant_id=tenant_id, actor=COMMAND_LINE, scopes=frozenset(Scope))
    _, text = keys.create(caller, tenant_id=tenant_id, name="test", scopes=scopes, expires_at=None)
    return {"Authorization": f"Bearer {text}"}
