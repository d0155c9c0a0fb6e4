"""Whatever is asked of webhooks, the answer is one of those that are declared, never an error of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from service.app import create_app, prepare_storage
from service.settings import Settings
from tests.service.clients import local_client

ENDPOINTS, DELIVERIES = "/v1/webhook-endpoints", "/v1/webhook-deliveries"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
HOSTS = st.sampled_from(["127.0.0.1", "[::1]", "0x7f.1", "[", "", "8.8.8.8", "[2606:4700::1]", "a b", "x" * 300, "%00"])
URLS = st.builds(
    "{}://{}{}/{}".format,
    st.sampled_from(["https", "http", "file", "HTTPS", ""]),
    HOSTS,
    st.sampled_from(["", ":1", ":0", ":99999", ":x", "@me", ":443"]),
    st.text(max_size=10),
)
BODIES = VALUES | st.fixed_dictionaries(
    {},
    optional={
        "url": URLS | VALUES,
        "name": VALUES,
        "types": st.lists(st.sampled_from(["plan.failed", "webhook.test", "x", 1]), max_size=3) | VALUES,
        "is_enabled": VALUES,
        "overlap_s": VALUES,
    },
)
IDS = st.sampled_from(["whe_" + "0" * 20, "msg_" + "0" * 20, "%00", "%ff", "..", "whe_²"]) | st.text(
    "abc:%/?#", min_size=1
)
PARAMETERS = st.dictionaries(
    st.sampled_from(["limit", "cursor", "endpoint_id", "status"]), st.text(max_size=20) | st.integers(), max_size=3
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    configured = Settings(data_dir=folder)
    prepare_storage(configured)
    with local_client(create_app(configured), raise_server_exceptions=False) as one:
        yield one


def declared(answer: Any, *statuses: int) -> None:
    assert answer.status_code in statuses, (answer.request.method, answer.request.url, answer.text)


@settings(max_examples=50, deadline=None)
@given(body=BODIES)
def test_any_body_is_taken_or_refused_in_words(client: TestClient, body: Any):
    made = client.post(ENDPOINTS, content=json.dumps(body))
    declared(made, 201, 422)
    if made.status_code == 201:
        place = f"{ENDPOINTS}/{made.json()['id']}"
        declared(client.patch(place, content=json.dumps(body)), 200)
        assert client.delete(place).status_code == 204
    declared(client.patch(f"{ENDPOINTS}/whe_{'0' * 20}", content=json.dumps(body)), 404, 422)
    declared(client.post(f"{ENDPOINTS}/whe_{'0' * 20}:rotate-secret", content=json.dumps(body)), 404, 422)


@settings(max_examples=50, deadline=None)
@given(parameters=PARAMETERS, id_=IDS)
def test_any_question_is_answered_or_refused_in_words(client: TestClient, parameters: dict[str, Any], id_: str):
    for place in (ENDPOINTS, DELIVERIES):
        declared(client.get(place, params=parameters), 200, 422)
        declared(client.get(f"{place}/{quote(id_, safe='')}"), 404, 200)
    for method, place, suffix in (
        ("POST", ENDPOINTS, ":test"),
        ("POST", ENDPOINTS, ":rotate-secret"),
        ("PATCH", ENDPOINTS, ""),
        ("DELETE", ENDPOINTS, ""),
        ("POST", DELIVERIES, ":redeliver"),
    ):
        declared(client.request(method, f"{place}/{quote(id_, safe='')}{suffix}"), 404, 405, 307)
