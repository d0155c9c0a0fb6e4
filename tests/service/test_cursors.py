"""Cursors that no page gave, on both databases, which do not take the same values for numbers."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from starlette.testclient import TestClient

from service.app import create_app, prepare_storage
from service.settings import Settings

LISTS = {"/v1/rebalancing-plans": f"pln_{'0' * 20}", "/v1/api-keys": f"key_{'0' * 12}"}
NO_MOMENTS: tuple[object, ...] = (True, False, None, 1.5, "1", -1, 2**53, 10**40, [1], {})


def forged(at_ms: object, item_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at_ms, item_id]).encode()).decode()


def test_a_cursor_is_a_moment_and_an_id_or_it_is_refused(tmp_path: Path, db_url: str):
    settings = Settings(data_dir=tmp_path, db_url=db_url)
    prepare_storage(settings)
    with TestClient(create_app(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 50_000)) as client:
        for path, item_id in LISTS.items():
            assert client.get(path, params={"cursor": forged(2**53 - 1, item_id)}).status_code == 200
            for at_ms in NO_MOMENTS:
                answer = client.get(path, params={"cursor": forged(at_ms, item_id)})
                assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cursor"), at_ms
